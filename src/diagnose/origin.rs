//! Where the caller's session comes from: what is proven by credentials that were issued, and what is only claimed.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html>

use jiff::Timestamp;

use super::incident::Incident;
use super::{Context, permission_set};
use crate::request::Principal;
use crate::trail::Event;
use crate::trail::identity::Caller;
use crate::trail::session::OriginEnd;

/// Role chains of people have a handful of hops; no more are followed.
const MAX_HOPS: usize = 20;

/// The way from a session back to whoever asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionOrigin {
    /// The steps, the latest first.
    pub hops: Vec<Hop>,
    /// Who stands at the beginning, if the events show it.
    pub first: Option<String>,
    /// Whether the beginning was reached.
    pub complete: bool,
    /// The session name, which whoever asked for the session chose: it proves nothing.
    pub claimed_name: Option<String>,
}

/// One issue of credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// The event that issued the credentials.
    pub event_id: Option<String>,
    /// `AssumeRole`, `AssumeRoleWithSAML`, …
    pub event_name: String,
    /// When.
    pub time: Option<Timestamp>,
    /// The session that was issued.
    pub session: String,
    /// Who asked for it.
    pub by: String,
}

pub(super) fn origin(context: &Context<'_>, incident: &Incident<'_>) -> Option<SessionOrigin> {
    let event = incident.event()?;
    of_event(context, event)
}

/// The origin of the session of an event; `None` for callers that are no session.
pub(super) fn of_event(context: &Context<'_>, event: &Event) -> Option<SessionOrigin> {
    let caller = Caller::of(event, None);
    if caller.is_origin() {
        return None;
    }
    let origin = context.sessions.origin(&caller, event.event_time);
    let hops: Vec<Hop> = origin
        .hops
        .iter()
        .map(|issue| Hop {
            event_id: issue.event_id.clone(),
            event_name: event_name(context, issue.event_id.as_deref()),
            time: issue.time,
            session: issue.session.as_ref().map(ToString::to_string).unwrap_or_default(),
            by: caller_text(&issue.caller),
        })
        .collect();
    let complete = origin.end == OriginEnd::Found && hops.len() <= MAX_HOPS;
    let hops: Vec<Hop> = hops.into_iter().take(MAX_HOPS).collect();
    let first = (complete && !hops.is_empty()).then(|| caller_text(&origin.first));
    Some(SessionOrigin { hops, first, complete, claimed_name: caller.claimed.session_name })
}

fn event_name(context: &Context<'_>, id: Option<&str>) -> String {
    let found = context.evidence.events.iter().find(|event| event.event_id.as_deref() == id);
    found.map_or_else(|| "AssumeRole".to_owned(), |event| event.event_name.clone())
}

fn caller_text(caller: &Caller) -> String {
    match (&caller.principal, &caller.claimed.federated_user) {
        (Some(Principal::Federated { provider }), Some(name)) => {
            format!("{name} (vouched for by {provider})")
        }
        (Some(principal), _) => principal.to_string(),
        (None, Some(name)) => name.clone(),
        (None, None) => {
            caller.proven.identity_provider.clone().unwrap_or_else(|| "an unknown caller".to_owned())
        }
    }
}

/// Who made a change: the caller, and through sessions whoever stands behind it.
pub(super) fn actor(context: &Context<'_>, event: &Event) -> (String, Vec<String>) {
    let caller = Caller::of(event, None);
    let own = event.user_identity.arn.clone().unwrap_or_else(|| caller_text(&caller));
    let mut chain = vec![own.clone()];
    if let Some(origin) = of_event(context, event) {
        chain.extend(origin.hops.iter().map(|hop| hop.by.clone()));
    }
    // What wrote it there is written by nobody's session: this goes one step on, and no further.
    if let Some(asked) = permission_set::written_for(context, event) {
        chain.extend(actor(context, asked).1);
    }
    chain.dedup();
    (own, chain)
}
