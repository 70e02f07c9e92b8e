//! From text to pattern.

use super::cursor::Cursor;
use super::glob::Glob;
use super::number::Number;
use super::pattern::{
    Comparison, Condition, Constant, Expression, Group, Kind, Operand, Pattern, Selector, Step, Test,
};
use super::problem::{ParseError, Problem, is_typographic_quote};
use super::regex::Regex;
use super::{MAX_BYTES, MAX_DEPTH, space_delimited, terms};

impl Pattern {
    /// Reads a pattern of any kind.
    ///
    /// ```
    /// use why_denied::filter::Pattern;
    /// let pattern = Pattern::parse(r#"{ ($.errorCode = "AccessDenied*") && ($.readOnly IS FALSE) }"#)?;
    /// let event = r#"{"errorCode":"AccessDenied","readOnly":false}"#;
    /// assert!(pattern.test(event).matches);
    /// # Ok::<(), why_denied::filter::ParseError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// What is wrong first, and its place.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let mut cursor = Cursor::new(text);
        if text.len() > MAX_BYTES {
            return Err(cursor.error(Problem::TooLong(text.len())));
        }
        cursor.skip_whitespace();
        let kind = match cursor.peek() {
            None => Kind::Everything,
            Some('{') => {
                cursor.next();
                Kind::Json(Parser::new(cursor, Fields::Json).whole()?)
            }
            Some('[') => space_delimited::parse(cursor)?,
            Some(_) => terms::parse(cursor)?,
        };
        Ok(Self { text: text.to_owned(), kind })
    }
}

/// How fields are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fields {
    /// `$.a.b`
    Json,
    /// `a`
    Names,
}

/// Reads conditions and what joins them.
pub(super) struct Parser<'a> {
    pub(super) cursor: Cursor<'a>,
    fields: Fields,
    depth: usize,
}

impl<'a> Parser<'a> {
    pub(super) fn new(cursor: Cursor<'a>, fields: Fields) -> Self {
        Self { cursor, fields, depth: 0 }
    }

    /// The inside of a JSON pattern, to the end of the text.
    fn whole(mut self) -> Result<Expression, ParseError> {
        let open = self.cursor.at().saturating_sub(1);
        let expression = self.any()?;
        self.cursor.skip_whitespace();
        if self.cursor.peek().is_none() {
            return Err(self.cursor.error_at(open, Problem::Unclosed('{')));
        }
        if !self.cursor.eat("}") {
            return Err(self.not_joined("`&&`, `||` or `}`"));
        }
        self.cursor.skip_whitespace();
        match self.cursor.peek() {
            None => Ok(expression),
            Some(_) => Err(self.cursor.expected("the end of the pattern")),
        }
    }

    /// What stands where conditions should be joined or end.
    pub(super) fn not_joined(&self, expected: &'static str) -> ParseError {
        let word = self.cursor.word();
        if let Some(sign @ ('&' | '|')) = self.cursor.peek() {
            return self.cursor.error(Problem::Operator(sign.to_string()));
        }
        if word.eq_ignore_ascii_case("and") || word.eq_ignore_ascii_case("or") {
            return self.cursor.error(Problem::Operator(word.to_owned()));
        }
        self.cursor.expected(expected)
    }

    /// `a || b`, where `&&` binds closer.
    pub(super) fn any(&mut self) -> Result<Expression, ParseError> {
        let (start, mut parts) = (self.place(), vec![self.all()?]);
        while self.joined("||") {
            parts.push(self.all()?);
        }
        Ok(self.group(start, parts, Expression::Any))
    }

    fn all(&mut self) -> Result<Expression, ParseError> {
        let (start, mut parts) = (self.place(), vec![self.primary()?]);
        while self.joined("&&") {
            parts.push(self.primary()?);
        }
        Ok(self.group(start, parts, Expression::All))
    }

    fn place(&mut self) -> usize {
        self.cursor.skip_whitespace();
        self.cursor.at()
    }

    fn joined(&mut self, operator: &str) -> bool {
        let before = self.cursor.clone();
        self.cursor.skip_whitespace();
        let comes = self.cursor.eat(operator);
        if !comes {
            self.cursor = before;
        }
        comes
    }

