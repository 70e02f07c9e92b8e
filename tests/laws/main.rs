//! Laws that hold whatever the policies say, tried on random request lines.
//!
//! `WHY_DENIED_CASES_COUNT=1000000 cargo test --release --test laws` tries a million.

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

mod agreement;
mod spelling;
mod totality;
mod unknown;
mod widening;

use std::collections::BTreeSet;

use generator::{Dice, Scene, shrink};
use serde_json::{Value, json};
use why_denied::evaluate::{Decision, Evaluation, Verdict, decide, explain};
use why_denied::simulate::{ParsedLine, PolicyCache, parse_line};

/// How many random cases an ordinary run tries, over all laws.
const CASES: u64 = 120_000;

/// How many laws share them.
const LAWS: u64 = 13;

fn cases_of_one_law() -> u64 {
    let asked = std::env::var("WHY_DENIED_CASES_COUNT").ok().and_then(|text| text.parse().ok());
    asked.unwrap_or(CASES).div_ceil(LAWS)
}

/// A law: what is drawn for a line, and what then must hold. The complaint is the answer of `check`.
struct Law {
    name: &'static str,
    /// Tells the lines of this law from those of the others.
    number: u64,
    draw: fn(&mut Dice, &Scene, &Value) -> Value,
    check: fn(&Value, &Value) -> Option<String>,
}

impl Law {
    /// Tries the law on its share of random lines; a line that breaks it is shown as short as possible.
    fn hold(&self) {
        assert!(self.number < LAWS, "a law without a share");
        for case in 0..cases_of_one_law() {
            let mut dice = Dice::new(case * LAWS + self.number);
            let (scene, line) = generator::line_of(&mut dice);
            let drawn = (self.draw)(&mut dice, &scene, &line);
            if (self.check)(&line, &drawn).is_none() {
                continue;
            }
            let broken = |both: &Value| (self.check)(&both["line"], &both["drawn"]).is_some();
            let both = shrink(&json!({ "line": line, "drawn": drawn }), &broken);
            let complaint = (self.check)(&both["line"], &both["drawn"]).unwrap_or_default();
            panic!(
                "{}: {complaint}\nline:  {}\ndrawn: {}\ncase {case}",
                self.name, both["line"], both["drawn"]
            );
        }
    }
}

fn nothing(_: &mut Dice, _: &Scene, _: &Value) -> Value {
    Value::Null
}

fn a_seed(dice: &mut Dice, _: &Scene, _: &Value) -> Value {
    json!(dice.below(1 << 30))
}

/// The line as it is read; a line that is cut down too far cannot be.
fn read(line: &Value) -> Option<ParsedLine> {
    read_text(&line.to_string())
}

fn read_text(text: &str) -> Option<ParsedLine> {
    parse_line(text, &mut PolicyCache::default()).ok()
}

fn verdict(line: &Value) -> Option<Verdict> {
    read(line).map(|parsed| decide(&parsed.request, &parsed.policies))
}

fn evaluation(line: &Value) -> Option<Evaluation> {
    read(line).map(|parsed| explain(&parsed.request, &parsed.policies))
}

fn possible(verdict: &Verdict) -> BTreeSet<Decision> {
    match verdict {
        Verdict::Determined(decision) => BTreeSet::from([*decision]),
        Verdict::Undetermined { possible, .. } => possible.clone(),
    }
}

/// Complains if a case is possible that a less certain view of the same request excludes.
fn excluded(certain: &Verdict, less_certain: &Verdict) -> Option<String> {
    (!possible(certain).is_subset(&possible(less_certain)))
        .then(|| format!("{:?} excludes {:?}", possible(less_certain), possible(certain)))
}

/// Every policy document in a line, to be changed in place, with the name of its layer.
fn documents<'a>(line: &'a mut Value, change: &mut dyn FnMut(&str, &'a mut Value)) {
    let Some(layers) = line.as_object_mut() else { return };
    for (name, layer) in layers {
        match name.as_str() {
            "identity_policies" | "session_policies" => policies(name, layer, change),
            "permissions_boundary" | "resource_policy" | "vpc_endpoint_policy" => {
                document(name, layer, change);
            }
            "service_control_policies" | "resource_control_policies" => {
                for level in layer.as_array_mut().into_iter().flatten() {
                    if let Some(list) = level.get_mut("policies") {
                        policies(name, list, change);
                    }
                }
            }
            _ => {}
        }
    }
}

fn policies<'a>(name: &str, list: &'a mut Value, change: &mut dyn FnMut(&str, &'a mut Value)) {
    for policy in list.as_array_mut().into_iter().flatten() {
        document(name, policy, change);
    }
}

fn document<'a>(name: &str, policy: &'a mut Value, change: &mut dyn FnMut(&str, &'a mut Value)) {
    if policy.get("document").is_some() {
        change(name, &mut policy["document"]);
    } else if policy.is_object() {
        change(name, policy);
    }
}

/// The statements of a document as a list.
fn statements(document: &mut Value) -> Option<&mut Vec<Value>> {
    let statement = document.get_mut("Statement")?;
    if statement.is_object() {
        *statement = json!([statement.take()]);
    }
    statement.as_array_mut()
}
