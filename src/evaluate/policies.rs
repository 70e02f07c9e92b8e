//! The statements of one layer taken together: any Allow, any Deny.

use super::principal::Naming;
use super::statement::{Grammar, Subject, apply, may_have};
use super::trace::StatementTrace;
use super::truth::{Hinge, Truth};
use super::{Known, Layer, NamedPolicy};
use crate::policy::{Effect, Statement};

/// What the policies of a layer say together.
pub(super) struct Said {
    /// Whether an Allow applies, by how it names the caller.
    pub allow: Naming,
    /// Whether a Deny applies.
    pub deny: Truth,
    /// Every statement, if a trace was asked for.
    pub statements: Vec<StatementTrace>,
}

impl Said {
    /// Nothing is said.
    pub(super) fn nothing() -> Self {
        Self { allow: Naming::NOBODY, deny: Truth::False, statements: Vec::new() }
    }

    /// It is not known what is said.
    pub(super) fn unknown(layer: Layer, why: &str) -> Self {
        let hinge = || Truth::unknown(Hinge::Layer { layer, why: why.to_owned() });
        let allow = Naming { direct: hinge(), role: hinge(), account: hinge() };
        Self { allow, deny: hinge(), statements: Vec::new() }
    }

    /// Adds what one statement says.
    fn hear<const FULL: bool>(
        &mut self,
        subject: Subject<'_>,
        grammar: Grammar,
        policy: &NamedPolicy,
        policy_index: usize,
        statement: &Statement,
    ) {
        let outcome = apply::<FULL>(subject, grammar, policy, policy_index, statement);
        self.statements.extend(outcome.trace);
        if outcome.naming.is_nobody() {
            return;
        }
        if may_have(statement, Effect::Deny) {
            let said = std::mem::replace(&mut self.deny, Truth::False);
            self.deny = said.or(outcome.naming.any());
        }
        if may_have(statement, Effect::Allow) {
            let said = std::mem::replace(&mut self.allow, Naming::NOBODY);
            self.allow = said.or(outcome.naming);
        }
    }

    /// It is known that nothing is denied, not what is allowed.
    pub(super) fn unknown_allow(layer: Layer, why: &str) -> Self {
        Self { deny: Truth::False, ..Self::unknown(layer, why) }
    }
}

/// Evaluates all statements of a layer.
pub(super) fn evaluate<const FULL: bool>(
    layer: Layer,
    policies: &[NamedPolicy],
    grammar: Grammar,
    subject: Subject<'_>,
) -> Said {
    let mut said = Said::nothing();
    for (policy_index, policy) in policies.iter().enumerate() {
        if policy.document.unreadable {
            let unread = Said::unknown(layer, &format!("{} could not be read", policy.name));
            said.allow = said.allow.or(unread.allow);
            said.deny = said.deny.or(unread.deny);
            continue;
        }
        if FULL {
            for statement in &policy.document.statements {
                said.hear::<FULL>(subject, grammar, policy, policy_index, statement);
            }
        } else {
            for statement in policy.document.about(subject.request.action.service()) {
                said.hear::<FULL>(subject, grammar, policy, policy_index, statement);
            }
        }
    }
    said
}

/// Evaluates a layer that may not have been readable.
pub(super) fn evaluate_known<const FULL: bool>(
    layer: Layer,
    policies: &Known<Vec<NamedPolicy>>,
    grammar: Grammar,
    subject: Subject<'_>,
) -> Said {
    match policies {
        Known::Known(policies) => evaluate::<FULL>(layer, policies, grammar, subject),
        Known::Unknown(why) => Said::unknown(layer, why),
    }
}
