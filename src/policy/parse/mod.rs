//! From JSON text to a document, keeping what can be kept.

mod condition;

use super::json::{Node, Shape};
use super::{
    ActionElement, ActionPattern, Effect, PolicyDocument, PolicyProblem, PrincipalElement, PrincipalEntry,
    PrincipalForm, ProblemKind, ResourceElement, ResourcePattern, Span, Statement, Version,
};

const DOCUMENT_ELEMENTS: &[&str] = &["Version", "Id", "Statement"];
const STATEMENT_ELEMENTS: &[&str] = &[
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];
const PRINCIPAL_TYPES: &[&str] = &["AWS", "Service", "Federated", "CanonicalUser"];

impl PolicyDocument {
    /// Parses a policy. It never fails: what could not be understood is in [`PolicyDocument::problems`].
    pub fn parse(text: impl Into<String>) -> Self {
        let text = text.into();
        let mut document = Self::new(text.clone());
        let mut parser = Parser { problems: Vec::new(), statement: None, version: Version::V2008 };
        if !parser.document(&text, &mut document) {
            document.unreadable = true;
        }
        document.version = parser.version;
        document.problems = parser.problems;
        document.index_services();
        document
    }
}

struct Parser {
    problems: Vec<PolicyProblem>,
    /// The statement that is being read.
    statement: Option<usize>,
    version: Version,
}

impl Parser {
    fn problem(&mut self, span: Span, kind: ProblemKind) {
        self.problems.push(PolicyProblem { span, statement: self.statement, kind });
    }

    fn wrong_type(&mut self, node: &Node<'_>, element: &str, expected: &'static str) {
        self.problem(node.span(), ProblemKind::WrongType { element: element.to_owned(), expected });
    }

