//! The importing process is killed without a chance to clean up.
//!
//! The test starts itself again with a single test, which imports into the given database.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

use partnergraph_domain::{ImportMode, PartnerKey};
use partnergraph_importer::{
    Caller, FileInput, FileRequest, ImportRequest, Position, Progress, Waiting, apply_plan, run,
};
use partnergraph_store::DatabaseUrl;
use rstest::rstest;

use crate::support::*;

const URL: &str = "PARTNERGRAPH_KILLED_URL";
const FILE: &str = "PARTNERGRAPH_KILLED_FILE";
const PLAN: &str = "PARTNERGRAPH_KILLED_PLAN";
/// Enough rows for a first load to drop indexes, and to take a while.
const ROWS: u32 = 20_000;

/// Prints the progress on standard output.
struct PrintedProgress;

impl Progress for PrintedProgress {
    fn at(&self, position: Position) {
        let mut out = std::io::stdout().lock();
        writeln!(out, "at:{} {}", position.phase.as_str(), position.rows_read).unwrap();
    }
}

/// What the child process does. In the parent process it does nothing.
#[test]
fn an_import_in_a_child_process() {
    let (Ok(url), Ok(file)) = (std::env::var(URL), std::env::var(FILE)) else { return };
    let url: DatabaseUrl = url.parse().unwrap();
    let actor = actor(PartnerKey::new(1));
    let caller = Caller { actor: &actor, now: now(), waiting: Waiting::Wait, run_id: None };
    match std::env::var(PLAN) {
        Ok(run_id) => apply_plan(&url, run_id.parse().unwrap(), &caller, &PrintedProgress).unwrap(),
        Err(_) => run(&url, &request(file.as_ref(), ImportMode::Apply), &caller, &PrintedProgress).unwrap(),
    };
}

fn request(file: &std::path::Path, mode: ImportMode) -> ImportRequest {
    let files = vec![FileRequest::new(FileInput::Path(file.to_owned()))];
    ImportRequest { max_issues: 10, ..ImportRequest::new(PartnerKey::new(1), mode, files) }
}

fn large_file(world: &World) -> std::path::PathBuf {
    let mut text = charges(&[]);
    for n in 1..=ROWS {
        text.push_str(&format!("{}\r\n", charge(n.div_ceil(10), n, "3").line()));
    }
    let file = world.dir.path().join("large.csv");
    std::fs::write(&file, text).unwrap();
    file
}

fn started(world: &World, file: &std::path::Path) -> (Child, BufReader<std::process::ChildStdout>) {
    start(world, &[(FILE, file.to_str().unwrap().to_owned())])
}

fn start(world: &World, settings: &[(&str, String)]) -> (Child, BufReader<std::process::ChildStdout>) {
    let url = match &world.url {
        DatabaseUrl::Sqlite(path) => format!("sqlite:{}", path.display()),
        DatabaseUrl::Postgres(text) => text.clone(),
    };
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["killed::an_import_in_a_child_process", "--exact", "--nocapture"])
        .env(URL, url)
        .envs(settings.iter().map(|(name, value)| (*name, value)))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    (child, stdout)
}

/// Reads until the child reaches that phase.
fn wait_for(stdout: &mut BufReader<std::process::ChildStdout>, phase: &str) {
    let mut line = String::new();
    while !line.contains(&format!("at:{phase} ")) {
        line.clear();
        assert_ne!(stdout.read_line(&mut line).unwrap(), 0, "the import ended before it was {phase}");
    }
}

#[rstest]
fn an_import_that_is_killed_leaves_the_database_as_it_was(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    assert_eq!(world.provider, PartnerKey::new(1));
    let file = large_file(&world);
    let before = world.contents();
    let moments =
        [("opening", 0), ("reading", 0), ("planning", 0), ("applying", 0), ("applying", 150), ("applying", 400)];
    for (phase, milliseconds) in moments {
        let (mut child, mut stdout) = started(&world, &file);
        wait_for(&mut stdout, phase);
        // The transaction has begun; the machine decides when exactly it is killed.
        let (_never, end) = std::sync::mpsc::channel::<()>();
        let _ = end.recv_timeout(std::time::Duration::from_millis(milliseconds));
        child.kill().unwrap();
        assert!(!child.wait().unwrap().success(), "{phase}: it was done before it was killed");
        assert!(world.contents() == before, "{phase}: something of a killed import is there");
    }
    let (mut child, mut stdout) = started(&world, &file);
    wait_for(&mut stdout, "done");
    std::io::copy(&mut stdout, &mut std::io::sink()).unwrap();
    assert!(child.wait().unwrap().success());
    let runs = "SELECT status || ' ' || coalesce(error_code, '-') AS line FROM import_runs ORDER BY id";
    let mut expected = vec!["FAILED run.abandoned".to_owned(); moments.len()];
    expected.push("APPLIED -".to_owned());
    assert_eq!(world.lines(runs), expected);
    assert_eq!(world.one("SELECT CAST(sum(quantity) AS TEXT) AS line FROM subscriptions"), "60000");
}

#[rstest]
fn a_plan_whose_applying_is_killed_can_be_applied_again(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let file = large_file(&world);
    let run_id = world.run(&request(&file, ImportMode::Plan)).unwrap().run.unwrap();
    let before = world.contents();
    let settings = [(PLAN, run_id.to_string()), (FILE, String::new())];
    for milliseconds in [0, 150, 400] {
        let (mut child, mut stdout) = start(&world, &settings);
        wait_for(&mut stdout, "applying");
        let (_never, end) = std::sync::mpsc::channel::<()>();
        let _ = end.recv_timeout(std::time::Duration::from_millis(milliseconds));
        child.kill().unwrap();
        assert!(!child.wait().unwrap().success(), "it was done before it was killed");
        assert!(world.contents() == before, "something of a killed applying is there");
    }
    let (mut child, mut stdout) = start(&world, &settings);
    wait_for(&mut stdout, "done");
    std::io::copy(&mut stdout, &mut std::io::sink()).unwrap();
    assert!(child.wait().unwrap().success());
    let runs = "SELECT status || ' ' || coalesce(error_code, '-') AS line FROM import_runs";
    assert_eq!(world.lines(runs), ["APPLIED -"]);
    assert_eq!(world.one("SELECT CAST(sum(quantity) AS TEXT) AS line FROM subscriptions"), "60000");
}
