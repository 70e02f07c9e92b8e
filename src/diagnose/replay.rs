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
    /// The same, with attachments kept whose beginning is not sure: attaching what is attached already succeeds too.
    pub with_doubtful: Option<Evidence>,
    /// What cannot be known of that moment.
    pub gaps: Vec<Gap>,
}

/// What undoing a change did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Undo {
    /// The state before is restored, or is marked as unknown.
    Done,
    /// The state before is assumed: the change may have changed nothing.
    Doubtful,
    /// The change concerns nothing that is in the evidence.
    NotConcerned,
}

/// One world that is rolled back, so that denials asked about from the latest to the earliest share the work.
pub(crate) struct Rewind<'a> {
    past: Past,
    /// Changes that are not undone yet, the latest last.
    left: Vec<&'a PolicyChange>,
    changes: &'a [PolicyChange],
}

impl<'a> Rewind<'a> {
    /// Starts with the world as it was read.
    pub(crate) fn new(evidence: &Evidence, changes: &'a [PolicyChange]) -> Self {
        let past = Past { evidence: without_events(evidence), with_doubtful: None, gaps: Vec::new() };
        let mut left: Vec<&PolicyChange> =
            changes.iter().filter(|change| change.event_time.is_some()).collect();
        left.sort_by_key(|change| change.event_time);
        Self { past, left, changes }
    }

    /// The world as of a moment, which must not be later than the one asked for before.
    pub(crate) fn to(&mut self, at: Option<Timestamp>) -> &Past {
        self.past.gaps.clear();
        let Some(at) = at else {
            self.past.gaps.push(Gap {
                what: "the policies at the moment of the denial".to_owned(),
                why: "the event has no time; these are the policies as they were read".to_owned(),
            });
            return &self.past;
        };
        while let Some(change) = self.left.pop_if(|change| change.event_time.is_some_and(|time| time > at)) {
            self.undo(change);
        }
        &self.past
    }

    fn undo(&mut self, change: &PolicyChange) {
        let may_be_doubtful =
            matches!(change.kind, ChangeKind::PolicyAttached { .. } | ChangeKind::MemberAdded { .. });
        let past = &mut self.past;
        let before = (may_be_doubtful && past.with_doubtful.is_none()).then(|| past.evidence.clone());
        let undone = undo(&mut past.evidence, change, self.changes);
        match (undone, before, &mut past.with_doubtful) {
            (Undo::Doubtful, Some(before), doubtful) => *doubtful = Some(before),
            // The first doubtful change has kept a world in which this one stays as well.
            (Undo::Doubtful, None, _) => {}
            (_, _, Some(doubtful)) => {
                undo(doubtful, change, self.changes);
            }
            _ => {}
        }
    }
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

/// Undoes one change. What is not understood is not ignored: the fact it may have changed becomes unknown.
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
        ChangeTarget::OrganizationTarget(_)
        | ChangeTarget::OrganizationPolicy(_)
        | ChangeTarget::OrganizationDelegation => undo_organization(world, &earlier),
        _ => undo_resource(world, &earlier),
    }
}

