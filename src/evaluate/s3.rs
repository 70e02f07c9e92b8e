//! What is particular to S3: Block Public Access and object ownership, which are not policies.
//!
//! Sources: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>,
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html>

use super::truth::Truth;
use super::{Known, NamedPolicy, PolicySet};
use crate::knowledge::{self, Narrowing};
use crate::policy::{
    BaseOperator, Condition, ConditionValue, Effect, Part, Prepared, PrincipalForm, SetOperator, Statement,
};
use crate::request::{Principal, Request};

/// Whether `RestrictPublicBuckets` refuses the request: the policy is public, and the caller is neither in the
/// bucket owner's account nor an AWS service.
pub(super) fn restricted(request: &Request, policies: &PolicySet) -> Truth {
    let is_bucket = request.action.service() == "s3" && request.resource.arn().is_some_and(|arn| arn.service() == "s3");
    if !is_bucket || matches!(request.principal, Principal::Service { .. }) {
        return Truth::False;
    }
    let settings = match &policies.s3.block_public_access {
        Known::Known(settings) => Truth::from(settings.restrict_public_buckets),
        Known::Unknown(why) => Truth::unknown(super::Hinge::Layer {
            layer: super::Layer::S3BlockPublicAccess,
            why: why.clone(),
        }),
    };
    let foreign = match (request.principal.account(), request.resource.owner()) {
        (Some(caller), Some(owner)) => Truth::from(caller != owner),
        (None, _) => Truth::True,
        (Some(_), None) => Truth::unknown(super::Hinge::Fact(format!("which account owns {}", request.resource))),
    };
    let public = match &policies.resource {
        Known::Known(policy) => policy.as_ref().map_or(Truth::False, is_public),
        Known::Unknown(why) => {
            Truth::unknown(super::Hinge::Layer { layer: super::Layer::Resource, why: why.clone() })
        }
    };
    settings.and(foreign).and(public)
}

/// AWS's test for a public bucket policy: one Allow statement that is not limited to fixed values makes it public.
pub fn is_public(policy: &NamedPolicy) -> Truth {
    policy
        .document
        .statements
        .iter()
        .filter(|statement| statement.effect != Some(Effect::Deny))
        .map(statement_is_public)
        .fold(Truth::False, Truth::or)
}

fn statement_is_public(statement: &Statement) -> Truth {
    let everyone = statement.principal.as_ref().is_none_or(|principal| {
        principal.negated || principal.entries.iter().any(|entry| entry.form == PrincipalForm::Everyone)
    });
    if !everyone {
        return Truth::False;
    }
    let narrowed = statement.conditions.iter().map(narrows).fold(Truth::False, Truth::or);
    narrowed.negate()
}

/// Whether a condition limits access to fixed values of a key that counts.
fn narrows(condition: &Condition) -> Truth {
    let Some(operator) = condition.operator else {
        return Truth::undocumented(&format!("the condition operator {}", condition.operator_text));
    };
    let optional = operator.if_exists || operator.set == Some(SetOperator::ForAllValues);
    if operator.base.is_negated() || optional || operator.base == BaseOperator::Null || condition.values.is_empty() {
        return Truth::False;
    }
    let fixed = |test: fn(&ConditionValue) -> bool| condition.values.iter().all(test);
    match knowledge::non_public_key(&condition.key.lower) {
        Narrowing::FixedValue => fixed(is_fixed).into(),
        Narrowing::Network => fixed(is_narrow_network).into(),
        Narrowing::AccessPointArn => fixed(has_fixed_account).into(),
        Narrowing::Believed if fixed(is_fixed) => {
            Truth::undocumented(&format!("whether {} makes a bucket policy non-public", condition.key.text))
        }
        Narrowing::Believed | Narrowing::No => Truth::False,
    }
}

/// "Fixed values are values that contain neither wildcards nor policy variables."
fn is_fixed(value: &ConditionValue) -> bool {
    match &value.prepared {
        Prepared::Text(template) => {
            template.parts().iter().all(|part| matches!(part, Part::Text(text) if !text.contains(['*', '?'])))
        }
        Prepared::Unclear => false,
        _ => true,
    }
}

fn is_narrow_network(value: &ConditionValue) -> bool {
    match &value.prepared {
        Prepared::Network(ipnet::IpNet::V4(network)) => network.prefix_len() >= 8,
        Prepared::Network(ipnet::IpNet::V6(network)) => network.prefix_len() >= 32,
        _ => false,
    }
}

/// The account part is fixed; the name of the access point may be a wildcard.
fn has_fixed_account(value: &ConditionValue) -> bool {
    value.text.split(':').nth(4).is_some_and(|account| crate::ids::AccountId::parse(account).is_some())
}

/// Whether the object's owner lets the bucket owner's policies decide. `None` if ownership plays no part.
///
/// "A bucket policy's Allow statements apply only to objects that are owned by the bucket owner."
pub(super) fn ownership_allows(request: &Request, policies: &PolicySet) -> Option<Truth> {
    let object_owner = policies.s3.object_owner?;
    let bucket_owner = request.resource.owner()?;
    let is_object = request.action.service() == "s3"
        && request.resource.arn().is_some_and(|arn| arn.service() == "s3" && arn.resource().contains('/'));
    if !is_object || object_owner == bucket_owner {
        return None;
    }
    let name = request.action.name();
    if name.starts_with("deleteobject") || name == "putobject" || name == "abortmultipartupload" {
        return None;
    }
    if request.principal.account() == Some(object_owner) || !name.starts_with("getobject") {
        return Some(Truth::undocumented("what the ACL of an object of another account's allows"));
    }
    Some(Truth::False)
}
