//! What else the events around a denial show: calls that no policy can deny, and keys used from new places.

use std::net::IpAddr;

use jiff::SignedDuration;

use super::Context;
use super::codes::FindingCode;
use super::finding::Finding;
use super::incident::Incident;
use crate::evaluate::{Decision, LayerEffect, Verdict};
use crate::evidence::Evidence;
use crate::knowledge::permissionless::permissionless;
use crate::policy::Effect;
use crate::trail::Event;
use crate::trail::identity::{AccessKeyKind, Caller, ViaService};
use crate::trail::request::requests_of;

/// How long before a denial a call of the same key counts as its prelude.
const PRELUDE: SignedDuration = SignedDuration::from_mins(15);

/// Observations for an incident. They explain nothing by themselves and never accuse anybody.
pub(super) fn observations(context: &Context<'_>, incident: &Incident<'_>, world: &Evidence) -> Vec<Finding> {
    let Some(event) = incident.event() else { return Vec::new() };
    let mut findings = Vec::new();
    if let Some(finding) = permissionless_prelude(context, incident, event, world) {
        findings.push(finding);
    }
    findings.extend(unfamiliar_source(context, event));
    findings
}

/// The same key made a call that needs no permission shortly before, and a statement tries to deny that call.
fn permissionless_prelude(
    context: &Context<'_>,
    incident: &Incident<'_>,
    event: &Event,
    world: &Evidence,
) -> Option<Finding> {
    let key = event.user_identity.access_key_id.as_deref()?;
    let at = event.event_time?;
    let call = context.by_key.get(key)?.iter().rev().find(|earlier| {
        let close = earlier.event_time.is_some_and(|time| time <= at && at.duration_since(time) <= PRELUDE);
        let action =
            format!("{}:{}", earlier.event_source.split('.').next().unwrap_or_default(), earlier.event_name);
        close && earlier.error_code.is_none() && permissionless(&action).is_some()
    })?;
    let principal = Caller::of(call, None).principal?;
    let service = call.event_source.split('.').next().unwrap_or_default();
    let action = crate::request::Action::parse(&format!("{service}:{}", call.event_name)).ok()?;
    let mut request = requests_of(call, &principal).into_iter().next().unwrap_or(crate::request::Request {
        principal,
        action: action.clone(),
        resource: crate::request::Resource::none(),
        context: crate::request::RequestContext::open(),
    });
    request.action = action.clone();
    let examined = context.examine_request(incident, request, world);
    if examined.evaluation.verdict != Verdict::Determined(Decision::Allowed) {
        return None;
    }
    // Without a statement that tries to deny it, the call is worth no line.
    let without_effect = examined.evaluation.layers.iter().find(|layer| {
        layer.effect == LayerEffect::NoImpact && layer.applying(Effect::Deny).next().is_some()
    })?;
    let statement = without_effect.applying(Effect::Deny).next()?;
    let time = call.event_time.map(|time| time.to_string()).unwrap_or_default();
    let from = call.source_ip_address.as_deref().unwrap_or("an unknown address");
    let text = format!(
        "{action} by the same key succeeded at {time} from {from}: it needs no permission, \
         so the Deny in statement {} of {} has no effect",
        statement.label, statement.policy
    );
    let mut finding = Finding::plain(FindingCode::PermissionlessCall, Some(without_effect.layer), text);
    finding.policy = Some(statement.policy.clone());
    finding.statement = Some(statement.label.clone());
    Some(finding)
}

/// A long-term key that is used from an address from which it was not used before.
fn unfamiliar_source(context: &Context<'_>, event: &Event) -> Option<Finding> {
    let caller = Caller::of(event, None);
    let key = caller.proven.access_key.filter(|key| key.kind == AccessKeyKind::LongTerm)?;
    let address = |event: &Event| {
        let direct = ViaService::of(event).is_none();
        event.source_ip_address.clone().filter(|text| direct && text.parse::<IpAddr>().is_ok())
    };
    let here = address(event)?;
    let at = event.event_time?;
    let of_key = || context.by_key.get(key.id.as_str()).into_iter().flatten().copied();
    let first_here = of_key()
        .filter(|other| address(other).as_deref() == Some(here.as_str()))
        .filter_map(|other| other.event_time)
        .min()?;
    let familiar: std::collections::BTreeSet<String> = of_key()
        .filter(|other| other.event_time.is_some_and(|time| time < first_here))
        .filter_map(address)
        .filter(|other| *other != here)
        .collect();
    // One call says nothing about where somebody usually is.
    let earlier = of_key().filter(|other| other.event_time.is_some_and(|time| time < first_here)).count();
    let fresh = earlier >= 2 && at.duration_since(first_here) <= SignedDuration::from_hours(24);
    if familiar.is_empty() || !fresh {
        return None;
    }
    let before: Vec<String> = familiar.into_iter().collect();
    let text = format!(
        "access key {} was used from {here} for the first time at {first_here}; before that from {}: if nobody of yours is there, the key has leaked",
        key.id,
        before.join(", ")
    );
    Some(Finding::plain(FindingCode::UnfamiliarSource, None, text))
}
