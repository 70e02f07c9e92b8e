//! Who stands behind what IAM Identity Center writes into roles: it writes as itself what somebody wrote into a permission
//! set before, in the management account or a delegated one.
//!
//! Source: <https://docs.aws.amazon.com/singlesignon/latest/userguide/using-service-linked-roles.html>

use jiff::SignedDuration;
use serde_json::Value;

use super::Context;
use crate::trail::Event;

/// So long ago the permission set may have been written: it reaches the accounts when it is provisioned.
const SPAN: SignedDuration = SignedDuration::from_hours(24);

/// The latest event that wrote the same into a permission set.
pub(super) fn written_for<'c>(context: &'c Context<'_>, written: &Event) -> Option<&'c Event> {
    let issuer = written.user_identity.session_issuer()?.arn.as_deref()?;
    let at = written.event_time.filter(|_| issuer.ends_with("/AWSServiceRoleForSSO"))?;
    let asked = context.evidence.events.iter().filter(|event| {
        event.event_source == "sso.amazonaws.com"
            && event.error_code.is_none()
            && event.event_time.is_some_and(|time| time <= at && at.duration_since(time) <= SPAN)
            && says_the_same(event, written)
    });
    asked.max_by_key(|event| event.event_time)
}

fn says_the_same(asked: &Event, written: &Event) -> bool {
    let text =
        |event: &Event, name: &str| event.parameter(&[name]).and_then(Value::as_str).map(str::to_owned);
    let both = |one: &str, other: &str| text(asked, one).zip(text(written, other));
    match (asked.event_name.as_str(), written.event_name.as_str()) {
        ("PutInlinePolicyToPermissionSet", "PutRolePolicy") => both("inlinePolicy", "policyDocument")
            .is_some_and(|(one, other)| {
                let parsed = |text: &str| serde_json::from_str::<Value>(text).ok();
                one == other || parsed(&one).is_some_and(|one| Some(one) == parsed(&other))
            }),
        ("AttachManagedPolicyToPermissionSet", "AttachRolePolicy")
        | ("DetachManagedPolicyFromPermissionSet", "DetachRolePolicy") => {
            both("managedPolicyArn", "policyArn").is_some_and(|(one, other)| one == other)
        }
        _ => false,
    }
}
