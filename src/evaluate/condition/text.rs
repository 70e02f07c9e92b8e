//! String and Binary operators.

use super::{Comparison, Truth};
use crate::policy::{ConditionValue, Part, Prepared, Template, glob_match};

/// Text without variables and escapes, by far the most frequent case.
fn plain(template: &Template) -> Option<&str> {
    match template.parts() {
        [] => Some(""),
        [Part::Text(text)] => Some(text),
        _ => None,
    }
}

fn with_text(comparison: &Comparison<'_>, wanted: &ConditionValue, compare: impl Fn(&str) -> Truth) -> Truth {
    let Prepared::Text(template) = &wanted.prepared else {
        return comparison.unreadable_policy_value(wanted);
    };
    if let Some(text) = plain(template) {
        return compare(text);
    }
    if template.unclear().is_some() {
        return comparison.unreadable_policy_value(wanted);
    }
    match template.literal(|key, default| comparison.variables.value_of(key, default)) {
        Ok(text) => compare(&text),
        Err(unresolved) => Comparison::unresolved(unresolved),
    }
}

pub(super) fn equals(comparison: &Comparison<'_>, wanted: &ConditionValue, value: &str) -> Truth {
    with_text(comparison, wanted, |text| (text == value).into())
}

/// AWS does not say how letters outside ASCII fold.
pub(super) fn equals_ignore_case(comparison: &Comparison<'_>, wanted: &ConditionValue, value: &str) -> Truth {
    with_text(comparison, wanted, |text| {
        if text.eq_ignore_ascii_case(value) {
            Truth::True
        } else if text.to_lowercase() == value.to_lowercase() {
            Truth::undocumented("letters outside ASCII compared without regard to case")
        } else {
            Truth::False
        }
    })
}

pub(super) fn like(comparison: &Comparison<'_>, wanted: &ConditionValue, value: &str) -> Truth {
    let Prepared::Text(template) = &wanted.prepared else {
        return comparison.unreadable_policy_value(wanted);
    };
    if let Some(text) = plain(template).filter(|text| !text.contains(['*', '?'])) {
        return (text == value).into();
    }
    if template.unclear().is_some() {
        return comparison.unreadable_policy_value(wanted);
    }
    match template.pattern(|key, default| comparison.variables.value_of(key, default)) {
        Ok(pattern) => glob_match(&pattern, value.as_bytes()).into(),
        Err(unresolved) => Comparison::unresolved(unresolved),
    }
}

pub(super) fn binary_equals(comparison: &Comparison<'_>, wanted: &ConditionValue, value: &str) -> Truth {
    match (&wanted.prepared, crate::policy::base64_bytes(value)) {
        (Prepared::Bytes(bytes), Some(found)) => (*bytes == found).into(),
        (Prepared::Bytes(_), None) => comparison.unreadable_request_value(value),
        _ => comparison.unreadable_policy_value(wanted),
    }
}
