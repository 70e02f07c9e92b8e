//! The engine against the reference evaluator on the same random lines: decision and denying layers.
//!
//! Where both are firm they must agree. Where the engine is undetermined, each of its reasons must stand in `open.rs`.

#![allow(
    clippy::pedantic,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a test may panic; that is how it fails"
)]

#[path = "../generator/mod.rs"]
mod generator;

mod evaluator;
mod open;

use std::collections::{BTreeMap, BTreeSet};

use evaluator::Decision as Reference;
use serde_json::{Value, json};
use why_denied::evaluate::{Decision, Evaluation, Verdict, explain};
use why_denied::request::{KeyState, Values};
use why_denied::simulate::{PolicyCache, parse_line};

/// How many random lines are compared; `WHY_DENIED_CASES_COUNT` asks for more.
const COUNT: u64 = 50_000;

fn count() -> u64 {
    std::env::var("WHY_DENIED_CASES_COUNT").ok().and_then(|text| text.parse().ok()).unwrap_or(COUNT)
}

fn engine(line: &Value) -> Option<Evaluation> {
    let parsed = parse_line(&line.to_string(), &mut PolicyCache::default()).ok()?;
    Some(explain(&parsed.request, &parsed.policies))
}

fn name_of(decision: &Reference) -> Option<Decision> {
    match decision {
        Reference::Allowed => Some(Decision::Allowed),
        Reference::ExplicitDeny => Some(Decision::ExplicitDeny),
        Reference::ImplicitDeny => Some(Decision::ImplicitDeny),
        Reference::NotModelled(_) => None,
    }
}

/// How a line compares.
enum Comparison {
    /// The reference leaves the case out.
    NotModelled(String),
    /// Both are firm and agree.
    Same(Decision),
    /// They differ in a way that has a row in [`open`].
    Known(&'static str),
    /// The engine leaves open what the reference decides.
    Undetermined(Vec<String>),
    /// They contradict each other.
    Different(String),
}

fn compare(line: &Value) -> Comparison {
    let reference = evaluator::decide(&with_userid(line));
    let expected = match (&reference.decision, name_of(&reference.decision)) {
        (Reference::NotModelled(why), _) => return Comparison::NotModelled(why.clone()),
        (_, Some(decision)) => decision,
        (_, None) => unreachable!("only NotModelled has no decision"),
    };
    let Some(engine) = engine(line) else {
        return Comparison::Different(format!("the engine cannot read it, the reference says {expected}"));
    };
    let denied_by: BTreeSet<&str> = engine.denied_by().iter().map(|layer| layer.name()).collect();
    let missing: BTreeSet<&str> = &reference.denied_by - &denied_by;
    let pair = open::Pair { line, engine: &engine, expected, denied_by: &reference.denied_by };
    match &engine.verdict {
        Verdict::Undetermined { possible, hinges_on }
            if possible.contains(&expected)
                || possible.contains(&Decision::ImplicitDeny) && open::is_either_deny(&pair) =>
        {
            Comparison::Undetermined(hinges_on.iter().map(ToString::to_string).collect())
        }
        // A layer that may or may not deny beside one that surely does is not listed by the engine.
        Verdict::Determined(found)
            if *found == expected
                && denied_by.is_subset(&reference.denied_by)
                && missing.is_subset(&unknown_layers(&engine)) =>
        {
            Comparison::Same(expected)
        }
        found => match open::known(&pair) {
            Some(name) => Comparison::Known(name),
            None => Comparison::Different(format!(
                "engine {found:?} by {denied_by:?}, reference {expected} by {:?}",
                reference.denied_by
            )),
        },
    }
}

/// The reference does not fill in `aws:userid`, which every request carries
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-infotouse>): it
/// is told what the engine derives.
fn with_userid(line: &Value) -> Value {
    let mut line = line.clone();
    let Ok(parsed) = parse_line(&line.to_string(), &mut PolicyCache::default()) else { return line };
    if let KeyState::Known(Values::One(id)) = parsed.request.context.get("aws:userid") {
        if line.get("context").is_none() {
            line["context"] = json!({});
        }
        if let Some(context) = line["context"].as_object_mut() {
            context.insert("aws:userid".to_owned(), json!(id));
        }
    }
    line
}

fn unknown_layers(evaluation: &Evaluation) -> BTreeSet<&'static str> {
    let unknown = evaluation.layers.iter().filter(|layer| layer.effect.name() == "UNKNOWN");
    unknown.map(|layer| layer.layer.name()).collect()
}

/// Counts by text, the most frequent first.
fn ranking(counts: &BTreeMap<String, u64>) -> String {
    let mut rows: Vec<_> = counts.iter().collect();
    rows.sort_by_key(|(text, count)| (std::cmp::Reverse(**count), (*text).clone()));
    rows.iter().map(|(text, count)| format!("{count:>8}  {text}\n")).collect()
}

#[test]
fn the_engine_agrees_with_the_reference_on_random_lines() {
    let (mut same, mut undetermined) = (BTreeMap::new(), 0_u64);
    let mut known = BTreeMap::new();
    let (mut left_out, mut reasons, mut unexplained) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    let mut unexplained_line = Value::Null;
    let mut differences: BTreeMap<String, (u64, Value)> = BTreeMap::new();
    for seed in 0..count() {
        let line = generator::line(seed);
        match compare(&line) {
            Comparison::NotModelled(why) => *left_out.entry(shorten(&why)).or_insert(0) += 1,
            Comparison::Known(name) => *known.entry(name.to_owned()).or_insert(0) += 1,
            Comparison::Same(decision) => *same.entry(decision.to_string()).or_insert(0) += 1,
            Comparison::Undetermined(hinges) => {
                undetermined += 1;
                for hinge in hinges {
                    match open::reason(&hinge) {
                        Some(reason) => *reasons.entry(reason.to_owned()).or_insert(0) += 1,
                        None => {
                            *unexplained.entry(hinge).or_insert(0) += 1;
                            unexplained_line = line.clone();
                        }
                    }
                }
            }
            Comparison::Different(text) => {
                let entry = differences.entry(text).or_insert((0, line));
                entry.0 += 1;
            }
        }
    }
    println!("compared:\n{}", ranking(&same));
    println!("known differences: {}\n{}", known.values().sum::<u64>(), ranking(&known));
    println!("undetermined: {undetermined}\n{}", ranking(&reasons));
    println!("not modelled by the reference: {}\n{}", left_out.values().sum::<u64>(), ranking(&left_out));
    let shown: Vec<String> = differences
        .iter()
        .take(12)
        .map(|(text, (count, line))| {
            let same = |line: &Value| matches!(compare(line), Comparison::Different(found) if found == *text);
            format!("{count} × {text}\n{}", generator::shrink(line, &same))
        })
        .collect();
    assert!(differences.is_empty(), "{} kinds of differences:\n{}", differences.len(), shown.join("\n"));
    assert!(
        unexplained.is_empty(),
        "reasons that are not in `open`:\n{}for example in {unexplained_line}",
        ranking(&unexplained)
    );
}

/// Without what is quoted, so that equal reasons count together.
fn shorten(text: &str) -> String {
    text.split('"').step_by(2).collect::<Vec<_>>().join("…")
}
