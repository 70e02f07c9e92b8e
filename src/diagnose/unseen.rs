//! Changes that no event shows: what the events say was last written is not what the evidence has.
//!
//! Policies are read later than the denial. Between the two every change should be in the events; where the last one of
//! them and the policies disagree, somebody changed something that is in no event, and what applied is not known.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use super::Context;
use super::gather::last;
use crate::evidence::{AttachedPolicy, Evidence, Gap, Iam, InlinePolicy};
use crate::policy::PolicyDocument;
use crate::request::{Principal, Request};
use crate::trail::change::{ChangeKind, ChangeTarget, PolicyChange};

/// What one of several changes overwrites: the same target and, of policies that stand side by side, the same one.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Aspect<'c> {
    target: &'c ChangeTarget,
    what: &'static str,
    policy: Option<&'c str>,
}

impl<'c> Aspect<'c> {
    fn of(change: &'c PolicyChange) -> Option<Self> {
        let (what, policy) = match &change.kind {
            ChangeKind::InlinePolicyPut { policy } | ChangeKind::InlinePolicyDeleted { policy } => {
                ("inline policy", Some(policy.as_str()))
            }
            ChangeKind::PolicyAttached { policy } | ChangeKind::PolicyDetached { policy } => {
                ("attached policy", Some(policy.as_str()))
            }
            ChangeKind::VersionCreated { default: true, .. } | ChangeKind::DefaultVersionSet { .. } => {
                ("default version", None)
            }
            ChangeKind::TrustPolicyPut => ("trust policy", None),
            ChangeKind::ResourcePolicyPut | ChangeKind::ResourcePolicyDeleted => ("policy", None),
            _ => return None,
        };
        Some(Self { target: &change.target, what, policy })
    }
}

/// The disagreements about what applies to a request, as of a moment.
pub(super) fn unseen(
    context: &Context<'_>,
    request: &Request,
    world: &Evidence,
    at: Option<Timestamp>,
) -> Vec<Gap> {
    let Some(at) = at else { return Vec::new() };
    let concerned = Concerned::of(request, world);
    let mut latest: BTreeMap<Aspect<'_>, Vec<&PolicyChange>> = BTreeMap::new();
    let earlier = |change: &&PolicyChange| change.event_time.is_some_and(|time| time <= at);
    for change in context.changes.iter().filter(earlier).filter(|change| concerned.has(change)) {
        let Some(aspect) = Aspect::of(change) else { continue };
        let known = latest.entry(aspect).or_default();
        match known.first().map(|other| other.event_time.cmp(&change.event_time)) {
            Some(Ordering::Greater) => {}
            // Of two in the same second nobody can tell which was the last.
            Some(Ordering::Equal) => known.push(change),
            Some(Ordering::Less) | None => *known = vec![change],
        }
    }
    let made_anew = |change: &PolicyChange| {
        context.changes.iter().any(|other| {
            matches!(other.kind, ChangeKind::Created | ChangeKind::Deleted)
                && other.target == change.target
                && other.account == change.account
                && other.event_time >= change.event_time
        })
    };
    let disagree = |changes: &&Vec<&PolicyChange>| {
        changes.iter().all(|change| agrees(world, change) == Some(false) && !made_anew(change))
    };
    latest.values().filter(disagree).filter_map(|changes| changes.first()).map(|change| gap(change)).collect()
}

fn gap(change: &PolicyChange) -> Gap {
    let name = change.subject().map_or(String::new(), |name| format!(" ({name})"));
    let time = change.event_time.map(|time| time.to_string()).unwrap_or_default();
    Gap {
        what: format!("what was changed after {}{name} of {time}", change.event_name),
        why: "the policies do not have what that event wrote, and no event shows another change".to_owned(),
    }
}

/// Whether a change can have to do with a request: one of a user, role or group that is neither the caller's nor what the
/// call was about has not.
pub(super) fn may_matter(change: &PolicyChange, request: &Request, world: &Evidence) -> bool {
    if let ChangeKind::MemberAdded { user } | ChangeKind::MemberRemoved { user } = &change.kind {
        return *user == request.principal.short_name();
    }
    let (ChangeTarget::User(name) | ChangeTarget::Role(name) | ChangeTarget::Group(name)) = &change.target
    else {
        return true;
    };
    let is_resource =
        request.resource.arn().is_some_and(|arn| arn.service() == "iam" && last(arn.resource()) == name);
    is_resource || Concerned::of(request, world).has(change)
}

/// The principals and resources whose changes matter to a request.
struct Concerned {
    targets: Vec<ChangeTarget>,
    account: Option<crate::ids::AccountId>,
    /// Managed policies of the caller.
    managed: Vec<String>,
}

