//! What is looked for, before it is known where.

use jiff::{SignedDuration, Timestamp};

use super::caller::Caller;
use crate::ids::AccountId;

/// Which events are wanted. A source may bring more: it leaves out what it can leave out cheaply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// Whose calls; `None` is everybody's.
    pub caller: Option<Caller>,
    /// From this moment on.
    pub since: Timestamp,
    /// Up to this moment.
    pub until: Timestamp,
    /// Accounts whose events may matter; empty is all.
    pub accounts: Vec<AccountId>,
    /// Regions; empty is all.
    pub regions: Vec<Region>,
    /// The event with this id, and nothing else.
    pub event_id: Option<String>,
    /// The events of the request with this id, and nothing else.
    pub request_id: Option<String>,
    /// What for.
    pub purpose: Purpose,
}

/// What events are for decides which of them are needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Counting denials: failed calls.
    Denials,
    /// Explaining them: also the caller's successes, the sessions behind the caller, and policy changes.
    Explanation,
}

/// How long after an event a source may still bring it.
///
/// CloudTrail delivers in about five minutes on average and promises no time, so that an hour is generous and no
/// guarantee.
///
/// Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html>
pub const DELIVERY_MARGIN: SignedDuration = SignedDuration::from_hours(1);

/// When an event that is not there yet may just not have been delivered.
///
/// Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html>
pub const USUALLY_DELIVERED: SignedDuration = SignedDuration::from_mins(15);

impl Search {
    /// Whether events of the window may not have been delivered yet.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        now.duration_since(self.until) < USUALLY_DELIVERED
    }
}

/// The name of a Region: lower-case letters, digits and hyphens, so that it can stand in a query, a path or a host name
/// as it is. Whether there is such a Region is for AWS to say.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(String);

/// The text is not the name of a Region.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the name of a Region, such as eu-west-1")]
pub struct RegionError(String);

impl Region {
    /// Reads a name.
    pub fn parse(text: &str) -> Result<Self, RegionError> {
        let letters =
            text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        let begins = text.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
        if begins && letters && text.len() <= 32 {
            Ok(Self(text.to_owned()))
        } else {
            Err(RegionError(text.to_owned()))
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for Region {
    type Err = RegionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl std::fmt::Display for Region {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_a_name_that_needs_no_quoting() {
        for good in ["us-east-1", "us-gov-west-1", "cn-north-1", "euiso-south-3r"] {
            assert_eq!(Region::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", "us_east_1", "US-EAST-1", "eu-west-1'", "../x", "1", "-a", "a b", "eu-west-1/"] {
            assert!(Region::parse(bad).is_err(), "{bad}");
        }
    }
}
