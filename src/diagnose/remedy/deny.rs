//! What to do about a Deny: meet its condition, or ask whoever wrote it.

use std::sync::Arc;

use super::{Proposer, Remedy};
use crate::diagnose::finding;
use crate::diagnose::policy_at::policy_mut;
use crate::evaluate::{LayerTrace, StatementTrace};

impl Proposer<'_> {
    pub(super) fn exempt(&self, layer: &LayerTrace, statement: &StatementTrace) -> Vec<Remedy> {
        let is_of_aws = finding::with_advice(&statement.policy).is_some();
        let avoid = Self::avoid_condition(statement).filter(|_| !is_of_aws);
        avoid.into_iter().chain(self.lift(layer, statement)).collect()
    }

    /// A Deny was written on purpose: its owner decides. What would still refuse without it is worth knowing.
    fn lift(&self, layer: &LayerTrace, statement: &StatementTrace) -> Option<Remedy> {
        let mut policies = self.examined.policies.clone();
        let policy = policy_mut(&mut policies, layer, statement.policy_index)?;
        let mut statements = policy.document.statements.clone();
        statements.retain(|other| other.index != statement.index);
        policy.document = Arc::new(policy.document.with_statements(statements));
        let who = self.owner_of(layer.layer);
        let mut text = format!(
            "ask the owner of {} whether this request should be exempt from statement {}, a Deny \
             that somebody wrote on purpose",
            statement.policy, statement.label
        );
        if let Some(special) = finding::with_advice(&statement.policy) {
            special.advice.clone_into(&mut text);
        }
        Some(Remedy { is_advice: true, ..self.tried(&policies, who, text, None) })
    }
}