impl Concerned {
    fn of(request: &Request, world: &Evidence) -> Self {
        let account = request.principal.account();
        let iam = account.and_then(|account| world.accounts.get(&account)?.iam.as_ref());
        let mut found = Self { targets: Vec::new(), account, managed: Vec::new() };
        let arns = |attached: &[AttachedPolicy]| {
            attached.iter().map(|policy| policy.arn.clone()).collect::<Vec<_>>()
        };
        match &request.principal {
            Principal::User { arn, .. } => {
                let name = last(arn.resource());
                found.targets.push(ChangeTarget::User(name.to_owned()));
                if let Some(user) = iam.and_then(|iam| iam.users.get(name)) {
                    found.targets.extend(user.groups.iter().cloned().map(ChangeTarget::Group));
                    found.managed = arns(&user.attached);
                    let groups = user.groups.iter().filter_map(|name| iam?.groups.get(name));
                    found.managed.extend(groups.flat_map(|group| arns(&group.attached)));
                }
            }
            Principal::Role(session) => {
                found.targets.push(ChangeTarget::Role(session.role_name().to_owned()));
                let role = iam.and_then(|iam| iam.roles.get(session.role_name()));
                found.managed = role.map(|role| arns(&role.attached)).unwrap_or_default();
            }
            _ => {}
        }
        found.targets.extend(resource(request));
        found
    }

    fn has(&self, change: &PolicyChange) -> bool {
        match &change.target {
            ChangeTarget::Bucket(_) => self.targets.contains(&change.target),
            _ if change.account != self.account => false,
            ChangeTarget::ManagedPolicy(arn) => self.managed.contains(arn),
            target => self.targets.contains(target) && change.kind != ChangeKind::TrustPolicyPut,
        }
    }
}

/// The bucket of a request; its name is unique.
fn resource(request: &Request) -> Option<ChangeTarget> {
    let arn = request.resource.arn().filter(|arn| arn.service() == "s3")?;
    arn.resource().split('/').next().map(|name| ChangeTarget::Bucket(name.to_owned()))
}

/// Whether the world has what a change wrote; `None` if that cannot be told.
fn agrees(world: &Evidence, change: &PolicyChange) -> Option<bool> {
    if let ChangeTarget::Bucket(name) = &change.target {
        let document: &Arc<PolicyDocument> = world.bucket(name)?.1.policy.as_ref()?;
        return match change.kind {
            ChangeKind::ResourcePolicyPut => same_text(document, change.new_document.as_deref()?),
            ChangeKind::ResourcePolicyDeleted => Some(document.statements.is_empty()),
            _ => None,
        };
    }
    let iam = world.accounts.get(&change.account?)?.iam.as_ref()?;
    match &change.target {
        ChangeTarget::ManagedPolicy(arn) => {
            let document = iam.policies.get(arn)?.default_document()?;
            let ChangeKind::VersionCreated { .. } = &change.kind else { return None };
            same_text(document, change.new_document.as_deref()?)
        }
        target => {
            let (inline, attached) = holder(iam, target)?;
            match &change.kind {
                ChangeKind::InlinePolicyPut { policy } => {
                    match inline.iter().find(|own| own.name == *policy) {
                        None => Some(false),
                        Some(own) => same_text(&own.document, change.new_document.as_deref()?),
                    }
                }
                ChangeKind::InlinePolicyDeleted { policy } => {
                    Some(inline.iter().all(|own| own.name != *policy))
                }
                ChangeKind::PolicyAttached { policy } => Some(attached.iter().any(|own| own.arn == *policy)),
                ChangeKind::PolicyDetached { policy } => Some(attached.iter().all(|own| own.arn != *policy)),
                _ => None,
            }
        }
    }
}

fn holder<'i>(iam: &'i Iam, target: &ChangeTarget) -> Option<(&'i [InlinePolicy], &'i [AttachedPolicy])> {
    match target {
        ChangeTarget::User(name) => {
            iam.users.get(name).map(|user| (user.inline.as_slice(), user.attached.as_slice()))
        }
        ChangeTarget::Role(name) => {
            iam.roles.get(name).map(|role| (role.inline.as_slice(), role.attached.as_slice()))
        }
        ChangeTarget::Group(name) => {
            iam.groups.get(name).map(|group| (group.inline.as_slice(), group.attached.as_slice()))
        }
        _ => None,
    }
}

/// Whether two texts are the same policy but for white space and the order of names.
fn same_text(document: &PolicyDocument, text: &str) -> Option<bool> {
    if document.unreadable {
        return None;
    }
    let one: Value = serde_json::from_str(document.text()).ok()?;
    let other: Value = serde_json::from_str(text).ok()?;
    Some(one == other)
}
