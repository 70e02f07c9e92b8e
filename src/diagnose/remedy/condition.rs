//! The condition that a request does not meet, or meets: what to send, or how to write it.

use super::{Proposer, Remedy};
use crate::diagnose::finding::Finding;
use crate::diagnose::policy_at::policy_at;
use crate::evaluate::{Compared, ElementTrace, LayerTrace, StatementTrace};
use crate::knowledge::condition_advice::{ConditionAdvice, condition_advice};
use crate::policy::{Effect, Element};

const CALLER: &str = "whoever makes the request";

impl Proposer<'_> {
    /// An Allow that fails by its conditions only: the first thing to try is to meet them.
    pub(super) fn meet_condition(&self, layer: &LayerTrace) -> Vec<Remedy> {
        let Some(nearest) = layer.near_misses(Effect::Allow).into_iter().next() else { return Vec::new() };
        let failed: Vec<&ElementTrace> = nearest.failed().collect();
        if failed.iter().any(|failed| failed.element != Element::Condition) {
            return Vec::new();
        }
        let wanted: Vec<String> = failed.iter().filter_map(|failed| wanted(failed)).collect();
        let advice: Vec<&ConditionAdvice> = failed.iter().filter_map(|failed| row(failed)).collect();
        let who = advice.first().map_or(CALLER, |row| row.who);
        let mut text = format!(
            "meet the condition of statement {} of {}: {}",
            nearest.label,
            nearest.policy,
            wanted.join(", ")
        );
        for row in advice {
            text.push_str("; ");
            text.push_str(row.advice);
        }
        if let Some(tag) = self.tag_of_caller(layer, nearest) {
            text.push_str("; the wanted value is the caller's tag ");
            text.push_str(tag);
            text.push_str(", a session tag or a tag of the principal");
        }
        let literal = self.takes_literally(layer, nearest, &failed);
        literal.into_iter().chain([Remedy::about_condition(who, text)]).collect()
    }

    /// `StringEquals` knows no wildcards.
    ///
    /// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_String>
    fn takes_literally(
        &self,
        layer: &LayerTrace,
        statement: &StatementTrace,
        failed: &[&ElementTrace],
    ) -> Option<Remedy> {
        let literal = failed.iter().find_map(|failed| match &failed.compared {
            Compared::Condition { operator, wanted, .. }
                if operator.contains("StringEquals") && wanted.iter().any(|value| value.contains('*')) =>
            {
                Some(operator)
            }
            _ => None,
        })?;
        let text = format!(
            "write StringLike in statement {} of {} if a pattern is meant: {literal} takes * literally",
            statement.label, statement.policy
        );
        Some(Remedy::about_condition(self.owner_of(layer.layer), text))
    }

    /// The key of the tag that the statement puts into its condition as a policy variable.
    fn tag_of_caller(&self, layer: &LayerTrace, statement: &StatementTrace) -> Option<&str> {
        let policy = policy_at(layer, statement.policy_index, &self.examined.policies)?;
        let text = policy.document.text().get(statement.span.start..statement.span.end)?;
        let (_, rest) = text.split_once("${aws:PrincipalTag/")?;
        rest.split(['}', ',']).next().map(str::trim)
    }

    /// A Deny that applies by a condition that the caller can see to.
    pub(super) fn avoid_condition(statement: &StatementTrace) -> Option<Remedy> {
        let mut conditions =
            statement.elements.iter().filter(|element| element.element == Element::Condition);
        let row = conditions.find_map(row)?;
        let text =
            format!("to keep clear of statement {} of {}: {}", statement.label, statement.policy, row.advice);
        Some(Remedy::about_condition(row.who, text))
    }

    /// What to do about the one statement that must have decided, although a key of its condition is not known.
    pub(super) fn for_suspect(&self, finding: &Finding) -> Vec<Remedy> {
        let (Some(layer), Some(policy), Some(statement), Some(key)) =
            (finding.layer, &finding.policy, &finding.statement, &finding.key)
        else {
            return Vec::new();
        };
        let mut remedies: Vec<Remedy> = condition_advice(key)
            .map(|row| Remedy::about_condition(row.who, row.advice))
            .into_iter()
            .collect();
        let text = if finding.code.as_str().ends_with("explicit-deny") {
            format!(
                "ask the owner of {policy} whether this request should be exempt from statement {statement}, a Deny \
                 that somebody wrote on purpose"
            )
        } else {
            let operator = finding.operator.as_deref().unwrap_or_default();
            let wanted = finding.wanted.join(" or ");
            format!("meet the condition of statement {statement} of {policy}: {key} ({operator} {wanted})")
        };
        remedies.push(Remedy::advice(self.owner_of(layer), text));
        remedies
    }
}

fn row(element: &ElementTrace) -> Option<&'static ConditionAdvice> {
    match &element.compared {
        Compared::Condition { key, .. } => condition_advice(key),
        Compared::Patterns { .. } => None,
    }
}

fn wanted(element: &ElementTrace) -> Option<String> {
    match &element.compared {
        Compared::Condition { operator, key, wanted, .. } => {
            Some(format!("{key} ({operator} {})", wanted.join(" or ")))
        }
        Compared::Patterns { .. } => None,
    }
}
