//! Policies are read now, the denial was then: changes are undone, newest first.

use std::sync::Arc;

use jiff::Timestamp;

use crate::evaluate::Known;
use crate::evidence::{AttachedPolicy, Evidence, Gap, Iam, InlinePolicy, ManagedVersion};
use crate::policy::PolicyDocument;
use crate::trail::change::{ChangeKind, ChangeTarget, PolicyChange};

/// The world as it was at a moment.
pub(crate) struct Past {
    /// The evidence without its events.
    pub evidence: Evidence,
    /// What cannot be known of that moment.
    pub gaps: Vec<Gap>,
}

/// What undoing a change did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Undo {
    /// The state before is restored, or is marked as unknown.
    Done,
    /// The change concerns nothing that is in the evidence.
    NotConcerned,
}

/// The evidence as of a moment: every change after it is undone.
pub(crate) fn world_at(evidence: &Evidence, changes: &[PolicyChange], at: Option<Timestamp>) -> Past {
    let mut past = Past { evidence: without_events(evidence), gaps: Vec::new() };
    let Some(at) = at else { return past };
    let later = changes.iter().filter(|change| change.event_time.is_some_and(|time| time > at));
    let mut later: Vec<&PolicyChange> = later.collect();
    later.sort_by_key(|change| std::cmp::Reverse(change.event_time));
    for change in later {
        undo(&mut past.evidence, change, changes);
    }
    past
}

pub(crate) fn without_events(evidence: &Evidence) -> Evidence {
    Evidence {
        scope: evidence.scope.clone(),
        events: Vec::new(),
        organization: evidence.organization.clone(),
        accounts: evidence.accounts.clone(),
        gaps: evidence.gaps.clone(),
    }
}

/// Undoes one change.
pub(crate) fn undo(world: &mut Evidence, change: &PolicyChange, history: &[PolicyChange]) -> Undo {
    let earlier = Earlier { change, history };
    match &change.target {
        ChangeTarget::User(_)
        | ChangeTarget::Role(_)
        | ChangeTarget::Group(_)
        | ChangeTarget::ManagedPolicy(_) => {
            let account = change.account.and_then(|account| world.accounts.get_mut(&account));
            match account.and_then(|account| account.iam.as_mut()) {
                Some(iam) => undo_iam(iam, change, &earlier),
                None => Undo::NotConcerned,
            }
        }
        ChangeTarget::Bucket(name) => {
            let bucket = world.accounts.values_mut().find_map(|account| account.buckets.get_mut(name));
            match bucket {
                Some(bucket) if is_policy(&change.kind) => {
                    bucket.policy = earlier.resource_policy();
                    Undo::Done
                }
                _ => Undo::NotConcerned,
            }
        }
        ChangeTarget::Key(name) => {
            let id = name.rsplit('/').next().unwrap_or(name);
            let key = world.accounts.values_mut().find_map(|account| account.keys.get_mut(id));
            match key {
                Some(key) if is_policy(&change.kind) => {
                    key.policy = earlier.resource_policy();
                    Undo::Done
                }
                _ => Undo::NotConcerned,
            }
        }
        ChangeTarget::OrganizationTarget(_) | ChangeTarget::OrganizationPolicy(_) => {
            undo_organization(world, &earlier)
        }
        _ => Undo::NotConcerned,
    }
}

fn is_policy(kind: &ChangeKind) -> bool {
    matches!(kind, ChangeKind::ResourcePolicyPut | ChangeKind::ResourcePolicyDeleted)
}

/// Earlier changes of the same target, from which the state before can be told.
struct Earlier<'a> {
    change: &'a PolicyChange,
    history: &'a [PolicyChange],
}

impl<'a> Earlier<'a> {
    /// The latest earlier change of the same target that the test picks.
    fn latest(&self, test: impl Fn(&ChangeKind) -> bool) -> Option<&'a PolicyChange> {
        self.history
            .iter()
            .filter(|other| other.target == self.change.target && other.account == self.change.account)
            .filter(|other| other.event_time < self.change.event_time && test(&other.kind))
            .max_by_key(|other| other.event_time)
    }

    fn document(change: &PolicyChange) -> Arc<PolicyDocument> {
        Arc::new(change.new_document.as_deref().map_or_else(PolicyDocument::unread, PolicyDocument::parse))
    }

    /// The resource policy before; `None` is unknown.
    fn resource_policy(&self) -> Option<Arc<PolicyDocument>> {
        let before = self.latest(is_policy)?;
        Some(match before.kind {
            ChangeKind::ResourcePolicyDeleted => Arc::new(PolicyDocument::parse("{\"Statement\":[]}")),
            _ => Self::document(before),
        })
    }
}

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