    fn group(
        &self,
        start: usize,
        mut parts: Vec<Expression>,
        of: impl Fn(Group) -> Expression,
    ) -> Expression {
        match parts.pop() {
            Some(only) if parts.is_empty() => only,
            last => {
                parts.extend(last);
                of(Group { parts, in_parentheses: false, span: self.cursor.span_from(start) })
            }
        }
    }

    fn primary(&mut self) -> Result<Expression, ParseError> {
        let open = self.place();
        if !self.cursor.eat("(") {
            return self.condition();
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.cursor.error_at(open, Problem::TooDeep));
        }
        let mut inside = self.any()?;
        self.depth -= 1;
        self.cursor.skip_whitespace();
        if self.cursor.peek().is_none() {
            return Err(self.cursor.error_at(open, Problem::Unclosed('(')));
        }
        if !self.cursor.eat(")") {
            return Err(self.not_joined("`&&`, `||` or `)`"));
        }
        if let Expression::All(group) | Expression::Any(group) = &mut inside {
            group.in_parentheses = true;
        }
        Ok(inside)
    }

    fn condition(&mut self) -> Result<Expression, ParseError> {
        let start = self.cursor.at();
        if self.cursor.peek() == Some('!') {
            return Err(self.cursor.error(Problem::Negation));
        }
        let selector = match self.fields {
            Fields::Json => self.selector()?,
            Fields::Names => self.name()?,
        };
        self.cursor.skip_whitespace();
        let test = self.test()?;
        let span = self.cursor.span_from(start);
        Ok(Expression::Condition(Box::new(Condition { selector, test, span })))
    }

    fn name(&mut self) -> Result<Selector, ParseError> {
        let start = self.cursor.at();
        let name = self.cursor.take_while(is_name);
        if name.is_empty() {
            return Err(self.cursor.expected("a field name"));
        }
        Ok(Selector { steps: vec![Step::Field(name.to_owned())], span: self.cursor.span_from(start) })
    }

    fn selector(&mut self) -> Result<Selector, ParseError> {
        let start = self.cursor.at();
        if !self.cursor.eat("$") {
            return Err(self.cursor.expected("a condition such as `$.errorCode = \"AccessDenied\"`"));
        }
        let mut steps = Vec::new();
        loop {
            if self.cursor.eat("[") {
                steps.push(self.bracket()?);
            } else if self.cursor.eat(".") {
                if self.cursor.peek() != Some('[') {
                    steps.push(self.field()?);
                }
            } else if steps.is_empty() {
                return Err(self.cursor.expected("`.` and a field name"));
            } else {
                return Ok(Selector { steps, span: self.cursor.span_from(start) });
            }
        }
    }

    fn field(&mut self) -> Result<Step, ParseError> {
        if self.cursor.eat("*") {
            return Ok(Step::AnyField);
        }
        if let Some('"' | '\'') = self.cursor.peek() {
            return Err(self.cursor.error(Problem::QuotedName));
        }
        let name = self.cursor.take_while(is_name);
        if name.is_empty() {
            return Err(self.cursor.expected("a field name"));
        }
        Ok(Step::Field(name.to_owned()))
    }

    /// After `[`.
    fn bracket(&mut self) -> Result<Step, ParseError> {
        let start = self.cursor.at();
        let step = match self.cursor.peek() {
            Some('*') => {
                self.cursor.next();
                Step::AnyElement
            }
            Some('"' | '\'') => Step::Field(self.cursor.quoted()?),
            _ => {
                let digits = self.cursor.take_while(|character| !matches!(character, ']' | ' ' | '}' | ')'));
                match digits.parse() {
                    Ok(index) if digits.bytes().all(|byte| byte.is_ascii_digit()) => Step::Index(index),
                    _ => return Err(self.cursor.error_at(start, Problem::Index(shortened(digits)))),
                }
            }
        };
        if !self.cursor.eat("]") {
            return Err(self.cursor.expected("`]`"));
        }
        Ok(step)
    }

    fn test(&mut self) -> Result<Test, ParseError> {
        let at = self.cursor.at();
        if self.cursor.eat("==") {
            return Err(self.cursor.error_at(at, Problem::Operator("==".to_owned())));
        }
        for comparison in [
            Comparison::NotEqual,
            Comparison::LessOrEqual,
            Comparison::GreaterOrEqual,
            Comparison::Equal,
            Comparison::Less,
            Comparison::Greater,
        ] {
            if self.cursor.eat(comparison.as_str()) {
                return Ok(Test::Compare(comparison, self.operand(comparison)?));
            }
        }
        if self.cursor.eat_word("IS") {
            return self.constant().map(Test::Is);
        }
        if self.cursor.eat_word("NOT") {
            self.cursor.skip_whitespace();
            if self.cursor.eat_word("EXISTS") {
                return Ok(Test::NotExists);
            }
            return Err(self.cursor.expected("`EXISTS`"));
        }
        if self.cursor.word().eq_ignore_ascii_case("EXISTS") {
            return Err(self.cursor.error(Problem::Exists));
        }
        Err(self.cursor.expected("an operator such as `=`, `IS NULL` or `NOT EXISTS`"))
    }

    fn constant(&mut self) -> Result<Constant, ParseError> {
        self.cursor.skip_whitespace();
        for (word, constant) in
            [("NULL", Constant::Null), ("TRUE", Constant::True), ("FALSE", Constant::False)]
        {
            if self.cursor.eat_word(word) {
                return Ok(constant);
            }
        }
        if self.cursor.word().eq_ignore_ascii_case("NOT") {
            return Err(self.cursor.error(Problem::IsNot));
        }
        Err(self.cursor.expected("`NULL`, `TRUE` or `FALSE`"))
    }

    fn operand(&mut self, comparison: Comparison) -> Result<Operand, ParseError> {
        self.cursor.skip_whitespace();
        let start = self.cursor.at();
        let operand = match self.cursor.peek() {
            Some('"') => Operand::Quoted(Glob::new(self.cursor.quoted()?)),
            Some('\'') => return Err(self.cursor.error(Problem::SingleQuotes)),
            Some('%') => Operand::Regex(regex(&mut self.cursor)?),
            _ => {
                let word = self.cursor.take_while(is_bare);
                if let Some((at, quote)) = word.char_indices().find(|(_, c)| is_typographic_quote(*c)) {
                    return Err(self.cursor.error_at(start + at, Problem::TypographicQuotes(quote)));
                }
                match Number::parse(word) {
                    _ if word.is_empty() => return Err(self.cursor.expected("a value")),
                    Some(number) => Operand::Number(number),
                    None => Operand::Bare(Glob::new(word.to_owned())),
                }
            }
        };
        if comparison.is_ordering() && !matches!(operand, Operand::Number(_)) {
            let value = shortened(operand.text().unwrap_or("a regular expression"));
            let operator = comparison.as_str();
            return Err(self.cursor.error_at(start, Problem::NotANumber { operator, value }));
        }
        Ok(operand)
    }
}

/// `%…%`
pub(super) fn regex(cursor: &mut Cursor<'_>) -> Result<Regex, ParseError> {
    let start = cursor.at();
    cursor.eat("%");
    let text = cursor.take_while(|character| character != '%');
    if !cursor.eat("%") {
        return Err(cursor.error_at(start, Problem::Unclosed('%')));
    }
    if text.is_empty() {
        return Err(cursor.error_at(
            start,
            Problem::Expected {
                expected: "a regular expression",
                found: super::problem::Found::Character('%'),
            },
        ));
    }
    Regex::new(text).map_err(|(at, problem)| cursor.error_at(start + 1 + at, Problem::Regex(problem)))
}

/// "Property selectors are alphanumeric strings that support hyphen and underscore characters."
fn is_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '-' | '_')
}

/// The page wants quotes around everything but letters, digits and `_`, yet its own patterns have `123.123.*` and
/// `iam.amazonaws.com` without. So whatever cannot mean anything else is taken; `lint` says what the page wants.
fn is_bare(character: char) -> bool {
    !character.is_whitespace() && !"(){}[]\"'&|=<>!%,".contains(character)
}

fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}
