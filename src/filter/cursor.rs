//! A place in a pattern.

use std::ops::Range;

use super::pattern::column;
use super::problem::{Found, ParseError, Problem};

/// Reads a pattern from left to right.
#[derive(Debug, Clone)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.at += character.len_utf8();
        Some(character)
    }

    pub(super) fn skip_whitespace(&mut self) {
        self.take_while(char::is_whitespace);
    }

    /// Goes past the text, if it comes next.
    pub(super) fn eat(&mut self, text: &str) -> bool {
        let comes = self.rest().starts_with(text);
        if comes {
            self.at += text.len();
        }
        comes
    }

    pub(super) fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let taken = rest.find(|character| !wanted(character)).unwrap_or(rest.len());
        self.at += taken;
        rest.get(..taken).unwrap_or_default()
    }

    /// The letters that come next, without going past them.
    pub(super) fn word(&self) -> &'a str {
        self.clone().take_while(|character| character.is_ascii_alphabetic())
    }

    /// Goes past a word in any case.
    pub(super) fn eat_word(&mut self, word: &str) -> bool {
        let comes = self.word().eq_ignore_ascii_case(word);
        if comes {
            self.at += word.len();
        }
        comes
    }

    pub(super) fn span_from(&self, start: usize) -> Range<usize> {
        start..self.at
    }

    pub(super) fn error_at(&self, at: usize, problem: Problem) -> ParseError {
        ParseError { problem, at, column: column(self.text, at) }
    }

    pub(super) fn error(&self, problem: Problem) -> ParseError {
        self.error_at(self.at, problem)
    }

    pub(super) fn expected(&self, expected: &'static str) -> ParseError {
        let word = self.word();
        let found = match self.peek() {
            None => Found::End,
            Some(_) if word.len() > 1 => Found::Word(word.chars().take(32).collect()),
            Some(character) => Found::Character(character),
        };
        self.error(Problem::Expected { expected, found })
    }

    /// What stands between this quote and the next, which is gone past. `\"` and `\\` are a quote and a backslash;
    /// before anything else a backslash is itself.
    pub(super) fn quoted(&mut self) -> Result<String, ParseError> {
        let start = self.at;
        let quote = self.next().unwrap_or('"');
        let mut text = String::new();
        loop {
            match self.next() {
                None => return Err(self.error_at(start, Problem::Unclosed(quote))),
                Some(end) if end == quote => return Ok(text),
                Some('\\') => match self.peek() {
                    Some(escaped) if escaped == quote || escaped == '\\' => {
                        self.next();
                        text.push(escaped);
                    }
                    _ => text.push('\\'),
                },
                Some(character) => text.push(character),
            }
        }
    }
}
