//! What a layer of an evaluation has to say: the statement that denies, or the one that nearly allows.

use std::sync::Arc;

use super::words::{condition_text, describe, near_miss_text, place, through_endpoint};
use super::{Excerpt, Finding, with_advice};
use crate::diagnose::codes::FindingCode;
use crate::diagnose::nearest::nearest_allow;
use crate::diagnose::policy_at::policy_at;
use crate::diagnose::{Examined, account_kind, grant};
use crate::evaluate::{
    Compared, ElementTrace, Got, Known, Layer, LayerEffect, LayerTrace, ObjectOwner, PolicySet,
    StatementTrace,
};
use crate::policy::{Effect, Element};

pub(super) fn of_layer(layer: &LayerTrace, examined: &Examined) -> Vec<Finding> {
    if layer.effect == LayerEffect::ExplicitDeny {
        return layer
            .applying(Effect::Deny)
            .map(|statement| explicit_deny(layer, statement, examined))
            .collect();
    }
    if layer.layer == Layer::AccountKind {
        return vec![account_kind::finding(examined)];
    }
    vec![no_allow(layer, examined)]
}

/// The element that a person should look at first in a statement that applies: a condition, else the narrowest of
/// resource, action and principal that is not simply `*`.
fn decisive(statement: &StatementTrace) -> Option<&ElementTrace> {
    let is_star = |element: &ElementTrace| match &element.compared {
        Compared::Patterns { wanted, .. } => wanted.iter().any(|pattern| pattern == "*"),
        Compared::Condition { .. } => false,
    };
    let condition = statement.elements.iter().find(|element| element.element == Element::Condition);
    let negated = |element: &&ElementTrace| {
        matches!(element.element, Element::NotAction | Element::NotResource | Element::NotPrincipal)
    };
    condition
        .or_else(|| statement.elements.iter().find(negated))
        .or_else(|| {
            statement.elements.iter().find(|element| element.element == Element::Action && !is_star(element))
        })
        .or_else(|| statement.elements.iter().find(|element| !is_star(element)))
        .or_else(|| statement.elements.first())
}

fn explicit_deny(layer: &LayerTrace, statement: &StatementTrace, examined: &Examined) -> Finding {
    let element = decisive(statement);
    let place = place(layer);
    let because = element
        .filter(|element| element.element == Element::Condition)
        .map(|element| format!("{}{}", condition_text(element), through_endpoint(element, examined)));
    let mut reason = because.map_or_else(String::new, |because| format!(": {because}"));
    if let Some(special) = with_advice(&statement.policy) {
        reason = format!("; {}", special.text);
    }
    let text = format!(
        "explicit deny: statement {} of {}{place}{reason}",
        statement.label,
        describe(layer.layer, &statement.policy)
    );
    let mut finding = with_element(FindingCode::explicit_deny(layer.layer), layer, element, text);
    finding.policy = Some(statement.policy.clone());
    finding.statement = Some(statement.label.clone());
    finding.excerpt = excerpt(layer, statement, element, &examined.policies, "denies this request");
    finding
}

fn no_allow(layer: &LayerTrace, examined: &Examined) -> Finding {
    let code = FindingCode::no_allow(layer.layer);
    let action = &examined.request.action;
    if let Some(note) = &layer.note {
        return Finding::plain(code, Some(layer.layer), note.clone());
    }
    let place = place(layer);
    let base = match layer.layer {
        Layer::Resource => {
            let name = resource_policy_name(&examined.policies).unwrap_or_else(|| "the resource".to_owned());
            format!("{name} does not allow {action}")
        }
        Layer::RoleTrust => format!("the trust policy does not let this caller use {action}"),
        Layer::S3BlockPublicAccess => "S3 Block Public Access refuses the request".to_owned(),
        Layer::S3Ownership => match &examined.policies.s3.object_owner {
            ObjectOwner::Account(owner) => format!(
                "not a policy: account {owner} owns the object, so the policies of the bucket's account do not open it"
            ),
            _ => "not a policy: another account owns the object".to_owned(),
        },
        Layer::Boundary => match &examined.policies.boundary {
            Known::Known(Some(policy)) => {
                format!("{} does not allow {action}", describe(layer.layer, &policy.name))
            }
            _ => format!("no {} allows {action}", layer.layer.title()),
        },
        _ => format!("no {} allows {action}{place}", layer.layer.title()),
    };
    // A trust policy names the caller, and lets it do something else.
    let other_action = (layer.layer == Layer::RoleTrust).then(|| names_caller(layer)).flatten();
    let grant = (layer.layer == Layer::Resource).then(|| grant::near_miss(examined)).flatten();
    if let Some(grant) = grant {
        return grant.finding(code, layer.layer, &base);
    }
    let Some(nearest) = nearest_allow(layer).or(other_action) else {
        let mut finding = Finding::plain(code, Some(layer.layer), base);
        finding.target.clone_from(&layer.target);
        return finding;
    };
    let failed = nearest.failed().max_by_key(|failed| u8::from(failed.element != Element::Condition));
    let miss = failed.map_or_else(String::new, |failed| format!("; {}", near_miss_text(nearest, failed)));
    let mut finding = with_element(code, layer, failed, format!("{base}{miss}"));
    finding.policy = Some(nearest.policy.clone());
    finding.statement = Some(nearest.label.clone());
    finding.excerpt = excerpt(layer, nearest, failed, &examined.policies, "does not match this request");
    finding
}

pub(in crate::diagnose) fn with_element(
    code: FindingCode,
    layer: &LayerTrace,
    element: Option<&ElementTrace>,
    text: String,
) -> Finding {
    let mut finding = Finding::plain(code, Some(layer.layer), text);
    finding.target.clone_from(&layer.target);
    let Some(element) = element else { return finding };
    finding.element = Some(element.element);
    match &element.compared {
        Compared::Patterns { got, wanted } => {
            finding.wanted.clone_from(wanted);
            finding.got = Some(Got::Values(vec![got.clone()]));
        }
        Compared::Condition { operator, key, wanted, got } => {
            finding.operator = Some(operator.clone());
            finding.key = Some(key.clone());
            finding.wanted.clone_from(wanted);
            finding.got = Some(got.clone());
        }
    }
    finding
}

/// The only Allow that fails by its action and nothing else.
fn names_caller(layer: &LayerTrace) -> Option<&StatementTrace> {
    let only_action = |statement: &&StatementTrace| {
        statement.effect == Some(Effect::Allow)
            && statement.failed().all(|failed| failed.element == Element::Action && failed.matched.is_false())
            && statement.failed().next().is_some()
    };
    layer.statements.iter().find(only_action)
}

pub(in crate::diagnose) fn excerpt(
    layer: &LayerTrace,
    statement: &StatementTrace,
    element: Option<&ElementTrace>,
    policies: &PolicySet,
    label: &str,
) -> Option<Excerpt> {
    let policy = policy_at(layer, statement.policy_index, policies)?;
    Some(Excerpt {
        policy: policy.name.clone(),
        document: Arc::clone(&policy.document),
        statement: statement.span,
        element: element.map_or(statement.span, |element| element.span),
        label: label.to_owned(),
    })
}

/// The name of the resource-based policy, if there is one.
pub(super) fn resource_policy_name(policies: &PolicySet) -> Option<String> {
    match &policies.resource {
        Known::Known(Some(policy)) => Some(policy.name.clone()),
        _ => None,
    }
}
