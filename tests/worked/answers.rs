//! What a bundle says, against what it should say.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::Value;
use why_denied::diagnose::Diagnosis;
use why_denied::render::{TextOptions, report, text};

use crate::{diagnosed, evidence, expected, names};

fn strings(value: &Value) -> BTreeSet<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// The first difference between a field of the expected answer and the report; a field that is left out is free.
fn differences(wanted: &Value, found: &Value, path: &str, out: &mut Vec<String>) {
    match wanted {
        Value::Object(fields) => {
            for (name, field) in fields.iter().filter(|(name, _)| *name != "text") {
                differences(field, &found[name], &format!("{path}.{name}"), out);
            }
        }
        _ if wanted == found => {}
        _ => out.push(format!("{path}: {found}, and {wanted} is documented")),
    }
}

fn check(wanted: &Value, found: &Value, text: &str, out: &mut Vec<String>) {
    if strings(&wanted["event_ids"]) != strings(&found["event_ids"]) {
        out.push(format!("event_ids: {}, and {} are documented", found["event_ids"], wanted["event_ids"]));
    }
    for field in ["standing", "decision", "principal", "denied_by", "surface", "denied"] {
        if !wanted[field].is_null() {
            differences(&wanted[field], &found[field], field, out);
        }
    }
    differences(&wanted["findings"][0], &found["findings"][0], "findings[0]", out);
    let has = |code: &Value| found["findings"].as_array().unwrap().iter().any(|found| found["code"] == *code);
    for finding in wanted["findings"].as_array().into_iter().flatten() {
        if !has(&finding["code"]) {
            out.push(format!("there is no finding {}", finding["code"]));
        }
    }
    differences(&wanted["introduced_by"], &found["introduced_by"], "introduced_by", out);
    for word in strings(&wanted["must_mention"]).into_iter().filter(|word| !text.contains(word)) {
        out.push(format!("the text does not mention `{word}`"));
    }
    for word in strings(&wanted["must_not_mention"]).into_iter().filter(|word| text.contains(word)) {
        out.push(format!("the text mentions `{word}`, which is ruled out"));
    }
}

fn wrong(name: &str) -> Vec<String> {
    let found: Vec<Diagnosis> = diagnosed(&evidence(name));
    let expected = expected(name);
    let json = serde_json::to_value(report(&found)).unwrap();
    let reports = json["diagnoses"].as_array().unwrap();
    let mut out = Vec::new();
    if reports.len() != expected.len() {
        out.push(format!("{} diagnoses, and {} are documented", reports.len(), expected.len()));
    }
    for wanted in &expected {
        let ids = strings(&wanted["event_ids"]);
        let at = reports.iter().position(|found| !strings(&found["event_ids"]).is_disjoint(&ids));
        let Some(at) = at else {
            out.push(format!("no diagnosis has the events {ids:?}"));
            continue;
        };
        let options = TextOptions { width: 100, colour: false };
        // What is wrapped is searched unwrapped.
        let text = text(&found[at..=at], options).split_whitespace().collect::<Vec<_>>().join(" ");
        check(wanted, &reports[at], &text, &mut out);
    }
    out
}

#[test]
fn every_worked_denial_gives_its_documented_answer() {
    let wrong: Vec<String> = names()
        .iter()
        .flat_map(|name| wrong(name).into_iter().map(move |what| format!("{name}: {what}")))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The first three lines, as somebody reads them who has never seen the tool.
#[test]
fn first_three_lines() {
    let mut out = String::new();
    for name in names() {
        for diagnosis in diagnosed(&evidence(&name)) {
            let text = text(&[diagnosis], TextOptions { width: 100, colour: false });
            let lines: Vec<&str> = text.lines().take(3).collect();
            let _ = writeln!(out, "# {name}\n{}\n", lines.join("\n"));
        }
    }
    insta::assert_snapshot!(out);
}
