//! The statement that would explain a denial, if what the evidence does not show is as it would have to be.

use super::Examined;
use super::codes::FindingCode;
use super::finding::{Finding, condition_text, describe, excerpt, place, with_element};
use super::testimony::Testimony;
use crate::evaluate::{
    Decision, ElementTrace, Hinge, Layer, LayerEffect, LayerTrace, StatementTrace, Verdict,
};
use crate::policy::{Effect, Element};

/// A statement that may apply, in a layer that is undetermined for that reason.
struct Suspect<'e> {
    layer: &'e LayerTrace,
    statement: &'e StatementTrace,
    /// The condition that cannot be told.
    condition: &'e ElementTrace,
}

/// Puts the one statement that AWS's message can mean into the finding that the message makes.
pub(super) fn name_statement(finding: Finding, testimony: &Testimony, examined: &Examined) -> Finding {
    let Some(found) = suspect(testimony, examined) else { return finding };
    let verb = match testimony.is_explicit() {
        Some(true) => "denies",
        _ => "allows only",
    };
    let text = format!(
        "{}; statement {} of {}{} {verb} where {}",
        finding.text.split("; ").next().unwrap_or_default(),
        found.statement.label,
        describe(found.layer.layer, &found.statement.policy),
        place(found.layer),
        condition_text(found.condition),
    );
    let mut named = with_element(finding.code, found.layer, Some(found.condition), text);
    named.policy = Some(found.statement.policy.clone());
    named.statement = Some(found.statement.label.clone());
    named.excerpt = excerpt(
        found.layer,
        found.statement,
        Some(found.condition),
        &examined.policies,
        "may decide this request",
    );
    named
}

/// A Deny that applies, in a guardrail of which it is not known whether it binds this caller.
pub(super) fn doubtful_guardrail(examined: &Examined) -> Option<Finding> {
    let layers = examined.evaluation.layers.iter();
    let mut denying = layers
        .filter(|layer| layer.effect == LayerEffect::Unknown)
        .filter_map(|layer| Some((layer, layer.applying(Effect::Deny).next()?)));
    let (Some((layer, statement)), None) = (denying.next(), denying.next()) else { return None };
    let hinges: Vec<String> = layer.hinges.iter().map(ToString::to_string).collect();
    let condition = statement.elements.iter().find(|element| element.element == Element::Condition);
    let because = condition.map_or(String::new(), |condition| format!(": {}", condition_text(condition)));
    let text = format!(
        "statement {} of {}{} denies this request if it binds the caller, which hangs on {}{because}",
        statement.label,
        describe(layer.layer, &statement.policy),
        place(layer),
        hinges.join(", "),
    );
    let mut finding = with_element(FindingCode::explicit_deny(layer.layer), layer, condition, text);
    finding.policy = Some(statement.policy.clone());
    finding.statement = Some(statement.label.clone());
    finding.excerpt = excerpt(layer, statement, condition, &examined.policies, "may deny this request");
    Some(finding)
}

/// The one statement that must have decided, where everything else is known to allow the request.
pub(super) fn by_elimination(examined: &Examined) -> Option<Finding> {
    let Verdict::Undetermined { possible, .. } = &examined.evaluation.verdict else { return None };
    if !possible.contains(&Decision::Allowed) {
        return None;
    }
    let layers = examined.evaluation.layers.iter();
    let mut unknown =
        layers.filter(|layer| layer.effect == LayerEffect::Unknown && !is_about_sent_acl(layer));
    let (Some(layer), None) = (unknown.next(), unknown.next()) else { return None };
    let mut suspects = layer.statements.iter().filter(|statement| statement.applies.is_unknown());
    let (Some(statement), None) = (suspects.next(), suspects.next()) else { return None };
    let condition = statement
        .failed()
        .find(|failed| failed.element == Element::Condition && failed.matched.is_unknown())?;
    let (code, verb) = match statement.effect? {
        Effect::Deny => (FindingCode::explicit_deny(layer.layer), "denies"),
        Effect::Allow => (FindingCode::no_allow(layer.layer), "allows only"),
    };
    let text = format!(
        "everything else allows the request; statement {} of {}{} {verb} where {}",
        statement.label,
        describe(layer.layer, &statement.policy),
        place(layer),
        condition_text(condition),
    );
    let mut finding = with_element(code, layer, Some(condition), text);
    finding.policy = Some(statement.policy.clone());
    finding.statement = Some(statement.label.clone());
    finding.excerpt =
        excerpt(layer, statement, Some(condition), &examined.policies, "may decide this request");
    Some(finding)
}

/// Whether a layer hangs on nothing but the ACL that a request may have sent: S3 refuses that in words of its own.
///
/// Sources: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html>,
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html>
fn is_about_sent_acl(layer: &LayerTrace) -> bool {
    let is_header =
        |hinge: &Hinge| matches!(hinge, Hinge::ContextKey { key, .. } if key.starts_with("s3:x-amz-"));
    matches!(layer.layer, Layer::S3Ownership | Layer::S3BlockPublicAccess)
        && !layer.hinges.is_empty()
        && layer.hinges.iter().all(is_header)
}

/// The only statement that can be meant. With several, none is accused.
fn suspect<'e>(testimony: &Testimony, examined: &'e Examined) -> Option<Suspect<'e>> {
    let layer = testimony.layer()?;
    let effect = if testimony.is_explicit()? { Effect::Deny } else { Effect::Allow };
    let named = testimony.message.policy_arn.as_deref();
    let layers = examined.evaluation.layers.iter();
    let mut suspects = layers
        .filter(|trace| trace.layer == layer && trace.effect == LayerEffect::Unknown)
        .flat_map(|trace| trace.statements.iter().map(move |statement| (trace, statement)))
        .filter(|(_, statement)| statement.effect == Some(effect) && statement.applies.is_unknown())
        .filter(|(_, statement)| named.is_none_or(|arn| statement.policy == arn))
        .filter_map(|(layer, statement)| {
            let condition = statement
                .failed()
                .find(|failed| failed.element == Element::Condition && failed.matched.is_unknown())?;
            Some(Suspect { layer, statement, condition })
        });
    let only = suspects.next()?;
    suspects.next().is_none().then_some(only)
}
