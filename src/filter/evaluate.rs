//! Judging an event.
//!
//! Every condition is judged, not only those that decide, so that the trace is whole. Where AWS's documentation allows
//! two answers for a condition, the condition is open; if the answer to the whole pattern hinges on open conditions, it
//! carries their doubts. One function makes the answer and its trace.

use std::collections::BTreeSet;
use std::ops::Range;

use serde_json::Value;

use super::glob::Glob;
use super::number::Number;
use super::pattern::{Comparison, Condition, Constant, Expression, Kind, Operand, Pattern, Test};
use super::select::{Found, Values};
use super::text;

/// What a pattern says to an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Whether the event matches.
    pub matches: bool,
    /// What the answer hinges on that AWS's documentation leaves open; empty for a firm answer.
    pub doubts: BTreeSet<Doubt>,
    /// Every condition or term, in the order of the pattern.
    pub judgements: Vec<Judgement>,
}

/// One condition or term against an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// Where it stands in the pattern.
    pub span: Range<usize>,
    /// Whether it holds.
    pub holds: bool,
    /// Whether the answer rests on it.
    pub decides: bool,
    /// What the event had there.
    pub found: Found,
    /// What would make it the other way round.
    pub doubt: Option<Doubt>,
}

/// A question that AWS's documentation leaves open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doubt {
    /// Whether `*` between other characters is any text, or an asterisk.
    InnerAsterisk,
    /// Whether a number, boolean or text is compared with a value of another type by its text.
    Types,
    /// Whether `!=` with a wildcard selector asks for one value that differs, or for all.
    AnyDiffers,
    /// Whether a pattern that points a comparison at an object or array can still match by its other conditions.
    ObjectOrArray,
    /// Whether a term is found inside a longer word.
    InsideWord,
}

impl Doubt {
    /// The question, and the answer that was taken.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InnerAsterisk => {
                "an asterisk between other characters is taken as any text; until about 2021 the page said that it is literal there"
            }
            Self::Types => {
                "the value and the pattern are not of one type (text, number, boolean); the page does not say how they compare"
            }
            Self::AnyDiffers => {
                "!= with a wildcard selector is taken to ask for one value that differs; the page does not say so"
            }
            Self::ObjectOrArray => {
                "a comparison points at an object or array; the page may mean that the whole pattern then matches nothing"
            }
            Self::InsideWord => {
                "a term is taken to match inside a longer word too, as the page of 2019 showed"
            }
        }
    }

    /// A stable name.
    pub fn code(self) -> &'static str {
        match self {
            Self::InnerAsterisk => "inner-asterisk",
            Self::Types => "types",
            Self::AnyDiffers => "any-differs",
            Self::ObjectOrArray => "object-or-array",
            Self::InsideWord => "inside-word",
        }
    }
}

impl Pattern {
    /// Judges an event. A JSON pattern matches nothing that is not JSON; the other kinds look at the text.
    pub fn test(&self, event: &str) -> Outcome {
        let plain = |matches| Outcome { matches, doubts: BTreeSet::new(), judgements: Vec::new() };
        match self.kind() {
            Kind::Everything => plain(true),
            Kind::Json(expression) => match serde_json::from_str(event) {
                Ok(event) => Judge::new(FieldValues::Typed).whole(expression, &event),
                Err(_) => plain(false),
            },
            Kind::Terms(terms) => text::terms(terms, event),
            Kind::Regex(regex) => text::regex(regex, self.text(), event),
            Kind::SpaceDelimited(fields) => text::space_delimited(fields, event),
        }
    }
}

/// What is known of the types of an event's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FieldValues {
    /// JSON.
    Typed,
    /// Words of a line: numbers are texts too.
    Words,
}

/// What a part of a pattern comes to.
pub(super) struct Verdict {
    pub(super) holds: bool,
    /// The judgements that it rests on.
    pub(super) deciding: Vec<usize>,
    /// What it hinges on; empty if it is firm.
    pub(super) doubts: BTreeSet<Doubt>,
}

/// Judges conditions and remembers how.
pub(super) struct Judge {
    values: FieldValues,
    pub(super) judgements: Vec<Judgement>,
    compared_container: bool,
}

impl Judge {
    pub(super) fn new(values: FieldValues) -> Self {
        Self { values, judgements: Vec::new(), compared_container: false }
    }

    pub(super) fn whole(mut self, expression: &Expression, event: &Value) -> Outcome {
        let verdict = self.verdict(expression, event);
        self.outcome(verdict)
    }