/// Undoes a change of a resource: its policy before, if the events show it, or nothing known of the fact.
fn undo_resource(world: &mut Evidence, earlier: &Earlier<'_>) -> Undo {
    let change = earlier.change;
    let last = |name: &str| name.rsplit(['/', ':']).next().unwrap_or(name).to_owned();
    if matches!(change.kind, ChangeKind::Tagged(_) | ChangeKind::Untagged(_)) {
        return forget_resource_tags(world, &change.target);
    }
    match &change.target {
        ChangeTarget::Bucket(name) => {
            let bucket = world.accounts.values_mut().find_map(|account| account.buckets.get_mut(name));
            let Some(bucket) = bucket else { return Undo::NotConcerned };
            match &change.kind {
                kind if is_policy(kind) => bucket.policy = earlier.resource_policy(),
                ChangeKind::PublicAccessBlockPut | ChangeKind::PublicAccessBlockDeleted => {
                    bucket.public_access_block = None;
                }
                ChangeKind::EncryptionPut | ChangeKind::EncryptionDeleted => bucket.encryption = None,
                ChangeKind::OwnershipPut | ChangeKind::OwnershipDeleted => bucket.object_ownership = None,
                ChangeKind::AclPut => bucket.acl = None,
                _ => return Undo::NotConcerned,
            }
        }
        ChangeTarget::AccountPublicAccess(account) => {
            let account = account.or(change.account).and_then(|account| world.accounts.get_mut(&account));
            let Some(account) = account else { return Undo::NotConcerned };
            account.public_access_block = None;
        }
        ChangeTarget::Key(name) => {
            let key = world.accounts.values_mut().find_map(|account| account.keys.get_mut(&last(name)));
            let Some(key) = key else { return Undo::NotConcerned };
            match &change.kind {
                kind if is_policy(kind) => key.policy = earlier.resource_policy(),
                ChangeKind::GrantCreated { grant: Some(id), .. } if key.grants.is_some() => {
                    key.grants.iter_mut().for_each(|grants| grants.retain(|grant| grant.id != *id));
                }
                ChangeKind::GrantCreated { .. }
                | ChangeKind::GrantRetired { .. }
                | ChangeKind::GrantRevoked { .. } => key.grants = None,
                ChangeKind::KeyEnabled
                | ChangeKind::KeyDisabled
                | ChangeKind::KeyDeletionScheduled
                | ChangeKind::KeyDeletionCancelled
                | ChangeKind::KeyMaterialImported
                | ChangeKind::KeyMaterialDeleted => key.state = None,
                _ => return Undo::NotConcerned,
            }
        }
        ChangeTarget::Alias(name) => {
            let has_alias =
                |aliases: &Option<Vec<String>>| aliases.as_ref().is_some_and(|all| all.contains(name));
            let keys = world.accounts.values_mut().flat_map(|account| account.keys.values_mut());
            keys.filter(|key| has_alias(&key.aliases)).for_each(|key| key.aliases = None);
        }
        ChangeTarget::VpcEndpoints(ids) => {
            let before = earlier.endpoint_policy();
            let endpoints = world.accounts.values_mut().flat_map(|account| account.vpc_endpoints.iter_mut());
            let meant = endpoints.filter(|(id, _)| ids.contains(id));
            meant.for_each(|(_, endpoint)| endpoint.policy.clone_from(&before));
        }
        ChangeTarget::Queue(name) => return undo_policy_of(world, earlier, "sqs", &last(name)),
        ChangeTarget::Topic(name) => return undo_policy_of(world, earlier, "sns", &last(name)),
        ChangeTarget::Function(name) => return undo_policy_of(world, earlier, "lambda", &last(name)),
        ChangeTarget::Secret(name) => return undo_policy_of(world, earlier, "secretsmanager", &last(name)),
        ChangeTarget::Repository(name) => return undo_policy_of(world, earlier, "ecr", name),
        ChangeTarget::PolicyOf { service, name } => return undo_policy_of(world, earlier, service, name),
        _ => return Undo::NotConcerned,
    }
    Undo::Done
}

/// A resource-based policy in `resource-policies/`; names of secrets have a suffix there.
fn undo_policy_of(world: &mut Evidence, earlier: &Earlier<'_>, service: &str, name: &str) -> Undo {
    let before = earlier.resource_policy();
    let mut undone = Undo::NotConcerned;
    for account in world.accounts.values_mut() {
        let is_meant = |(of, key): &(String, String)| {
            of == service
                && (key == name || (service == "secretsmanager" && key.starts_with(&format!("{name}-"))))
        };
        let keys: Vec<(String, String)> =
            account.resource_policies.keys().filter(|key| is_meant(key)).cloned().collect();
        for key in keys {
            undone = Undo::Done;
            match &before {
                Some(document) => account.resource_policies.insert(key, Arc::clone(document)),
                None => account.resource_policies.remove(&key),
            };
        }
    }
    undone
}

