//! `%…%`: regular expressions with no more than AWS supports.
//!
//! What is not on AWS's list is refused here as there. What is on it is written anew for the engine, so that nothing
//! that the engine knows beyond AWS's list gets in: nested classes, Unicode classes, set operations.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>, "Supported regular
//! expressions (regex) syntax"

/// The most memory that a compiled expression may take: a bounded repetition of a bounded repetition can be huge.
const SIZE_LIMIT: usize = 1 << 20;

/// Symbols that stand for themselves. The page's own examples have a space, which its list forgets.
const SYMBOLS: &str = ":_#=@/;,- ";
const OPERATORS: &str = "^$?[]{}|\\*+.";

/// A regular expression; it matches anywhere in the text, case-sensitively.
#[derive(Debug, Clone)]
pub struct Regex {
    text: String,
    compiled: regex::Regex,
}

/// Why an expression is not accepted. Places are bytes in the expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegexProblem {
    /// A character that AWS does not support.
    #[error("AWS's regular expressions have no `{0}`")]
    Character(char),
    /// `(` or `)`.
    #[error("AWS's regular expressions have no parentheses")]
    Parentheses,
    /// A backslash before something that has no meaning with it.
    #[error("`\\{0}` is not on AWS's list")]
    Escape(char),
    /// `\x` without two hexadecimal digits, or not ASCII.
    #[error("`\\x` needs two hexadecimal digits of an ASCII character")]
    Hexadecimal,
    /// A backslash at the end.
    #[error("the expression ends with a backslash")]
    TrailingBackslash,
    /// `[` without `]`, or with nothing in it.
    #[error("the class has no `]`")]
    Class,
    /// `[[:alpha:]]` and the like.
    #[error("named classes such as `[:alpha:]` are not on AWS's list")]
    NamedClass,
    /// Refused by the engine: no valid expression, or too large.
    #[error("not a regular expression, or one that grows too large")]
    Engine,
}

impl Regex {
    /// Reads an expression, without its percent signs.
    pub(super) fn new(text: &str) -> Result<Self, (usize, RegexProblem)> {
        let written = Translation::of(text)?;
        let compiled = regex::RegexBuilder::new(&written)
            .size_limit(SIZE_LIMIT)
            .dfa_size_limit(SIZE_LIMIT)
            .nest_limit(64)
            .build()
            .map_err(|_| (0, RegexProblem::Engine))?;
        Ok(Self { text: text.to_owned(), compiled })
    }

    /// As it was written, without percent signs.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it matches anywhere in the text.
    pub fn is_match(&self, text: &str) -> bool {
        self.compiled.is_match(text)
    }
}

struct Translation<'a> {
    rest: std::iter::Peekable<std::str::CharIndices<'a>>,
    out: String,
}

type Step = Result<(), (usize, RegexProblem)>;

impl<'a> Translation<'a> {
    fn of(text: &'a str) -> Result<String, (usize, RegexProblem)> {
        let mut translation = Self { rest: text.char_indices().peekable(), out: String::new() };
        while let Some((at, character)) = translation.rest.next() {
            match character {
                '\\' => translation.escape(at)?,
                '[' => translation.class(at)?,
                '{' => translation.repetition(),
                '(' | ')' => return Err((at, RegexProblem::Parentheses)),
                _ => translation.literal(at, character)?,
            }
        }
        Ok(translation.out)
    }

    fn literal(&mut self, at: usize, character: char) -> Step {
        if !character.is_ascii_alphanumeric()
            && !SYMBOLS.contains(character)
            && !OPERATORS.contains(character)
        {
            return Err((at, RegexProblem::Character(character)));
        }
        self.out.push(character);
        Ok(())
    }

    /// The classes are ASCII, as the page defines them; the engine's own would be Unicode.
    fn escape(&mut self, at: usize) -> Step {
        let Some((_, escaped)) = self.rest.next() else { return Err((at, RegexProblem::TrailingBackslash)) };
        match escaped {
            'd' => self.out.push_str("[0-9]"),
            'D' => self.out.push_str("[^0-9]"),
            's' => self.out.push_str(r"[ \t\n]"),
            'S' => self.out.push_str(r"[^ \t\n]"),
            'w' => self.out.push_str("[a-zA-Z_0-9]"),
            'W' => self.out.push_str("[^a-zA-Z_0-9]"),
            'x' => return self.hexadecimal(at),
            _ if OPERATORS.contains(escaped) || SYMBOLS.contains(escaped) => {
                self.out.push_str(&regex::escape(escaped.encode_utf8(&mut [0; 4])));
            }
            '(' | ')' => return Err((at, RegexProblem::Parentheses)),
            _ => return Err((at, RegexProblem::Escape(escaped))),
        }
        Ok(())
    }

