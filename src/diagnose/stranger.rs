//! Who a caller of another account is, of whom the owner of a bucket sees no more than an account and a unique id.
//!
//! What the same caller was allowed before tells it: across accounts the bucket policy has to allow a call, and a
//! policy that names nobody else of that account can only have allowed whom it names.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html>

use std::collections::BTreeSet;

use super::Context;
use super::gather::gather;
use crate::arn::Arn;
use crate::evaluate::{Compared, Layer, LayerTrace, StatementTrace, explain};
use crate::evidence::Evidence;
use crate::ids::AccountId;
use crate::policy::{Effect, Element};
use crate::request::{Principal, Request, RoleSession};
use crate::trail::Event;
use crate::trail::change::{ChangeKind, ChangeTarget};
use crate::trail::identity::Caller;
use crate::trail::request::requests_of;

/// The role behind a hidden caller, if a call of its that was allowed shows it without doubt.
pub(super) fn role_behind(
    context: &Context<'_>,
    event: Option<&Event>,
    request: &Request,
    world: &Evidence,
) -> Option<Principal> {
    let Principal::SomeoneIn { account, unique_id: Some(id) } = &request.principal else { return None };
    let role_id = id.split(':').next().filter(|id| id.starts_with("AROA"))?;
    let bucket = bucket_of(request)?;
    // With ACLs on, an ACL could have allowed the call.
    let (_, found) = world.bucket(&bucket)?;
    found.object_ownership.as_deref().filter(|ownership| *ownership == "BucketOwnerEnforced")?;
    let at = event?.event_time?;
    let is_theirs = |earlier: &&Event| {
        let theirs = earlier.user_identity.principal_id.as_deref();
        earlier.error_code.is_none()
            && earlier.event_source == "s3.amazonaws.com"
            && earlier.user_identity.kind.as_deref() == Some("AWSAccount")
            && theirs.and_then(|id| id.split(':').next()) == Some(role_id)
            && earlier.event_time.is_some_and(|time| time <= at)
            && policy_stood(context, &bucket, earlier, event)
    };
    let mut roles = BTreeSet::new();
    for earlier in context.evidence.events.iter().filter(is_theirs) {
        let principal = Caller::of(earlier, None).principal?;
        for asked in requests_of(earlier, &principal) {
            if bucket_of(&asked).as_deref() == Some(bucket.as_str()) {
                roles.extend(allowed_role(context, earlier, asked, *account, world));
            }
        }
    }
    let mut roles = roles.into_iter();
    let (Some(only), None) = (roles.next(), roles.next()) else { return None };
    let role = Arn::parse(&only).ok()?;
    Some(Principal::Role(RoleSession { session: None, role, path_known: true, unique_id: Some(id.clone()) }))
}

fn bucket_of(request: &Request) -> Option<String> {
    let arn = request.resource.arn().filter(|arn| arn.service() == "s3")?;
    arn.resource().split('/').next().map(str::to_owned)
}

/// Whether the bucket policy of the denial is the one of the earlier call.
fn policy_stood(context: &Context<'_>, bucket: &str, earlier: &Event, denied: Option<&Event>) -> bool {
    let end = denied.and_then(|event| event.event_time);
    !context.changes.iter().any(|change| {
        let is_policy =
            matches!(change.kind, ChangeKind::ResourcePolicyPut | ChangeKind::ResourcePolicyDeleted);
        let is_meant = matches!(&change.target, ChangeTarget::Bucket(name) if name == bucket);
        is_policy && is_meant && change.event_time >= earlier.event_time && change.event_time <= end
    })
}

/// The one role of the account that the bucket policy can have allowed the call to.
fn allowed_role(
    context: &Context<'_>,
    event: &Event,
    request: Request,
    account: AccountId,
    world: &Evidence,
) -> Option<String> {
    let gathered = gather(world, context.sessions, Some(event), request);
    let evaluation = explain(&gathered.request, &gathered.policies);
    let layer = evaluation.layers.iter().find(|layer| layer.layer == Layer::Resource)?;
    let mut names = named(layer)?.into_iter().filter(|name| !is_elsewhere(name, account));
    let (Some(only), None) = (names.next(), names.next()) else { return None };
    let arn = Arn::parse(&only).ok()?;
    let is_role = arn.service() == "iam" && matches!(arn.resource_type(), Some(("role", _)));
    (is_role && !arn.resource().starts_with("role/aws-service-role/")).then_some(only)
}

/// The principals in all Allow statements that may apply; `None` if one of them names none.
fn named(layer: &LayerTrace) -> Option<BTreeSet<String>> {
    let may_apply =
        |found: &&StatementTrace| found.effect == Some(Effect::Allow) && !found.applies.is_false();
    let mut names = BTreeSet::new();
    for statement in layer.statements.iter().filter(may_apply) {
        let principal = statement.elements.iter().find(|element| element.element == Element::Principal)?;
        let Compared::Patterns { wanted, .. } = &principal.compared else { return None };
        names.extend(wanted.iter().cloned());
    }
    Some(names)
}

/// Whether a name surely means nobody of the account.
fn is_elsewhere(name: &str, account: AccountId) -> bool {
    Arn::parse(name).is_ok_and(|arn| arn.account().is_some_and(|named| named != account))
}
