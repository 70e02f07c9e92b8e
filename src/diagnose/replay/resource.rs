//! Changes of resources: buckets, keys, endpoints, queues and whatever else has a policy or tags.

use super::Undo;
use super::earlier::{Earlier, is_policy};
use crate::evidence::Evidence;
use crate::trail::change::{ChangeKind, ChangeTarget};

/// Undoes a change of a resource: its policy before, if the events show it, or nothing known of the fact.
pub(super) fn undo(world: &mut Evidence, earlier: &Earlier<'_>) -> Undo {
    let change = earlier.change;
    let last = |name: &str| name.rsplit(['/', ':']).next().unwrap_or(name).to_owned();
    if matches!(change.kind, ChangeKind::Tagged(_) | ChangeKind::Untagged(_)) {
        return resource_tags(world, earlier);
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
            let after = account.resource_policies.remove(&key);
            let before = earlier.policy_before(after.as_deref());
            account.resource_policies.extend(before.map(|document| (key, document)));
        }
    }
    undone
}

fn resource_tags(world: &mut Evidence, earlier: &Earlier<'_>) -> Undo {
    let (ChangeTarget::Bucket(name)
    | ChangeTarget::Key(name)
    | ChangeTarget::Queue(name)
    | ChangeTarget::Secret(name)
    | ChangeTarget::Resource(name)) = &earlier.change.target
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
        let meant: Vec<String> = by_arn.keys().filter(|arn| is_meant(arn)).cloned().collect();
        for arn in meant {
            let mut tags = by_arn.remove(&arn);
            earlier.restore_tags(&mut tags);
            by_arn.extend(tags.map(|tags| (arn, tags)));
            undone = Undo::Done;
        }
    }
    undone
}
