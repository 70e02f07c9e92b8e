//! Nothing that can be written makes the engine panic.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::{Map, Value, json};
use why_denied::evaluate::{decide, explain};
use why_denied::policy::PolicyDocument;
use why_denied::simulate::{Answer, PolicyCache, parse_line};

use crate::generator::{self, Dice, print_otherwise};
use crate::{LAWS, cases_of_one_law};

const NUMBER: u64 = 11;

#[test]
fn nothing_panics() {
    for case in 0..cases_of_one_law() {
        let mut dice = Dice::new(case * LAWS + NUMBER);
        let text = some_text(&mut dice);
        let ran = catch_unwind(AssertUnwindSafe(|| {
            let document = PolicyDocument::parse(text.as_str());
            let _ = (document.unreadable, document.problems.len());
            if let Ok(parsed) = parse_line(&text, &mut PolicyCache::default()) {
                let evaluation = explain(&parsed.request, &parsed.policies);
                let _ = serde_json::to_string(&Answer::new(&parsed.id, &evaluation)).unwrap();
                assert_eq!(decide(&parsed.request, &parsed.policies), evaluation.verdict);
            }
        }));
        assert!(ran.is_ok(), "case {case}: {text}");
    }
}

/// A line with pieces replaced by any JSON, or with characters replaced.
fn some_text(dice: &mut Dice) -> String {
    let mut line = generator::line_of(dice).1;
    for _ in 0..dice.between(1, 4) {
        damage(&mut line, dice);
    }
    let text = print_otherwise(&line, dice);
    if dice.chance(85) {
        return text;
    }
    let mut characters: Vec<char> = text.chars().collect();
    for _ in 0..dice.between(1, 5) {
        if characters.is_empty() {
            break;
        }
        let at = dice.below(characters.len());
        match dice.below(3) {
            0 => drop(characters.remove(at)),
            1 => characters
                .insert(at, *dice.pick(&['"', '\\', '{', '}', '*', '$', 'é', '\u{1F600}', '\0', ':'])),
            _ => characters.truncate(at.max(1)),
        }
    }
    characters.into_iter().collect()
}

/// Replaces one piece somewhere inside.
fn damage(value: &mut Value, dice: &mut Dice) {
    let inner = match value {
        Value::Object(map) if !map.is_empty() => {
            let at = dice.below(map.len());
            map.values_mut().nth(at)
        }
        Value::Array(items) if !items.is_empty() => {
            let at = dice.below(items.len());
            items.get_mut(at)
        }
        _ => None,
    };
    match inner {
        Some(inner) if dice.chance(80) => damage(inner, dice),
        _ => *value = anything(dice, 0),
    }
}

fn anything(dice: &mut Dice, depth: usize) -> Value {
    const TEXTS: &[&str] = &[
        "",
        "*",
        "?",
        "${",
        "${}",
        "${aws:username",
        "${a,",
        "${a, '",
        "arn:",
        "arn:aws:s3:::",
        "::::::",
        "é*é?",
        "\u{0}",
        "unknown",
        "s3:",
        ":",
        "arn:aws:iam::1:root",
        "999999999999999999999999",
        "2026-13-99",
        "1/2/3",
        "::/129",
        "Allow",
        "ForAllValues:",
        "-",
        "-.",
        "+",
        "AIDA",
        "arn:aws:sts::111111111111:assumed-role/",
        "9999-12-31T23:59:60Z",
        "-9223372036854775809",
        "a/*/../*",
    ];
    match dice.below(if depth > 3 { 5 } else { 8 }) {
        0 => Value::Null,
        1 => json!(dice.chance(50)),
        2 => json!(*dice.pick(&[0.0, -1.5, 1e308, 5e-324])),
        3 => json!(u64::MAX),
        4 => json!(dice.pick(TEXTS)),
        5 => (0..dice.below(4)).map(|_| anything(dice, depth + 1)).collect(),
        6 => {
            let names = [
                "Effect",
                "Action",
                "Statement",
                "Principal",
                "AWS",
                "Condition",
                "document",
                "StringLike",
                "target",
                "policies",
                "x",
            ];
            let mut map = Map::new();
            for _ in 0..dice.below(4) {
                map.insert((*dice.pick(&names)).to_owned(), anything(dice, depth + 1));
            }
            Value::Object(map)
        }
        _ => json!(["[".repeat(200), anything(dice, depth + 1)]),
    }
}
