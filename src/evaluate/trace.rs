//! What an evaluation saw: for every layer, statement and element whether it matched, and the values compared.
//!
//! The trace is made by the evaluation itself; nothing is explained by a second pass.

use super::truth::{Hinge, Truth};
use crate::policy::{Effect, Element, Span};
use crate::request::{KeyState, Values};

use super::Layer;

/// What one layer contributed, in the words of AWS's Access Troubleshooter.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied-authorization-id.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LayerEffect {
    /// The layer allows.
    Allow,
    /// Nothing matched, but another path decides.
    NoImpact,
    /// The layer had to allow and nothing in it does.
    ImplicitDeny,
    /// A Deny statement applies.
    ExplicitDeny,
    /// It cannot be told.
    Unknown,
}

impl LayerEffect {
    /// Whether the layer refuses the request.
    pub fn denies(self) -> bool {
        matches!(self, Self::ImplicitDeny | Self::ExplicitDeny)
    }

    /// The word in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Allow => "ALLOW",
            Self::NoImpact => "NO_IMPACT",
            Self::ImplicitDeny => "IMPLICIT_DENY",
            Self::ExplicitDeny => "EXPLICIT_DENY",
            Self::Unknown => "UNKNOWN",
        }
    }
}

/// One layer of the evaluation. SCPs and RCPs have one per level.
#[derive(Debug, Clone)]
pub struct LayerTrace {
    /// Which layer.
    pub layer: Layer,
    /// The root, organizational unit or account of an SCP or RCP level.
    pub target: Option<String>,
    /// What it contributed.
    pub effect: LayerEffect,
    /// Every statement of every policy of the layer.
    pub statements: Vec<StatementTrace>,
    /// What the effect hangs on, if it is unknown.
    pub hinges: Vec<Hinge>,
    /// A fact that is not a statement, such as "account 111122223333 is not the management account".
    pub note: Option<String>,
}

/// One statement against the request.
#[derive(Debug, Clone)]
pub struct StatementTrace {
    /// The policy's name.
    pub policy: String,
    /// The position of the policy in its layer.
    pub policy_index: usize,
    /// The position of the statement in the policy.
    pub index: usize,
    /// The `Sid`, or `#` and the number.
    pub label: String,
    /// The effect; `None` if the statement has none that can be understood.
    pub effect: Option<Effect>,
    /// Whether the whole statement applies.
    pub applies: Truth,
    /// Its elements, in the order in which they are looked at.
    pub elements: Vec<ElementTrace>,
    /// The statement's text.
    pub span: Span,
}

/// One element of a statement against the request.
#[derive(Debug, Clone)]
pub struct ElementTrace {
    /// Which element.
    pub element: Element,
    /// Whether it matched.
    pub matched: Truth,
    /// Where it stands: the pattern that matched, or the whole element.
    pub span: Span,
    /// The values compared.
    pub compared: Compared,
}

/// The two sides of a comparison.
#[derive(Debug, Clone)]
pub enum Compared {
    /// A name, ARN or action against the patterns of the policy.
    Patterns {
        /// The request's side.
        got: String,
        /// The policy's side.
        wanted: Vec<String>,
    },
    /// A condition key.
    Condition {
        /// The operator as written.
        operator: String,
        /// The key as written.
        key: String,
        /// The values of the policy.
        wanted: Vec<String>,
        /// What the request carried.
        got: Got,
    },
}

/// The request's side of a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Got {
    /// These values.
    Values(Vec<String>),
    /// The request did not carry the key.
    Absent,
    /// It is not known.
    Unknown(String),
}

impl From<KeyState<'_>> for Got {
    fn from(state: KeyState<'_>) -> Self {
        match state {
            KeyState::Known(Values::One(value)) => Self::Values(vec![value.clone()]),
            KeyState::Known(Values::Many(values)) => Self::Values(values.clone()),
            KeyState::Absent => Self::Absent,
            KeyState::Unknown(why) => Self::Unknown(why.to_owned()),
        }
    }
}

impl StatementTrace {
    /// The elements that did not match, in order.
    pub fn failed(&self) -> impl Iterator<Item = &ElementTrace> {
        self.elements.iter().filter(|element| !element.matched.is_true())
    }

    /// How far the statement is from applying; 0 applies. A statement about another action is far whatever else
    /// matches, one that fails by a condition only is near.
    pub fn distance(&self) -> u32 {
        self.failed()
            .map(|failed| match failed.element {
                Element::Action | Element::NotAction => 100,
                Element::Principal | Element::NotPrincipal => 10,
                Element::Resource | Element::NotResource => 5,
                Element::Condition => 1,
            })
            .sum()
    }
}

impl LayerTrace {
    /// The statements that apply for sure, with the given effect.
    pub fn applying(&self, effect: Effect) -> impl Iterator<Item = &StatementTrace> {
        self.statements.iter().filter(move |trace| trace.effect == Some(effect) && trace.applies.is_true())
    }

    /// Statements with this effect that do not apply though they are about the action, nearest first.
    pub fn near_misses(&self, effect: Effect) -> Vec<&StatementTrace> {
        let mut near: Vec<_> = self
            .statements
            .iter()
            .filter(|trace| {
                trace.effect == Some(effect) && !trace.applies.is_true() && trace.distance() < 100
            })
            .collect();
        near.sort_by_key(|trace| trace.distance());
        near
    }
}
