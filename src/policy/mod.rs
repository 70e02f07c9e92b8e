//! The policy language: JSON text becomes a typed document that remembers where every element stood.
//!
//! This module owns the grammar of policies, patterns, variables and condition operators, prepared once so that
//! deciding is cheap. It must not evaluate a request. It never throws a document away: what cannot be understood
//! becomes a [`PolicyProblem`], and the statement that holds it is "unknown" to the evaluator, never an Allow.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>

mod action;
mod condition;
mod document;
mod json;
mod operator;
mod parse;
mod pattern;
mod principal;
mod problem;
mod resource;
mod value;
mod variable;

pub use action::{ActionElement, ActionForm, ActionPattern};
pub use condition::{Condition, ConditionKey, ConditionValue};
pub use document::{Effect, Element, PolicyDocument, Statement, Version};
pub use operator::{BaseOperator, ConditionOperator, SetOperator};
pub use pattern::{Glob, Piece, glob_match};
pub use principal::{PrincipalElement, PrincipalEntry, PrincipalForm, PrincipalKind};
pub use problem::{PolicyProblem, ProblemKind};
pub use resource::{ArnHead, Crossing, ResourceElement, ResourceForm, ResourcePattern};
pub use value::{Date, Number, Prepared};
pub(crate) use value::{base64_bytes, ip_network};
pub use variable::{Part, Template};

/// A range of bytes in the text of a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}
