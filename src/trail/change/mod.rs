//! Events that changed an authorization: who may do what, before and after.
//!
//! This module reads what an event says was changed. Whether the change caused a denial is decided elsewhere. Which events
//! there are stands in `knowledge/tables/change_events.tsv`, where live runs look too.
//!
//! Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>

mod ec2;
mod iam;
mod kind;
mod kms;
mod lake_formation;
mod organizations;
mod parameters;
mod resource_policies;
mod routes;
mod s3;
mod tags;

use jiff::Timestamp;

pub use self::kind::{ChangeKind, ChangeTarget};

use self::parameters::Parameters;
use super::event::Event;
use crate::ids::AccountId;
use crate::knowledge::change_events::change_event;

/// A successful event that changed an authorization.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyChange {
    /// The event's id.
    pub event_id: Option<String>,
    /// When it happened.
    pub event_time: Option<Timestamp>,
    /// The service, for example `iam.amazonaws.com`.
    pub event_source: String,
    /// The operation, for example `DetachRolePolicy`.
    pub event_name: String,
    /// The account whose trail has the event. For IAM, Organizations and bucket changes it is the target's account.
    pub account: Option<AccountId>,
    /// The region of the event.
    pub region: Option<String>,
    /// What was changed.
    pub target: ChangeTarget,
    /// How it was changed.
    pub kind: ChangeKind,
    /// The new policy document or configuration, where the event shows it.
    pub new_document: Option<String>,
    /// Whether the event had a document and CloudTrail hides it.
    pub document_hidden: bool,
}

/// A document in an event.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Document {
    Absent,
    Text(String),
    Hidden,
}

/// What one service's reader tells.
struct Change {
    target: ChangeTarget,
    kind: ChangeKind,
    document: Document,
}

impl Change {
    #[expect(clippy::unnecessary_wraps, reason = "the arms of the readers give an Option")]
    fn new(target: ChangeTarget, kind: ChangeKind) -> Option<Self> {
        Some(Self { target, kind, document: Document::Absent })
    }

    #[expect(clippy::unnecessary_wraps, reason = "the arms of the readers give an Option")]
    fn with(target: ChangeTarget, kind: ChangeKind, document: Document) -> Option<Self> {
        Some(Self { target, kind, document })
    }
}

impl PolicyChange {
    /// The change that an event made, if it succeeded and changed an authorization.
    pub fn from_event(event: &Event) -> Option<Self> {
        if event.failed() {
            return None;
        }
        let parameters = Parameters::of(event);
        let name = event.event_name.as_str();
        let service = event.event_source.split('.').next()?;
        change_event(service, name)?;
        let change = match service {
            "iam" => iam::read(name, parameters),
            "s3" | "s3-control" | "s3control" => s3::read(name, parameters),
            "kms" => kms::read(name, parameters),
            "organizations" => organizations::read(name, parameters),
            "ec2" => ec2::read(name, parameters).or_else(|| routes::read(name, parameters)),
            "lakeformation" => lake_formation::read(name, parameters),
            service => resource_policies::read(service, name, parameters),
        };
        let change = change.or_else(|| tags::read(service, name, parameters))?;
        let (new_document, document_hidden) = match change.document {
            Document::Absent => (None, false),
            Document::Text(text) => (Some(text), false),
            Document::Hidden => (None, true),
        };
        Some(Self {
            event_id: event.event_id.clone(),
            event_time: event.event_time,
            event_source: event.event_source.clone(),
            event_name: event.event_name.clone(),
            account: event.recipient_account(),
            region: event.aws_region.clone(),
            target: change.target,
            kind: change.kind,
            new_document,
            document_hidden,
        })
    }
}

impl PolicyChange {
    /// What was changed, in a word: the name of the policy, else of what it belongs to.
    pub fn subject(&self) -> Option<String> {
        let last = |text: &str| text.rsplit('/').next().unwrap_or(text).to_owned();
        match &self.kind {
            ChangeKind::PolicyAttached { policy }
            | ChangeKind::PolicyDetached { policy }
            | ChangeKind::BoundaryPut { policy } => return Some(last(policy)),
            ChangeKind::InlinePolicyPut { policy } | ChangeKind::InlinePolicyDeleted { policy } => {
                return Some(policy.clone());
            }
            _ => {}
        }
        match &self.target {
            ChangeTarget::User(name)
            | ChangeTarget::Role(name)
            | ChangeTarget::Group(name)
            | ChangeTarget::Bucket(name)
            | ChangeTarget::Alias(name)
            | ChangeTarget::OrganizationPolicy(name)
            | ChangeTarget::OrganizationTarget(name)
            | ChangeTarget::AccessPoint(name)
            | ChangeTarget::RouteTable(name)
            | ChangeTarget::Repository(name)
            | ChangeTarget::PolicyOf { name, .. } => Some(name.clone()),
            ChangeTarget::ManagedPolicy(name)
            | ChangeTarget::Key(name)
            | ChangeTarget::Queue(name)
            | ChangeTarget::Topic(name)
            | ChangeTarget::Function(name)
            | ChangeTarget::Secret(name)
            | ChangeTarget::IdentityProvider(name)
            | ChangeTarget::Resource(name) => Some(last(name)),
            ChangeTarget::VpcEndpoints(ids) | ChangeTarget::DataCatalog(ids) => ids.first().cloned(),
            ChangeTarget::Object { .. }
            | ChangeTarget::AccountPublicAccess(_)
            | ChangeTarget::OrganizationDelegation => None,
        }
    }
}

#[cfg(test)]
mod tests;
