//! Which denied calls are one: a hidden call, and the call that made a service make it.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde_json::Value;

use super::CallRef;
use super::incident::Incident;

/// A call and the call that a service made for it are this close together.
const JOIN_WINDOW: SignedDuration = SignedDuration::from_secs(5);

/// Request parameters are looked through to this depth.
const MAX_DEPTH: usize = 8;

/// How two events are known to be one denial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Link {
    /// The hidden call names the resource that the call above was made on.
    Resource,
    /// The event of the call above shows no parameters; nothing but the moment and the kind of call ties the two.
    Moment,
    /// Both events carry the same message: the refusal of the hidden call.
    Message,
}

impl Link {
    /// The reason, for people.
    fn basis(self) -> &'static str {
        match self {
            Self::Resource => "both events were denied to the same caller in the same moment",
            Self::Moment => {
                "both calls were denied to the same caller in the same moment, and the call above shows no parameters"
            }
            Self::Message => "the event of the call above carries the refusal of the hidden call",
        }
    }
}

/// Joins each hidden call with the denial of the call above it, where that has an event of its own.
pub(super) fn joined(incidents: Vec<Incident<'_>>) -> Vec<Incident<'_>> {
    let (mut hidden, visible): (Vec<_>, Vec<_>) = incidents.into_iter().partition(may_be_hidden);
    let mut by_caller: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (position, candidate) in visible.iter().enumerate() {
        by_caller.entry(candidate.principal_text()).or_default().push(position);
    }
    let mut visible: Vec<Option<Incident<'_>>> = visible.into_iter().map(Some).collect();
    for incident in &mut hidden {
        let candidates = by_caller.get(&incident.principal_text()).map_or(&[][..], Vec::as_slice);
        let found = candidates.iter().find_map(|position| {
            let candidate = visible.get(*position)?.as_ref()?;
            Some((*position, link(candidate, incident)?))
        });
        let Some((position, link)) = found else { continue };
        let Some(above) = visible.get_mut(position).and_then(Option::take) else { continue };
        let resource = above.surface.resource.or_else(|| incident.surface.resource.take());
        incident.surface = CallRef { action: above.surface.action, resource };
        incident.copies.extend(above.copies);
        incident.above.extend(above.denials.into_iter().map(|(event, _)| event));
        incident.surface_basis = Some(link.basis().to_owned());
    }
    hidden.extend(visible.into_iter().flatten());
    hidden
}

/// A KMS call of a service, or a call to IAM that another service makes for its caller.
fn may_be_hidden(incident: &Incident<'_>) -> bool {
    incident.surface_basis.is_some() || incident.surface.action == "iam:CreateServiceLinkedRole"
}

/// The same caller, within seconds, and something that ties the two together.
fn link(above: &Incident<'_>, hidden: &Incident<'_>) -> Option<Link> {
    let (upper, lower) = (above.event()?, hidden.event()?);
    let apart = upper.event_time?.duration_since(lower.event_time?).abs();
    if apart > JOIN_WINDOW {
        return None;
    }
    if is_carried(upper.error_message.as_deref(), lower.error_message.as_deref())
        && upper.event_source != lower.event_source
    {
        return Some(Link::Message);
    }
    let service = |call: &CallRef| call.action.split(':').next().map(str::to_owned);
    if hidden.surface_basis.is_none() || service(&above.surface) != service(&hidden.surface) {
        return None;
    }
    let resource = hidden.surface.resource.as_deref()?;
    let is_same = match above.surface.resource.as_deref() {
        // With an S3 Bucket Key the encryption context names the bucket, the call an object in it.
        Some(surface) => surface == resource || surface.starts_with(&format!("{resource}/")),
        None => match &upper.request_parameters {
            Some(parameters) => names(parameters, resource, MAX_DEPTH),
            // Nothing of the request is shown; the call is one that makes its service make the hidden one.
            None => above.surface.action == hidden.surface.action,
        },
    };
    let link = if upper.request_parameters.is_some() { Link::Resource } else { Link::Moment };
    is_same.then_some(link)
}

/// Whether the message of the call above is that of the hidden one, or ends with it: DynamoDB puts words of its own
/// before it.
fn is_carried(above: Option<&str>, hidden: Option<&str>) -> bool {
    let (Some(above), Some(hidden)) = (above, hidden) else { return false };
    above.strip_suffix(hidden).is_some_and(|before| before.is_empty() || before.ends_with(": "))
}

/// Whether a request parameter names the resource: by its ARN or by its name. A secret's ARN has six characters more.
///
/// Source: <https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html>
fn names(value: &Value, arn: &str, depth: usize) -> bool {
    match value {
        Value::String(text) => is_name_of(text, arn),
        Value::Array(items) if depth > 0 => items.iter().any(|item| names(item, arn, depth - 1)),
        Value::Object(fields) if depth > 0 => fields.values().any(|field| names(field, arn, depth - 1)),
        _ => false,
    }
}

fn is_name_of(text: &str, arn: &str) -> bool {
    let part = arn.splitn(6, ':').nth(5).unwrap_or(arn);
    let name = part.split_once([':', '/']).map_or(part, |(_, name)| name);
    let plain = text.trim_start_matches('/');
    let with_suffix = name.strip_prefix(plain).and_then(|rest| rest.strip_prefix('-'));
    !plain.is_empty()
        && (text == arn || plain == name || plain == part || with_suffix.is_some_and(|rest| rest.len() == 6))
}

#[cfg(test)]
mod tests {
    use super::is_name_of;

    #[test]
    fn a_parameter_names_a_resource_by_arn_or_by_name() {
        let secret = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:prod/db-AbCdEf";
        assert!(is_name_of("prod/db", secret));
        assert!(is_name_of(secret, secret));
        assert!(!is_name_of("prod", secret));
        assert!(!is_name_of("prod/d", secret));
        let parameter = "arn:aws:ssm:eu-west-1:111122223333:parameter/app/db";
        assert!(is_name_of("/app/db", parameter));
        assert!(!is_name_of("/app", parameter));
        assert!(!is_name_of("", parameter));
    }
}