fn undo_iam(iam: &mut Iam, change: &PolicyChange, earlier: &Earlier<'_>) -> Undo {
    match &change.kind {
        ChangeKind::VersionCreated { default: true, version } => {
            previous_version(iam, change, version.as_deref())
        }
        ChangeKind::DefaultVersionSet { version } => previous_version(iam, change, Some(version)),
        ChangeKind::BoundaryPut { .. } | ChangeKind::BoundaryDeleted => boundary(iam, earlier),
        ChangeKind::TrustPolicyPut => trust(iam, earlier),
        ChangeKind::MemberAdded { user } | ChangeKind::MemberRemoved { user } => {
            membership(iam, change, user)
        }
        kind => match holder(iam, &change.target) {
            Some(holder) => undo_attachment(holder, kind, earlier),
            None => Undo::NotConcerned,
        },
    }
}

fn undo_attachment(holder: Holder<'_>, kind: &ChangeKind, earlier: &Earlier<'_>) -> Undo {
    match kind {
        ChangeKind::PolicyAttached { policy } => {
            let before = holder.attached.len();
            holder.attached.retain(|attached| attached.arn != *policy);
            if holder.attached.len() == before { Undo::NotConcerned } else { Undo::Done }
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

/// The version that was the default before: the newest that was there by then, or an unknown one.
fn previous_version(iam: &mut Iam, change: &PolicyChange, version: Option<&str>) -> Undo {
    let ChangeTarget::ManagedPolicy(arn) = &change.target else { return Undo::NotConcerned };
    let Some(policy) = iam.policies.get_mut(arn) else { return Undo::NotConcerned };
    let created_by_change = matches!(change.kind, ChangeKind::VersionCreated { .. });
    let before = policy
        .versions
        .iter()
        .filter(|candidate| Some(candidate.id.as_str()) != version && candidate.created < change.event_time)
        .max_by_key(|candidate| candidate.created)
        .filter(|_| created_by_change || policy.versions.len() == 2)
        .map(|candidate| candidate.id.clone());
    policy.default_version = Some(before.unwrap_or_else(|| {
        let id = "(not known)".to_owned();
        let document = Arc::new(PolicyDocument::unread());
        policy.versions.push(ManagedVersion { id: id.clone(), is_default: false, created: None, document });
        id
    }));
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
    } else if !user.groups.contains(group) {
        user.groups.push(group.clone());
    }
    Undo::Done
}

fn undo_organization(world: &mut Evidence, earlier: &Earlier<'_>) -> Undo {
    let Known::Known(Some(facts)) = &mut world.organization.0 else { return Undo::NotConcerned };
    match (&earlier.change.target, &earlier.change.kind) {
        (ChangeTarget::OrganizationTarget(target), ChangeKind::PolicyAttached { policy }) => {
            let Some(attached) = facts.attachments.get_mut(target) else { return Undo::NotConcerned };
            attached.retain(|id| id != policy);
            Undo::Done
        }
        (ChangeTarget::OrganizationTarget(target), ChangeKind::PolicyDetached { policy }) => {
            let Some(attached) = facts.attachments.get_mut(target) else { return Undo::NotConcerned };
            attached.push(policy.clone());
            Undo::Done
        }
        (ChangeTarget::OrganizationPolicy(id), ChangeKind::PolicyUpdated) => {
            let Some(policy) = facts.policies.get_mut(id) else { return Undo::NotConcerned };
            let before = earlier
                .latest(|kind| matches!(kind, ChangeKind::PolicyUpdated | ChangeKind::PolicyCreated))
                .filter(|before| before.new_document.is_some());
            policy.document = before.map(Earlier::document);
            Undo::Done
        }
        _ => Undo::NotConcerned,
    }
}
