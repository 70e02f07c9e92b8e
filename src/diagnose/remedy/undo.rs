//! Taking back the change that made a denial start, where that is one step: what was detached is attached again.

use super::{Case, Proposer, Remedy};
use crate::diagnose::replay::undo;
use crate::evaluate::{Decision, Verdict};
use crate::evidence::Evidence;
use crate::trail::change::{ChangeKind, ChangeTarget, PolicyChange};

impl Proposer<'_> {
    /// The step back, tried out in the world before the change.
    pub(super) fn take_back(&self, case: &Case<'_>) -> Option<Remedy> {
        let introduced = case.introduced_by.filter(|introduced| introduced.event_id.is_some())?;
        let changes = case.context.changes;
        let change = changes.iter().find(|change| change.event_id == introduced.event_id)?;
        let mut before = case.world.clone();
        undo(&mut before, change, changes);
        let text = step_back(change, &before)?;
        let request = case.incident.attempt(self.examined)?.request.clone();
        let evaluation = case.context.examine_request(case.incident, request, &before).evaluation;
        let verified = evaluation.verdict == Verdict::Determined(Decision::Allowed);
        let who = match &change.target {
            ChangeTarget::OrganizationTarget(_) => self.organization_administrator(),
            _ => self.account_administrator(),
        };
        let step = match &change.kind {
            ChangeKind::Untagged(_) => Remedy::about_condition(who, text),
            _ => Remedy::advice(who, text),
        };
        Some(Remedy {
            verified,
            is_advice: false,
            is_open: matches!(evaluation.verdict, Verdict::Undetermined { .. }),
            next_denied_by: if verified { Vec::new() } else { evaluation.denied_by() },
            ..step
        })
    }
}

/// What to do so that things are as they were before a change.
fn step_back(change: &PolicyChange, before: &Evidence) -> Option<String> {
    let holder = holder(&change.target)?;
    match (&change.kind, &change.target) {
        (ChangeKind::PolicyDetached { policy }, ChangeTarget::OrganizationTarget(_)) => {
            Some(format!("attach {policy} to {holder} again"))
        }
        (ChangeKind::PolicyDetached { policy }, _) => {
            let name = policy.rsplit('/').next().unwrap_or(policy);
            Some(format!("attach {name} to {holder} again, with all that it allows"))
        }
        (ChangeKind::MemberRemoved { user }, _) => {
            Some(format!("add user {user} to {holder} again, with all that the group allows"))
        }
        (ChangeKind::Untagged(keys), target) => {
            let iam = before.accounts.get(&change.account?)?.iam.as_ref()?;
            let tags = match target {
                ChangeTarget::User(name) => iam.users.get(name)?.tags.as_ref()?,
                ChangeTarget::Role(name) => iam.roles.get(name)?.tags.as_ref()?,
                _ => return None,
            };
            let had: Option<Vec<String>> =
                keys.iter().map(|key| Some(format!("{key}={}", tags.get(key)?))).collect();
            let had = had.filter(|had| !had.is_empty())?.join(" and ");
            Some(format!("set {had} on {holder} again, the tag that it had"))
        }
        _ => None,
    }
}

fn holder(target: &ChangeTarget) -> Option<String> {
    Some(match target {
        ChangeTarget::User(name) => format!("user {name}"),
        ChangeTarget::Role(name) => format!("role {name}"),
        ChangeTarget::Group(name) => format!("group {name}"),
        ChangeTarget::OrganizationTarget(target) => target.clone(),
        _ => return None,
    })
}