    /// One level of a value; a value that cannot be read (nothing can make that happen once the whole text was
    /// valid JSON, other than a number or string out of range) is reported.
    fn shape<'a>(&mut self, node: &Node<'a>) -> Option<Shape<'a>> {
        match node.shape() {
            Ok(shape) => Some(shape),
            Err(error) => {
                self.problem(node.span(), not_json(&error));
                None
            }
        }
    }

    /// Fills the document; false if nothing in it can be trusted.
    fn document(&mut self, text: &str, document: &mut PolicyDocument) -> bool {
        let root = match Node::root(text) {
            Ok(root) => root,
            Err(error) => {
                self.problem(Span { start: place_of(text, &error), end: text.len() }, not_json(&error));
                return false;
            }
        };
        let Some(Shape::Object(members)) = self.shape(&root) else {
            self.wrong_type(&root, "policy", "an object");
            return false;
        };
        let mut trusted = self.check_names(&root, &members, DOCUMENT_ELEMENTS);
        let member = |name: &str| members.iter().find(|(found, _)| found == name).map(|(_, node)| *node);
        if let Some(node) = member("Version") {
            trusted &= self.read_version(&node);
        }
        document.id = member("Id").and_then(|node| self.string(&node, "Id"));
        let Some(node) = member("Statement") else {
            self.problem(root.span(), ProblemKind::Missing("Statement"));
            return false;
        };
        match self.shape(&node) {
            Some(Shape::Object(_)) => document.statements.push(self.read_statement(0, &node)),
            Some(Shape::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    let statement = self.read_statement(index, item);
                    document.statements.push(statement);
                }
            }
            _ => {
                self.wrong_type(&node, "Statement", "an object or an array of objects");
                return false;
            }
        }
        trusted
    }

    /// Reports names that the grammar does not have and names that are written twice. False if a name that the
    /// grammar does have may be meant by it.
    fn check_names(
        &mut self,
        object: &Node<'_>,
        members: &[(String, Node<'_>)],
        known: &[&'static str],
    ) -> bool {
        let mut trusted = self.check_duplicates(object, members);
        for (name, node) in members.iter().filter(|(name, _)| !known.contains(&name.as_str())) {
            let kind = match known.iter().find(|expected| expected.eq_ignore_ascii_case(name)) {
                Some(expected) => ProblemKind::ElementCase { found: name.clone(), expected },
                None => ProblemKind::UnknownElement(name.clone()),
            };
            trusted &= !matches!(kind, ProblemKind::ElementCase { .. });
            self.problem(node.span(), kind);
        }
        trusted
    }

    /// Reports names that are written twice, of which one would be lost. False if there were any.
    fn check_duplicates(&mut self, object: &Node<'_>, members: &[(String, Node<'_>)]) -> bool {
        let mut seen = std::collections::BTreeSet::new();
        let mut unique = true;
        for (name, _) in members {
            if !seen.insert(name.as_str()) {
                unique = false;
                self.problem(object.span(), ProblemKind::Duplicate(name.clone()));
            }
        }
        unique
    }

    /// False if it is none of the two versions that AWS takes: of another policy language nothing is known.
    ///
    /// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html>
    fn read_version(&mut self, node: &Node<'_>) -> bool {
        match self.string(node, "Version").as_deref() {
            Some("2012-10-17") => self.version = Version::V2012,
            Some("2008-10-17") => {}
            Some(other) => {
                self.problem(node.span(), ProblemKind::UnknownVersion(other.to_owned()));
                return false;
            }
            None => return false,
        }
        true
    }

    fn string(&mut self, node: &Node<'_>, element: &str) -> Option<String> {
        match self.shape(node)? {
            Shape::String(text) => Some(text),
            _ => {
                self.wrong_type(node, element, "a string");
                None
            }
        }
    }

    /// A string or an array of strings. Numbers and booleans count as strings where `scalars` says so.
    fn strings(&mut self, node: &Node<'_>, element: &str, scalars: Scalars) -> Vec<(String, Span)> {
        let items = match self.shape(node) {
            Some(Shape::Array(items)) => items,
            Some(_) => vec![*node],
            None => return Vec::new(),
        };
        let mut out = Vec::new();
        for item in items {
            match self.shape(&item) {
                Some(Shape::String(text)) => out.push((text, item.span())),
                Some(Shape::Scalar(text)) if scalars == Scalars::AsText && text != "null" => {
                    out.push((text.to_owned(), item.span()));
                }
                _ => self.wrong_type(&item, element, "a string or an array of strings"),
            }
        }
        out
    }

    /// Whether something of a wrong type was left out since.
    fn has_wrong_type_since(&self, before: usize) -> bool {
        self.problems.iter().skip(before).any(|problem| {
            matches!(
                problem.kind,
                ProblemKind::WrongType { .. }
                    | ProblemKind::NotJson { .. }
                    | ProblemKind::UnknownElement(_)
                    | ProblemKind::ElementCase { .. }
                    | ProblemKind::Duplicate(_)
            )
        })
    }

    fn read_statement(&mut self, index: usize, node: &Node<'_>) -> Statement {
        self.statement = Some(index);
        let before = self.problems.len();
        let mut statement = Statement {
            index,
            sid: None,
            effect: None,
            principal: None,
            action: None,
            resource: None,
            conditions: Vec::new(),
            span: node.span(),
            doubt: None,
        };
        match self.shape(node) {
            Some(Shape::Object(members)) => {
                self.check_names(node, &members, STATEMENT_ELEMENTS);
                self.fill_statement(&mut statement, &members);
            }
            _ => self.wrong_type(node, "Statement", "an object"),
        }
        self.check_required(&statement);
        statement.doubt = self.doubt_since(before);
        self.statement = None;
        statement
    }

    fn fill_statement(&mut self, statement: &mut Statement, members: &[(String, Node<'_>)]) {
        for (name, node) in members {
            match name.as_str() {
                "Sid" => statement.sid = self.string(node, "Sid"),
                "Effect" => statement.effect = self.read_effect(node),
                "Principal" | "NotPrincipal" => {
                    let mut element = self.read_principal(node, name == "NotPrincipal");
                    if statement.principal.is_some() {
                        self.problem(node.span(), ProblemKind::Exclusive("Principal", "NotPrincipal"));
                        element.forget();
                    }
                    statement.principal = Some(element);
                }
                "Action" | "NotAction" => {
                    let mut element = self.read_actions(node, name);
                    if statement.action.is_some() {
                        self.problem(node.span(), ProblemKind::Exclusive("Action", "NotAction"));
                        element.forget();
                    }
                    statement.action = Some(element);
                }
                "Resource" | "NotResource" => {
                    let mut element = self.read_resources(node, name);
                    if statement.resource.is_some() {
                        self.problem(node.span(), ProblemKind::Exclusive("Resource", "NotResource"));
                        element.forget();
                    }
                    statement.resource = Some(element);
                }
                "Condition" if statement.conditions.is_empty() => {
                    statement.conditions = self.read_conditions(node);
                }
                "Condition" => {
                    statement.conditions = vec![condition::unread_condition("Condition", node.span())];
                }
                _ => {}
            }
        }
    }

    fn check_required(&mut self, statement: &Statement) {
        if statement.effect.is_none() {
            self.problem(statement.span, ProblemKind::Missing("Effect"));
        }
        if statement.action.is_none() {
            self.problem(statement.span, ProblemKind::Missing("Action"));
        }
    }

    /// The first thing about a statement that makes its meaning uncertain. Problems of single patterns, values and
    /// operators are not among them: the evaluator treats just those as unknown.
    fn doubt_since(&self, before: usize) -> Option<String> {
        let local = |kind: &ProblemKind| {
            matches!(
                kind,
                ProblemKind::NotAnAction(_)
                    | ProblemKind::NotAnArn(_)
                    | ProblemKind::NotAPrincipal(_)
                    | ProblemKind::UnknownOperator(_)
                    | ProblemKind::NotAKey(_)
                    | ProblemKind::ValueForm { .. }
                    | ProblemKind::UnclearVariable(_)
            )
        };
        self.problems
            .iter()
            .skip(before)
            .map(|problem| &problem.kind)
            .find(|kind| !local(kind))
            .map(ToString::to_string)
    }

    fn read_effect(&mut self, node: &Node<'_>) -> Option<Effect> {
        match self.string(node, "Effect")?.as_str() {
            "Allow" => Some(Effect::Allow),
            "Deny" => Some(Effect::Deny),
            other => {
                self.problem(node.span(), ProblemKind::UnknownEffect(other.to_owned()));
                None
            }
        }
    }

    fn read_actions(&mut self, node: &Node<'_>, name: &str) -> ActionElement {
        let before = self.problems.len();
        let mut patterns = Vec::new();
        for (text, span) in self.strings(node, name, Scalars::Refused) {
            let pattern = ActionPattern::new(&text, span);
            if !pattern.is_clear() {
                self.problem(span, ProblemKind::NotAnAction(text));
            }
            patterns.push(pattern);
        }
        let incomplete = self.has_wrong_type_since(before);
        ActionElement { negated: name == "NotAction", patterns, span: node.span(), incomplete }
    }

    fn read_resources(&mut self, node: &Node<'_>, name: &str) -> ResourceElement {
        let before = self.problems.len();
        let mut patterns = Vec::new();
        for (text, span) in self.strings(node, name, Scalars::Refused) {
            let pattern = ResourcePattern::new(&text, span, self.version);
            if !pattern.is_clear() {
                let kind = if text.starts_with("arn:") && text.contains("${") {
                    ProblemKind::UnclearVariable(text)
                } else {
                    ProblemKind::NotAnArn(text)
                };
                self.problem(span, kind);
            }
            patterns.push(pattern);
        }
        let incomplete = self.has_wrong_type_since(before);
        ResourceElement { negated: name == "NotResource", patterns, span: node.span(), incomplete }
    }

    fn read_principal(&mut self, node: &Node<'_>, negated: bool) -> PrincipalElement {
        let before = self.problems.len();
        let mut entries = Vec::new();
        match self.shape(node) {
            Some(Shape::String(text)) if text == "*" => entries.push(PrincipalEntry::everyone(node.span())),
            Some(Shape::Object(members)) => {
                self.check_names(node, &members, PRINCIPAL_TYPES);
                for (kind, value) in &members {
                    for (text, span) in self.strings(value, kind, Scalars::Refused) {
                        let entry = PrincipalEntry::new(kind, &text, span);
                        if entry.form == PrincipalForm::Unclear {
                            self.problem(span, ProblemKind::NotAPrincipal(text));
                        }
                        entries.push(entry);
                    }
                }
            }
            _ => self.wrong_type(node, "Principal", "`*` or an object"),
        }
        let incomplete = self.has_wrong_type_since(before);
        PrincipalElement { negated, entries, span: node.span(), incomplete }
    }
}

/// Whether JSON numbers and booleans count as text: in condition values they do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scalars {
    AsText,
    Refused,
}

/// Where in a text the JSON reader stopped, in bytes.
fn place_of(text: &str, error: &serde_json::Error) -> usize {
    let lines = text.split_inclusive('\n').take(error.line().saturating_sub(1));
    let mut place = lines.map(str::len).sum::<usize>() + error.column().saturating_sub(1);
    place = place.min(text.len());
    while !text.is_char_boundary(place) {
        place -= 1;
    }
    place
}

fn not_json(error: &serde_json::Error) -> ProblemKind {
    let text = error.to_string();
    let message = text.rsplit_once(" at line ").map_or(text.as_str(), |(message, _)| message).to_owned();
    ProblemKind::NotJson { line: error.line(), column: error.column(), message }
}