/// Tags of a resource were set or removed; what they were before, the event does not say.
fn forget_resource_tags(world: &mut Evidence, target: &ChangeTarget) -> Undo {
    let (ChangeTarget::Bucket(name)
    | ChangeTarget::Key(name)
    | ChangeTarget::Queue(name)
    | ChangeTarget::Secret(name)
    | ChangeTarget::Resource(name)) = target
    else {
        return Undo::NotConcerned;
    };
    let name = name.rsplit(['/', ':']).next().unwrap_or(name);
    let is_meant = |arn: &str| {
        let last = arn.rsplit(['/', ':']).next().unwrap_or(arn);
        last == name || last.strip_prefix(name).is_some_and(|rest| rest.starts_with('-'))
    };
    let mut undone = Undo::NotConcerned;
    for by_arn in world.accounts.values_mut().filter_map(|account| account.resource_tags.as_mut()) {
        let known = by_arn.len();
        by_arn.retain(|arn, _| !is_meant(arn));
        if by_arn.len() < known {
            undone = Undo::Done;
        }
    }
    undone
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

    /// The endpoint policy before; `None` is unknown.
    fn endpoint_policy(&self) -> Option<Arc<PolicyDocument>> {
        let before = self.latest(|kind| is_policy(kind) || *kind == ChangeKind::Created)?;
        let is_default = before.kind == ChangeKind::ResourcePolicyDeleted
            || (before.kind == ChangeKind::Created
                && before.new_document.is_none()
                && !before.document_hidden);
        if is_default {
            return Some(Arc::new(PolicyDocument::parse(FULL_ACCESS)));
        }
        before.new_document.is_some().then(|| Self::document(before))
    }

    /// The resource policy before; `None` is unknown.
    fn resource_policy(&self) -> Option<Arc<PolicyDocument>> {
        let before = self.latest(|kind| is_policy(kind) || *kind == ChangeKind::Created)?;
        let none = || Arc::new(PolicyDocument::parse("{\"Statement\":[]}"));
        match (&before.kind, &before.target, &before.new_document) {
            (ChangeKind::ResourcePolicyDeleted, ..) => Some(none()),
            // A new bucket has no policy; a new key without one has the default, whose text the event does not show.
            (ChangeKind::Created, ChangeTarget::Bucket(_), _) => Some(none()),
            (ChangeKind::Created, _, None) => None,
            _ => Some(Self::document(before)),
        }
    }
}

/// The policy of an endpoint for which none was written.
///
/// Source: <https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html#vpc-endpoint-policies-considerations>
const FULL_ACCESS: &str = r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;

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
            previous_version(iam, earlier, version.as_deref())
        }
        ChangeKind::DefaultVersionSet { version } => previous_version(iam, earlier, Some(version)),
        ChangeKind::BoundaryPut { .. } | ChangeKind::BoundaryDeleted => boundary(iam, earlier),
        ChangeKind::TrustPolicyPut => trust(iam, earlier),
        ChangeKind::MemberAdded { user } | ChangeKind::MemberRemoved { user } => {
            membership(iam, change, user)
        }
        ChangeKind::Tagged(_) | ChangeKind::Untagged(_) => forget_tags(iam, &change.target),
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

/// Whether a version is one of IAM's, and not the text of an event.
fn is_numbered(id: &str) -> bool {
    id.strip_prefix('v').is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Tags were set or removed; what they were before, the event does not say.
fn forget_tags(iam: &mut Iam, target: &ChangeTarget) -> Undo {
    let tags = match target {
        ChangeTarget::User(name) => iam.users.get_mut(name).map(|user| &mut user.tags),
        ChangeTarget::Role(name) => iam.roles.get_mut(name).map(|role| &mut role.tags),
        _ => None,
    };
    match tags {
        Some(tags) => {
            *tags = None;
            Undo::Done
        }
        None => Undo::NotConcerned,
    }
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
        (ChangeTarget::OrganizationTarget(account), ChangeKind::AccountMoved { from, .. }) => {
            let Some(node) = facts.nodes.get_mut(account) else { return Undo::NotConcerned };
            node.parent = Some(from.clone());
            Undo::Done
        }
        (_, ChangeKind::PolicyTypeEnabled { .. } | ChangeKind::PolicyTypeDisabled { .. }) => {
            facts.enabled_types = None;
            Undo::Done
        }
        (
            _,
            ChangeKind::DelegatedAdministratorSet { .. } | ChangeKind::DelegatedAdministratorRemoved { .. },
        ) => {
            facts.delegated_administrators = None;
            Undo::Done
        }
        (ChangeTarget::OrganizationTarget(account), ChangeKind::AccountJoined | ChangeKind::AccountLeft) => {
            let why = format!("account {account} joined or left it; how it was before is not known");
            world.organization.0 = Known::Unknown(why);
            Undo::Done
        }
        (ChangeTarget::OrganizationDelegation, _) => {
            facts.delegation_policy = None;
            Undo::Done
        }
        _ => Undo::NotConcerned,
    }
}
