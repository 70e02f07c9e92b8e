//! What does not change the meaning does not change the verdict.

use serde_json::{Value, json};
use why_denied::evaluate::explain;

use crate::generator::{Dice, print_otherwise};
use crate::{Law, a_seed, documents, evaluation, possible, read_text, statements};

#[test]
fn order_white_space_and_escapes_are_irrelevant() {
    Law { name: "order and spelling of JSON", number: 2, draw: a_seed, check: printed_otherwise }.hold();
}

fn printed_otherwise(line: &Value, seed: &Value) -> Option<String> {
    let text = print_otherwise(line, &mut Dice::new(seed.as_u64()?));
    differs(line, &text)
}

#[test]
fn another_spelling_of_the_same_policy_is_the_same_policy() {
    Law { name: "spelling of policies", number: 3, draw: a_seed, check: spelled_otherwise }.hold();
}

fn spelled_otherwise(line: &Value, seed: &Value) -> Option<String> {
    let mut dice = Dice::new(seed.as_u64()?);
    let mut other = line.clone();
    match dice.below(6) {
        0 => documents(&mut other, &mut |_, document| twice(document)),
        1 => documents(&mut other, &mut |_, document| as_lists(document)),
        2 => documents(&mut other, &mut |_, document| everyone(document)),
        3 => documents(&mut other, &mut |_, document| other_case(document, &mut dice)),
        4 => one_policy_a_statement(&mut other),
        _ => documents(&mut other, &mut |_, document| {
            *document = json!({ "name": "n", "document": document.take() })
        }),
    }
    differs(line, &other.to_string()).map(|complaint| format!("{complaint}\nother: {other}"))
}

fn differs(line: &Value, other: &str) -> Option<String> {
    let one = evaluation(line)?;
    let Some(other) = read_text(other) else { return Some("the other one cannot be read".to_owned()) };
    let other = explain(&other.request, &other.policies);
    (possible(&one.verdict) != possible(&other.verdict) || one.denied_by() != other.denied_by()).then(|| {
        format!(
            "{:?} by {:?} but {:?} by {:?}",
            one.verdict,
            one.denied_by(),
            other.verdict,
            other.denied_by()
        )
    })
}

/// Every statement twice.
fn twice(document: &mut Value) {
    if let Some(statements) = statements(document) {
        statements.extend(statements.clone());
    }
}

/// Every text that may stand in a list does.
fn as_lists(document: &mut Value) {
    for statement in statements(document).into_iter().flatten() {
        for name in ["Action", "NotAction", "Resource", "NotResource"] {
            if let Some(text) = statement.get_mut(name).filter(|value| value.is_string()) {
                *text = json!([text.take()]);
            }
        }
        for entries in ["Principal", "NotPrincipal"] {
            for (_, entry) in statement.get_mut(entries).and_then(Value::as_object_mut).into_iter().flatten()
            {
                if entry.is_string() {
                    *entry = json!([entry.take()]);
                }
            }
        }
        let operators = statement.get_mut("Condition").and_then(Value::as_object_mut);
        for keys in operators.into_iter().flat_map(|operators| operators.values_mut()) {
            for values in keys.as_object_mut().into_iter().flat_map(|keys| keys.values_mut()) {
                if !values.is_array() {
                    *values = json!([text_of(values)]);
                }
            }
        }
    }
}

/// "true" and true, "5" and 5 are the same.
fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// `*` and `{"AWS": "*"}` are the same, and so are an account's id and the ARN of its root.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>
fn everyone(document: &mut Value) {
    for statement in statements(document).into_iter().flatten() {
        let Some(principal) = statement.get_mut("Principal") else { continue };
        if principal == "*" {
            *principal = json!({ "AWS": ["*"] });
            continue;
        }
        let Some(entries) = principal.get_mut("AWS") else { continue };
        let one = entries.as_str().map(|text| json!([text]));
        if let Some(list) = one {
            *entries = list;
        }
        for entry in entries.as_array_mut().into_iter().flatten() {
            let text = entry.as_str().unwrap_or_default().to_owned();
            if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
                *entry = json!(format!("arn:aws:iam::{text}:root"));
            } else if let Some(account) =
                text.strip_prefix("arn:aws:iam::").and_then(|rest| rest.strip_suffix(":root"))
            {
                *entry = json!(account);
            }
        }
    }
}

/// Actions and names of condition keys compare without regard to case.
fn other_case(document: &mut Value, dice: &mut Dice) {
    for statement in statements(document).into_iter().flatten() {
        for name in ["Action", "NotAction"] {
            match statement.get_mut(name) {
                Some(Value::String(text)) => *text = mixed(text, dice),
                Some(Value::Array(items)) => {
                    for item in items {
                        *item = json!(mixed(item.as_str().unwrap_or_default(), dice));
                    }
                }
                _ => {}
            }
        }
        let operators = statement.get_mut("Condition").and_then(Value::as_object_mut);
        for keys in operators.into_iter().flat_map(|operators| operators.values_mut()) {
            let Some(members) = keys.as_object() else { continue };
            *keys = members.iter().map(|(key, values)| (mixed(key, dice), values.clone())).collect();
        }
    }
}

fn mixed(text: &str, dice: &mut Dice) -> String {
    let turn = |letter: char| {
        if dice.chance(30) { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() }
    };
    text.chars().map(turn).collect()
}

/// A policy of three statements says what three policies of one statement say.
fn one_policy_a_statement(line: &mut Value) {
    for layer in ["identity_policies", "session_policies"] {
        let Some(list) = line.get_mut(layer).and_then(Value::as_array_mut) else { continue };
        let mut split = Vec::new();
        for policy in list.iter() {
            let mut document = policy.get("document").unwrap_or(policy).clone();
            let Some(all) = statements(&mut document).cloned() else { return };
            for statement in all {
                document["Statement"] = statement;
                split.push(document.clone());
            }
        }
        // An empty list is another thing than a policy that says nothing.
        if !split.is_empty() {
            *list = split;
        }
    }
}
