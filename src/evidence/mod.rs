//! Everything a diagnosis may know, and what it could not learn.
//!
//! A live run and an offline run differ only in who filled this in. What is `None` or missing is *unknown*; what is
//! there and empty is *known to be empty*. This module must not fetch anything and decides nothing.

mod account;
mod documents;
mod organization;
mod want;

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

pub use account::{
    Account, AttachedPolicy, Bucket, BucketEncryption, Group, Iam, InlinePolicy, Key, ManagedPolicy,
    ManagedVersion, Role, User, VpcEndpoint,
};
pub use organization::{DelegatedAdministrator, Node, OrganizationFacts, OrganizationPolicy, PolicyType};
pub use want::{BucketWant, KeyWant, Want};

use crate::evaluate::Known;
use crate::ids::AccountId;
use crate::trail::Event;

/// What is known about a denial and the world around it.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// What was asked for.
    pub scope: Scope,
    /// CloudTrail events, ordered by time and id, each once.
    pub events: Vec<Event>,
    /// The organization; `Known(None)` is "in no organization".
    pub organization: Organization,
    /// What is known of each account.
    pub accounts: BTreeMap<AccountId, Account>,
    /// What could not be had.
    pub gaps: Vec<Gap>,
}

/// The organization, where it could be read.
#[derive(Debug, Clone)]
pub struct Organization(pub Known<Option<OrganizationFacts>>);

impl Default for Organization {
    fn default() -> Self {
        Self(Known::Unknown("the organization was not read".to_owned()))
    }
}

/// Whose denials are asked about, and when.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// The principal as it was asked for.
    pub principal: Option<String>,
    /// From this moment on.
    pub since: Option<Timestamp>,
    /// Up to this moment.
    pub until: Option<Timestamp>,
}

/// A fact that could not be had, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    /// The fact, for example `key policy of arn:aws:kms:…`.
    pub what: String,
    /// Why it is missing.
    pub why: String,
}

impl Gap {
    /// Whether events could not be read, so that there may be denials that nobody saw: sources begin their gaps so, and
    /// a bundle keeps nothing of a gap but its text.
    pub fn hides_events(&self) -> bool {
        self.what.starts_with("events ")
    }
}

impl Evidence {
    /// Puts the events in their order and keeps one copy of each, the one that shows most: a table of the console has
    /// neither the caller's ARN nor the message.
    pub fn sort_events(&mut self) {
        let shown = |event: &Event| {
            (event.user_identity.arn.is_some(), event.error_message.is_some(), event.raw.len())
        };
        self.events.sort_by(|one, other| {
            let same_event = one.event_id.is_some() && one.event_id == other.event_id;
            let richer_first = if same_event { shown(other).cmp(&shown(one)) } else { Ordering::Equal };
            one.chronological(other).then(richer_first)
        });
        let mut seen = BTreeSet::new();
        self.events.retain(|event| {
            let Some(id) = event.event_id.clone() else { return true };
            seen.insert((id, event.aws_region.clone()))
        });
    }

    /// The events that were asked for, by their own ids and by those of their requests.
    pub fn asked_for(&self, events: &[String], requests: &[String]) -> BTreeSet<String> {
        let asked = |event: &&Event| event.request_id.as_ref().is_some_and(|id| requests.contains(id));
        let of_requests = self.events.iter().filter(asked).filter_map(|event| event.event_id.clone());
        let mut ids: BTreeSet<String> = events.iter().cloned().chain(of_requests).collect();
        if ids.is_empty() {
            // A request that no event has must not become a question for everything.
            ids.extend(requests.iter().cloned());
        }
        ids
    }

    /// The account that owns a bucket: the one whose folder holds it.
    pub fn bucket_owner(&self, bucket: &str) -> Option<AccountId> {
        self.accounts.iter().find(|(_, account)| account.buckets.contains_key(bucket)).map(|(id, _)| *id)
    }

    /// What is known of a bucket.
    pub fn bucket(&self, bucket: &str) -> Option<(AccountId, &Bucket)> {
        self.accounts.iter().find_map(|(id, account)| account.buckets.get(bucket).map(|found| (*id, found)))
    }
}
