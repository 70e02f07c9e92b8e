//! Sessions that were issued: with them a role's permissions go to somebody, narrowed by session policies and changed by
//! session tags. They are listed for a principal only; nobody wants all sessions of an account.

use std::collections::BTreeSet;

use super::{Concern, DocumentChange, DocumentText, TimelineEntry, TimelineQuery, is_in_window, of_event};
use crate::diagnose::Context;
use crate::trail::Event;
use crate::trail::session::SessionIssue;

pub(super) fn entries(
    context: &Context<'_>,
    concern: &Concern<'_>,
    query: &TimelineQuery,
) -> Vec<TimelineEntry> {
    let Some(who) = &concern.who else { return Vec::new() };
    let events = &context.evidence.events;
    // Of a session that two accounts' trails have, the copy that shows the caller tells more.
    let told: BTreeSet<&str> = events
        .iter()
        .filter(|event| event.user_identity.arn.is_some())
        .filter_map(|event| event.shared_event_id.as_deref())
        .collect();
    let mut seen = BTreeSet::new();
    events
        .iter()
        .filter(|event| is_in_window(event.event_time, query))
        .filter_map(|event| {
            let issue = SessionIssue::from_event(event)?;
            let principal = issue.principal()?;
            (who.is_principal(&principal) && !is_copy(event, &told, &mut seen)).then(|| TimelineEntry {
                target: format!("session {principal}"),
                summary: summary(&issue),
                why: vec![format!("it is a session of {}", who.title())],
                document: issue.session_policy.clone().map(|policy| DocumentChange {
                    before: DocumentText::Nothing,
                    after: DocumentText::Text(policy),
                }),
                ..of_event(context, event)
            })
        })
        .collect()
}

/// Whether another event tells of the same session, and better or before.
fn is_copy<'e>(event: &'e Event, told: &BTreeSet<&str>, seen: &mut BTreeSet<&'e str>) -> bool {
    let Some(id) = event.shared_event_id.as_deref() else { return false };
    (event.user_identity.arn.is_none() && told.contains(id)) || !seen.insert(id)
}

fn summary(issue: &SessionIssue) -> String {
    let mut parts = Vec::new();
    if issue.session_policy.is_some() {
        parts.push("with a session policy".to_owned());
    }
    if !issue.policy_arns.is_empty() {
        parts.push(format!("with the managed session policies {}", issue.policy_arns.join(", ")));
    }
    let tags: Vec<String> =
        issue.inherited_tags.iter().chain(&issue.tags).map(|(k, v)| format!("{k}={v}")).collect();
    if !tags.is_empty() {
        parts.push(format!("with the session tags {}", tags.join(", ")));
    }
    if parts.is_empty() { "issued".to_owned() } else { format!("issued {}", parts.join(", ")) }
}

/// Sessions that differ in nothing but the time and follow each other become one entry.
pub(super) fn merged(entries: Vec<TimelineEntry>) -> Vec<TimelineEntry> {
    let mut merged: Vec<TimelineEntry> = Vec::new();
    for entry in entries {
        match merged.last_mut() {
            Some(last) if is_same_session(last, &entry) => {
                last.count += 1;
                last.last_time = entry.event_time;
            }
            _ => merged.push(entry),
        }
    }
    merged
}

fn is_same_session(one: &TimelineEntry, other: &TimelineEntry) -> bool {
    one.event_source == "sts.amazonaws.com"
        && (&one.event_name, &one.actor, &one.chain, &one.target, &one.summary, &one.document)
            == (&other.event_name, &other.actor, &other.chain, &other.target, &other.summary, &other.document)
}
