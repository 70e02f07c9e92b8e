//! What is particular to S3: Block Public Access and object ownership, which are not policies.
//!
//! Sources: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>,
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html>

use super::truth::{Hinge, Truth};
use super::{Known, Layer, NamedPolicy, ObjectOwner, PolicySet};
use crate::knowledge::Certainty;
use crate::knowledge::s3::non_public_key;
use crate::policy::{
    BaseOperator, Condition, ConditionValue, Effect, Part, Prepared, PrincipalForm, SetOperator, Statement,
};
use crate::request::{KeyState, Principal, Request};

/// Whether S3 Block Public Access refuses the request.
pub(super) fn public_access_refused(request: &Request, policies: &PolicySet) -> Truth {
    let is_bucket =
        request.action.service() == "s3" && request.resource.arn().is_some_and(|arn| arn.service() == "s3");
    if !is_bucket {
        return Truth::False;
    }
    match &policies.s3.block_public_access {
        Known::Known(settings) => {
            let restricts = |on: bool, refused: fn(&Request, &PolicySet) -> Truth| {
                if on { refused(request, policies) } else { Truth::False }
            };
            restricts(settings.restrict_public_buckets, outsider_of_public_bucket)
                .or(restricts(settings.block_public_acls, sets_public_acl))
                .or(restricts(settings.block_public_policy, sets_public_policy))
        }
        Known::Unknown(why) => {
            let setting =
                || Truth::unknown(Hinge::Layer { layer: Layer::S3BlockPublicAccess, why: why.clone() });
            let refused = outsider_of_public_bucket(request, policies)
                .or(sets_public_acl(request, policies))
                .or(sets_public_policy(request, policies));
            setting().and(refused)
        }
    }
}

/// `RestrictPublicBuckets`: while the policy is public, only the bucket owner's account and AWS services get in.
fn outsider_of_public_bucket(request: &Request, policies: &PolicySet) -> Truth {
    if matches!(request.principal, Principal::Service { .. }) {
        return Truth::False;
    }
    let foreign = match (request.principal.account(), request.resource.owner()) {
        (Some(caller), Some(owner)) => Truth::from(caller != owner),
        (None, _) => Truth::True,
        (Some(_), None) => Truth::unknown(Hinge::Fact(format!("which account owns {}", request.resource))),
    };
    let public = match &policies.resource {
        Known::Known(policy) => policy.as_ref().map_or(Truth::False, is_public),
        Known::Unknown(why) => Truth::unknown(Hinge::Layer { layer: Layer::Resource, why: why.clone() }),
    };
    foreign.and(public)
}

const PUBLIC_CANNED_ACLS: &[&str] = &["public-read", "public-read-write", "authenticated-read"];
const PUBLIC_GROUPS: &[&str] =
    &["acs.amazonaws.com/groups/global/AllUsers", "acs.amazonaws.com/groups/global/AuthenticatedUsers"];
const ACL_HEADERS: &[&str] = &[
    "s3:x-amz-acl",
    "s3:x-amz-grant-read",
    "s3:x-amz-grant-write",
    "s3:x-amz-grant-read-acp",
    "s3:x-amz-grant-write-acp",
    "s3:x-amz-grant-full-control",
];

/// `BlockPublicAcls`: "PUT Bucket acl and PUT Object acl calls fail if the specified ACL is public, PUT Object calls
/// fail if the request includes a public ACL."
fn sets_public_acl(request: &Request, _: &PolicySet) -> Truth {
    let name = request.action.name();
    if !matches!(name, "putbucketacl" | "putobjectacl" | "putobjectversionacl" | "putobject") {
        return Truth::False;
    }
    let is_public = |header: &&str| match request.context.get(header) {
        KeyState::Known(values) => values
            .as_slice()
            .iter()
            .any(|value| {
                PUBLIC_CANNED_ACLS.contains(&value.as_str())
                    || PUBLIC_GROUPS.iter().any(|group| value.contains(group))
            })
            .into(),
        KeyState::Absent => Truth::False,
        KeyState::Unknown(why) => {
            Truth::unknown(Hinge::ContextKey { key: (*header).to_owned(), why: why.to_owned() })
        }
    };
    ACL_HEADERS.iter().map(is_public).fold(Truth::False, Truth::or)
}

/// `BlockPublicPolicy`: the new policy is in the body of the request, which no condition key shows.
fn sets_public_policy(request: &Request, _: &PolicySet) -> Truth {
    if request.action.is("s3:PutBucketPolicy") {
        Truth::unknown(Hinge::Fact("whether the new bucket policy is public".to_owned()))
    } else {
        Truth::False
    }
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
    if operator.base.is_negated()
        || optional
        || operator.base == BaseOperator::Null
        || condition.values.is_empty()
    {
        return Truth::False;
    }
    let fixed = |test: fn(&ConditionValue) -> bool| condition.values.iter().all(test);
    match (non_public_key(&condition.key.lower), condition.key.lower.as_str()) {
        (None, _) => Truth::False,
        (Some(_), "aws:sourceip") => fixed(is_narrow_network).into(),
        (Some(_), "s3:dataaccesspointarn") => fixed(has_fixed_account).into(),
        // "aws:userid, outside the pattern AROLEID:*": whether one session of a role is outside is not said.
        (Some(_), "aws:userid") if condition.values.iter().any(|value| value.text.starts_with("AROA")) => {
            Truth::undocumented("whether one session in aws:userid makes a bucket policy non-public")
        }
        (Some(row), _) if row.certainty == Certainty::Documented => fixed(is_fixed).into(),
        (Some(_), _) => {
            Truth::undocumented(&format!("whether {} makes a bucket policy non-public", condition.key.text))
        }
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
    if policies.s3.object_owner == ObjectOwner::BucketOwner {
        return None;
    }
    let is_object = request.action.service() == "s3"
        && request.resource.arn().is_some_and(|arn| arn.service() == "s3" && arn.resource().contains('/'));
    let name = request.action.name();
    let owner_decides =
        !name.starts_with("deleteobject") && name != "putobject" && name != "abortmultipartupload";
    if !is_object || !owner_decides {
        return None;
    }
    let object_owner = match &policies.s3.object_owner {
        ObjectOwner::BucketOwner => return None,
        ObjectOwner::Account(owner) => *owner,
        ObjectOwner::Unknown(why) => return Some(Truth::unknown(Hinge::Fact(why.clone()))),
    };
    match request.resource.owner() {
        Some(bucket_owner) if bucket_owner == object_owner => return None,
        Some(_) => {}
        None => return Some(Truth::unknown(Hinge::Fact(format!("which account owns {}", request.resource)))),
    }
    if request.principal.account() == Some(object_owner) || !name.starts_with("getobject") {
        return Some(Truth::undocumented("what the ACL of an object of another account's allows"));
    }
    Some(Truth::False)
}
