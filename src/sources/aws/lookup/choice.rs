//! Which one attribute `LookupEvents` is asked with, and in which Regions.
//!
//! One request takes one attribute, and there is none for an error code or for an ARN.
//!
//! Source: <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html>

use jiff::{SignedDuration, Timestamp};

use crate::sources::aws::caller::Caller;
use crate::sources::aws::search::{Region, Search};

/// One attribute with its value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Attribute {
    /// The id of the event.
    EventId(String),
    /// The access key that signed the call.
    AccessKeyId(String),
    /// The name of the user, or of the session where a role called.
    Username(String),
    /// A resource that the event names.
    ResourceName(String),
    /// Whether the call only read: `true` or `false`.
    ReadOnly(String),
    /// The operation.
    EventName(String),
    /// The service.
    EventSource(String),
}

impl Attribute {
    /// The key as the API has it.
    pub fn key(&self) -> &'static str {
        match self {
            Self::EventId(_) => "EventId",
            Self::AccessKeyId(_) => "AccessKeyId",
            Self::Username(_) => "Username",
            Self::ResourceName(_) => "ResourceName",
            Self::ReadOnly(_) => "ReadOnly",
            Self::EventName(_) => "EventName",
            Self::EventSource(_) => "EventSource",
        }
    }

    /// The value.
    pub fn value(&self) -> &str {
        match self {
            Self::EventId(value)
            | Self::AccessKeyId(value)
            | Self::Username(value)
            | Self::ResourceName(value)
            | Self::ReadOnly(value)
            | Self::EventName(value)
            | Self::EventSource(value) => value,
        }
    }
}

/// One lookup: the pages of one attribute in one window, in some Regions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookup {
    /// Without one, everything in the window is read.
    pub attribute: Option<Attribute>,
    /// From this moment on.
    pub since: Timestamp,
    /// Up to this moment.
    pub until: Timestamp,
    /// Where.
    pub regions: Vec<Region>,
}

/// The event history has the last 90 days.
///
/// Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html>
pub const HISTORY: SignedDuration = SignedDuration::from_hours(90 * 24);

/// The attribute that leaves out most: an event is one event, a key belongs to one session, a name to one user, and a
/// role has no attribute at all, because its events have the names of its sessions.
pub fn attribute(search: &Search) -> Option<Attribute> {
    if let Some(id) = &search.event_id {
        return Some(Attribute::EventId(id.clone()));
    }
    match search.caller.as_ref()? {
        Caller::AccessKey(key) => Some(Attribute::AccessKeyId(key.clone())),
        Caller::User { name, .. } => Some(Attribute::Username(name.clone())),
        Caller::Session { arn, session, .. } if arn.contains(":assumed-role/") => {
            Some(Attribute::Username(session.clone()))
        }
        // A name may be a role's, whose events would all be missed, and what the history shows as the name of the root
        // user and of federated users is not documented.
        Caller::Session { .. } | Caller::Role { .. } | Caller::UniqueId(_) | Caller::Name(_) => None,
    }
}

/// The lookup for a search, and whether the window began before the event history does.
pub fn lookup(search: &Search, regions: &[Region], home: Option<&Region>, now: Timestamp) -> (Lookup, bool) {
    let oldest = now.checked_sub(HISTORY).unwrap_or(Timestamp::MIN);
    let lookup = Lookup {
        attribute: attribute(search),
        since: search.since.max(oldest),
        until: search.until.min(now),
        regions: with_home(regions, home),
    };
    (lookup, search.since < oldest)
}

/// The same lookups with those of one attribute in the same Regions put together, in the order of the first of each:
/// denials share what decides them.
pub fn merged(lookups: Vec<Lookup>) -> Vec<Lookup> {
    let mut merged: Vec<Lookup> = Vec::new();
    for lookup in lookups {
        let same =
            |found: &&mut Lookup| (&found.attribute, &found.regions) == (&lookup.attribute, &lookup.regions);
        match merged.iter_mut().find(same) {
            Some(found) => {
                found.since = found.since.min(lookup.since);
                found.until = found.until.max(lookup.until);
            }
            None => merged.push(lookup),
        }
    }
    merged
}

