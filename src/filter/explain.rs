//! A pattern in words.

use super::glob::Glob;
use super::pattern::{
    Comparison, Condition, Constant, Expression, Field, Kind, Operand, Pattern, Term, TermMode, Test,
};

/// A pattern, or a part of it, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// What has to hold.
    pub words: String,
    /// Where it stands, in characters from one.
    pub column: usize,
    /// For a condition: whether it holds if the field is missing, and if it is null.
    pub without_field: Option<WithoutField>,
    /// The parts.
    pub parts: Vec<Explanation>,
}

/// What a condition is where there is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WithoutField {
    /// If the field, or one above it, is missing.
    pub missing: bool,
    /// If the field is null.
    pub null: bool,
}

/// Puts a pattern into words.
pub fn explain(pattern: &Pattern) -> Explanation {
    let whole =
        |words: &str, parts| Explanation { words: words.to_owned(), column: 1, without_field: None, parts };
    match pattern.kind() {
        Kind::Everything => whole("every event matches", Vec::new()),
        Kind::Json(expression) => whole("a JSON event matches if", vec![of(pattern, expression)]),
        Kind::Regex(regex) => {
            whole(&format!("an event matches if %{}% is found in its text", regex.text()), Vec::new())
        }
        Kind::Terms(terms) => {
            let is_optional = terms.iter().all(|term| term.mode == TermMode::Optional);
            let how = if is_optional { "one of these is so" } else { "all of these are so" };
            let parts = terms.iter().map(|term| of_term(pattern, term, is_optional)).collect();
            whole(&format!("an event matches if in its text {how}"), parts)
        }
        Kind::SpaceDelimited(fields) => {
            let parts = fields.iter().filter_map(|field| of_field(pattern, field)).collect();
            let count = fields.iter().filter(|field| !matches!(field, Field::Ellipsis)).count();
            whole(
                &format!("an event of words, with {count} named fields, matches if all of these hold"),
                parts,
            )
        }
    }
}

fn of(pattern: &Pattern, expression: &Expression) -> Explanation {
    let words = match expression {
        Expression::All(_) => "all of these hold".to_owned(),
        Expression::Any(_) => "one of these holds".to_owned(),
        Expression::Condition(condition) => in_words(condition),
    };
    let without_field = match expression {
        Expression::Condition(condition) => Some(without_field(&condition.test)),
        Expression::All(_) | Expression::Any(_) => None,
    };
    let parts = expression.parts().iter().map(|part| of(pattern, part)).collect();
    Explanation { words, column: pattern.column(expression.span().start), without_field, parts }
}

/// What a test is without a value: only `NOT EXISTS` holds for a missing field, only `IS NULL` for null.
pub(super) fn without_field(test: &Test) -> WithoutField {
    WithoutField { missing: matches!(test, Test::NotExists), null: matches!(test, Test::Is(Constant::Null)) }
}

fn of_field(pattern: &Pattern, field: &Field) -> Option<Explanation> {
    match field {
        Field::Named { conditions: Some(conditions), .. } => Some(by_name(of(pattern, conditions))),
        Field::Named { conditions: None, .. } | Field::Ellipsis => None,
    }
}

/// Fields between spaces have a name and no way to it, and none is missing or null.
fn by_name(explanation: Explanation) -> Explanation {
    let words = explanation.words.strip_prefix("$.").map_or(explanation.words.clone(), str::to_owned);
    let words = words.replacen("is there, not null, and not", "is not", 1);
    let parts = explanation.parts.into_iter().map(by_name).collect();
    Explanation { words, parts, without_field: None, ..explanation }
}

fn of_term(pattern: &Pattern, term: &Term, optional_count: bool) -> Explanation {
    let words = match term.mode {
        TermMode::Include => format!("`{}` is there", term.text),
        TermMode::Exclude => format!("`{}` is not there", term.text),
        TermMode::Optional if optional_count => format!("`{}` is there", term.text),
        TermMode::Optional => {
            format!("`{}` does not count: AWS ignores optional terms beside others", term.text)
        }
    };
    Explanation { words, column: pattern.column(term.span.start), without_field: None, parts: Vec::new() }
}

fn in_words(condition: &Condition) -> String {
    let field = &condition.selector;
    match &condition.test {
        Test::NotExists => format!("{field} is not in the event"),
        Test::Is(Constant::Null) => format!("{field} is null"),
        Test::Is(Constant::True) => format!("{field} is the boolean true, not the text \"true\""),
        Test::Is(Constant::False) => format!("{field} is the boolean false, not the text \"false\""),
        Test::Compare(Comparison::Equal, operand) => format!("{field} is {}", value(operand)),
        Test::Compare(Comparison::NotEqual, operand) => {
            format!("{field} is there, not null, and not {}", value(operand))
        }
        Test::Compare(ordering, operand) => {
            let than = match ordering {
                Comparison::Less => "less than",
                Comparison::LessOrEqual => "at most",
                Comparison::Greater => "greater than",
                _ => "at least",
            };
            format!("{field} is a number {than} {operand}")
        }
    }
}

fn value(operand: &Operand) -> String {
    match operand {
        Operand::Quoted(glob) => of_glob(glob, "text"),
        Operand::Bare(glob) if glob.is_pattern() => of_glob(glob, "text or number"),
        Operand::Bare(glob) => of_glob(glob, "text"),
        Operand::Number(number) => format!("the number {0} (or the text \"{0}\")", number.text()),
        Operand::Regex(regex) => format!("a text in which %{}% is found", regex.text()),
    }
}

fn of_glob(glob: &Glob, what: &str) -> String {
    let text = glob.text();
    let core = text.trim_matches('*');
    if !glob.is_pattern() {
        return format!("the {what} {}", super::print::quoted(text));
    }
    if core.is_empty() {
        return format!("any {what}");
    }
    let core_quoted = super::print::quoted(core);
    match (text.starts_with('*'), text.ends_with('*')) {
        _ if glob.has_inner_asterisk() => {
            format!("a {what} of the form {} (* is any text)", super::print::quoted(text))
        }
        (true, true) => format!("a {what} with {core_quoted} in it"),
        (true, false) => format!("a {what} that ends with {core_quoted}"),
        _ => format!("a {what} that begins with {core_quoted}"),
    }
}
