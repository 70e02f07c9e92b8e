//! `Condition`: every (operator, key) pair with its values.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html>

use super::{ConditionOperator, Prepared, Span};

/// One operator with one key. All pairs of a statement must hold.
#[derive(Debug, Clone)]
pub struct Condition {
    /// `None` if the operator is not one that AWS documents.
    pub operator: Option<ConditionOperator>,
    /// The operator as written.
    pub operator_text: String,
    /// The condition key.
    pub key: ConditionKey,
    /// The values; any of them suffices, for a negated operator none may match.
    pub values: Vec<ConditionValue>,
    /// The text of the values.
    pub span: Span,
    /// The key or a part of the value could not be read.
    pub incomplete: bool,
}

/// The name of a condition key. Names compare without regard to case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConditionKey {
    /// As written.
    pub text: String,
    /// In lower case.
    pub lower: String,
}

/// One value of a condition.
#[derive(Debug, Clone)]
pub struct ConditionValue {
    /// As written; numbers and booleans in their JSON spelling.
    pub text: String,
    /// Where it stands.
    pub span: Span,
    /// Read as the operator needs it.
    pub prepared: Prepared,
}

impl ConditionKey {
    /// A key as it is written in a policy.
    pub fn new(text: &str) -> Self {
        Self { text: text.to_owned(), lower: text.to_ascii_lowercase() }
    }

    /// Whether there is white space in it, as in no key; the name of a tag in a key may have some inside.
    pub fn has_white_space(&self) -> bool {
        let name = self.text.split('/').next().unwrap_or_default();
        name.contains(char::is_whitespace)
    }
}
