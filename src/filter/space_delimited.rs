//! Patterns for events whose fields are separated by spaces: `[ip, user, ..., status = 4*]`.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>, "Using filter patterns
//! to match terms in space-delimited log events"

use super::cursor::Cursor;
use super::parse::{Fields, Parser};
use super::pattern::{Field, Kind};
use super::problem::{ParseError, Problem};

pub(super) fn parse(mut cursor: Cursor<'_>) -> Result<Kind, ParseError> {
    let open = cursor.at();
    cursor.eat("[");
    let mut fields = Vec::new();
    loop {
        cursor.skip_whitespace();
        if cursor.eat("...") {
            if fields.iter().any(|field| matches!(field, Field::Ellipsis)) {
                return Err(cursor.error_at(cursor.at() - 3, Problem::SecondEllipsis));
            }
            fields.push(Field::Ellipsis);
        } else {
            let (field, after) = named(cursor)?;
            fields.push(field);
            cursor = after;
        }
        cursor.skip_whitespace();
        if cursor.eat("]") {
            break;
        }
        if cursor.peek().is_none() {
            return Err(cursor.error_at(open, Problem::Unclosed('[')));
        }
        if !cursor.eat(",") {
            return Err(Parser::new(cursor, Fields::Names).not_joined("`,` or `]`"));
        }
    }
    cursor.skip_whitespace();
    match cursor.peek() {
        None => Ok(Kind::SpaceDelimited(fields)),
        Some(_) => Err(cursor.expected("the end of the pattern")),
    }
}

/// A field, and the place after it. A name with conditions begins with its conditions: the first names the field.
fn named(cursor: Cursor<'_>) -> Result<(Field, Cursor<'_>), ParseError> {
    let mut ahead = cursor.clone();
    let name =
        ahead.take_while(|character| character.is_ascii_alphanumeric() || matches!(character, '-' | '_'));
    ahead.skip_whitespace();
    if matches!(ahead.peek(), Some(',' | ']') | None) {
        return Ok((Field::Named { name: name.to_owned(), conditions: None }, ahead));
    }
    let mut parser = Parser::new(cursor, Fields::Names);
    let conditions = parser.any()?;
    let name = conditions.conditions().first().map(|first| first.selector.path()).unwrap_or_default();
    Ok((Field::Named { name, conditions: Some(conditions) }, parser.cursor))
}
