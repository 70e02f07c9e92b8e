//! The same call was made by another principal before: perhaps the wrong credentials were used.

use super::Context;
use super::codes::FindingCode;
use super::finding::Finding;
use super::incident::Incident;
use super::origin::of_event;
use crate::trail::Event;

/// So long ago the other caller may have made its last call.
const SPAN: jiff::SignedDuration = jiff::SignedDuration::from_hours(24 * 7);

/// A caller that made the call with success, and nobody but it.
pub(super) fn caller_changed(context: &Context<'_>, incident: &Incident<'_>) -> Option<Finding> {
    let denied = incident.event()?;
    let at = denied.event_time?;
    let own = holder(denied)?;
    let bucket = bucket(denied)?;
    let mut others = context.evidence.events.iter().filter(|event| {
        event.error_code.is_none()
            && event.event_source == denied.event_source
            && event.event_name == denied.event_name
            && event.event_time.is_some_and(|time| time < at && at.duration_since(time) <= SPAN)
            && self::bucket(event).as_deref() == Some(bucket.as_str())
    });
    let first = others.next()?;
    let other = holder(first)?;
    // Calls by several principals, or by this one as well, say nothing.
    if other == own || others.any(|event| holder(event).as_ref() != Some(&other)) {
        return None;
    }
    let origin = of_event(context, first).and_then(|origin| origin.hops.first().cloned());
    let by = origin.map_or(String::new(), |hop| format!(" (sessions by {})", hop.event_name));
    let text = format!(
        "{other}{by} made the same call on {bucket} before and {own} never did: perhaps the call was made with the wrong credentials"
    );
    Some(Finding::plain(FindingCode::CallerChanged, None, text))
}

/// The role or user behind a call.
fn holder(event: &Event) -> Option<String> {
    let identity = &event.user_identity;
    let issuer = identity.session_issuer().and_then(|issuer| issuer.arn.clone());
    issuer.or_else(|| identity.arn.clone())
}

fn bucket(event: &Event) -> Option<String> {
    let place = event.parameter(&["bucketName"])?.as_str()?.to_owned();
    let key = event.parameter(&["key"]).and_then(serde_json::Value::as_str).unwrap_or_default();
    // A folder is what the work of one caller has in common.
    let folder = key.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("/{folder}"));
    Some(format!("{place}{folder}"))
}
