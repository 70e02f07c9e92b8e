//! What a bundle says, against what it should say.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::Value;
use why_denied::diagnose::Diagnosis;
use why_denied::render::{TextOptions, report, text};

use crate::{Story, diagnosed, stories};

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
        if !finding["code"].is_null() && !has(&finding["code"]) {
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

fn wrong(story: &Story) -> Vec<String> {
    let found: Vec<Diagnosis> = diagnosed(&story.evidence());
    let expected = story.expected();
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
    let wrong: Vec<String> = stories()
        .iter()
        .flat_map(|story| wrong(story).into_iter().map(move |what| format!("{}: {what}", story.name)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The first three lines of an answer.
fn first_three(diagnosis: &Diagnosis) -> String {
    let text = text(std::slice::from_ref(diagnosis), TextOptions { width: 100, colour: false });
    text.lines().take(3).collect::<Vec<_>>().join("\n")
}

/// In the first lines ARNs are written without what every ARN of an account has in common.
fn short(word: &str) -> &str {
    if word.starts_with("arn:") { word.splitn(6, ':').nth(5).unwrap_or(word) } else { word }
}

/// The last part of an ARN: the name by which people know somebody.
fn name(arn: &str) -> &str {
    arn.rsplit(['/', ':']).next().unwrap_or(arn)
}

/// What somebody who has never seen the tool has to be told at once, as the story has it.
fn missing_in(wanted: &Value, lines: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let told = wanted["first_three_lines"].as_array().into_iter().flatten();
    words.extend(told.flat_map(strings).map(|word| short(word).to_owned()));
    words.extend(["action", "resource"].iter().filter_map(|field| {
        let word = wanted["denied"][*field].as_str().filter(|word| *word != "*")?;
        Some(short(word).to_owned())
    }));
    words.extend(wanted["principal"].as_str().map(|principal| name(principal).to_owned()));
    let decided = &wanted["findings"][0];
    words.extend(decided["statement"].as_str().map(str::to_owned));
    words.extend(decided["key"].as_str().map(str::to_owned));
    let change = &wanted["introduced_by"];
    if change.is_object() {
        words.extend(change["event_time"].as_str().map(str::to_owned));
        words.extend(change["event_name"].as_str().map(str::to_owned));
        words.extend(change["actor"].as_str().map(|actor| name(actor).to_owned()));
    } else {
        words.push("since when is not known".to_owned());
    }
    words.into_iter().filter(|word| !lines.contains(word.as_str())).collect()
}

/// Each of the three lines is there, and the third says what to do.
fn misshapen(lines: &str) -> Option<&'static str> {
    let all: Vec<&str> = lines.lines().collect();
    let [denied, why, then] = all.as_slice() else { return Some("there are no three lines") };
    let what_to_do = then.split_once("; ").map_or("", |(_, rest)| rest);
    if !denied.starts_with("DENIED ") {
        Some("the first line does not say what was denied")
    } else if why.trim().len() < 20 {
        Some("the second line gives no reason")
    } else if what_to_do.len() < 20 {
        Some("the third line does not say what to do")
    } else {
        None
    }
}

fn told_at_once(story: &Story) -> Vec<String> {
    let found: Vec<Diagnosis> = diagnosed(&story.evidence());
    let mut out = Vec::new();
    for wanted in &story.expected() {
        let ids = strings(&wanted["event_ids"]);
        let mut all = found.iter();
        let Some(diagnosis) = all.find(|one| one.event_ids.iter().any(|id| ids.contains(id.as_str()))) else {
            out.push(format!("{}: no diagnosis has the events {ids:?}", story.name));
            continue;
        };
        let lines = first_three(diagnosis);
        let mut missing = missing_in(wanted, &lines);
        if story.is_example {
            let words = strings(&wanted["must_mention"]).into_iter().map(|word| short(word).to_owned());
            missing.extend(words.filter(|word| !lines.contains(word.as_str())));
        }
        let ruled_out = strings(&wanted["must_not_mention"]).into_iter().filter(|word| lines.contains(word));
        out.extend(ruled_out.map(|word| format!("{}: `{word}` is ruled out, and in\n{lines}", story.name)));
        out.extend(misshapen(&lines).map(|why| format!("{}: {why}:\n{lines}", story.name)));
        if !missing.is_empty() {
            out.push(format!("{}: {missing:?} is not in\n{lines}", story.name));
        }
    }
    out
}

#[test]
fn the_first_three_lines_tell_the_story() {
    let wrong: Vec<String> = stories().iter().flat_map(told_at_once).collect();
    assert!(wrong.is_empty(), "{} of them:\n{}", wrong.len(), wrong.join("\n\n"));
}

/// The first three lines, as somebody reads them who has never seen the tool.
#[test]
fn first_three_lines() {
    let mut out = String::new();
    for story in stories() {
        for diagnosis in diagnosed(&story.evidence()) {
            let _ = writeln!(out, "# {}\n{}\n", story.name, first_three(&diagnosis));
        }
    }
    insta::assert_snapshot!(out);
}
