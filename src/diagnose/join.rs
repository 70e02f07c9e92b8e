//! Which denied calls are one: a hidden call, and the call that made a service make it.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde_json::Value;

use super::CallRef;
use super::incident::Incident;
use crate::evidence::Evidence;
use crate::knowledge::actions::iam_actions;
use crate::knowledge::kms::{service_before, stands_before};
use crate::request::{ContextValue, Provenance};
use crate::trail::Event;
use crate::trail::message::MessageKind;

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
    /// The event of the call above says that KMS refused, and that of KMS shows no parameters.
    Kms,
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
            Self::Kms => {
                "both calls were denied to the same caller in the same moment, and the event of the call above says that \
                 AWS KMS refused"
            }
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
        let is_hidden = incident.surface_basis.is_some();
        let of_hidden = || incident.surface.resource.take().filter(|_| is_hidden);
        let resource = above.surface.resource.clone().or_else(of_hidden);
        see_service_above(incident, above.event());
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
    incident.surface_basis.is_some()
        || incident.surface.action == "iam:CreateServiceLinkedRole"
        || is_kms_call_of_service(incident)
}

/// A call to KMS that a service made, of which the event shows nothing that names the call above.
fn is_kms_call_of_service(incident: &Incident<'_>) -> bool {
    incident.surface_basis.is_none()
        && incident.event().is_some_and(|event| event.event_source == "kms.amazonaws.com")
        && incident.denial().is_some_and(|denial| denial.via_service.is_some())
}

/// The service between the caller and KMS is that of the call above.
fn see_service_above(incident: &mut Incident<'_>, above: Option<&Event>) {
    if !is_kms_call_of_service(incident) {
        return;
    }
    let Some(service) = above.and_then(|event| service_before(event.event_source.split('.').next()?)) else {
        return;
    };
    let region = incident.event().and_then(|event| event.aws_region.clone()).unwrap_or_default();
    for attempt in &mut incident.attempts {
        let value = ContextValue::Known(format!("{service}.{region}.amazonaws.com").into());
        let provenance = Provenance::Event("eventSource of the call above".to_owned());
        attempt.request.context.set_default("kms:ViaService", value, provenance);
    }
}

/// Calls that were made with success and made a service call KMS, which refused: EC2 starts an instance and only then
/// makes the grant for its volumes.
///
/// Source: <https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html>
pub(super) fn behind_success<'a>(evidence: &'a Evidence, incidents: &mut [Incident<'a>]) {
    if !incidents.iter().any(is_kms_call_of_service) {
        return;
    }
    let mut by_caller: BTreeMap<&'a str, Vec<&'a Event>> = BTreeMap::new();
    let succeeded = |event: &&Event| event.error_code.is_none() && event.event_source != "kms.amazonaws.com";
    for event in evidence.events.iter().filter(succeeded) {
        if let Some(key) = event.user_identity.access_key_id.as_deref().or(event.user_identity.arn.as_deref())
        {
            by_caller.entry(key).or_default().push(event);
        }
    }
    for incident in incidents.iter_mut().filter(|incident| is_kms_call_of_service(incident)) {
        let Some((call, event)) = succeeded_above(incident, &by_caller) else { continue };
        see_service_above(incident, Some(event));
        incident.surface = call;
        incident.surface_basis = Some(
            "the same caller made this call with success moments before, and it makes its service call AWS KMS".to_owned(),
        );
    }
}

/// The one call of the caller, moments before, that needs the KMS action; none of several.
fn succeeded_above<'a>(
    incident: &Incident<'_>,
    by_caller: &BTreeMap<&str, Vec<&'a Event>>,
) -> Option<(CallRef, &'a Event)> {
    let denied = incident.event()?;
    let identity = &denied.user_identity;
    let key = identity.access_key_id.as_deref().or(identity.arn.as_deref())?;
    let action = incident.attempts.first()?.request.action.as_str();
    let via = denied_via(incident);
    let mut found = by_caller.get(key)?.iter().filter_map(|event| {
        let before = denied.event_time?.duration_since(event.event_time?);
        let is_before = !before.is_negative() && before <= JOIN_WINDOW;
        let service = event.event_source.split('.').next()?;
        // Of a service that does not call KMS itself, such as Auto Scaling, the call went through another.
        let is_named = via.is_none_or(|via| via == service || service_before(via).is_none());
        let mapped = iam_actions(&event.event_source, &event.event_name, event.request_parameters.as_ref());
        let call = mapped.actions.first()?.action.clone();
        (is_before && is_named && event.aws_region == denied.aws_region && stands_before(&call, action))
            .then_some((CallRef { action: call, resource: None }, *event))
    });
    let first = found.next()?;
    found.all(|(call, _)| call == first.0).then_some(first)
}

/// The service that the event of the hidden call names, as event sources name it.
fn denied_via<'i>(incident: &'i Incident<'_>) -> Option<&'i str> {
    let host = incident.denial()?.via_service.as_ref()?.service.as_deref()?;
    Some(match host.split('.').next()? {
        "ec2-frontend-api" => "ec2",
        name => name,
    })
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
    if is_kms_call_of_service(hidden) {
        return says_kms_refused(above, hidden).then_some(Link::Kms);
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

/// Whether the message of the call above names the hidden call's action, or says that the service may not use a key.
fn says_kms_refused(above: &Incident<'_>, hidden: &Incident<'_>) -> bool {
    let (Some(denial), Some(event)) = (above.denial(), above.event()) else { return false };
    let service = event.event_source.split('.').next().unwrap_or_default();
    let action = hidden.attempts.first().map(|attempt| &attempt.request.action);
    let is_named = denial.action_in_message.as_ref().is_some_and(|named| Some(named) == action);
    let kind = denial.message.as_ref().map(|message| message.kind);
    let may_not_use = matches!(
        kind,
        Some(MessageKind::KmsNotAllowed | MessageKind::KmsCiphertext | MessageKind::KmsThreeHypotheses)
    );
    event.event_source != "kms.amazonaws.com"
        && denied_via(hidden).is_none_or(|via| via == service)
        && (is_named || may_not_use)
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
