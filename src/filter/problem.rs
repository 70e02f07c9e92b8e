//! What is wrong with a pattern, and where.

use std::fmt;

use super::regex::RegexProblem;
use super::{MAX_BYTES, MAX_CHARACTERS, MAX_DEPTH};

/// A pattern that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    /// What is wrong.
    pub problem: Problem,
    /// Where, as a byte of the pattern.
    pub at: usize,
    /// Where, in characters from one.
    pub column: usize,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "column {}: {}", self.column, self.problem)
    }
}

impl std::error::Error for ParseError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.problem)
    }
}

/// What is wrong with a pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Longer than is read here, and far longer than AWS takes.
    #[error(
        "the pattern has {0} bytes; AWS takes {MAX_CHARACTERS} characters, and {MAX_BYTES} bytes are read here"
    )]
    TooLong(usize),
    /// Deeper than is read here.
    #[error("parentheses are nested more than {MAX_DEPTH} deep")]
    TooDeep,
    /// Something else was expected.
    #[error("expected {expected}, found {found}")]
    Expected {
        /// What should stand here.
        expected: &'static str,
        /// What does.
        found: Found,
    },
    /// A quotation, class or percent sign without its end.
    #[error("`{0}` has no end")]
    Unclosed(char),
    /// `'text'`
    #[error("single quotes are no quotes for AWS")]
    SingleQuotes,
    /// `“text”`, as text processors write quotes; also a backtick.
    #[error("`{0}` is no quote for AWS")]
    TypographicQuotes(char),
    /// `$."name"`
    #[error("a name in a selector is not quoted so")]
    QuotedName,
    /// `IS NOT …`
    #[error("`IS NOT` is not supported")]
    IsNot,
    /// `EXISTS`
    #[error("`EXISTS` is not supported")]
    Exists,
    /// `==`, `and`, `AND`, `or`, `OR`, `&`, `|`
    #[error("`{0}` is no operator")]
    Operator(String),
    /// `!` before a condition.
    #[error("a condition cannot be negated")]
    Negation,
    /// `<` and the like with something that is no number.
    #[error("`{operator}` compares numbers, and `{value}` is none")]
    NotANumber {
        /// The operator.
        operator: &'static str,
        /// The value.
        value: String,
    },
    /// An index that is no number, or too large.
    #[error("`{0}` is no index")]
    Index(String),
    /// A regular expression.
    #[error("{0}")]
    Regex(#[from] RegexProblem),
    /// A term with something in it that has to be quoted.
    #[error("`{0}` cannot stand in a term without quotes")]
    TermCharacter(char),
    /// `%…%` beside other terms.
    #[error("a regular expression stands alone, or in a JSON or space-delimited pattern")]
    RegexAmongTerms,
    /// More than one `...`
    #[error("`...` can stand once")]
    SecondEllipsis,
}

/// Whether a character is taken for a quote by people, and is none. `"` and `'` are told apart elsewhere.
pub(super) fn is_typographic_quote(character: char) -> bool {
    matches!(character, '`' | '´' | '«' | '»' | '\u{2018}'..='\u{201f}' | '‹' | '›' | '\u{ff02}' | '\u{ff07}')
}

/// What was found where something else was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// The end of the pattern.
    End,
    /// A character.
    Character(char),
    /// A word.
    Word(String),
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::End => f.write_str("the end"),
            Self::Character(character) => write!(f, "`{character}`"),
            Self::Word(word) => write!(f, "`{word}`"),
        }
    }
}

impl Problem {
    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::TooLong(_) => "split it into several filters",
            Self::SingleQuotes => "use double quotes",
            Self::TypographicQuotes(_) => "use plain double quotes: \"",
            Self::QuotedName => {
                "write the name plainly, or as $.['name'] if it has other characters than letters, digits, - and _"
            }
            Self::IsNot => {
                "write (field = value) || (field = other), or field != value with the case of a missing field beside it"
            }
            Self::Exists => {
                "write field = \"*\" for a text and field = * for a text or number; NOT EXISTS is supported"
            }
            Self::Operator(operator) => match operator.as_str() {
                "==" => "equality is `=`",
                _ => "conditions are joined with `&&` and `||`",
            },
            Self::Negation => "turn the operators round: = and !=, && and ||",
            Self::Regex(RegexProblem::Character(_) | RegexProblem::Parentheses | RegexProblem::Escape(_)) => {
                "a character can be written as \\x and two hexadecimal digits: \\x28 is `(`"
            }
            Self::TermCharacter('$') => {
                "conditions on fields stand in braces: { $.errorCode = \"AccessDenied*\" }"
            }
            Self::Expected { expected, .. } if expected.contains("$.errorCode") => {
                "a field begins with `$.`, as in $.errorCode"
            }
            Self::Expected { expected: "a value", found: Found::Character('(' | '[') } => {
                "there are no lists: write ($.f = \"a\") || ($.f = \"b\")"
            }
            Self::Expected { expected: "a value", found: Found::Character('>') } => "unequal is `!=`",
            Self::Expected { expected, .. } if expected.starts_with("an operator") => {
                "there is no IN, LIKE or CONTAINS: write ($.f = \"a\") || ($.f = \"b\"), and \"*text*\" for a part of a text"
            }
            Self::TermCharacter(_) => "put the term in double quotes",
            _ => return None,
        })
    }
}
