//! ARN operators: "each of the six colon-delimited components of the ARN is checked separately and each can include
//! multi-character match wildcards (*) or single-character match wildcards (?)".

use super::{Comparison, Truth};
use crate::arn::Arn;
use crate::policy::{ConditionValue, Piece, Prepared, glob_match};

pub(super) fn like(comparison: &Comparison<'_>, wanted: &ConditionValue, value: &str) -> Truth {
    let Prepared::Text(template) = &wanted.prepared else {
        return comparison.unreadable_policy_value(wanted);
    };
    if template.unclear().is_some() {
        return comparison.unreadable_policy_value(wanted);
    }
    let pattern = match template.pattern(|key, default| comparison.variables.value_of(key, default)) {
        Ok(pattern) => pattern,
        Err(unresolved) => return Comparison::unresolved(unresolved),
    };
    let parts: Vec<&[Piece]> = pattern.splitn(6, |piece| *piece == Piece::Byte(b':')).collect();
    let [scheme, partition, service, region, account, resource] = parts.as_slice() else {
        return comparison.unreadable_policy_value(wanted);
    };
    let Ok(arn) = Arn::parse(value) else { return comparison.unreadable_request_value(value) };
    let pairs = [
        (scheme, "arn"),
        (partition, arn.partition()),
        (service, arn.service()),
        (region, arn.region()),
        (account, arn.account_text()),
        (resource, arn.resource()),
    ];
    pairs.iter().all(|(pattern, text)| glob_match(pattern, text.as_bytes())).into()
}