    pub(super) fn outcome(mut self, mut verdict: Verdict) -> Outcome {
        if verdict.holds && self.compared_container {
            verdict.doubts.insert(Doubt::ObjectOrArray);
        }
        for (index, judgement) in self.judgements.iter_mut().enumerate() {
            judgement.decides = verdict.deciding.contains(&index);
        }
        Outcome { matches: verdict.holds, doubts: verdict.doubts, judgements: self.judgements }
    }

    pub(super) fn verdict(&mut self, expression: &Expression, event: &Value) -> Verdict {
        match expression {
            Expression::Condition(condition) => self.condition(condition, event),
            Expression::All(group) => {
                let parts = group.parts.iter().map(|part| self.verdict(part, event)).collect();
                joined(parts, true)
            }
            Expression::Any(group) => {
                let parts = group.parts.iter().map(|part| self.verdict(part, event)).collect();
                joined(parts, false)
            }
        }
    }

    fn condition(&mut self, condition: &Condition, event: &Value) -> Verdict {
        let values = Values::of(&condition.selector, event);
        let found = Found::of_all(&condition.selector, &values);
        let answer = match &values {
            Values::None { .. } => Answer::firm(matches!(condition.test, Test::NotExists)),
            Values::Some(values) => self.answer(&condition.test, values),
        };
        self.judge(condition.span.clone(), answer, found)
    }

    fn judge(&mut self, span: Range<usize>, answer: Answer, found: Found) -> Verdict {
        let Answer { holds, doubt } = answer;
        self.judgements.push(Judgement { span, holds, decides: false, found, doubt });
        Verdict { holds, deciding: vec![self.judgements.len() - 1], doubts: doubt.into_iter().collect() }
    }

    fn answer(&mut self, test: &Test, values: &[&Value]) -> Answer {
        let (comparison, operand) = match test {
            Test::NotExists => return Answer::firm(false),
            Test::Is(constant) => return Answer::firm(values.iter().any(|value| is(*constant, value))),
            Test::Compare(comparison, operand) => (*comparison, operand),
        };
        self.compared_container |= values.iter().all(|value| value.is_object() || value.is_array());
        let answers: Vec<Answer> = values
            .iter()
            .map(|value| match comparison {
                Comparison::Equal => equal(operand, value, self.values),
                Comparison::NotEqual => differs(operand, value, self.values),
                ordering => ordered(ordering, operand, value, self.values),
            })
            .collect();
        let any = Answer::any(&answers);
        let all = answers.iter().all(|answer| answer.holds);
        if comparison == Comparison::NotEqual && any.holds != all && any.doubt.is_none() {
            return Answer { doubt: Some(Doubt::AnyDiffers), ..any };
        }
        any
    }
}

/// What a test can come to, by any reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct May {
    /// It can hold.
    pub(super) hold: bool,
    /// It can fail.
    pub(super) fail: bool,
}

/// What a test comes to for one value of an event; `None` is a field that is missing.
pub(super) fn may(test: &Test, value: Option<&Value>) -> May {
    let Some(value) = value else {
        let holds = matches!(test, Test::NotExists);
        return May { hold: holds, fail: !holds };
    };
    let answer = Judge::new(FieldValues::Typed).answer(test, &[value]);
    let is_open = answer.doubt.is_some();
    May { hold: answer.holds || is_open, fail: !answer.holds || is_open }
}

/// Parts that have to hold all, or one of them.
pub(super) fn joined(parts: Vec<Verdict>, all: bool) -> Verdict {
    // What decides alone: one false part of `&&`, one true part of `||`. A firm one is the better reason.
    let alone = |part: &&Verdict| part.holds != all;
    let decided =
        parts.iter().filter(alone).find(|part| part.doubts.is_empty()).or_else(|| parts.iter().find(alone));
    let (holds, deciding) = match decided {
        Some(part) => (part.holds, part.deciding.clone()),
        None => (all, parts.iter().flat_map(|part| part.deciding.iter().copied()).collect()),
    };
    let is_firm = decided.is_some_and(|part| part.doubts.is_empty());
    let doubts =
        if is_firm { BTreeSet::new() } else { parts.into_iter().flat_map(|part| part.doubts).collect() };
    Verdict { holds, deciding, doubts }
}

/// Whether a condition holds, and what would make it the other way round.
#[derive(Debug, Clone, Copy)]
struct Answer {
    holds: bool,
    doubt: Option<Doubt>,
}

impl Answer {
    fn firm(holds: bool) -> Self {
        Self { holds, doubt: None }
    }

