//! Changes of SCPs and RCPs, of where they are attached, and of the organization itself.

use super::Undo;
use super::earlier::Earlier;
use crate::evaluate::Known;
use crate::evidence::{Evidence, Node};
use crate::trail::change::{ChangeKind, ChangeTarget};

pub(super) fn undo(world: &mut Evidence, earlier: &Earlier<'_>) -> Undo {
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
        // Only an account of the organization can be removed; in which organizational unit it was, the event does not show.
        (ChangeTarget::OrganizationTarget(account), ChangeKind::AccountLeft)
            if earlier.change.event_name == "RemoveAccountFromOrganization"
                && facts.management_account.is_some()
                && facts.management_account == earlier.change.account =>
        {
            let parent = Some("(a place that is not known)".to_owned());
            let node = Node { id: account.clone(), name: None, parent };
            facts.nodes.entry(account.clone()).or_insert(node);
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
