//! Numeric operators.

use std::cmp::Ordering;

use super::{Comparison, Truth};
use crate::policy::{BaseOperator, ConditionValue, Date, Number, Prepared};

pub(super) fn compare(comparison: &Comparison<'_>, wanted: &ConditionValue, value: &str) -> Truth {
    match (&wanted.prepared, Number::parse(value)) {
        (Prepared::Number(wanted), Some(found)) => {
            ordered(comparison.operator.base, found.cmp(wanted)).into()
        }
        (Prepared::Number(_), None) if Date::parse(value).is_some() => {
            Truth::undocumented(&format!("a numeric operator on the date {value}"))
        }
        (Prepared::Number(_), None) => comparison.unreadable_request_value(value),
        _ => comparison.unreadable_policy_value(wanted),
    }
}

/// Whether the order of the request's value to the policy's value is the one that the operator asks for. Negated
/// operators ask for equality here and are inverted by the caller.
pub(super) fn ordered(base: BaseOperator, ordering: Ordering) -> bool {
    use BaseOperator as B;
    match base {
        B::NumericLessThan | B::DateLessThan => ordering == Ordering::Less,
        B::NumericLessThanEquals | B::DateLessThanEquals => ordering != Ordering::Greater,
        B::NumericGreaterThan | B::DateGreaterThan => ordering == Ordering::Greater,
        B::NumericGreaterThanEquals | B::DateGreaterThanEquals => ordering != Ordering::Less,
        _ => ordering == Ordering::Equal,
    }
}
