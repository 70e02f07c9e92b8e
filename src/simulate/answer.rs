//! The answer to one line.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::{Value, json};

use crate::evaluate::{Compared, ElementTrace, Evaluation, Got, LayerTrace, StatementTrace, Verdict};
use crate::policy::Effect;

/// How many near misses a layer shows.
const NEAR_MISSES: usize = 5;

/// The answer as the JSON object of the request file format. Fields stand in the order of the alphabet.
#[derive(Debug, Serialize)]
pub struct Answer<'a> {
    decision: &'static str,
    denied_by: Vec<&'static str>,
    hinges_on: Vec<String>,
    id: &'a Value,
    layers: Vec<LayerAnswer<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    permissionless: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    possible: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    warning: Option<String>,
}

#[derive(Debug, Serialize)]
struct LayerAnswer<'a> {
    layer: &'static str,
    matched_statements: Vec<Matched<'a>>,
    near_misses: Vec<NearMiss<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
    result: &'static str,
    target: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct Matched<'a> {
    effect: Option<&'static str>,
    policy: &'a str,
    statement: &'a str,
}

#[derive(Debug, Serialize)]
struct NearMiss<'a> {
    effect: Option<&'static str>,
    failed: Vec<Failed<'a>>,
    policy: &'a str,
    statement: &'a str,
}

/// An element that did not match. Only conditions have a state, a key and an operator.
#[derive(Debug, Serialize)]
struct Failed<'a> {
    element: String,
    got: Option<Vec<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    got_state: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
    matched: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    operator: Option<&'a str>,
    wanted: &'a [String],
}

impl<'a> Answer<'a> {
    /// The answer to the request with that `id`.
    pub fn new(id: &'a Value, evaluation: &'a Evaluation) -> Self {
        let (decision, possible) = match &evaluation.verdict {
            Verdict::Determined(decision) => (decision.name(), Vec::new()),
            Verdict::Undetermined { possible, .. } => {
                ("Undetermined", possible.iter().map(|decision| decision.name()).collect())
            }
        };
        Self {
            decision,
            denied_by: evaluation.denied_by().iter().map(|layer| layer.name()).collect(),
            hinges_on: evaluation.verdict.hinges().iter().map(ToString::to_string).collect(),
            id,
            layers: evaluation.layers.iter().map(LayerAnswer::new).collect(),
            permissionless: evaluation.permissionless.as_deref(),
            possible,
            warning: None,
        }
    }

    /// The same with something to be known about the request, which decides nothing.
    #[must_use]
    pub fn with_warning(self, warning: Option<String>) -> Self {
        Self { warning, ..self }
    }
}

impl<'a> LayerAnswer<'a> {
    fn new(layer: &'a LayerTrace) -> Self {
        let applies = |statement: &&StatementTrace| statement.applies.is_true();
        let near = layer.near_misses(Effect::Allow).into_iter().chain(layer.near_misses(Effect::Deny));
        Self {
            layer: layer.layer.name(),
            matched_statements: layer.statements.iter().filter(applies).map(Matched::new).collect(),
            near_misses: near.take(NEAR_MISSES).map(NearMiss::new).collect(),
            note: layer.note.as_deref(),
            result: layer.effect.name(),
            target: layer.target.as_deref(),
        }
    }
}

impl<'a> Matched<'a> {
    fn new(statement: &'a StatementTrace) -> Self {
        Self {
            effect: statement.effect.map(Effect::name),
            policy: &statement.policy,
            statement: &statement.label,
        }
    }
}

impl<'a> NearMiss<'a> {
    fn new(statement: &'a StatementTrace) -> Self {
        Self {
            effect: statement.effect.map(Effect::name),
            failed: statement.failed().map(Failed::new).collect(),
            policy: &statement.policy,
            statement: &statement.label,
        }
    }
}

impl<'a> Failed<'a> {
    fn new(trace: &'a ElementTrace) -> Self {
        let element = trace.element.to_string();
        let matched = if trace.matched.is_unknown() { "unknown" } else { "no" };
        match &trace.compared {
            Compared::Patterns { got, wanted } => Self {
                element,
                got: Some(vec![got]),
                got_state: None,
                key: None,
                matched,
                operator: None,
                wanted,
            },
            Compared::Condition { operator, key, wanted, got } => {
                let (got, state) = match got {
                    Got::Values(values) => (Some(values.iter().map(String::as_str).collect()), "known"),
                    Got::Absent => (None, "absent"),
                    Got::Unknown(_) => (None, "unknown"),
                };
                let (key, operator) = (Some(key.as_str()), Some(operator.as_str()));
                Self { element, got, got_state: Some(state), key, matched, operator, wanted }
            }
        }
    }
}

/// The answer to a line that cannot be read; lines count from 1.
pub fn error_json(id: &Value, line: u64, error: &dyn std::error::Error) -> Value {
    json!({ "id": id, "line": line, "error": error.to_string() })
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
