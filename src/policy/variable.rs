//! Policy variables: `${key}`, `${key, 'default'}` and the escapes `${*}`, `${?}`, `${$}`.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>

use std::borrow::Cow;

use super::Version;
use super::pattern::{Piece, pieces};

/// A text that may hold policy variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
    /// The pattern, where it is the same for every request.
    fixed: Option<Box<[Piece]>>,
}

/// A part of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Plain text, in which wildcards count where the operator knows them.
    Text(String),
    /// An escaped `*`, `?` or `$`: always that character.
    Escaped(char),
    /// A variable.
    Variable {
        /// The key in lower case: key names compare without regard to case.
        key: String,
        /// The text to use if the request does not carry the key.
        default: Option<String>,
    },
    /// `${…}` in a form that AWS does not document.
    Unclear(String),
}

impl Template {
    /// Splits a text into its parts. Before version 2012-10-17 there are no variables.
    pub fn parse(text: &str, version: Version) -> Self {
        let parts = if version == Version::V2008 || !text.contains("${") {
            vec![Part::Text(text.to_owned())]
        } else {
            split(text)
        };
        let mut template = Self { parts, fixed: None };
        if template.is_plain() {
            let mut fixed = Vec::new();
            template.parts.iter().for_each(|part| push_plain(part, &mut fixed));
            template.fixed = Some(fixed.into());
        }
        template
    }

    /// The parts in their order.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Whether the text holds no variable at all.
    pub fn is_plain(&self) -> bool {
        self.parts.iter().all(|part| matches!(part, Part::Text(_) | Part::Escaped(_)))
    }

    /// The first part that is not written as documented.
    pub fn unclear(&self) -> Option<&str> {
        self.parts.iter().find_map(|part| match part {
            Part::Unclear(text) => Some(text.as_str()),
            _ => None,
        })
    }

    /// The pattern, with a function that gives each variable's text.
    ///
    /// Text that comes from a variable is literal: a `*` in a user's tag is a star.
    pub fn pattern<'a, E>(
        &'a self,
        mut value_of: impl FnMut(&'a str, Option<&'a str>) -> Result<&'a str, E>,
    ) -> Result<Cow<'a, [Piece]>, E> {
        if let Some(fixed) = &self.fixed {
            return Ok(Cow::Borrowed(fixed));
        }
        let mut out = Vec::with_capacity(PATTERN_LENGTH);
        for part in &self.parts {
            match part {
                Part::Variable { key, default } => {
                    out.extend(value_of(key, default.as_deref())?.bytes().map(Piece::Byte));
                }
                plain => push_plain(plain, &mut out),
            }
        }
        Ok(Cow::Owned(out))
    }

    /// Builds the text in which no character is a wildcard.
    pub fn literal<'a, E>(
        &'a self,
        mut value_of: impl FnMut(&'a str, Option<&'a str>) -> Result<&'a str, E>,
    ) -> Result<String, E> {
        let mut out = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) | Part::Unclear(text) => out.push_str(text),
                Part::Escaped(character) => out.push(*character),
                Part::Variable { key, default } => out.push_str(value_of(key, default.as_deref())?),
            }
        }
        Ok(out)
    }
}

/// Longer than most patterns, so that they are built in one allocation.
const PATTERN_LENGTH: usize = 64;

/// Appends a part's pieces, where it is no variable: text with its wildcards, an escape as the character.
fn push_plain(part: &Part, out: &mut Vec<Piece>) {
    match part {
        Part::Text(text) => out.extend(pieces(text)),
        Part::Escaped(character) => out.push(Piece::Byte(*character as u8)),
        Part::Variable { .. } | Part::Unclear(_) => {}
    }
}

/// The parts of a text in which `${…}` counts.
fn split(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, from) = rest.split_at(at);
        if !before.is_empty() {
            parts.push(Part::Text(before.to_owned()));
        }
        let inside = from.get(2..).unwrap_or_default();
        let Some(end) = inside.find('}') else {
            parts.push(Part::Unclear(from.to_owned()));
            return parts;
        };
        parts.push(variable(inside.get(..end).unwrap_or_default()));
        rest = inside.get(end + 1..).unwrap_or_default();
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest.to_owned()));
    }
    parts
}

/// Reads what stands between `${` and `}`.
fn variable(inside: &str) -> Part {
    match inside {
        "*" => return Part::Escaped('*'),
        "?" => return Part::Escaped('?'),
        "$" => return Part::Escaped('$'),
        _ => {}
    }
    let unclear = || Part::Unclear(format!("${{{inside}}}"));
    let (key, default) = match inside.split_once(',') {
        None => (inside, None),
        // AWS documents a comma, a space and a default in single quotes; other spellings are not documented.
        Some((key, rest)) => match rest.strip_prefix(" '").and_then(|rest| rest.strip_suffix('\'')) {
            Some(default) => (key, Some(default.to_owned())),
            None => return unclear(),
        },
    };
    if key.is_empty() || key.contains(['$', '{', '*', '?', ' ', '\'']) {
        return unclear();
    }
    Part::Variable { key: key.to_ascii_lowercase(), default }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Vec<Part> {
        Template::parse(text, Version::V2012).parts
    }

    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
    #[test]
    fn the_documented_forms() {
        let user = || Part::Variable { key: "aws:username".into(), default: None };
        assert_eq!(
            parts("home/${aws:username}/*"),
            [Part::Text("home/".into()), user(), Part::Text("/*".into())]
        );
        let default = Some("company-wide".to_owned());
        assert_eq!(
            parts("${aws:PrincipalTag/team, 'company-wide'}"),
            [Part::Variable { key: "aws:principaltag/team".into(), default }]
        );
        assert_eq!(parts("${*}${?}${$}"), [Part::Escaped('*'), Part::Escaped('?'), Part::Escaped('$')]);
    }

    #[test]
    fn version_2008_has_no_variables() {
        let template = Template::parse("${aws:username}", Version::V2008);
        assert_eq!(template.parts(), [Part::Text("${aws:username}".into())]);
    }

    #[test]
    fn other_spellings_are_unclear() {
        for text in ["${k,'x'}", "${k", "${}", "${a b}", "${k, x}"] {
            assert!(Template::parse(text, Version::V2012).unclear().is_some(), "{text}");
        }
    }
}
