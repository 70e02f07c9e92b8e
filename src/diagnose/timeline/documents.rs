//! The text of a policy before and after a change, out of the events and, where no later change is seen, out of the
//! evidence as it was read.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::Seen;
use super::words::name_of;
use crate::evaluate::Known;
use crate::evidence::{Evidence, Iam};
use crate::ids::AccountId;
use crate::policy::PolicyDocument;
use crate::trail::change::{ChangeKind as K, ChangeTarget as T, PolicyChange};

/// A document at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DocumentText {
    /// The text.
    Text(String),
    /// It is known that there was none.
    Nothing,
    /// CloudTrail hides it.
    Hidden,
    /// It is not known.
    Unknown(&'static str),
}

/// A document before and after a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentChange {
    /// Before.
    pub before: DocumentText,
    /// After.
    pub after: DocumentText,
}

use DocumentText::{Hidden, Nothing, Text, Unknown};

const EARLIER: &str = "no earlier event of it is in the evidence";
const NOT_SHOWN: &str = "the event does not show it";
const NOT_READ: &str = "the policy is not in the evidence";

/// The policy of an endpoint that has none of its own.
///
/// Source: <https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html#default-endpoint-policy>
const ENDPOINT_DEFAULT: &str =
    r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;

/// The place of a document: what has it, in which account, and which of its documents.
type Slot = (&'static str, String, Option<AccountId>, String);

/// All changes by the document that they changed.
pub(super) struct Documents<'a> {
    evidence: &'a Evidence,
    seen: &'a [Seen<'a>],
    /// Positions in the order of time.
    slots: BTreeMap<Slot, Vec<usize>>,
    /// Deletions of what can be created again.
    deleted: BTreeMap<Slot, Vec<usize>>,
}

impl<'a> Documents<'a> {
    pub(super) fn new(evidence: &'a Evidence, seen: &'a [Seen<'a>]) -> Self {
        let mut slots: BTreeMap<Slot, Vec<usize>> = BTreeMap::new();
        let mut deleted: BTreeMap<Slot, Vec<usize>> = BTreeMap::new();
        for (index, Seen { change, .. }) in seen.iter().enumerate() {
            if let Some(part) = part(change) {
                slots.entry(slot(change, part)).or_default().push(index);
            }
            if change.kind == K::Deleted {
                deleted.entry(slot(change, String::new())).or_default().push(index);
            }
        }
        Self { evidence, seen, slots, deleted }
    }

    fn change(&self, index: usize) -> Option<&'a PolicyChange> {
        self.seen.get(index).map(|seen| &seen.change)
    }

    /// The document that a change changed; `None` if it changed none.
    pub(super) fn of(&self, index: usize) -> Option<DocumentChange> {
        let change = self.change(index)?;
        let at = change.event_time;
        let (before, after) = match &change.kind {
            K::PolicyAttached { policy } => (Nothing, self.policy_at(change, policy, at)),
            K::PolicyDetached { policy } => (self.policy_at(change, policy, at), Nothing),
            K::PermissionAdded { .. } | K::VersionCreated { default: false, .. } => (Nothing, shown(change)),
            K::VersionDeleted { version } => (self.version(change, version), Nothing),
            _ => {
                let part = part(change)?;
                (self.before(index, &slot(change, part)), self.after(index))
            }
        };
        (before != Nothing || after != Nothing).then_some(DocumentChange { before, after })
    }

    /// ", created again …" for a principal or a bucket that was deleted before: the new one has another unique id.
    pub(super) fn created_again(&self, index: usize) -> String {
        let Some(change) = self.change(index).filter(|change| change.kind == K::Created) else {
            return String::new();
        };
        let earlier = self.deleted.get(&slot(change, String::new()));
        let last = earlier.and_then(|all| all.iter().rev().find(|deleted| **deleted < index));
        let Some(deleted) = last.and_then(|index| self.change(*index)) else { return String::new() };
        let time = deleted.event_time.map(|time| format!(" at {time}")).unwrap_or_default();
        let id = match change.target {
            T::User(_) | T::Role(_) => {
                ": it has a new unique id, and policies that named the old one do not name it"
            }
            _ => "",
        };
        format!(", again after it was deleted{time}{id}")
    }

