//! `docs/FIRST-DAY.md`, followed word by word: each command and each query of the page is run in its order, and its answer compared.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use rstest::rstest;
use serde_json::Value;

use super::samples;
use crate::support::{Api, Backend, Postgres, Sqlite, TestDatabase};

const PAGE: &str = include_str!("../../docs/FIRST-DAY.md");

/// A fenced block of the page: the words after its fence, and its text.
struct Block {
    kind: String,
    text: String,
}

fn blocks() -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = PAGE.lines();
    while let Some(line) = lines.next() {
        if let Some(kind) = line.strip_prefix("```") {
            let text = lines.by_ref().take_while(|line| *line != "```").map(|line| format!("{line}\n")).collect();
            blocks.push(Block { kind: kind.to_owned(), text });
        }
    }
    blocks
}

/// Runs the commands of a block in a shell, as a person does, and returns what they print. An import that rejects rows is done as well.
fn typed(directory: &Path, database: &TestDatabase, commands: &str) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_partnergraph"));
    let path = format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let script = format!("set -e\npartnergraph() {{ command partnergraph \"$@\" || [ $? -eq 3 ]; }}\n{commands}");
    let mut shell = Command::new("sh");
    shell.args(["-c", &script]).current_dir(directory).env("PATH", path).env("DATABASE_URL", database.url_text());
    let output = shell.output().unwrap();
    assert!(output.status.success(), "{commands}\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn the_first_day_is_as_its_page_says(#[case] backend: Backend) {
    let database = TestDatabase::on(backend);
    let directory = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(samples(), directory.path().join("samples")).unwrap();
    let api = Api::on(&database);
    let (mut printed, mut answered, mut compared) = (String::new(), Value::Null, 0);
    let (mut token, mut asked) = (String::new(), String::new());
    for Block { kind, text } in blocks() {
        match kind.split_once(' ').unwrap_or((&kind, "")) {
            ("sh", _) => printed = typed(directory.path(), &database, &text),
            ("text", _) => {
                for line in text.lines() {
                    assert!(printed.lines().any(|found| found == line), "{line}\nis not in\n{printed}");
                    compared += 1;
                }
            }
            ("graphql", who) => {
                token = std::fs::read_to_string(directory.path().join(format!("{who}.token"))).unwrap();
                answered = api.data(token.trim(), &text, Value::Null);
                asked = text;
            }
            ("json", _) => {
                let expected = serde_json::from_str::<Value>(&text).unwrap();
                // A run goes on after the response, so a person may have to ask again.
                for _ in 0..600 {
                    if answered == expected || asked.starts_with("mutation") {
                        break;
                    }
                    std::thread::sleep(Duration::from_millis(50));
                    answered = api.data(token.trim(), &asked, Value::Null);
                }
                assert_eq!(answered, expected, "{text}");
                compared += 1;
            }
            other => panic!("a block of an unknown kind: {other:?}"),
        }
    }
    assert!(compared > 20, "{compared} answers are compared");
}
