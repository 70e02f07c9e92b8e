//! What is wrong with a policy document, and where.

use super::Span;

/// Something in a policy that could not be understood or that AWS would refuse today.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind}")]
pub struct PolicyProblem {
    /// Where it stands in the text.
    pub span: Span,
    /// The index of the statement, if it is inside one.
    pub statement: Option<usize>,
    /// What it is.
    pub kind: ProblemKind,
}

/// The kinds of problems.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProblemKind {
    /// The text is not JSON.
    #[error("the policy is not valid JSON: {message} (line {line}, column {column})")]
    NotJson {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What the parser said.
        message: String,
    },
    /// A value has another JSON type than the grammar wants.
    #[error("`{element}` must be {expected}")]
    WrongType {
        /// The element.
        element: String,
        /// What the grammar wants.
        expected: &'static str,
    },
    /// A required element is missing.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// The same name twice in one object.
    #[error("`{0}` is written twice")]
    Duplicate(String),
    /// Two elements that exclude each other.
    #[error("`{0}` and `{1}` exclude each other")]
    Exclusive(&'static str, &'static str),
    /// A name that the grammar does not have.
    #[error("`{0}` is not an element of a policy")]
    UnknownElement(String),
    /// A name that differs from the grammar in case only.
    #[error("`{found}` should be written `{expected}`")]
    ElementCase {
        /// As written.
        found: String,
        /// As documented.
        expected: &'static str,
    },
    /// `Version` is neither of the two. The whole document is then [unreadable](super::PolicyDocument::unreadable).
    #[error("`{0}` is not a version of the policy language (2012-10-17 or 2008-10-17)")]
    UnknownVersion(String),
    /// `Effect` is neither of the two.
    #[error("`{0}` is not an effect: it is written Allow or Deny, with a capital letter")]
    UnknownEffect(String),
    /// Not an action pattern.
    #[error("`{0}` is not an action (service:Name, or `*`)")]
    NotAnAction(String),
    /// Not a resource pattern.
    #[error("`{0}` is not an ARN pattern (or `*`)")]
    NotAnArn(String),
    /// A principal that cannot be understood.
    #[error("`{0}` is not a principal")]
    NotAPrincipal(String),
    /// An operator that AWS does not document.
    #[error("`{0}` is not a condition operator")]
    UnknownOperator(String),
    /// No condition key.
    #[error("`{0}` is not a condition key")]
    NotAKey(String),
    /// A condition value that the operator cannot read.
    #[error("`{value}` is not {expected}, which `{operator}` needs")]
    ValueForm {
        /// The operator as written.
        operator: String,
        /// The value as written.
        value: String,
        /// What the operator reads.
        expected: &'static str,
    },
    /// A policy variable that is not written as documented.
    #[error("`{0}` holds a policy variable that is not written as documented")]
    UnclearVariable(String),
}
