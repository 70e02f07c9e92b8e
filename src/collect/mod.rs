//! From AWS to a bundle: events, and the policies that matter for the denials in them.
//!
//! The core says which facts it wants, this module fetches them, and what cannot be had becomes a gap that has the
//! name that the core gives it. It owns who is asked for what, and in which shape the answer goes into the bundle. It
//! decides nothing, and it never asks AWS to change anything: the calls are those of `policies/why-denied-reader.json`.
//!
//! Start reading at [`collect`]. There is one file for each service.

mod accounts;
mod check;
mod decode;
mod ec2;
mod events;
mod fetch;
mod history;
mod iam;
mod kms;
mod organizations;
mod put;
mod resource_policies;
mod run;
mod s3;
mod sessions;
mod tags;

use std::time::Duration;

use jiff::Timestamp;

pub use check::{Checked, check};
pub use decode::decode;
pub use run::collect;

use crate::arn::Arn;
use crate::aws::{Call, CallError, CallerIdentity, Connection, OpenError, Settings};
use crate::bundle::Draft;
use crate::evidence::{Gap, Scope};
use crate::ids::AccountId;
use crate::sources::aws::{Place, Region};

/// What to collect, and with which credentials.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The caller's own connection.
    pub settings: Settings,
    /// Profiles for other accounts.
    pub more_profiles: Vec<String>,
    /// A profile of the management account or of a delegated administrator.
    pub org_profile: Option<String>,
    /// The name of a role to assume in other accounts.
    pub account_role: Option<String>,
    /// Where the events are.
    pub place: Place,
    /// Whose denials, and when; without a principal it is the caller.
    pub scope: Scope,
    /// Accounts whose events are read, where a place has those of several; empty is that of the principal.
    pub accounts: Vec<AccountId>,
    /// Regions whose events are read; empty is all.
    pub regions: Vec<Region>,
    /// Only the denials that have one of these events.
    pub event_ids: Vec<String>,
    /// Only the denials of these requests.
    pub request_ids: Vec<String>,
    /// How long the whole run may take.
    pub timeout: Option<Duration>,
    /// How long to look again for events that were not delivered yet.
    pub wait: Option<Duration>,
    /// What time it is.
    pub now: Timestamp,
}

/// What was collected.
#[derive(Debug)]
pub struct Collected {
    /// The bundle.
    pub draft: Draft,
    /// Who asked.
    pub identity: CallerIdentity,
    /// All calls that were made.
    pub calls: Vec<Call>,
    /// Events may not have been delivered yet.
    pub perhaps_late: bool,
    /// Events that could not be read: that nothing was denied in the others says nothing about these.
    pub unread: Vec<Gap>,
    /// What went wrong and is no gap in the evidence.
    pub warnings: Vec<String>,
}

/// Is told what is being done.
pub trait Watch: Send {
    /// Something is being done; a phrase such as `reading the policies`.
    fn said(&mut self, what: &str);
}

/// Why nothing was collected.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// There is no connection.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The principal is none that events could be looked up for.
    #[error(transparent)]
    Principal(#[from] crate::sources::aws::CallerError),
    /// The one call that was to be made brought nothing.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The system gave no threads.
    #[error("the work cannot be started")]
    Start(#[source] std::io::Error),
}

impl CollectError {
    /// The command that helps.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Open(error) => error.hint(),
            _ => None,
        }
    }
}

/// The Region of a resource; that of the connection where the ARN has none.
fn region_of<'a>(arn: &'a Arn, connection: &'a Connection) -> &'a str {
    if arn.region().is_empty() { connection.region() } else { arn.region() }
}
