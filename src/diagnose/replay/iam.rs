//! Changes of users, groups, roles and managed policies.

use std::sync::Arc;

use super::Undo;
use super::earlier::Earlier;
use crate::evidence::{AttachedPolicy, Iam, InlinePolicy, ManagedVersion};
use crate::policy::PolicyDocument;
use crate::trail::change::{ChangeKind, ChangeTarget, PolicyChange};

struct Holder<'a> {
    inline: &'a mut Vec<InlinePolicy>,
    attached: &'a mut Vec<AttachedPolicy>,
}

fn holder<'a>(iam: &'a mut Iam, target: &ChangeTarget) -> Option<Holder<'a>> {
    match target {
        ChangeTarget::User(name) => iam
            .users
            .get_mut(name)
            .map(|user| Holder { inline: &mut user.inline, attached: &mut user.attached }),
        ChangeTarget::Role(name) => iam
            .roles
            .get_mut(name)
            .map(|role| Holder { inline: &mut role.inline, attached: &mut role.attached }),
        ChangeTarget::Group(name) => iam
            .groups
            .get_mut(name)
            .map(|group| Holder { inline: &mut group.inline, attached: &mut group.attached }),
        _ => None,
    }
}

pub(super) fn undo(iam: &mut Iam, change: &PolicyChange, earlier: &Earlier<'_>) -> Undo {
    match &change.kind {
        ChangeKind::VersionCreated { default: true, version } => {
            previous_version(iam, earlier, version.as_deref())
        }
        ChangeKind::DefaultVersionSet { version } => previous_version(iam, earlier, Some(version)),
        ChangeKind::BoundaryPut { .. } | ChangeKind::BoundaryDeleted => boundary(iam, earlier),
        ChangeKind::TrustPolicyPut => trust(iam, earlier),
        ChangeKind::MemberAdded { user } | ChangeKind::MemberRemoved { user } => {
            membership(iam, change, user)
        }
        ChangeKind::Tagged(_) | ChangeKind::Untagged(_) => tags(iam, earlier),
        kind => match holder(iam, &change.target) {
            Some(holder) => undo_attachment(holder, kind, earlier),
            None => Undo::NotConcerned,
        },
    }
}

fn undo_attachment(holder: Holder<'_>, kind: &ChangeKind, earlier: &Earlier<'_>) -> Undo {
    match kind {
        ChangeKind::PolicyAttached { policy } => {
            if !holder.attached.iter().any(|attached| attached.arn == *policy) {
                return Undo::NotConcerned;
            }
            let concerns = |kind: &ChangeKind| match kind {
                ChangeKind::PolicyAttached { policy: other }
                | ChangeKind::PolicyDetached { policy: other } => other == policy,
                ChangeKind::Created => true,
                _ => false,
            };
            let before = earlier.latest(concerns).map(|before| &before.kind);
            // Attaching a policy that is attached already succeeds as well, and changes nothing.
            if matches!(before, Some(ChangeKind::PolicyAttached { .. })) {
                return Undo::NotConcerned;
            }
            holder.attached.retain(|attached| attached.arn != *policy);
            if before.is_some() { Undo::Done } else { Undo::Doubtful }
        }
        ChangeKind::PolicyDetached { policy } => {
            let name = policy.rsplit('/').next().unwrap_or(policy).to_owned();
            holder.attached.push(AttachedPolicy { name, arn: policy.clone() });
            Undo::Done
        }
        ChangeKind::InlinePolicyPut { policy } | ChangeKind::InlinePolicyDeleted { policy } => {
            holder.inline.retain(|inline| inline.name != *policy);
            let concerns = |kind: &ChangeKind| match kind {
                ChangeKind::InlinePolicyPut { policy: other }
                | ChangeKind::InlinePolicyDeleted { policy: other } => other == policy,
                ChangeKind::Created => true,
                _ => false,
            };
            let document = match earlier.latest(concerns) {
                Some(before) if matches!(before.kind, ChangeKind::InlinePolicyPut { .. }) => {
                    Some(Earlier::document(before))
                }
                Some(_) => None,
                None => Some(Arc::new(PolicyDocument::unread())),
            };
            holder.inline.extend(document.map(|document| InlinePolicy { name: policy.clone(), document }));
            Undo::Done
        }
        _ => Undo::NotConcerned,
    }
}

