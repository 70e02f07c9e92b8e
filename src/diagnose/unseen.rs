//! Changes that no event shows: what the events say was last written is not what the evidence has.
//!
//! Policies are read later than the denial. Between the two every change should be in the events; where the last one of
//! them and the policies disagree, somebody changed something that is in no event, and what applied is not known.

use std::collections::BTreeSet;

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
    let mut changes: Vec<&PolicyChange> = context
        .changes
        .iter()
        .filter(|change| change.event_time.is_some_and(|time| time <= at) && concerned.has(change))
        .collect();
    changes.sort_by_key(|change| std::cmp::Reverse(change.event_time));
    let mut seen = BTreeSet::new();
    let latest =
        changes.into_iter().filter(|change| Aspect::of(change).is_some_and(|aspect| seen.insert(aspect)));
    latest.filter(|change| agrees(world, change) == Some(false)).map(gap).collect()
}

fn gap(change: &PolicyChange) -> Gap {
    let name = change.subject().map_or(String::new(), |name| format!(" ({name})"));
    let time = change.event_time.map(|time| time.to_string()).unwrap_or_default();
    Gap {
        what: format!("what was changed after {}{name} of {time}", change.event_name),
        why: "the policies do not have what that event wrote, and no event shows another change".to_owned(),
    }
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
        found
    }

    fn has(&self, change: &PolicyChange) -> bool {
        if change.account != self.account {
            return false;
        }
        match &change.target {
            ChangeTarget::ManagedPolicy(arn) => self.managed.contains(arn),
            target => self.targets.contains(target) && change.kind != ChangeKind::TrustPolicyPut,
        }
    }
}

/// Whether the world has what a change wrote; `None` if that cannot be told.
fn agrees(world: &Evidence, change: &PolicyChange) -> Option<bool> {
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