    fn before(&self, index: usize, slot: &Slot) -> DocumentText {
        let Some(change) = self.change(index) else { return Unknown(EARLIER) };
        let previous = self.slots.get(slot).and_then(|all| all.iter().rev().find(|other| **other < index));
        match (previous, &change.kind) {
            (Some(previous), _) => self.after(*previous),
            (None, K::Created | K::PolicyCreated) => Nothing,
            // The second version can only have followed the first.
            (None, K::VersionCreated { version: Some(version), .. }) if version == "v2" => {
                self.version(change, "v1")
            }
            (None, _) => Unknown(EARLIER),
        }
    }

    /// The document right after a change.
    fn after(&self, index: usize) -> DocumentText {
        let Some(change) = self.change(index) else { return Unknown(EARLIER) };
        match (&change.kind, &change.target) {
            (K::ResourcePolicyDeleted, T::VpcEndpoints(_)) => Text(ENDPOINT_DEFAULT.to_owned()),
            (K::Created, T::VpcEndpoints(_)) if shown(change) == Unknown(NOT_SHOWN) => {
                Text(ENDPOINT_DEFAULT.to_owned())
            }
            (K::Created, T::Bucket(_) | T::AccessPoint(_)) => Nothing,
            (
                K::Deleted
                | K::PolicyDeleted
                | K::InlinePolicyDeleted { .. }
                | K::ResourcePolicyDeleted
                | K::BoundaryDeleted
                | K::PublicAccessBlockDeleted
                | K::EncryptionDeleted
                | K::OwnershipDeleted,
                _,
            ) => Nothing,
            (K::DefaultVersionSet { version }, _) => self.version(change, version),
            (K::BoundaryPut { policy }, _) => self.policy_at(change, policy, change.event_time),
            _ => match shown(change) {
                Unknown(why) => self.still(index, change).map_or(Unknown(why), text),
                shown => shown,
            },
        }
    }

    /// The document as it was read, if no later change of it is seen.
    fn still(&self, index: usize, change: &PolicyChange) -> Option<&Arc<PolicyDocument>> {
        let part = part(change)?;
        let is_last = self.slots.get(&slot(change, part))?.last() == Some(&index);
        is_last.then(|| current(self.evidence, change)).flatten()
    }

    /// The document of a managed policy or an organization policy at a moment.
    fn policy_at(&self, change: &PolicyChange, policy: &str, at: Option<Timestamp>) -> DocumentText {
        let of = match &change.target {
            T::OrganizationTarget(_) => T::OrganizationPolicy(policy.to_owned()),
            _ => T::ManagedPolicy(policy.to_owned()),
        };
        let slot = (word(&of), name_of(&of), change.account, "document".to_owned());
        let all = self.slots.get(&slot).map(Vec::as_slice).unwrap_or_default();
        let time = |index: &usize| self.change(*index).and_then(|change| change.event_time);
        match all.iter().rev().find(|index| time(index) <= at) {
            Some(index) => self.after(*index),
            None => match all.first() {
                Some(later) => self.before(*later, &slot),
                None => self.as_read(change.account, &of).map_or(Unknown(NOT_READ), text),
            },
        }
    }

    fn as_read(&self, account: Option<AccountId>, policy: &T) -> Option<&Arc<PolicyDocument>> {
        match policy {
            T::ManagedPolicy(arn) => iam(self.evidence, account)?.policies.get(arn)?.default_document(),
            T::OrganizationPolicy(id) => match &self.evidence.organization.0 {
                Known::Known(Some(facts)) => facts.policies.get(id)?.document.as_ref(),
                _ => None,
            },
            _ => None,
        }
    }

    /// A version of a managed policy: versions never change.
    fn version(&self, change: &PolicyChange, version: &str) -> DocumentText {
        let T::ManagedPolicy(arn) = &change.target else { return Unknown(NOT_SHOWN) };
        let is_meant = |other: &&Seen<'_>| {
            let written = match &other.change.kind {
                K::VersionCreated { version: Some(written), .. } => written == version,
                K::PolicyCreated => version == "v1",
                _ => false,
            };
            written && other.change.target == change.target && other.change.event_time <= change.event_time
        };
        if let Some(written) = self.seen.iter().rev().find(is_meant) {
            return shown(&written.change);
        }
        let versions = iam(self.evidence, change.account).and_then(|iam| iam.policies.get(arn));
        let found = versions.and_then(|policy| policy.versions.iter().find(|found| found.id == version));
        found.map_or(Unknown(NOT_READ), |found| text(&found.document))
    }
}

