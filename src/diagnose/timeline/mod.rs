//! Who changed which authorization when: every change in the evidence that concerns a principal or a resource, with
//! the text before and after it and with the reason why it concerns them.
//!
//! What is not seen is said: a text that no event shows is unknown, and a Region without events is a gap.

mod concern;
mod coverage;
mod documents;
mod organization;
mod sessions;
mod subject;
mod words;

use jiff::Timestamp;

use super::{Context, by_key, origin, time_or_end};
use crate::evidence::{Evidence, Gap};
use crate::trail::Event;
use crate::trail::change::PolicyChange;
use crate::trail::session::SessionIndex;
use concern::Concern;
use documents::Documents;
pub use documents::{DocumentChange, DocumentText};

/// What is asked for. Without a principal and a resource: everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TimelineQuery {
    /// An ARN, a user or role name, an access key id or a unique id.
    pub principal: Option<String>,
    /// An ARN, or the name of a bucket, key, queue, role, policy, …
    pub resource: Option<String>,
    /// From this moment on.
    pub since: Option<Timestamp>,
    /// Up to this moment.
    pub until: Option<Timestamp>,
}

/// Changes in the order of time, and what could not be seen.
#[derive(Debug, Clone)]
pub struct Timeline {
    /// The changes, the earliest first; those without a time come last.
    pub entries: Vec<TimelineEntry>,
    /// What could not be seen.
    pub gaps: Vec<Gap>,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineEntry {
    /// The event's id.
    pub event_id: Option<String>,
    /// When.
    pub event_time: Option<Timestamp>,
    /// The last of several alike that follow each other, such as sessions issued again and again.
    pub last_time: Option<Timestamp>,
    /// How many there are.
    pub count: usize,
    /// The service, such as `iam.amazonaws.com`.
    pub event_source: String,
    /// The operation.
    pub event_name: String,
    /// The account whose trail has the event.
    pub account: Option<String>,
    /// The Region of the event.
    pub region: Option<String>,
    /// Who made the change.
    pub actor: String,
    /// The actor and whoever stands behind its sessions.
    pub chain: Vec<String>,
    /// Whether the chain reaches its beginning.
    pub chain_complete: bool,
    /// What was changed, such as `role app`.
    pub target: String,
    /// What was done to it.
    pub summary: String,
    /// The policy that was written, attached or detached, by name or ARN.
    pub policy: Option<String>,
    /// Why the change concerns what was asked for; empty if everything was asked for.
    pub why: Vec<String>,
    /// The text before and after, for changes of a document.
    pub document: Option<DocumentChange>,
}

/// A change with its event.
struct Seen<'a> {
    event: &'a Event,
    change: PolicyChange,
}

/// The changes that the query asks for.
pub fn timeline(evidence: &Evidence, query: &TimelineQuery) -> Timeline {
    let sessions = SessionIndex::new(&evidence.events);
    let context = Context { evidence, sessions: &sessions, changes: &[], by_key: by_key(evidence) };
    let seen = seen(evidence);
    let documents = Documents::new(evidence, &seen);
    let concern = Concern::new(evidence, &seen, query);
    let mut entries: Vec<TimelineEntry> = seen
        .iter()
        .enumerate()
        .filter(|(_, seen)| is_in_window(seen.event.event_time, query))
        .filter_map(|(index, seen)| {
            let document = documents.of(index);
            let why = concern.why(&seen.change, document.as_ref())?;
            Some(entry(&context, seen, &documents.created_again(index), why, document))
        })
        .collect();
    entries.extend(sessions::entries(&context, &concern, query));
    entries.sort_by(|one, other| {
        let key = |entry: &TimelineEntry| (time_or_end(entry.event_time), entry.event_id.clone());
        key(one).cmp(&key(other))
    });
    let entries = sessions::merged(entries);
    Timeline { entries, gaps: coverage::gaps(evidence, &concern) }
}

fn is_in_window(time: Option<Timestamp>, query: &TimelineQuery) -> bool {
    time.is_none_or(|time| {
        query.since.is_none_or(|since| time >= since) && query.until.is_none_or(|until| time <= until)
    })
}

/// Every change, by time; of one that two accounts' trails have, the copy that shows the caller.
fn seen(evidence: &Evidence) -> Vec<Seen<'_>> {
    let mut seen: Vec<Seen<'_>> = Vec::new();
    let mut shared = std::collections::BTreeMap::new();
    for event in &evidence.events {
        let Some(change) = PolicyChange::from_event(event) else { continue };
        let Some(id) = event.shared_event_id.as_deref() else {
            seen.push(Seen { event, change });
            continue;
        };
        match shared.get(id).copied().and_then(|index: usize| seen.get_mut(index)) {
            None => {
                shared.insert(id, seen.len());
                seen.push(Seen { event, change });
            }
            Some(known) if known.event.user_identity.arn.is_none() => *known = Seen { event, change },
            Some(_) => {}
        }
    }
    seen.sort_by_key(|seen| time_or_end(seen.event.event_time));
    seen
}

fn entry(
    context: &Context<'_>,
    seen: &Seen<'_>,
    created_again: &str,
    why: Vec<String>,
    document: Option<DocumentChange>,
) -> TimelineEntry {
    let change = &seen.change;
    TimelineEntry {
        target: words::target(&change.target),
        summary: words::summary(&change.target, &change.kind) + created_again,
        policy: words::policy(&change.target, &change.kind),
        why,
        document,
        ..of_event(context, seen.event)
    }
}

/// What an entry has of its event.
fn of_event(context: &Context<'_>, event: &Event) -> TimelineEntry {
    let (actor, chain) = origin::actor(context, event);
    let chain_complete = origin::of_event(context, event).is_none_or(|origin| origin.complete);
    TimelineEntry {
        event_id: event.event_id.clone(),
        event_time: event.event_time,
        last_time: event.event_time,
        count: 1,
        event_source: event.event_source.clone(),
        event_name: event.event_name.clone(),
        account: event.recipient_account().map(|account| account.to_string()),
        region: event.aws_region.clone(),
        actor,
        chain,
        chain_complete,
        target: String::new(),
        summary: String::new(),
        policy: None,
        why: Vec::new(),
        document: None,
    }
}
