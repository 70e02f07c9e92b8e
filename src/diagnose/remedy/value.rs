//! A condition that names another value than the one that is sent, where the statement has to follow what is sent.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Addition, Aim, Proposer, Remedy};
use crate::diagnose::policy_at::policy_at;
use crate::evaluate::{Compared, ElementTrace, Got, Known, Layer, LayerTrace, NamedPolicy, StatementTrace};
use crate::knowledge::condition_advice::condition_advice;
use crate::policy::PolicyDocument;

/// The operators that take a list of values, any of which suffices, and take each of them literally.
const LITERAL: &[&str] = &["StringEquals", "ArnEquals"];

impl Proposer<'_> {
    /// The statement with the value that the request carries beside its own.
    pub(super) fn name_what_is_sent(
        &self,
        layer: &LayerTrace,
        statement: &StatementTrace,
        failed: &[&ElementTrace],
    ) -> Option<Remedy> {
        let [Compared::Condition { operator, key, got: Got::Values(got), .. }] =
            failed.iter().map(|one| &one.compared).collect::<Vec<_>>()[..]
        else {
            return None;
        };
        let [value] = got.as_slice() else { return None };
        // What the caller sends can be changed elsewhere; here only the statement can.
        let follows = condition_advice(key).is_some_and(|row| row.statement_follows);
        if !follows || !LITERAL.contains(&operator.as_str()) || value.contains(['*', '?', '$']) {
            return None;
        }
        let policy = policy_at(layer, statement.policy_index, &self.examined.policies)?;
        let addition = with_value(policy, statement.index, (operator, key), value)?;
        let mut policies = self.examined.policies.clone();
        let document = Arc::new(PolicyDocument::parse(addition.after.as_str()));
        let changed = NamedPolicy { name: policy.name.clone(), document };
        match (layer.layer, &mut policies.identity) {
            (Layer::Identity, Known::Known(list)) => *list.get_mut(statement.policy_index)? = changed,
            (Layer::Resource, _) => policies.resource = Known::Known(Some(changed)),
            _ => return None,
        }
        let text = format!(
            "add {value}, which the request carries, to {key} in statement {} of {}",
            statement.label, statement.policy
        );
        let tried = self.tried(&policies, self.owner_of(layer.layer), text, None);
        Some(Remedy { addition: Some(addition), aim: Aim::MeetCondition, ..tried })
    }
}

/// The policy with one more value in a condition of a statement.
fn with_value(
    policy: &NamedPolicy,
    statement: usize,
    (operator, key): (&str, &str),
    value: &str,
) -> Option<Addition> {
    let before = policy.document.text().to_owned();
    let mut after: Value = serde_json::from_str(&before).ok()?;
    let statements = after.as_object_mut()?.get_mut("Statement")?;
    let found = match statements {
        Value::Array(list) => list.get_mut(statement)?,
        one => one,
    };
    let values = found.get_mut("Condition")?.get_mut(operator)?.get_mut(key)?;
    match values {
        Value::Array(list) => list.push(json!(value)),
        Value::String(one) => *values = json!([one.clone(), value]),
        _ => return None,
    }
    Some(Addition { policy: policy.name.clone(), before, after: serde_json::to_string(&after).ok()? })
}