/// What the event itself shows.
fn shown(change: &PolicyChange) -> DocumentText {
    match &change.new_document {
        _ if change.document_hidden => Hidden,
        Some(text) => Text(text.clone()),
        None => Unknown(NOT_SHOWN),
    }
}

fn text(document: &Arc<PolicyDocument>) -> DocumentText {
    if document.text().is_empty() { Unknown(NOT_READ) } else { Text(document.text().to_owned()) }
}

/// Which document of its target a change wrote, set or deleted.
fn part(change: &PolicyChange) -> Option<String> {
    let part = match (&change.kind, &change.target) {
        (K::InlinePolicyPut { policy } | K::InlinePolicyDeleted { policy }, _) => {
            return Some(format!("inline {policy}"));
        }
        (K::TrustPolicyPut, _) | (K::Created | K::Deleted, T::Role(_)) => "trust",
        (K::Created | K::Deleted, T::Key(_) | T::Bucket(_) | T::VpcEndpoints(_) | T::AccessPoint(_)) => {
            "policy"
        }
        (
            K::PolicyCreated
            | K::PolicyUpdated
            | K::PolicyDeleted
            | K::VersionCreated { default: true, .. }
            | K::DefaultVersionSet { .. },
            _,
        ) => "document",
        (K::ResourcePolicyPut | K::ResourcePolicyDeleted, _) => "policy",
        (K::BoundaryPut { .. } | K::BoundaryDeleted, _) => "boundary",
        (K::PublicAccessBlockPut | K::PublicAccessBlockDeleted, _) => "public access block",
        (K::EncryptionPut | K::EncryptionDeleted, _) => "encryption",
        (K::OwnershipPut | K::OwnershipDeleted, _) => "ownership",
        (K::AclPut, _) => "acl",
        (K::DataLakeSettingsPut, _) => "settings",
        _ => return None,
    };
    Some(part.to_owned())
}

fn slot(change: &PolicyChange, part: String) -> Slot {
    (word(&change.target), name_of(&change.target), change.account, part)
}

/// Tells a role from a user of the same name.
fn word(target: &T) -> &'static str {
    match target {
        T::User(_) => "user",
        T::Role(_) => "role",
        T::Group(_) => "group",
        T::ManagedPolicy(_) => "policy",
        T::OrganizationPolicy(_) => "organization policy",
        T::Bucket(_) | T::Object { .. } | T::AccessPoint(_) | T::AccountPublicAccess(_) => "s3",
        T::Key(_) | T::Alias(_) => "kms",
        _ => "other",
    }
}

/// The document as it was read.
fn current<'a>(evidence: &'a Evidence, change: &PolicyChange) -> Option<&'a Arc<PolicyDocument>> {
    let name = name_of(&change.target);
    let account = || change.account.and_then(|account| evidence.accounts.get(&account));
    match (&change.target, &change.kind) {
        (T::Role(_), K::TrustPolicyPut | K::Created) => {
            iam(evidence, change.account)?.roles.get(&name)?.trust.as_ref()
        }
        (T::Bucket(_), K::ResourcePolicyPut) => evidence.bucket(&name)?.1.policy.as_ref(),
        (T::Key(_), K::ResourcePolicyPut | K::Created) => account()?.keys.get(&name)?.policy.as_ref(),
        (T::VpcEndpoints(_), K::ResourcePolicyPut | K::Created) => {
            account()?.vpc_endpoints.get(&name)?.policy.as_ref()
        }
        (T::ManagedPolicy(arn), _) => iam(evidence, change.account)?.policies.get(arn)?.default_document(),
        _ => None,
    }
}

fn iam(evidence: &Evidence, account: Option<AccountId>) -> Option<&Iam> {
    evidence.accounts.get(&account?)?.iam.as_ref()
}