/// The Regions, each once, and always the one where global services log.
pub fn with_home(regions: &[Region], home: Option<&Region>) -> Vec<Region> {
    let mut all: Vec<Region> = home.into_iter().chain(regions).cloned().collect();
    all.sort();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::aws::search::Purpose;

    fn search(caller: Option<&str>) -> Search {
        Search {
            caller: caller.map(|caller| caller.parse().unwrap()),
            since: "2026-09-08T09:00:00Z".parse().unwrap(),
            until: "2026-09-08T10:00:00Z".parse().unwrap(),
            accounts: Vec::new(),
            regions: Vec::new(),
            event_id: None,
            request_id: None,
            purpose: Purpose::Denials,
        }
    }

    #[track_caller]
    fn check(caller: Option<&str>, key: &str, value: &str) {
        let found = attribute(&search(caller));
        assert_eq!(found.as_ref().map_or(("", ""), |found| (found.key(), found.value())), (key, value));
    }

    #[test]
    fn the_attribute_that_leaves_out_most() {
        check(Some("AKIAIOSFODNN7EXAMPLE"), "AccessKeyId", "AKIAIOSFODNN7EXAMPLE");
        check(Some("arn:aws:iam::111122223333:user/team/alice"), "Username", "alice");
        check(Some("arn:aws:sts::111122223333:assumed-role/App/i-0abc"), "Username", "i-0abc");
        check(Some("arn:aws:iam::111122223333:root"), "", "");
        check(Some("arn:aws:iam::111122223333:role/App"), "", "");
        check(Some("App"), "", "");
        check(None, "", "");
        let one = Search { event_id: Some("e".to_owned()), ..search(Some("alice")) };
        assert_eq!(attribute(&one), Some(Attribute::EventId("e".to_owned())));
    }

    #[test]
    fn the_window_ends_where_the_event_history_does() {
        let now: Timestamp = "2026-09-08T12:00:00Z".parse().unwrap();
        let (inside, cut) = lookup(&search(None), &[], None, now);
        assert_eq!((inside.since.to_string().as_str(), cut), ("2026-09-08T09:00:00Z", false));
        let long = Search { since: "2026-01-01T00:00:00Z".parse().unwrap(), ..search(None) };
        let (inside, cut) = lookup(&long, &[], None, now);
        assert_eq!((inside.since.to_string().as_str(), cut), ("2026-06-10T12:00:00Z", true));
    }

    #[test]
    fn lookups_of_the_same_are_one() {
        let one = |name: &str, since: &str, until: &str| Lookup {
            attribute: Some(Attribute::EventName(name.to_owned())),
            since: since.parse().unwrap(),
            until: until.parse().unwrap(),
            regions: vec![Region::parse("us-east-1").unwrap()],
        };
        let early = one("DetachRolePolicy", "2026-09-08T08:00:00Z", "2026-09-08T09:00:00Z");
        let late = one("DetachRolePolicy", "2026-09-08T08:30:00Z", "2026-09-08T10:00:00Z");
        let other = one("PutRolePolicy", "2026-09-08T08:30:00Z", "2026-09-08T10:00:00Z");
        let both = one("DetachRolePolicy", "2026-09-08T08:00:00Z", "2026-09-08T10:00:00Z");
        assert_eq!(merged(vec![early, other.clone(), late]), [both, other]);
    }

    #[test]
    fn the_global_region_is_always_asked() {
        let region = |name| Region::parse(name).unwrap();
        let found = with_home(&[region("eu-west-1"), region("us-east-1")], Some(&region("us-east-1")));
        assert_eq!(found, [region("eu-west-1"), region("us-east-1")]);
        assert_eq!(with_home(&[], Some(&region("cn-north-1"))), [region("cn-north-1")]);
    }
}