    fn hexadecimal(&mut self, at: usize) -> Step {
        let mut digit = || self.rest.next().and_then(|(_, digit)| digit.to_digit(16));
        let (Some(high), Some(low)) = (digit(), digit()) else { return Err((at, RegexProblem::Hexadecimal)) };
        let code = char::from_u32(high * 16 + low).filter(char::is_ascii);
        let code = code.ok_or((at, RegexProblem::Hexadecimal))?;
        self.out.push_str(&regex::escape(code.encode_utf8(&mut [0; 4])));
        Ok(())
    }

    /// `{,n}` is `{0,n}`: "either m or n can be omitted". Anything else is the engine's to judge.
    fn repetition(&mut self) {
        self.out.push('{');
        while self.rest.next_if(|(_, next)| *next == ' ').is_some() {}
        if self.rest.peek().is_some_and(|(_, next)| *next == ',') {
            self.out.push('0');
        }
    }

    fn class(&mut self, start: usize) -> Step {
        self.out.push('[');
        if self.rest.next_if(|(_, next)| *next == '^').is_some() {
            self.out.push('^');
        }
        let mut is_empty = true;
        loop {
            let Some((at, character)) = self.rest.next() else { return Err((start, RegexProblem::Class)) };
            match character {
                ']' if is_empty => return Err((start, RegexProblem::Class)),
                ']' => break,
                '\\' => self.escape(at)?,
                '[' if self.rest.peek().is_some_and(|(_, next)| *next == ':') => {
                    return Err((at, RegexProblem::NamedClass));
                }
                '[' | '^' => self.out.extend(['\\', character]),
                // Two hyphens would take one set from another.
                '-' if self.rest.peek().is_some_and(|(_, next)| *next == '-') => self.out.push_str(r"\-"),
                '(' | ')' => return Err((at, RegexProblem::Parentheses)),
                _ => self.literal(at, character)?,
            }
            is_empty = false;
        }
        self.out.push(']');
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(expression: &str, matching: &[&str], not: &[&str]) {
        let regex = Regex::new(expression).unwrap();
        for text in matching {
            assert!(regex.is_match(text), "%{expression}% {text}");
        }
        for text in not {
            assert!(!regex.is_match(text), "%{expression}% {text}");
        }
    }

    /// The examples of the page.
    #[test]
    fn the_examples_of_the_page_hold() {
        check("^[hc]at", &["hat", "cat"], &["a hat"]);
        check("[hc]at$", &["hat", "a cat"], &["hats"]);
        check("colou?r", &["color", "colour"], &[]);
        check("[abcx-z]", &["a", "y"], &["d"]);
        check("^a{3,5}$", &["aaa", "aaaaa"], &["aa", "aaaaaa"]);
        check("^a{,2}$", &["", "aa"], &["aaa"]);
        check("^starting|^initializing|^shutting down", &["starting x"], &["skipping initializing x"]);
        check("abcc|ab[^c]$", &["abcc x", "aba"], &["aac"]);
        check(r"\[.\]", &["[a]", "[]]", "[ ]"], &["[]"]);
        check(r"10\.10\.0\.1", &["10.10.0.1"], &["10010,051"]);
        check("10.10.0.1", &["10010,051"], &[]);
        check(r"\x3A", &[":"], &[";"]);
        check(r"\x28", &["("], &[")"]);
        check(r"[\w-]+@", &["a-b@"], &["@"]);
    }

    #[test]
    fn classes_are_ascii() {
        check(r"^\d$", &["5"], &["٥"]);
        check(r"^\w$", &["a", "_"], &["é"]);
        check(r"^\W$", &["é"], &["a"]);
        check(r"^\s$", &[" ", "\t"], &["\u{a0}", "\r"]);
    }

    #[test]
    fn what_the_page_does_not_list_is_refused() {
        for (expression, at, problem) in [
            ("something!", 9, RegexProblem::Character('!')),
            ("a(b)", 1, RegexProblem::Parentheses),
            ("é", 0, RegexProblem::Character('é')),
            (r"a\b", 1, RegexProblem::Escape('b')),
            (r"\x4", 0, RegexProblem::Hexadecimal),
            (r"\xFF", 0, RegexProblem::Hexadecimal),
            ("a\\", 1, RegexProblem::TrailingBackslash),
            ("[a", 0, RegexProblem::Class),
            ("[]", 0, RegexProblem::Class),
            ("[[:alpha:]]", 1, RegexProblem::NamedClass),
            ("*a", 0, RegexProblem::Engine),
            ("a{999}{999}{999}", 0, RegexProblem::Engine),
        ] {
            assert_eq!(Regex::new(expression).unwrap_err(), (at, problem), "{expression}");
        }
    }

    #[test]
    fn nothing_of_the_engine_gets_in() {
        // `a`, and the range from `-` to `z`: to the engine `--` would take `z` away from `a`.
        check("^[a--z]$", &["a", "-", "b"], &["{"]);
        check("^[a[]$", &["a", "["], &["]"]);
    }
}
