//! Which changes in the organization reach an account: those of the account, of everything above it, and of the
//! policies attached there.

use std::collections::BTreeSet;

use super::Seen;
use crate::evaluate::Known;
use crate::evidence::{Evidence, OrganizationFacts, PolicyType};
use crate::ids::AccountId;
use crate::trail::change::{ChangeKind as K, ChangeTarget as T, PolicyChange};

/// An account and everything above it, now and before it was moved.
pub(super) struct Above<'a> {
    account: AccountId,
    facts: Option<&'a OrganizationFacts>,
    /// Roots, organizational units and the account; empty where its place is not known.
    places: BTreeSet<String>,
    /// Policies that are attached to one of the places, or were.
    policies: BTreeSet<String>,
    kind: PolicyType,
}

impl<'a> Above<'a> {
    pub(super) fn new(
        evidence: &'a Evidence,
        seen: &[Seen<'_>],
        account: AccountId,
        kind: PolicyType,
    ) -> Self {
        let facts = match &evidence.organization.0 {
            Known::Known(facts) => facts.as_ref(),
            Known::Unknown(_) => None,
        };
        let mut places: BTreeSet<String> =
            facts.and_then(|facts| facts.path_to(account)).into_iter().flatten().collect();
        let moves = seen.iter().filter_map(|seen| match (&seen.change.target, &seen.change.kind) {
            (T::OrganizationTarget(moved), K::AccountMoved { from, to }) if *moved == account.to_string() => {
                Some([from.clone(), to.clone()])
            }
            _ => None,
        });
        for parent in moves.flatten() {
            places.extend(facts.map(|facts| with_parents(facts, &parent)).unwrap_or_default());
            places.insert(parent);
        }
        let mut policies: BTreeSet<String> = BTreeSet::new();
        for place in &places {
            policies
                .extend(facts.and_then(|facts| facts.attachments.get(place)).into_iter().flatten().cloned());
        }
        for Seen { change, .. } in seen {
            if let (T::OrganizationTarget(place), K::PolicyAttached { policy } | K::PolicyDetached { policy }) =
                (&change.target, &change.kind)
                && places.contains(place)
            {
                policies.insert(policy.clone());
            }
        }
        Self { account, facts, places, policies, kind }
    }

    /// Why a change in the organization concerns the account.
    pub(super) fn why(&self, change: &PolicyChange) -> Option<String> {
        let account = self.account;
        let place = match &change.target {
            T::OrganizationTarget(place) => place,
            T::OrganizationPolicy(id) => return self.why_policy(id),
            _ => return None,
        };
        if let K::PolicyAttached { policy } | K::PolicyDetached { policy } = &change.kind
            && self.is_of_other_kind(policy)
        {
            return None;
        }
        if self.places.is_empty() {
            return Some(format!("whether account {account} is below {place} is not known"));
        }
        if !self.places.contains(place) {
            return None;
        }
        Some(if *place == account.to_string() {
            format!("it is about account {account}")
        } else {
            format!("{place} is above account {account}")
        })
    }

    fn why_policy(&self, id: &str) -> Option<String> {
        if self.is_of_other_kind(id) {
            return None;
        }
        if self.places.is_empty() {
            return Some(format!("whether it reaches account {} is not known", self.account));
        }
        self.policies
            .contains(id)
            .then(|| format!("it is or was attached to account {} or above it", self.account))
    }

    fn is_of_other_kind(&self, policy: &str) -> bool {
        let known = self.facts.and_then(|facts| facts.policies.get(policy));
        known.is_some_and(|policy| policy.kind != self.kind)
    }
}

fn with_parents(facts: &OrganizationFacts, place: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut node = facts.nodes.get(place);
    while let Some(parent) = node.and_then(|node| node.parent.clone()) {
        // INVARIANT: no path is longer than the number of nodes, or the tree has a cycle.
        if found.len() > facts.nodes.len() {
            break;
        }
        node = facts.nodes.get(&parent);
        found.push(parent);
    }
    found
}
