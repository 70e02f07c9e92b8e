//! IP address operators.

use super::{Comparison, Truth};
use crate::policy::{ConditionValue, Prepared, ip_network};

pub(super) fn inside(comparison: &Comparison<'_>, wanted: &ConditionValue, value: &str) -> Truth {
    match (&wanted.prepared, ip_network(value)) {
        (Prepared::Network(network), Some(found)) => network.contains(&found).into(),
        (Prepared::Network(_), None) => comparison.unreadable_request_value(value),
        _ => comparison.unreadable_policy_value(wanted),
    }
}
