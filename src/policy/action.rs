//! `Action` and `NotAction`.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html>

use std::collections::BTreeSet;

use super::{Glob, Span};

/// `Action` or `NotAction` with its patterns.
#[derive(Debug, Clone)]
pub struct ActionElement {
    /// `NotAction`: everything but the patterns.
    pub negated: bool,
    /// The patterns.
    pub patterns: Vec<ActionPattern>,
    /// The whole element's value.
    pub span: Span,
    /// A part of the value could not be read, so that more may be covered than the patterns say.
    pub incomplete: bool,
}

/// One action pattern such as `s3:Get*`.
#[derive(Debug, Clone)]
pub struct ActionPattern {
    /// As written.
    pub text: String,
    /// Where it stands.
    pub span: Span,
    /// What it covers.
    pub form: ActionForm,
}

/// The forms of an action pattern, prepared in lower case.
#[derive(Debug, Clone)]
pub enum ActionForm {
    /// `*` or `*:*`: every action of every service.
    Every,
    /// A service prefix and a name pattern.
    Service {
        /// The prefix in lower case.
        prefix: String,
        /// The name pattern in lower case.
        name: Glob,
    },
    /// A form that AWS does not document, such as a wildcard in the service prefix, or white space.
    Unclear(Glob),
}

impl ActionElement {
    /// An element that stands in the statement twice: which one counts is not known.
    pub(super) fn forget(&mut self) {
        self.patterns.clear();
        self.negated = false;
        self.incomplete = true;
    }

    /// The service prefixes, each once, that the element can cover; `None` if it can cover any.
    pub(super) fn services(&self) -> Option<BTreeSet<&str>> {
        if self.negated || self.incomplete {
            return None;
        }
        self.patterns.iter().map(ActionPattern::service).collect()
    }
}

impl ActionPattern {
    /// The service prefix, if the pattern has a plain one.
    fn service(&self) -> Option<&str> {
        match &self.form {
            ActionForm::Service { prefix, .. } => Some(prefix),
            ActionForm::Every | ActionForm::Unclear(_) => None,
        }
    }

    /// Prepares a pattern. Actions compare without regard to case.
    pub fn new(text: &str, span: Span) -> Self {
        let lower = text.to_ascii_lowercase();
        let form = match lower.split_once(':') {
            // No action has white space. AWS may refuse the pattern, or read it without.
            _ if lower.contains(char::is_whitespace) => {
                ActionForm::Unclear(Glob::new(&lower.replace(char::is_whitespace, "")))
            }
            _ if lower == "*" || lower == "*:*" => ActionForm::Every,
            Some((prefix, name)) if !prefix.is_empty() && !prefix.contains(['*', '?']) => {
                ActionForm::Service { prefix: prefix.to_owned(), name: Glob::new(name) }
            }
            _ => ActionForm::Unclear(Glob::new(&lower)),
        };
        Self { text: text.to_owned(), span, form }
    }

    /// Whether the pattern is one that AWS documents.
    pub fn is_clear(&self) -> bool {
        !matches!(self.form, ActionForm::Unclear(_))
    }
}
