//! Patterns of words and phrases: `ERROR -INFO`, `?ERROR ?WARN`, `"access denied"`, `%denied%`.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>, "Using filter patterns
//! to match terms in unstructured log events"

use super::cursor::Cursor;
use super::parse::regex;
use super::pattern::{Kind, Term, TermMode};
use super::problem::{ParseError, Problem, is_typographic_quote};

pub(super) fn parse(mut cursor: Cursor<'_>) -> Result<Kind, ParseError> {
    if cursor.peek() == Some('%') {
        let expression = regex(&mut cursor)?;
        cursor.skip_whitespace();
        return match cursor.peek() {
            None => Ok(Kind::Regex(expression)),
            Some(_) => Err(cursor.error(Problem::RegexAmongTerms)),
        };
    }
    let mut terms = Vec::new();
    while cursor.peek().is_some() {
        terms.push(term(&mut cursor)?);
        cursor.skip_whitespace();
    }
    // `" "` is AWS's way to write "everything".
    match terms.as_slice() {
        [only] if only.mode == TermMode::Include && only.text.trim().is_empty() => Ok(Kind::Everything),
        _ => Ok(Kind::Terms(terms)),
    }
}

fn term(cursor: &mut Cursor<'_>) -> Result<Term, ParseError> {
    let start = cursor.at();
    let mode = match cursor.peek() {
        Some('-') => TermMode::Exclude,
        Some('?') => TermMode::Optional,
        _ => TermMode::Include,
    };
    if mode != TermMode::Include {
        cursor.next();
    }
    let text = match cursor.peek() {
        Some('"') => cursor.quoted()?,
        Some('\'') => return Err(cursor.error(Problem::SingleQuotes)),
        Some('%') => return Err(cursor.error(Problem::RegexAmongTerms)),
        _ => {
            let word = cursor.take_while(|character| character.is_ascii_alphanumeric() || character == '_');
            match cursor.peek() {
                Some(quote) if is_typographic_quote(quote) => {
                    return Err(cursor.error(Problem::TypographicQuotes(quote)));
                }
                Some(other) if !other.is_whitespace() => {
                    return Err(cursor.error(Problem::TermCharacter(other)));
                }
                _ if word.is_empty() => return Err(cursor.expected("a term")),
                _ => word.to_owned(),
            }
        }
    };
    Ok(Term { mode, text, span: cursor.span_from(start) })
}
