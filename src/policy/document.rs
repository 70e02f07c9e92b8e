//! The typed policy document.

use std::collections::BTreeMap;

use super::{ActionElement, Condition, PolicyProblem, PrincipalElement, ResourceElement, Span};

/// A parsed policy: prepared for evaluation, and still able to show its own text.
#[derive(Debug, Clone)]
pub struct PolicyDocument {
    text: String,
    /// The version of the policy language. A document without one is 2008-10-17.
    pub version: Version,
    /// The `Id` element.
    pub id: Option<String>,
    /// The statements in their order.
    pub statements: Vec<Statement>,
    /// Everything that could not be understood.
    pub problems: Vec<PolicyProblem>,
    /// The text could not be read at all, so nothing is known of what it allows or denies.
    pub unreadable: bool,
    /// Which statements can be about which service.
    index: ServiceIndex,
}

/// Which statements can be about which service: most statements of a long policy need no look.
#[derive(Debug, Clone, Default)]
struct ServiceIndex {
    /// Positions of statements that can be about any service.
    any: Vec<usize>,
    /// Positions of the other statements by service prefix in lower case, ordered by it.
    by_service: Vec<(String, Vec<usize>)>,
}

impl ServiceIndex {
    fn of_service(&self, service: &str) -> &[usize] {
        let found = self.by_service.binary_search_by(|(known, _)| known.as_str().cmp(service));
        let entry = found.ok().and_then(|at| self.by_service.get(at));
        entry.map_or(&[], |(_, positions)| positions)
    }
}

/// The version of the policy language.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// `2008-10-17`, and the version of a document that has none: policy variables are plain text.
    V2008,
    /// `2012-10-17`
    V2012,
}

/// Allow or Deny.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// `Allow`
    Allow,
    /// `Deny`
    Deny,
}

/// An element of a statement that decides whether the statement applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Element {
    /// `Principal`
    Principal,
    /// `NotPrincipal`
    NotPrincipal,
    /// `Action`
    Action,
    /// `NotAction`
    NotAction,
    /// `Resource`
    Resource,
    /// `NotResource`
    NotResource,
    /// `Condition`
    Condition,
}

/// One statement. An element that is `None` is not in the statement.
#[derive(Debug, Clone)]
pub struct Statement {
    /// The position in the document, from 0.
    pub index: usize,
    /// The `Sid` element.
    pub sid: Option<String>,
    /// `None` if the effect is missing or is not one of the two.
    pub effect: Option<Effect>,
    /// `Principal` or `NotPrincipal`.
    pub principal: Option<PrincipalElement>,
    /// `Action` or `NotAction`.
    pub action: Option<ActionElement>,
    /// `Resource` or `NotResource`.
    pub resource: Option<ResourceElement>,
    /// All (operator, key) pairs of `Condition`.
    pub conditions: Vec<Condition>,
    /// The statement's text.
    pub span: Span,
    /// Something in the statement was not understood; the text says what. Such a statement never grants.
    pub doubt: Option<String>,
}

impl Statement {
    /// The `Sid`, or the statement's number counted from 1 as people count.
    pub fn label(&self) -> String {
        self.sid.clone().filter(|sid| !sid.is_empty()).unwrap_or_else(|| format!("#{}", self.index + 1))
    }
}

impl PolicyDocument {
    pub(super) fn new(text: String) -> Self {
        Self {
            text,
            version: Version::V2008,
            id: None,
            statements: Vec::new(),
            problems: Vec::new(),
            unreadable: false,
            index: ServiceIndex::default(),
        }
    }

    /// Notes which statements can be about which service, once the statements are complete.
    pub(super) fn index_services(&mut self) {
        let mut any = Vec::new();
        let mut by_service: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (position, statement) in self.statements.iter().enumerate() {
            match statement.action.as_ref().and_then(ActionElement::services) {
                None => any.push(position),
                Some(services) => {
                    for service in services {
                        by_service.entry(service.to_owned()).or_default().push(position);
                    }
                }
            }
        }
        self.index = ServiceIndex { any, by_service: by_service.into_iter().collect() };
    }

    /// The statements that can be about a service (in lower case), in the order of the document.
    pub fn about(&self, service: &str) -> impl Iterator<Item = &Statement> {
        let mut any = self.index.any.as_slice();
        let mut own = self.index.of_service(service);
        let next = move || {
            let nearer = match (any.first(), own.first()) {
                (Some(of_any), Some(of_service)) if of_any > of_service => &mut own,
                (None, _) => &mut own,
                _ => &mut any,
            };
            nearer.split_off_first()
        };
        std::iter::from_fn(next).filter_map(|position| self.statements.get(*position))
    }

    /// The same document with other statements.
    #[must_use]
    pub fn with_statements(&self, statements: Vec<Statement>) -> Self {
        let mut changed = Self { statements, ..self.clone() };
        changed.index_services();
        changed
    }

    /// A policy that is known to exist and whose text could not be read.
    pub fn unread() -> Self {
        Self { unreadable: true, ..Self::new(String::new()) }
    }

    /// The text that was parsed, unchanged.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it says, without regard to white space: the same for two texts of one JSON value.
    pub fn without_space(&self) -> String {
        serde_json::from_str::<serde_json::Value>(&self.text)
            .map_or_else(|_| self.text.clone(), |value| value.to_string())
    }

    /// Whether a word is in the text, in whatever case. It is for names, which have no escapes in JSON.
    pub fn mentions(&self, word: &str) -> bool {
        let (text, word) = (self.text.as_bytes(), word.as_bytes());
        text.windows(word.len().max(1)).any(|part| part.eq_ignore_ascii_case(word))
    }

    /// The part of the text that a span covers.
    pub fn excerpt(&self, span: Span) -> &str {
        self.text.get(span.start..span.end).unwrap_or_default()
    }

    /// The line and column, both from 1, of a byte offset in the text.
    pub fn line_column(&self, offset: usize) -> (usize, usize) {
        let before = self.text.get(..offset).unwrap_or(&self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        (line, column)
    }
}

impl Effect {
    /// The word in policies.
    pub fn name(self) -> &'static str {
        match self {
            Self::Allow => "Allow",
            Self::Deny => "Deny",
        }
    }
}

impl std::fmt::Display for Effect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl std::fmt::Display for Element {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Principal => "Principal",
            Self::NotPrincipal => "NotPrincipal",
            Self::Action => "Action",
            Self::NotAction => "NotAction",
            Self::Resource => "Resource",
            Self::NotResource => "NotResource",
            Self::Condition => "Condition",
        })
    }
}
