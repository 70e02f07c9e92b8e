//! The files of `cases/`: every pattern says to every event what its page says.

use std::path::Path;

use serde_json::Value;
use why_denied::filter::{Doubt, Pattern};

fn files() -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/filter/cases");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
        .into_iter()
        .map(|file| {
            let text = std::fs::read_to_string(&file).unwrap();
            let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, serde_json::from_str(&text).unwrap())
        })
        .collect()
}

/// An event in a case: JSON, or a line of text.
fn event(value: &Value) -> String {
    match value {
        Value::String(line) => line.clone(),
        json => json.to_string(),
    }
}

/// Every case: its file, pattern and event, whether it matches, and the doubts.
pub fn cases() -> Vec<(String, String, String, bool, Vec<String>)> {
    let mut cases = Vec::new();
    for (name, file) in files() {
        for case in file["cases"].as_array().into_iter().flatten() {
            let own = if case["event"].is_null() { &file["event"] } else { &case["event"] };
            let doubts = case["doubts"].as_array().into_iter().flatten();
            cases.push((
                name.clone(),
                case["pattern"].as_str().unwrap().to_owned(),
                event(own),
                case["matches"].as_bool().unwrap(),
                doubts.map(|doubt| doubt.as_str().unwrap().to_owned()).collect(),
            ));
        }
    }
    cases
}

#[test]
fn patterns_match_what_the_page_says() {
    let mut wrong = Vec::new();
    let cases = cases();
    for (name, text, event, matches, doubts) in &cases {
        let pattern = match Pattern::parse(text) {
            Ok(pattern) => pattern,
            Err(error) => {
                wrong.push(format!("{name}: {text}: {error}"));
                continue;
            }
        };
        let outcome = pattern.test(event);
        let found: Vec<&str> = outcome.doubts.iter().copied().map(Doubt::code).collect();
        if outcome.matches != *matches || found != *doubts {
            wrong.push(format!(
                "{name}: {text}\n  {event}\n  {} {found:?}, not {matches} {doubts:?}",
                outcome.matches
            ));
        }
    }
    assert!(cases.len() > 150, "{}", cases.len());
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn what_is_no_pattern_is_refused_with_its_column() {
    let mut wrong = Vec::new();
    let files = files();
    let errors = files.iter().flat_map(|(_, file)| file["errors"].as_array().into_iter().flatten());
    for case in errors {
        let text = case["pattern"].as_str().unwrap();
        match Pattern::parse(text) {
            Ok(pattern) => wrong.push(format!("{text} is read as {pattern}")),
            Err(error) => {
                let column = case["column"].as_u64().unwrap();
                if error.column as u64 != column
                    || !error.to_string().contains(case["says"].as_str().unwrap())
                {
                    wrong.push(format!("{text}: {error}, not column {column}: {}", case["says"]));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What `Display` writes is read as the same pattern, and is written the same again.
#[test]
fn printed_patterns_say_the_same() {
    for (name, text, event, ..) in cases() {
        let pattern = Pattern::parse(&text).unwrap();
        let printed = pattern.to_string();
        let again = Pattern::parse(&printed).unwrap_or_else(|error| panic!("{name}: {printed}: {error}"));
        assert_eq!(again.to_string(), printed, "{name}: {text}");
        let (one, other) = (pattern.test(&event), again.test(&event));
        assert_eq!((one.matches, one.doubts), (other.matches, other.doubts), "{name}: {text}: {printed}");
    }
}

/// What decides is enough: there is a reason for every answer, and it says so.
#[test]
fn every_answer_of_a_json_pattern_has_a_deciding_condition() {
    for (name, text, event, ..) in cases().into_iter().filter(|case| case.1.trim().starts_with('{')) {
        let outcome = Pattern::parse(&text).unwrap().test(&event);
        let deciding: Vec<_> = outcome.judgements.iter().filter(|judgement| judgement.decides).collect();
        assert!(!deciding.is_empty(), "{name}: {text}");
        assert!(deciding.iter().all(|judgement| judgement.holds == outcome.matches), "{name}: {text}");
    }
}
