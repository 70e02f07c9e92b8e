//! Every example gives the answer that its `expected.json` documents.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::Value;

use crate::program::{Run, in_project, run};

/// The folders of `policies/examples`.
pub fn names() -> Vec<String> {
    let folder = std::fs::read_dir(in_project("policies/examples")).unwrap();
    let mut names: Vec<String> =
        folder.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert!(!names.is_empty());
    names
}

pub fn folder(name: &str) -> PathBuf {
    in_project("policies/examples").join(name)
}

pub fn expected(name: &str) -> Value {
    let text = std::fs::read_to_string(folder(name).join("expected.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

pub fn explain(name: &str, format: &str) -> Run {
    run(["explain", "--example", name, "--format", format])
}

pub fn diagnoses(report: &Value) -> &Vec<Value> {
    report["diagnoses"].as_array().expect("a report has diagnoses")
}

pub fn strings(value: &Value) -> BTreeSet<String> {
    value.as_array().into_iter().flatten().map(|item| item.as_str().unwrap().to_owned()).collect()
}

/// The text of every diagnosis; a line separates them.
pub fn parts_of_text(text: &str) -> Vec<&str> {
    let line = "─".repeat(80);
    text.split(line.as_str()).map(str::trim).collect()
}

#[test]
fn every_example_gives_its_documented_answer() {
    let mut wrong = Vec::new();
    for name in names() {
        let expected = expected(&name);
        let json = explain(&name, "json");
        let report = json.json();
        assert_eq!(report["version"], 1);
        let text = explain(&name, "text");
        let parts = parts_of_text(&text.stdout);
        assert_eq!(parts.len(), diagnoses(&report).len(), "{name}: {}", text.stdout);
        let count = (diagnoses(&expected).len(), diagnoses(&report).len());
        if count.0 != count.1 {
            wrong.push(format!("{name}: {} diagnoses, and {} are documented", count.1, count.0));
        }
        for wanted in diagnoses(&expected) {
            let ids = strings(&wanted["event_ids"]);
            let found = diagnoses(&report).iter().position(|found| strings(&found["event_ids"]) == ids);
            let Some(number) = found else {
                wrong.push(format!("{name}: no diagnosis of exactly the events {ids:?}"));
                continue;
            };
            let mut differences = Vec::new();
            compare(wanted, &diagnoses(&report)[number], &mut differences);
            mentions(wanted, parts[number], &text.stdout, &mut differences);
            wrong.extend(differences.into_iter().map(|difference| format!("{name}: {ids:?}: {difference}")));
        }
        let is_undetermined = diagnoses(&report).iter().any(|found| found["decision"] == "Undetermined");
        let code = if is_undetermined { 3 } else { 0 };
        if (json.code, text.code) != (Some(code), Some(code)) {
            wrong.push(format!("{name}: exit codes {:?} and {:?}, wanted {code}", json.code, text.code));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every documented field, and every documented field of a field. Of the findings, the first decides and is compared;
/// of the others only the code is promised.
fn compare(wanted: &Value, found: &Value, differences: &mut Vec<String>) {
    for (field, wanted) in wanted.as_object().unwrap() {
        let found = &found[field];
        let is_met = match field.as_str() {
            "event_ids" | "must_mention" | "must_not_mention" | "first_three_lines" => true,
            "findings" => findings_are_met(wanted.as_array().unwrap(), found.as_array().unwrap()),
            _ => is_part(wanted, found),
        };
        if !is_met {
            differences.push(format!("{field}: wanted {wanted}, found {found}"));
        }
    }
}

fn findings_are_met(wanted: &[Value], found: &[Value]) -> bool {
    let first = wanted.first().is_none_or(|wanted| found.first().is_some_and(|found| is_part(wanted, found)));
    first && wanted.iter().all(|wanted| found.iter().any(|found| found["code"] == wanted["code"]))
}

/// Objects may have more fields than wanted; everything else must be equal.
fn is_part(wanted: &Value, found: &Value) -> bool {
    match (wanted, found) {
        (Value::Object(wanted), Value::Object(found)) => {
            wanted.iter().all(|(field, wanted)| is_part(wanted, found.get(field).unwrap_or(&Value::Null)))
        }
        (Value::Array(wanted), Value::Array(found)) => {
            wanted.len() == found.len() && wanted.iter().zip(found).all(|(one, other)| is_part(one, other))
        }
        _ => wanted == found,
    }
}

fn mentions(wanted: &Value, part: &str, text: &str, differences: &mut Vec<String>) {
    let first: Vec<&str> = part.lines().take(3).collect();
    let first = first.join("\n");
    // Which of the three lines has which word is the renderer's business.
    let of_lines = wanted["first_three_lines"].as_array().into_iter().flatten().flat_map(strings);
    for mention in strings(&wanted["must_mention"]).into_iter().chain(of_lines) {
        if !first.contains(&mention) {
            differences.push(format!("the first three lines do not mention `{mention}`:\n{first}"));
        }
    }
    for mention in strings(&wanted["must_not_mention"]) {
        if let Some(line) = text.lines().find(|line| line.contains(&mention)) {
            differences.push(format!("the text mentions `{mention}`: {line}"));
        }
    }
}

/// Long text is broken between words: an ARN on two lines cannot be copied.
#[test]
fn no_word_stands_on_two_lines() {
    for name in names() {
        let report = explain(&name, "json").json();
        let text = explain(&name, "text").stdout;
        for (diagnosis, part) in diagnoses(&report).iter().zip(parts_of_text(&text)) {
            let told = diagnosis["testimony"]["text"].as_str().unwrap_or_default();
            let shown = part.lines().skip_while(|line| *line != "AWS's own message").skip(1);
            let shown = shown.take_while(|line| !line.is_empty()).flat_map(str::split_whitespace);
            assert_eq!(shown.collect::<Vec<_>>(), told.split_whitespace().collect::<Vec<_>>(), "{name}");
        }
    }
}

#[test]
fn an_example_is_the_bundle_of_its_folder() {
    for name in names() {
        for format in ["text", "json", "dot", "mermaid"] {
            let from_folder =
                run(["explain", "--bundle", folder(&name).to_str().unwrap(), "--format", format]);
            assert_eq!(from_folder, explain(&name, format), "{name} as {format}");
        }
    }
}

#[test]
fn without_a_name_the_examples_are_listed() {
    let listed = run(["explain", "--example"]);
    assert_eq!(listed.code, Some(0));
    assert_eq!(listed.stdout.lines().collect::<Vec<_>>(), names());
}

#[test]
fn an_unknown_example_is_a_usage_error_that_names_the_known_ones() {
    let run = run(["explain", "--example", "no-such"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""));
    assert!(run.stderr.starts_with("error: there is no example `no-such`\nhint: "), "{}", run.stderr);
    assert!(names().iter().all(|name| run.stderr.contains(name.as_str())), "{}", run.stderr);
}

#[test]
fn explain_is_the_default_command() {
    assert_eq!(run(["--example", "s3-kms-download"]), explain("s3-kms-download", "text"));
}
