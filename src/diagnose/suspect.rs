//! The statement that would explain a denial, if what the evidence does not show is as it would have to be.

use super::Examined;
use super::finding::{Finding, condition_text, describe, excerpt, place, with_element};
use super::testimony::Testimony;
use crate::evaluate::{ElementTrace, LayerEffect, LayerTrace, StatementTrace};
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
