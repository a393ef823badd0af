//! The sample scenarios of the source documents, and longer stories, played through the API.
//!
//! A story is a file in `stories/`: its cast and the steps, each with a sentence that describes it. The responses are compared
//! with a snapshot of the story's name, the same for both databases; values that differ between runs (ids, tokens, times,
//! passwords) are replaced by names. To add a story, add a file, and touch this one if cargo has already built it.
//!
//! `INSTA_UPDATE=always` writes the snapshots; review them.

mod cast;
mod names;
mod script;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use partnergraph_store::Backend;
use rstest::rstest;
use serde::Serialize;
use serde_json::{Value, json};

use crate::scenarios::cast::Cast;
use crate::scenarios::names::Names;
use crate::scenarios::script::{Script, Step};
use crate::support::{Api, Graph, Postgres, Sqlite, TestDatabase};

#[rstest]
fn every_step_of_a_story_has_the_described_outcome(
    #[files("tests/scenarios/stories/*.toml")] path: PathBuf,
    #[values(Sqlite, Postgres)] backend: Backend,
) {
    let script = Script::read(&path);
    let acts = play(&script, backend);
    let name = path.file_stem().unwrap().to_str().unwrap();
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_description(&script.title);
    settings.set_snapshot_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios/snapshots"));
    settings.bind(|| insta::assert_yaml_snapshot!(name, acts));
}

/// A step with its response.
#[derive(Serialize)]
struct Played {
    act: String,
    steps: Vec<PlayedStep>,
}

#[derive(Serialize)]
struct PlayedStep {
    description: String,
    by: String,
    operation: String,
    response: Value,
}

fn play(script: &Script, backend: Backend) -> Vec<Played> {
    let graph = Graph::new(TestDatabase::on(backend));
    let api = Api::on(&graph.database);
    let mut cast = Cast::of(&graph, script);
    let mut names = Names::of(&cast);
    let (mut played, mut mismatches) = (Vec::new(), Vec::new());
    for act in &script.acts {
        let mut steps = Vec::new();
        for step in &act.steps {
            let response = perform(&api, &mut cast, step);
            let refused = refused_by(&response);
            if refused != step.refused {
                mismatches.push(format!(
                    "{}\nis refused by {refused:?}, not {:?}: {response:#}",
                    step.description, step.refused
                ));
            }
            for (name, path) in &step.keep {
                match response.pointer(&format!("/{}", path.replace('.', "/"))) {
                    Some(value) if !value.is_null() => cast.keep(name, value),
                    // Later steps need it.
                    _ => panic!("{}\n{}: no {path} in {response:#}", mismatches.join("\n"), step.description),
                }
            }
            let (description, by, operation) = (step.description.clone(), step.by.clone(), step.operation_name());
            steps.push(PlayedStep { description, by, operation, response: names.replace_values(response) });
        }
        played.push(Played { act: act.title.clone(), steps });
    }
    assert!(mismatches.is_empty(), "{}", mismatches.join("\n"));
    played
}

/// Performs a step and returns the requested field.
fn perform(api: &Api, cast: &mut Cast<'_>, step: &Step) -> Value {
    let token = cast.token(&step.by);
    let variables = match (&step.input, &step.variables) {
        (Some(input), _) => json!({ "input": cast.resolve(input) }),
        (None, Some(variables)) => cast.resolve(variables),
        (None, None) => json!({}),
    };
    let asked = || {
        let response = api.response(&token, &step.text(), variables.clone());
        assert_eq!(response.get("errors"), None, "{}\n{response:#}", step.description);
        response["data"].as_object().unwrap().values().next().unwrap().clone()
    };
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let answer = asked();
        if step.until.as_ref().is_none_or(|status| answer["status"] == **status) {
            return answer;
        }
        assert!(Instant::now() < deadline, "{}\n{answer:#}", step.description);
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The rules that refuse a step, in order, or the code of a refusal without a rule. For an eligibility, the rules that do not pass.
fn refused_by(response: &Value) -> Vec<String> {
    let errors = response["userErrors"].as_array().into_iter().flatten();
    let verdicts = response["verdicts"].as_array().into_iter().flatten().filter(|verdict| verdict["passed"] != true);
    errors.chain(verdicts).map(|error| error["rule"].as_str().or(error["code"].as_str()).unwrap().to_owned()).collect()
}

#[test]
fn every_scenario_of_the_source_documents_has_a_story() {
    let stories = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scenarios/stories")).unwrap();
    let names: Vec<String> = stories.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    for number in 1..=8 {
        let prefix = format!("scenario_{number}_");
        assert!(names.iter().any(|name| name.starts_with(&prefix)), "no story of scenario {number}");
    }
}
