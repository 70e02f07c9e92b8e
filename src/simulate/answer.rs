//! The answer to one line.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::evaluate::{Compared, ElementTrace, Evaluation, Got, LayerTrace, StatementTrace, Verdict};
use crate::policy::Effect;

/// How many near misses a layer shows.
const NEAR_MISSES: usize = 5;

/// The answer as the JSON object of the request file format.
pub fn answer_json(id: &Value, evaluation: &Evaluation) -> Value {
    let (decision, hinges): (&str, Vec<String>) = match &evaluation.verdict {
        Verdict::Determined(decision) => (decision.name(), Vec::new()),
        Verdict::Undetermined { hinges_on, .. } => {
            ("Undetermined", hinges_on.iter().map(ToString::to_string).collect())
        }
    };
    let possible: Vec<&str> = match &evaluation.verdict {
        Verdict::Determined(_) => Vec::new(),
        Verdict::Undetermined { possible, .. } => possible.iter().map(|decision| decision.name()).collect(),
    };
    let denied_by: Vec<&str> = evaluation.denied_by().iter().map(|layer| layer.name()).collect();
    let mut answer = json!({
        "id": id,
        "decision": decision,
        "denied_by": denied_by,
        "hinges_on": hinges,
        "layers": evaluation.layers.iter().map(layer_json).collect::<Vec<_>>(),
    });
    if let Value::Object(map) = &mut answer {
        if !possible.is_empty() {
            map.insert("possible".to_owned(), json!(possible));
        }
        if let Some(page) = &evaluation.permissionless {
            map.insert("permissionless".to_owned(), json!(page));
        }
    }
    answer
}

/// The answer to a line that cannot be read; lines count from 1.
pub fn error_json(id: &Value, line: u64, error: &dyn std::error::Error) -> Value {
    json!({ "id": id, "line": line, "error": error.to_string() })
}

fn layer_json(layer: &LayerTrace) -> Value {
    let matched: Vec<Value> = layer
        .statements
        .iter()
        .filter(|statement| statement.applies.is_true())
        .map(|statement| {
            json!({
                "policy": statement.policy,
                "statement": statement.label,
                "effect": statement.effect.map(|effect| effect.to_string()),
            })
        })
        .collect();
    let near = layer.near_misses(Effect::Allow).into_iter().chain(layer.near_misses(Effect::Deny));
    let mut out = json!({
        "layer": layer.layer.name(),
        "target": layer.target,
        "result": layer.effect.name(),
        "matched_statements": matched,
        "near_misses": near.take(NEAR_MISSES).map(near_miss_json).collect::<Vec<_>>(),
    });
    if let (Value::Object(map), Some(note)) = (&mut out, &layer.note) {
        map.insert("note".to_owned(), json!(note));
    }
    out
}

fn near_miss_json(statement: &StatementTrace) -> Value {
    json!({
        "policy": statement.policy,
        "statement": statement.label,
        "effect": statement.effect.map(|effect| effect.to_string()),
        "failed": statement.failed().map(element_json).collect::<Vec<_>>(),
    })
}

fn element_json(element: &ElementTrace) -> Value {
    let mut out = match &element.compared {
        Compared::Patterns { got, wanted } => json!({ "wanted": wanted, "got": [got] }),
        Compared::Condition { operator, key, wanted, got } => {
            let (got, state) = match got {
                Got::Values(values) => (json!(values), "known"),
                Got::Absent => (Value::Null, "absent"),
                Got::Unknown(_) => (Value::Null, "unknown"),
            };
            json!({ "operator": operator, "key": key, "wanted": wanted, "got": got, "got_state": state })
        }
    };
    if let Value::Object(map) = &mut out {
        map.insert("element".to_owned(), json!(element.element.to_string()));
        map.insert("matched".to_owned(), json!(if element.matched.is_unknown() { "unknown" } else { "no" }));
    }
    out
}

/// The answer in words: the decision, what it hangs on, and a line for each layer.
pub fn answer_text(evaluation: &Evaluation) -> String {
    let mut out = String::new();
    match &evaluation.verdict {
        Verdict::Determined(decision) => {
            let _ = writeln!(out, "{decision}");
        }
        Verdict::Undetermined { possible, hinges_on } => {
            let possible: Vec<&str> = possible.iter().map(|decision| decision.name()).collect();
            let _ = writeln!(out, "Undetermined ({})", possible.join(" or "));
            for hinge in hinges_on {
                let _ = writeln!(out, "  hinges on {hinge}");
            }
        }
    }
    for layer in &evaluation.layers {
        let _ = writeln!(out, "  {}", layer_text(layer));
    }
    out
}

fn layer_text(layer: &LayerTrace) -> String {
    let mut line = layer.layer.name().to_owned();
    if let Some(target) = &layer.target {
        let _ = write!(line, " {target}");
    }
    let _ = write!(line, ": {}", layer.effect.name());
    for statement in layer.statements.iter().filter(|statement| statement.applies.is_true()) {
        let _ = write!(line, " (statement {} of {})", statement.label, statement.policy);
    }
    if let Some(note) = &layer.note {
        let _ = write!(line, " ({note})");
    }
    line
}
