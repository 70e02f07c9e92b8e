//! Bool and Null.

use super::{Comparison, Truth};
use crate::policy::{ConditionValue, Prepared};
use crate::request::KeyState;

pub(super) fn equals(comparison: &Comparison<'_>, wanted: &ConditionValue, value: &str) -> Truth {
    let found = if value.eq_ignore_ascii_case("true") {
        true
    } else if value.eq_ignore_ascii_case("false") {
        false
    } else {
        return comparison.unreadable_request_value(value);
    };
    match wanted.prepared {
        Prepared::Bool(wanted) => (wanted == found).into(),
        // The pages disagree on whether a policy variable may stand here.
        _ => comparison.unreadable_policy_value(wanted),
    }
}

/// `true`: the key must be absent; `false`: it must be there "and its value is not null".
pub(super) fn null(values: &[ConditionValue], state: KeyState<'_>) -> Truth {
    let absent = match state {
        KeyState::Absent => Truth::True,
        KeyState::Known(values) if values.as_slice().is_empty() => Truth::True,
        KeyState::Known(values) if values.as_slice().iter().all(String::is_empty) => {
            Truth::undocumented("Null on a key that is present and empty")
        }
        KeyState::Known(_) => Truth::False,
        KeyState::Unknown(_) => return Truth::undocumented("Null on an unknown key"),
    };
    let one = |value: &ConditionValue| match value.prepared {
        Prepared::Bool(true) => absent.clone(),
        Prepared::Bool(false) => absent.clone().negate(),
        _ => Truth::undocumented(&format!("Null with the value {}", value.text)),
    };
    values.iter().map(one).fold(Truth::False, Truth::or)
}
