//! Events that changed an authorization: who may do what, before and after.
//!
//! This module reads what an event says was changed. Whether the change caused a denial is decided elsewhere.
//!
//! Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>

mod ec2;
mod iam;
mod kms;
mod organizations;
mod parameters;
mod resource_policies;
mod s3;

use std::collections::BTreeMap;

use jiff::Timestamp;

use self::parameters::Parameters;
use super::event::Event;
use crate::ids::AccountId;

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

/// What was changed. Names and ids are as the event writes them: a key can be an id, an ARN or an alias.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ChangeTarget {
    /// An IAM user, by name.
    User(String),
    /// An IAM role, by name.
    Role(String),
    /// An IAM group, by name.
    Group(String),
    /// A managed policy, by ARN.
    ManagedPolicy(String),
    /// A bucket, by name.
    Bucket(String),
    /// An object.
    Object {
        /// The bucket's name.
        bucket: String,
        /// The key.
        key: String,
    },
    /// Block Public Access of a whole account.
    AccountPublicAccess(Option<AccountId>),
    /// A KMS key.
    Key(String),
    /// A KMS alias, with its prefix `alias/`.
    Alias(String),
    /// A policy of the organization, by id (`p-…`).
    OrganizationPolicy(String),
    /// A root, an organizational unit or an account in the organization.
    OrganizationTarget(String),
    /// The delegation policy of the organization.
    OrganizationDelegation,
    /// VPC endpoints, by id.
    VpcEndpoints(Vec<String>),
    /// An SQS queue, by URL.
    Queue(String),
    /// An SNS topic, by ARN.
    Topic(String),
    /// A Lambda function, by name or ARN.
    Function(String),
    /// A secret, by name or ARN.
    Secret(String),
    /// An ECR repository, by name.
    Repository(String),
}

/// How a target was changed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ChangeKind {
    /// The user, role, group or endpoint was created.
    Created,
    /// The user, role, group or endpoint was deleted.
    Deleted,
    /// An inline policy was written.
    InlinePolicyPut {
        /// The policy's name.
        policy: String,
    },
    /// An inline policy was deleted.
    InlinePolicyDeleted {
        /// The policy's name.
        policy: String,
    },
    /// A managed policy, SCP or RCP was attached.
    PolicyAttached {
        /// Its ARN or id.
        policy: String,
    },
    /// A managed policy, SCP or RCP was detached.
    PolicyDetached {
        /// Its ARN or id.
        policy: String,
    },
    /// A managed policy, SCP or RCP was created.
    PolicyCreated,
    /// An SCP or RCP was updated.
    PolicyUpdated,
    /// A managed policy, SCP or RCP was deleted.
    PolicyDeleted,
    /// A version of a managed policy was created.
    VersionCreated {
        /// The version, where the response tells it.
        version: Option<String>,
        /// Whether it is the version that counts.
        default: bool,
    },
    /// A version of a managed policy was deleted.
    VersionDeleted {
        /// The version.
        version: String,
    },
    /// Another version of a managed policy was made the one that counts.
    DefaultVersionSet {
        /// The version.
        version: String,
    },
    /// A permissions boundary was set.
    BoundaryPut {
        /// The ARN of the policy.
        policy: String,
    },
    /// The permissions boundary was removed.
    BoundaryDeleted,
    /// The trust policy was replaced.
    TrustPolicyPut,
    /// A user joined a group.
    MemberAdded {
        /// The user's name.
        user: String,
    },
    /// A user left a group.
    MemberRemoved {
        /// The user's name.
        user: String,
    },
    /// Tags were set.
    Tagged(BTreeMap<String, String>),
    /// Tags were removed.
    Untagged(Vec<String>),
    /// A resource-based policy or endpoint policy was written.
    ResourcePolicyPut,
    /// A resource-based policy or endpoint policy was deleted or reset to its default.
    ResourcePolicyDeleted,
    /// A statement was added to a resource-based policy.
    PermissionAdded {
        /// The statement's id or label.
        statement: String,
    },
    /// A statement was removed from a resource-based policy.
    PermissionRemoved {
        /// The statement's id or label.
        statement: String,
    },
    /// Block Public Access was written.
    PublicAccessBlockPut,
    /// Block Public Access was removed.
    PublicAccessBlockDeleted,
    /// Default encryption was written.
    EncryptionPut,
    /// Default encryption was set back.
    EncryptionDeleted,
    /// Object ownership was written.
    OwnershipPut,
    /// Object ownership was set back.
    OwnershipDeleted,
    /// An ACL was written.
    AclPut,
    /// A KMS grant was created.
    GrantCreated {
        /// The grant's id, where the response tells it.
        grant: Option<String>,
        /// The grantee.
        grantee: Option<String>,
    },
    /// A KMS grant was retired.
    GrantRetired {
        /// The grant's id, where the event tells it.
        grant: Option<String>,
    },
    /// A KMS grant was revoked.
    GrantRevoked {
        /// The grant's id.
        grant: Option<String>,
    },
    /// A key was enabled.
    KeyEnabled,
    /// A key was disabled.
    KeyDisabled,
    /// The deletion of a key was scheduled, which ends its use at once.
    KeyDeletionScheduled,
    /// The deletion of a key was cancelled; the key stays disabled.
    KeyDeletionCancelled,
    /// An alias was created or now points to another key.
    AliasSet {
        /// The key.
        key: String,
    },
    /// An alias was deleted.
    AliasDeleted,
    /// An account was moved.
    AccountMoved {
        /// The parent before.
        from: String,
        /// The parent after.
        to: String,
    },
    /// A policy type was enabled in a root.
    PolicyTypeEnabled {
        /// For example `SERVICE_CONTROL_POLICY`.
        policy_type: String,
    },
    /// A policy type was disabled in a root.
    PolicyTypeDisabled {
        /// For example `SERVICE_CONTROL_POLICY`.
        policy_type: String,
    },
    /// Where a VPC endpoint is used was changed: its routes, subnets or groups.
    EndpointRouted,
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
        let change = match event.event_source.split('.').next()? {
            "iam" => iam::read(name, parameters),
            "s3" | "s3-control" | "s3control" => s3::read(name, parameters),
            "kms" => kms::read(name, parameters),
            "organizations" => organizations::read(name, parameters),
            "ec2" => ec2::read(name, parameters),
            service => resource_policies::read(service, name, parameters),
        }?;
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
            | ChangeTarget::Repository(name) => Some(name.clone()),
            ChangeTarget::ManagedPolicy(name)
            | ChangeTarget::Key(name)
            | ChangeTarget::Queue(name)
            | ChangeTarget::Topic(name)
            | ChangeTarget::Function(name)
            | ChangeTarget::Secret(name) => Some(last(name)),
            ChangeTarget::VpcEndpoints(ids) => ids.first().cloned(),
            ChangeTarget::Object { .. }
            | ChangeTarget::AccountPublicAccess(_)
            | ChangeTarget::OrganizationDelegation => None,
        }
    }
}

#[cfg(test)]
mod tests;
