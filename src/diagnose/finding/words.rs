//! The words of findings: policies, conditions and what the request carried, for people.

use crate::diagnose::Examined;
use crate::evaluate::{Compared, ElementTrace, Got, Layer, LayerTrace, StatementTrace};
use crate::policy::{ConditionOperator, Element};
use crate::request::KeyState;

pub(in crate::diagnose) fn place(layer: &LayerTrace) -> String {
    layer.target.as_ref().map_or_else(String::new, |target| format!(" at {target}"))
}

pub(in crate::diagnose) fn describe(layer: Layer, policy: &str) -> String {
    match layer {
        // Names of resource-based policies say what they are.
        Layer::Resource | Layer::RoleTrust => policy.to_owned(),
        _ if policy.starts_with("arn:") => format!("{} {}", layer.title(), short_policy(policy)),
        _ => policy.to_owned(),
    }
}

/// The last part of a policy's ARN.
fn short_policy(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

pub(in crate::diagnose) fn list(values: &[String]) -> String {
    let values: Vec<String> = values.iter().map(|value| without_variable(value)).collect();
    match values.as_slice() {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [first, second] => format!("{first} or {second}"),
        [first, rest @ ..] => format!("{first} or one of {} others", rest.len()),
    }
}

/// A policy variable that had no value in the request stands in a value as it was written; people read what it means.
fn without_variable(value: &str) -> String {
    let tag = value.strip_prefix("${aws:PrincipalTag/").and_then(|rest| rest.strip_suffix('}'));
    tag.map_or_else(|| value.to_owned(), |tag| format!("the caller's tag {tag}"))
}

/// What the request carried, in words.
pub(in crate::diagnose) fn got_text(got: &Got) -> String {
    match got {
        Got::Values(values) if values.is_empty() => "no value".to_owned(),
        Got::Values(values) => values.join(", "),
        Got::Absent => "nothing (the key is absent from the request)".to_owned(),
        Got::Unknown(why) => format!("something that is not known ({why})"),
    }
}

pub(in crate::diagnose) fn condition_text(element: &ElementTrace) -> String {
    match &element.compared {
        Compared::Condition { operator, key, wanted, got } => {
            format!("{operator} {key} {}, the request carried {}", list(wanted), got_text(got))
        }
        Compared::Patterns { .. } => String::new(),
    }
}

/// Why a request has no source address.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourceip>
pub(super) fn through_endpoint(element: &ElementTrace, examined: &Examined) -> String {
    let Compared::Condition { key, got: Got::Absent, .. } = &element.compared else { return String::new() };
    match examined.request.context.get("aws:sourcevpce") {
        KeyState::Known(endpoint) if key.eq_ignore_ascii_case("aws:SourceIp") => {
            format!(": it came through VPC endpoint {}", endpoint.as_slice().join(", "))
        }
        _ => String::new(),
    }
}

pub(super) fn near_miss_text(statement: &StatementTrace, failed: &ElementTrace) -> String {
    let what = miss_text(failed);
    format!("nearest is statement {} of {}: {what}", statement.label, short_policy(&statement.policy))
}

/// Why an element does not match, in words.
pub(in crate::diagnose) fn miss_text(failed: &ElementTrace) -> String {
    match &failed.compared {
        Compared::Condition { operator, key, wanted, got } => match ConditionOperator::parse(operator) {
            // "Wants X" reads like a match where an operator is true for everything but X.
            Some(known) if known.base.is_negated() => {
                format!(
                    "{operator} wants {key} other than {}, the request carried {}",
                    list(wanted),
                    got_text(got)
                )
            }
            _ => condition_text(failed).replacen(' ', " wants ", 1),
        },
        Compared::Patterns { wanted, got } => match failed.element {
            Element::Resource | Element::NotResource => {
                format!("its {} is {}, not {got}", failed.element, list(wanted))
            }
            Element::Principal | Element::NotPrincipal => {
                format!("its {} is {}", failed.element, list(wanted))
            }
            _ => format!("its {} does not cover {got}", failed.element),
        },
    }
}
