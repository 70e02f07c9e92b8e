//! Which values a field can have, and whether one of them meets several tests at once.
//!
//! Values are tried: those that the tests name and those between and beside them. Where that is no proof (two forms with
//! asterisks, regular expressions), a value is taken to be there: what is called impossible is impossible.

use serde_json::{Number, Value, json};

use crate::filter::evaluate::may;
use crate::filter::glob::Glob;
use crate::filter::pattern::{Comparison, Operand, Selector, Test};
use crate::knowledge::event_fields::{self, EventField, FieldType, Presence};

/// A test, and whether it is to hold or to fail.
pub(super) type Wanted<'e> = (&'e Test, bool);

/// Whether a value of the field, or its absence, meets all tests. `is_parent`: fields below it are asked for, so it is
/// an object or array.
pub(super) fn is_possible(selector: &Selector, tests: &[Wanted<'_>], is_parent: bool) -> bool {
    let row = selector.names().and_then(|_| event_fields::row(&selector.path(), None));
    let forms = Forms::of(tests);
    candidates(tests, &forms).into_iter().any(|value| {
        let value = value.as_ref();
        let is_container = value.is_some_and(|value| value.is_object() || value.is_array());
        can_be(row, value)
            && (is_container || !is_parent)
            && tests.iter().all(|(test, wanted)| {
                let may = may(test, value);
                forms.leave_open(test, value) || if *wanted { may.hold } else { may.fail }
            })
    })
}

/// Whether two comparisons never hold for one value.
pub(super) fn exclude_each_other(selector: &Selector, one: &Operand, other: &Operand) -> bool {
    let equal = |operand: &Operand| Test::Compare(Comparison::Equal, operand.clone());
    !is_possible(selector, &[(&equal(one), true), (&equal(other), true)], false)
}

/// Whether CloudTrail writes such a value into a field.
fn can_be(row: Option<&EventField>, value: Option<&Value>) -> bool {
    let Some(row) = row else { return true };
    match value {
        None | Some(Value::Null) => row.presence != Presence::Always,
        Some(Value::String(_)) => row.value == FieldType::Text,
        Some(Value::Bool(_)) => row.value == FieldType::Boolean,
        Some(Value::Object(_)) => row.value == FieldType::Object,
        Some(Value::Array(_)) => row.value == FieldType::Array,
        Some(Value::Number(_)) => false,
    }
}

/// The forms with asterisks that a text has to have.
struct Forms<'e> {
    /// Several that may have a text in common: which one, is not searched for.
    are_several: bool,
    wanted: Vec<&'e Glob>,
}

impl<'e> Forms<'e> {
    fn of(tests: &[Wanted<'e>]) -> Self {
        let wanted: Vec<&Glob> =
            tests.iter().filter(|(_, wanted)| *wanted).filter_map(|(test, _)| equal_to(test)).collect();
        let has_text = wanted.iter().any(|glob| !glob.is_pattern());
        let are_several = !has_text && wanted.len() > 1 && go_together(&wanted);
        Self { are_several, wanted }
    }

    /// Whether it is not known what a test says to values such as this one.
    fn leave_open(&self, test: &Test, value: Option<&Value>) -> bool {
        let Test::Compare(_, operand) = test else { return false };
        match (operand, value) {
            (Operand::Regex(_), Some(Value::String(_) | Value::Number(_) | Value::Bool(_))) => true,
            // `4*` has more numbers than are tried.
            (Operand::Bare(glob), Some(Value::Number(_))) => {
                glob.is_pattern() && glob.text().chars().all(|c| c.is_ascii_digit() || "*+-.eE".contains(c))
            }
            (Operand::Quoted(glob) | Operand::Bare(glob), Some(Value::String(_))) => {
                self.are_several && self.wanted.contains(&glob)
            }
            _ => false,
        }
    }
}

fn equal_to(test: &Test) -> Option<&Glob> {
    match test {
        Test::Compare(Comparison::Equal, Operand::Quoted(glob) | Operand::Bare(glob)) => Some(glob),
        _ => None,
    }
}

/// Whether no beginning and no end contradicts another.
fn go_together(globs: &[&Glob]) -> bool {
    let ends: Vec<(&str, &str)> = globs
        .iter()
        .map(|glob| {
            let text = glob.text();
            let first = text.split('*').next().unwrap_or_default();
            (first, text.rsplit('*').next().unwrap_or_default())
        })
        .collect();
    ends.iter().all(|(first, last)| {
        ends.iter().all(|(other_first, other_last)| {
            (first.starts_with(other_first) || other_first.starts_with(first))
                && (last.ends_with(other_last) || other_last.ends_with(last))
        })
    })
}

/// Values of every kind, `None` for a missing field. A text with a character that no test has stands for all of its
/// form: what fits it fits them all.
fn candidates(wanted: &[Wanted<'_>], forms: &Forms<'_>) -> Vec<Option<Value>> {
    let mut found: Vec<Option<Value>> = vec![None];
    found.extend([Value::Null, json!(true), json!(false), json!({}), json!([])].map(Some));
    let operands: Vec<&Operand> = wanted
        .iter()
        .filter_map(|(test, _)| match test {
            Test::Compare(_, operand) => Some(operand),
            Test::Is(_) | Test::NotExists => None,
        })
        .collect();
    let texts: Vec<&str> = operands.iter().filter_map(|operand| operand.text()).collect();
    let strange = ('\u{e000}'..='\u{f8ff}').find(|c| !texts.iter().any(|text| text.contains(*c)));
    let strange = strange.unwrap_or('\u{e000}').to_string();
    let of_form = forms.wanted.iter().map(|glob| glob.text().replace('*', &strange));
    let named = texts.iter().map(|text| (*text).to_owned());
    let all_texts = of_form.chain(named).chain([strange.clone(), String::new()]);
    found.extend(all_texts.map(|text| Some(Value::String(text))));
    found.extend(numbers(&operands).into_iter().map(|number| Some(Value::Number(number))));
    found
}

/// The numbers that are named, one between each two, and one beyond each end.
fn numbers(operands: &[&Operand]) -> Vec<Number> {
    let mut values: Vec<f64> = Vec::new();
    let mut found: Vec<Number> = Vec::new();
    for operand in operands {
        let Operand::Number(number) = operand else { continue };
        let text = number.text().trim_start_matches('+');
        found.extend(text.parse::<i64>().ok().map(Number::from));
        values.extend(text.parse::<f64>().ok().filter(|value| value.is_finite()));
    }
    values.sort_by(f64::total_cmp);
    let between = values.windows(2).filter_map(|pair| Some(f64::midpoint(*pair.first()?, *pair.get(1)?)));
    let step = |value: &f64| 1.0 + value.abs();
    let beyond =
        [values.first().map(|least| least - step(least)), values.last().map(|most| most + step(most))];
    let rest: Vec<f64> = between.chain(beyond.into_iter().flatten()).collect();
    found.extend(values.into_iter().chain(rest).filter_map(Number::from_f64));
    if found.is_empty() {
        found.push(Number::from(0));
    }
    found
}
