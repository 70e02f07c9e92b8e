//! What a filter pattern says.

use std::ops::Range;

use super::glob::Glob;
use super::number::Number;
use super::regex::Regex;

/// A filter pattern that was understood.
#[derive(Debug, Clone)]
pub struct Pattern {
    pub(super) text: String,
    pub(super) kind: Kind,
}

impl Pattern {
    /// The pattern as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it says.
    pub fn kind(&self) -> &Kind {
        &self.kind
    }

    /// A part of the text.
    pub fn part(&self, span: &Range<usize>) -> &str {
        self.text.get(span.clone()).unwrap_or_default()
    }

    /// The column of a byte of the text, from one, in characters.
    pub fn column(&self, at: usize) -> usize {
        column(&self.text, at)
    }
}

/// The column of a byte, from one, in characters.
pub(super) fn column(text: &str, at: usize) -> usize {
    text.char_indices().take_while(|(start, _)| *start < at).count() + 1
}

/// The kinds of pattern.
#[derive(Debug, Clone)]
pub enum Kind {
    /// Empty, or `" "`: every event.
    Everything,
    /// `{ … }`: conditions on the fields of a JSON event.
    Json(Expression),
    /// Words and phrases in the text of the event.
    Terms(Vec<Term>),
    /// `%…%` alone: a regular expression on the text of the event.
    Regex(Regex),
    /// `[ … ]`: fields of an event that are separated by spaces.
    SpaceDelimited(Vec<Field>),
}

/// Conditions, joined. `&&` binds closer than `||`.
#[derive(Debug, Clone)]
pub enum Expression {
    /// All have to hold: `&&`.
    All(Group),
    /// One has to hold: `||`.
    Any(Group),
    /// One condition.
    Condition(Box<Condition>),
}

/// Parts that are joined by the same operator.
#[derive(Debug, Clone)]
pub struct Group {
    /// Two or more.
    pub parts: Vec<Expression>,
    /// Whether the group stands in parentheses of its own.
    pub in_parentheses: bool,
    /// Where it stands.
    pub span: Range<usize>,
}

impl Expression {
    /// Where it stands.
    pub fn span(&self) -> Range<usize> {
        match self {
            Self::All(group) | Self::Any(group) => group.span.clone(),
            Self::Condition(condition) => condition.span.clone(),
        }
    }

    /// The parts of a group; nothing for a condition.
    pub fn parts(&self) -> &[Self] {
        match self {
            Self::All(group) | Self::Any(group) => &group.parts,
            Self::Condition(_) => &[],
        }
    }

    /// All conditions, in the order of the text.
    pub fn conditions(&self) -> Vec<&Condition> {
        match self {
            Self::Condition(condition) => vec![condition],
            group => group.parts().iter().flat_map(Self::conditions).collect(),
        }
    }
}

/// A condition on one field.
#[derive(Debug, Clone)]
pub struct Condition {
    /// Which field.
    pub selector: Selector,
    /// What has to hold of it.
    pub test: Test,
    /// Where it stands, without parentheses.
    pub span: Range<usize>,
}

/// `$.a.b[0]`: the way to a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector {
    /// At least one.
    pub steps: Vec<Step>,
    /// Where it stands.
    pub span: Range<usize>,
}

impl Selector {
    /// The names of the steps, if all of them are names.
    pub fn names(&self) -> Option<Vec<&str>> {
        self.steps
            .iter()
            .map(|step| match step {
                Step::Field(name) => Some(name.as_str()),
                Step::AnyField | Step::Index(_) | Step::AnyElement => None,
            })
            .collect()
    }

    /// The path with dots, as the CloudTrail documentation writes it; an array's element counts as the array.
    pub fn path(&self) -> String {
        let names: Vec<&str> = self
            .steps
            .iter()
            .filter_map(|step| match step {
                Step::Field(name) => Some(name.as_str()),
                Step::AnyField => Some("*"),
                Step::Index(_) | Step::AnyElement => None,
            })
            .collect();
        names.join(".")
    }

    /// How many steps select more than one thing.
    pub fn wildcards(&self) -> usize {
        self.steps.iter().filter(|step| matches!(step, Step::AnyField | Step::AnyElement)).count()
    }
}

/// One step of a selector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// `.name` or `.['na.me']`
    Field(String),
    /// `.*`: any field of an object.
    AnyField,
    /// `[0]`: an element of an array, from zero.
    Index(usize),
    /// `[*]`: any element of an array.
    AnyElement,
}

/// What has to hold of a field.
#[derive(Debug, Clone)]
pub enum Test {
    /// A comparison with a value.
    Compare(Comparison, Operand),
    /// `IS NULL`, `IS TRUE`, `IS FALSE`
    Is(Constant),
    /// `NOT EXISTS`
    NotExists,
}

/// How a field is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Comparison {
    /// The operator.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    /// Whether it asks which value is the greater, and not whether they are the same.
    pub fn is_ordering(self) -> bool {
        !matches!(self, Self::Equal | Self::NotEqual)
    }
}

/// What `IS` compares with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Constant {
    /// JSON's `null`.
    Null,
    /// JSON's `true`, not the text.
    True,
    /// JSON's `false`, not the text.
    False,
}

/// What a field is compared with.
#[derive(Debug, Clone)]
pub enum Operand {
    /// `"quoted"`, with `*` for any text.
    Quoted(Glob),
    /// A word without quotes that is no number, with `*` for any text.
    Bare(Glob),
    /// A number without quotes.
    Number(Number),
    /// `%…%`
    Regex(Regex),
}

impl Operand {
    /// The text that it compares with, without quotes; nothing for a regular expression.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Quoted(glob) | Self::Bare(glob) => Some(glob.text()),
            Self::Number(number) => Some(number.text()),
            Self::Regex(_) => None,
        }
    }
}

/// A word or phrase in a pattern of terms.
#[derive(Debug, Clone)]
pub struct Term {
    /// What it is for.
    pub mode: TermMode,
    /// Without quotes.
    pub text: String,
    /// Where it stands, with its sign.
    pub span: Range<usize>,
}

/// What a term is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TermMode {
    /// Has to be there.
    Include,
    /// `-term`: must not be there.
    Exclude,
    /// `?term`: one of these has to be there.
    Optional,
}

/// A field of a pattern for events that are separated by spaces.
#[derive(Debug, Clone)]
pub enum Field {
    /// `...`: any number of fields.
    Ellipsis,
    /// One field; its conditions may name fields before it too.
    Named {
        /// Empty for a blank one.
        name: String,
        /// What has to hold.
        conditions: Option<Expression>,
    },
}
