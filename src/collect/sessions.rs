//! Which event is still to be found on the way from a denied session back to the first caller.
//!
//! Roles are assumed in any Region, and an account that assumes the role of another one has a copy of the event that
//! shows who that was.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html>

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::diagnose::Diagnosis;
use crate::evidence::Evidence;
use crate::ids::AccountId;
use crate::request::Principal;
use crate::sources::aws::Region;
use crate::sources::aws::lookup::choice::Lookup;
use crate::sources::aws::lookup::history;
use crate::trail::Event;
use crate::trail::identity::{AccessKeyKind, Caller};
use crate::trail::session::{OriginEnd, SessionIndex};

/// Role chains of people have a handful of hops; no more are followed.
pub(super) const MOST_HOPS: usize = 5;

/// An event that issued a session and is not there yet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Missing {
    /// The account whose history has it.
    pub(super) account: AccountId,
    /// The access key that was issued.
    pub(super) key: String,
    /// Where it is, if that is known.
    pub(super) region: Option<Region>,
    /// Before when.
    pub(super) time: Timestamp,
}

impl Missing {
    /// The lookup in some Regions.
    pub(super) fn lookup(&self, regions: Vec<Region>) -> Lookup {
        history::issue(&self.key, self.time, regions)
    }
}

/// What is missing for each denial.
pub(super) fn missing(diagnoses: &[Diagnosis], evidence: &Evidence) -> BTreeSet<Missing> {
    let sessions = SessionIndex::new(&evidence.events);
    let events = diagnoses.iter().filter_map(|diagnosis| super::history::first_event(diagnosis, evidence));
    events.filter_map(|event| next(event, &sessions, evidence)).collect()
}

fn next(event: &Event, sessions: &SessionIndex, evidence: &Evidence) -> Option<Missing> {
    let origin = sessions.origin(&Caller::of(event, None), event.event_time);
    if origin.end != OriginEnd::NotSeen || origin.hops.len() >= MOST_HOPS {
        return None;
    }
    let caller = origin.first.principal?;
    let (account, last) = (caller.account()?, origin.hops.last());
    let time = last.map_or(event.event_time, |issue| issue.time)?;
    if let Principal::SomeoneIn { .. } = caller {
        // The copy of the caller's account shows who it was.
        let issue = last?;
        let found = evidence.events.iter().find(|event| event.event_id == issue.event_id)?;
        let region = Region::parse(found.aws_region.as_deref()?).ok()?;
        return Some(Missing { account, key: issue.access_key_id.clone()?, region: Some(region), time });
    }
    let key = origin.first.proven.access_key.filter(|key| key.kind == AccessKeyKind::Temporary)?;
    Some(Missing { account, key: key.id, region: None, time })
}
