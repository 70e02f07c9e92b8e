//! Date operators: ISO 8601 and seconds since 1970 compare with each other.

use super::number::ordered;
use super::{Comparison, Truth};
use crate::policy::{ConditionValue, Date, Prepared};

pub(super) fn compare(comparison: &Comparison<'_>, wanted: &ConditionValue, value: &str) -> Truth {
    match (&wanted.prepared, Date::parse(value)) {
        (Prepared::Date(wanted), Some(found)) => ordered(comparison.operator.base, found.cmp(wanted)).into(),
        (Prepared::Date(_), None) if Date::may_be_a_year(value) => {
            Truth::undocumented(&format!("whether {value} is a year or seconds since 1970"))
        }
        (Prepared::Date(_), None) if Date::may_be_milliseconds(value) => {
            Truth::undocumented(&format!("whether {value} is a number of seconds"))
        }
        (Prepared::Date(_), None) => comparison.unreadable_request_value(value),
        _ => comparison.unreadable_policy_value(wanted),
    }
}