    /// Open if the other reading says otherwise.
    fn or(holds: bool, otherwise: bool, doubt: Doubt) -> Self {
        Self { holds, doubt: (holds != otherwise).then_some(doubt) }
    }

    fn any(answers: &[Self]) -> Self {
        let firm = answers.iter().find(|answer| answer.holds && answer.doubt.is_none());

        firm.copied().unwrap_or_else(|| {
            let holds = answers.iter().any(|answer| answer.holds);
            Self { holds, doubt: answers.iter().find_map(|answer| answer.doubt) }
        })
    }
}

fn is(constant: Constant, value: &Value) -> bool {
    match constant {
        Constant::Null => value.is_null(),
        Constant::True => *value == Value::Bool(true),
        Constant::False => *value == Value::Bool(false),
    }
}

fn equal(operand: &Operand, value: &Value, values: FieldValues) -> Answer {
    match (operand, value) {
        (_, Value::Null | Value::Object(_) | Value::Array(_)) => Answer::firm(false),
        (Operand::Quoted(glob) | Operand::Bare(glob), Value::String(text)) => glob_answer(glob, text),
        (Operand::Number(number), Value::String(text)) => number_and_text(number, text, values),
        (Operand::Regex(regex), Value::String(text)) => Answer::firm(regex.is_match(text)),
        (Operand::Number(number), Value::Number(value)) => {
            Answer::firm(number.order(value).is_some_and(std::cmp::Ordering::is_eq))
        }
        // "Use the asterisk as a wild card to match numbers": without quotes, as in `4*`.
        (Operand::Bare(glob), Value::Number(number)) if glob.is_pattern() => {
            glob_answer(glob, &number.to_string())
        }
        (Operand::Quoted(glob) | Operand::Bare(glob), scalar) => {
            Answer::or(false, glob.matches(&scalar.to_string()), Doubt::Types)
        }
        (Operand::Number(_), Value::Bool(_)) => Answer::firm(false),
        (Operand::Regex(regex), scalar) => {
            let matches = regex.is_match(&scalar.to_string());
            Answer::or(matches, false, Doubt::Types)
        }
    }
}

fn glob_answer(glob: &Glob, text: &str) -> Answer {
    let holds = glob.matches(text);
    if !glob.has_inner_asterisk() {
        return Answer::firm(holds);
    }
    Answer::or(holds, glob.matches_by_ends(text), Doubt::InnerAsterisk)
}

/// `= 400` and the text `"400"`: digits without quotes are a string too, "alphanumeric characters", and a number.
fn number_and_text(number: &Number, text: &str, values: FieldValues) -> Answer {
    let same_text = number.text() == text;
    let same_number = number.order_text(text).is_some_and(std::cmp::Ordering::is_eq);
    match values {
        FieldValues::Words => Answer::firm(same_text || same_number),
        FieldValues::Typed => {
            Answer { holds: same_text, doubt: (same_text || same_number).then_some(Doubt::Types) }
        }
    }
}

/// `!=` is false for what is missing or null: observed with `aws logs test-metric-filter`, see `docs/filter.md`. A number
/// differs from every text. A boolean is no "value node" by the page, so it stays open.
fn differs(operand: &Operand, value: &Value, values: FieldValues) -> Answer {
    match value {
        Value::Null | Value::Object(_) | Value::Array(_) => Answer::firm(false),
        Value::Bool(_) => Answer::or(true, false, Doubt::Types),
        Value::String(_) | Value::Number(_) => {
            let same = equal(operand, value, values);
            Answer { holds: !same.holds, ..same }
        }
    }
}

fn ordered(comparison: Comparison, operand: &Operand, value: &Value, values: FieldValues) -> Answer {
    let Operand::Number(number) = operand else { return Answer::firm(false) };
    let holds = |order: Option<std::cmp::Ordering>| {
        order.is_some_and(|order| match comparison {
            Comparison::Less => order.is_lt(),
            Comparison::LessOrEqual => order.is_le(),
            Comparison::Greater => order.is_gt(),
            Comparison::GreaterOrEqual => order.is_ge(),
            Comparison::Equal | Comparison::NotEqual => false,
        })
    };
    match (value, values) {
        (Value::Number(value), _) => Answer::firm(holds(number.order(value))),
        (Value::String(text), FieldValues::Words) => Answer::firm(holds(number.order_text(text))),
        (Value::String(text), FieldValues::Typed) => {
            Answer::or(false, holds(number.order_text(text)), Doubt::Types)
        }
        _ => Answer::firm(false),
    }
}
