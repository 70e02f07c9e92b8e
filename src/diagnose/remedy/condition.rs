//! The condition that a request does not meet, or meets: what to send, or how to write it.

use super::{Proposer, Remedy};
use crate::diagnose::finding::Finding;
use crate::diagnose::nearest::nearest_allow;
use crate::diagnose::policy_at::policy_at;
use crate::evaluate::{Compared, ElementTrace, Got, LayerTrace, StatementTrace};
use crate::knowledge::condition_advice::{ConditionAdvice, condition_advice};
use crate::policy::Element;
use crate::request::KeyState;

const CALLER: &str = "whoever makes the request";

impl Proposer<'_> {
    /// An Allow that fails by its conditions only: the first thing to try is to meet them.
    pub(super) fn meet_condition(&self, layer: &LayerTrace) -> Vec<Remedy> {
        let Some(nearest) = nearest_allow(layer) else { return Vec::new() };
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
            let key = format!("aws:principaltag/{}", tag.to_ascii_lowercase());
            let is_absent = matches!(self.examined.request.context.get(&key), KeyState::Absent);
            text.push_str(if is_absent { ", which the caller does not have:" } else { "," });
            text.push_str(" a session tag or a tag of the principal");
        }
        let literal = self.takes_literally(layer, nearest, &failed);
        let named = self.name_what_is_sent(layer, nearest, &failed);
        named.into_iter().chain(literal).chain([Remedy::about_condition(who, text)]).collect()
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
        let (row, advice) = conditions.find_map(|condition| {
            let Compared::Condition { operator, key, wanted, got } = &condition.compared else { return None };
            let row = condition_advice(key)?;
            let is_absent = matches!(got, Got::Absent);
            Some((row, against_deny(row, operator, wanted, is_absent)?))
        })?;
        let text =
            format!("to keep clear of statement {} of {}: {advice}", statement.label, statement.policy);
        Some(Remedy::about_condition(row.who, text))
    }

    /// What to do about the one statement that must have decided, although a key of its condition is not known.
    pub(super) fn for_suspect(&self, finding: &Finding) -> Vec<Remedy> {
        let (Some(layer), Some(policy), Some(statement), Some(key)) =
            (finding.layer, &finding.policy, &finding.statement, &finding.key)
        else {
            return Vec::new();
        };
        let is_deny = finding.code.as_str().ends_with("explicit-deny");
        let operator = finding.operator.as_deref().unwrap_or_default();
        let advice = condition_advice(key).and_then(|row| {
            let advice =
                if is_deny { against_deny(row, operator, &finding.wanted, false)? } else { row.advice };
            Some(Remedy::about_condition(row.who, advice))
        });
        let mut remedies: Vec<Remedy> = advice.into_iter().collect();
        let text = if is_deny {
            format!(
                "ask the owner of {policy} whether this request should be exempt from statement {statement}, a Deny \
                 that somebody wrote on purpose"
            )
        } else {
            let wanted = finding.wanted.join(" or ");
            format!("meet the condition of statement {statement} of {policy}: {key} ({operator} {wanted})")
        };
        remedies.push(Remedy::advice(self.owner_of(layer), text));
        remedies
    }
}

/// What to do about a Deny: meet its condition, if it spares whoever does; else stay away from what it names.
fn against_deny(
    row: &'static ConditionAdvice,
    operator: &str,
    wanted: &[String],
    is_absent: bool,
) -> Option<&'static str> {
    let is_null = operator.eq_ignore_ascii_case("Null");
    let wants_null = wanted.iter().any(|value| value.eq_ignore_ascii_case("true"));
    // An operator that ends with `IfExists` is met by a key that is not there as well.
    let spares = (is_null && wants_null) || operator.contains("Not") || is_absent;
    let advice = if spares && !row.advice.is_empty() { row.advice } else { row.where_named };
    (!advice.is_empty()).then_some(advice)
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
