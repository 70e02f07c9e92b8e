//! What an evaluation says in one place it says in every other.

use serde_json::{Value, json};
use why_denied::evaluate::{Decision, LayerEffect, Verdict, decide, explain};
use why_denied::simulate::Answer;

use crate::{Law, evaluation, nothing, read};

#[test]
fn decide_says_what_explain_says() {
    Law { name: "decide and explain", number: 0, draw: nothing, check: same_verdict }.hold();
}

fn same_verdict(line: &Value, _: &Value) -> Option<String> {
    let parsed = read(line)?;
    let decided = decide(&parsed.request, &parsed.policies);
    let explained = explain(&parsed.request, &parsed.policies).verdict;
    (decided != explained).then(|| format!("{decided:?} but {explained:?}"))
}

#[test]
fn the_layers_account_for_the_verdict() {
    Law { name: "layers and verdict", number: 1, draw: nothing, check: layers_fit }.hold();
}

fn layers_fit(line: &Value, _: &Value) -> Option<String> {
    let evaluation = evaluation(line)?;
    let denied_by = evaluation.denied_by();
    let has = |effect: LayerEffect| evaluation.layers.iter().any(|layer| layer.effect == effect);
    let fits = match &evaluation.verdict {
        Verdict::Determined(Decision::Allowed) => denied_by.is_empty(),
        Verdict::Determined(Decision::ExplicitDeny) => has(LayerEffect::ExplicitDeny),
        // Where two layers are unknown together, it can be sure that one of them denies and not which.
        Verdict::Determined(Decision::ImplicitDeny) => {
            (has(LayerEffect::ImplicitDeny) || has(LayerEffect::Unknown)) && !has(LayerEffect::ExplicitDeny)
        }
        // A layer that surely denies leaves no doubt but about the kind of the deny.
        Verdict::Undetermined { possible, hinges_on } => {
            !hinges_on.is_empty()
                && !has(LayerEffect::ExplicitDeny)
                && (denied_by.is_empty() || !possible.contains(&Decision::Allowed))
        }
    };
    let answer = json!(Answer::new(&Value::Null, &evaluation));
    let listed = answer["denied_by"].as_array().map_or(0, Vec::len) == denied_by.len();
    (!fits || !listed).then(|| format!("{:?} but denied by {denied_by:?}", evaluation.verdict))
}