/// The version that was the default before, as the events tell it; without events, the only other version there
/// ever was; else an unknown one.
fn previous_version(iam: &mut Iam, earlier: &Earlier<'_>, version: Option<&str>) -> Undo {
    let ChangeTarget::ManagedPolicy(arn) = &earlier.change.target else { return Undo::NotConcerned };
    let Some(policy) = iam.policies.get_mut(arn) else { return Undo::NotConcerned };
    let before = earlier.latest(|kind| {
        matches!(
            kind,
            ChangeKind::PolicyCreated
                | ChangeKind::VersionCreated { default: true, .. }
                | ChangeKind::DefaultVersionSet { .. }
        )
    });
    let known = match before.map(|before| (&before.kind, before)) {
        Some((ChangeKind::DefaultVersionSet { version }, _)) => Some(version.clone()),
        Some((_, before)) if before.new_document.is_some() => {
            let id =
                format!("(as of {})", before.event_time.map(|time| time.to_string()).unwrap_or_default());
            let document = Earlier::document(before);
            policy.versions.push(ManagedVersion {
                id: id.clone(),
                is_default: false,
                created: None,
                document,
            });
            Some(id)
        }
        Some(_) => None,
        None if version == Some("v2")
            && policy.versions.iter().filter(|known| is_numbered(&known.id)).count() == 2 =>
        {
            Some("v1".to_owned())
        }
        None => None,
    };
    let known = known.filter(|id| policy.versions.iter().any(|version| version.id == *id));
    policy.default_version = Some(known.unwrap_or_else(|| {
        let id = "(not known)".to_owned();
        let document = Arc::new(PolicyDocument::unread());
        policy.versions.push(ManagedVersion { id: id.clone(), is_default: false, created: None, document });
        id
    }));
    Undo::Done
}

/// See [`super::assume_only_other_version`].
pub(super) fn only_other_version(iam: &mut Iam, change: &PolicyChange) -> bool {
    let ChangeTarget::ManagedPolicy(arn) = &change.target else { return false };
    let (ChangeKind::VersionCreated { default: true, version: Some(after) }
    | ChangeKind::DefaultVersionSet { version: after }) = &change.kind
    else {
        return false;
    };
    let Some(policy) = iam.policies.get_mut(arn) else { return false };
    let mut others = policy.versions.iter().filter(|known| is_numbered(&known.id) && known.id != *after);
    let (Some(only), None) = (others.next(), others.next()) else { return false };
    policy.default_version = Some(only.id.clone());
    true
}

/// Whether a version is one of IAM's, and not the text of an event.
fn is_numbered(id: &str) -> bool {
    id.strip_prefix('v').is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
}

fn tags(iam: &mut Iam, earlier: &Earlier<'_>) -> Undo {
    let tags = match &earlier.change.target {
        ChangeTarget::User(name) => iam.users.get_mut(name).map(|user| &mut user.tags),
        ChangeTarget::Role(name) => iam.roles.get_mut(name).map(|role| &mut role.tags),
        _ => None,
    };
    let Some(tags) = tags else { return Undo::NotConcerned };
    earlier.restore_tags(tags);
    Undo::Done
}

fn boundary(iam: &mut Iam, earlier: &Earlier<'_>) -> Undo {
    let slot = match &earlier.change.target {
        ChangeTarget::User(name) => iam.users.get_mut(name).map(|user| &mut user.boundary),
        ChangeTarget::Role(name) => iam.roles.get_mut(name).map(|role| &mut role.boundary),
        _ => None,
    };
    let Some(slot) = slot else { return Undo::NotConcerned };
    let before =
        earlier.latest(|kind| matches!(kind, ChangeKind::BoundaryPut { .. } | ChangeKind::BoundaryDeleted));
    *slot = match before.map(|before| &before.kind) {
        Some(ChangeKind::BoundaryPut { policy }) => Some(policy.clone()),
        Some(_) => None,
        // An ARN that no policy has: the boundary before is not known.
        None => Some("(not known)".to_owned()),
    };
    Undo::Done
}

fn trust(iam: &mut Iam, earlier: &Earlier<'_>) -> Undo {
    let ChangeTarget::Role(name) = &earlier.change.target else { return Undo::NotConcerned };
    let Some(role) = iam.roles.get_mut(name) else { return Undo::NotConcerned };
    let before = earlier.latest(|kind| matches!(kind, ChangeKind::TrustPolicyPut | ChangeKind::Created));
    role.trust = before.filter(|before| before.new_document.is_some()).map(Earlier::document);
    Undo::Done
}

fn membership(iam: &mut Iam, change: &PolicyChange, user: &str) -> Undo {
    let ChangeTarget::Group(group) = &change.target else { return Undo::NotConcerned };
    let Some(user) = iam.users.get_mut(user) else { return Undo::NotConcerned };
    if matches!(change.kind, ChangeKind::MemberAdded { .. }) {
        user.groups.retain(|name| name != group);
        // Adding a member again succeeds as well.
        return Undo::Doubtful;
    }
    if !user.groups.contains(group) {
        user.groups.push(group.clone());
    }
    Undo::Done
}
