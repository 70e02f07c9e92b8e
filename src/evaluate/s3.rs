//! What is particular to S3: Block Public Access and object ownership, which are not policies.
//!
//! Sources: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>,
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html>

use std::sync::LazyLock;

use super::policies::Said;
use super::principal::Naming;
use super::truth::{Hinge, Truth};
use super::{BlockPublicAccess, Known, Layer, NamedPolicy, ObjectOwner, PolicySet, acl};
use crate::arn::Arn;
use crate::knowledge::Certainty;
use crate::knowledge::s3::non_public_key;
use crate::policy::{
    BaseOperator, Condition, ConditionValue, Effect, Part, Prepared, PrincipalEntry, PrincipalForm,
    SetOperator, Statement,
};
use crate::request::{KeyState, Principal, Request};

/// What an S3 operation without a resource is authorized on in policies that name buckets: every bucket.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_s3_home-directory-console.html>
pub(super) fn every_bucket(request: &Request) -> Option<&'static Arn> {
    if !request.resource.is_none() || request.action.service() != "s3" {
        return None;
    }
    let partition = request.principal.partition().unwrap_or("aws");
    EVERY_BUCKET.iter().find(|arn| arn.partition() == partition)
}

static EVERY_BUCKET: LazyLock<Vec<Arn>> = LazyLock::new(|| {
    let partitions = ["aws", "aws-cn", "aws-us-gov"];
    partitions.iter().filter_map(|partition| Arn::parse(&format!("arn:{partition}:s3:::*")).ok()).collect()
});

/// Which settings of S3 Block Public Access refuse the request: each is about other calls.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-options>
pub(super) struct PublicAccess {
    restrict_public_buckets: Truth,
    block_public_acls: Truth,
    block_public_policy: Truth,
}

impl PublicAccess {
    const OPEN: Self = Self {
        restrict_public_buckets: Truth::False,
        block_public_acls: Truth::False,
        block_public_policy: Truth::False,
    };

    pub(super) fn refused(&self) -> Truth {
        Truth::any([&self.restrict_public_buckets, &self.block_public_acls, &self.block_public_policy])
    }

    /// What refuses for sure.
    pub(super) fn reason(&self) -> Option<&'static str> {
        let reasons = [
            (
                &self.restrict_public_buckets,
                "not a policy: S3 Block Public Access (RestrictPublicBuckets) keeps callers of other accounts out \
                 while the bucket policy is public",
            ),
            (
                &self.block_public_acls,
                "not a policy: S3 Block Public Access (BlockPublicAcls) refuses what is sent with a public ACL",
            ),
            (
                &self.block_public_policy,
                "not a policy: S3 Block Public Access (BlockPublicPolicy) refuses to make the bucket policy public",
            ),
        ];
        reasons.into_iter().find(|(refused, _)| refused.is_true()).map(|(_, reason)| reason)
    }
}

/// What S3 Block Public Access says to the request.
pub(super) fn public_access(request: &Request, policies: &PolicySet) -> PublicAccess {
    let is_bucket =
        request.action.service() == "s3" && request.resource.arn().is_some_and(|arn| arn.service() == "s3");
    if !is_bucket {
        return PublicAccess::OPEN;
    }
    let on = |test: fn(&BlockPublicAccess) -> bool| match &policies.s3.block_public_access {
        Known::Known(settings) => test(settings).into(),
        Known::Unknown(why) => {
            Truth::unknown(Hinge::Layer { layer: Layer::S3BlockPublicAccess, why: why.clone() })
        }
    };
    let refuses = |on: Truth, refused: fn(&Request, &PolicySet) -> Truth| {
        if on.is_false() { on } else { on.and(refused(request, policies)) }
    };
    PublicAccess {
        restrict_public_buckets: refuses(on(|set| set.restrict_public_buckets), outsider_of_public_bucket),
        block_public_acls: refuses(on(|set| set.block_public_acls), sets_public_acl),
        block_public_policy: refuses(on(|set| set.block_public_policy), sets_public_policy),
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
    if policy.document.unreadable {
        let why = format!("{} could not be read", policy.name);
        return Truth::unknown(Hinge::Layer { layer: Layer::Resource, why });
    }
    policy
        .document
        .statements
        .iter()
        .filter(|statement| statement.effect != Some(Effect::Deny))
        .map(statement_is_public)
        .fold(Truth::False, Truth::or)
}

fn statement_is_public(statement: &Statement) -> Truth {
    // S3 refuses to save such a statement today.
    if let Some(doubt) = &statement.doubt {
        return Truth::undocumented(&format!(
            "whether a bucket policy is public in which something is wrong: {doubt}"
        ));
    }
    let narrowed = statement.conditions.iter().map(narrows).fold(Truth::False, Truth::or);
    names_public(statement).and(narrowed.negate())
}

/// Whether the statement names more than "an AWS principal, user, role, or service principal" as a fixed value.
fn names_public(statement: &Statement) -> Truth {
    let Some(principal) = &statement.principal else {
        return Truth::undocumented("whether a bucket policy statement without a principal is public");
    };
    let any = |test: fn(&PrincipalEntry) -> bool| principal.entries.iter().any(test);
    // The first of the page's examples of what is public: `{ "Federated": "graph.facebook.com" }`.
    let is_open = |entry: &PrincipalEntry| match &entry.form {
        PrincipalForm::Everyone => true,
        PrincipalForm::Federated(provider) => !provider.starts_with("arn:"),
        _ => false,
    };
    if principal.negated || any(is_open) {
        return Truth::True;
    }
    // S3 refuses to save such a principal today.
    if any(|entry| entry.text.contains(['*', '?'])) {
        return Truth::undocumented("whether a principal with a wildcard makes a bucket policy public");
    }
    if any(|entry| matches!(entry.form, PrincipalForm::Federated(_))) {
        return Truth::undocumented(
            "whether the identity provider of an account makes a bucket policy public",
        );
    }
    Truth::False
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
        _ if !fixed(is_readable) => Truth::undocumented(&format!(
            "what S3 makes of {} with a value of another kind on {}",
            condition.operator_text, condition.key.text
        )),
        (Some(_), "aws:sourceip") => fixed(is_narrow_network).into(),
        (Some(_), "s3:dataaccesspointarn") => fixed(has_fixed_account).into(),
        (Some(_), "aws:principalisawsservice") if !fixed(is_true) => Truth::False,
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
        _ => true,
    }
}

fn is_readable(value: &ConditionValue) -> bool {
    value.prepared != Prepared::Unclear
}

fn is_true(value: &ConditionValue) -> bool {
    value.text.eq_ignore_ascii_case("true")
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

/// Whether the request reaches the bucket through an access point, and does not manage the access point itself.
pub(super) fn through_access_point(request: &Request) -> bool {
    request.action.service() == "s3"
        && !request.action.name().contains("accesspoint")
        && request.resource.arn().is_some_and(|arn| {
            matches!(arn.service(), "s3" | "s3-outposts") && arn.resource().starts_with("accesspoint/")
        })
}

/// "Permissions granted in an access point policy are effective only if the underlying bucket also allows the same
/// access", and which bucket that is the ARN of an access point does not say.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html>
pub(super) fn behind_access_point(access_point: Said, request: &Request) -> Said {
    let bucket = Truth::unknown(Hinge::Fact(format!("the policy of the bucket behind {}", request.resource)));
    Said {
        allow: access_point.allow.and(&bucket),
        deny: access_point.deny.or(bucket),
        statements: access_point.statements,
    }
}

/// What the object's owner, of another account than the bucket's, may do by the object's ACL where that was not given:
/// "the object owner" has full control by default.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html>
pub(super) fn granted_to_writer(request: &Request, policies: &PolicySet) -> Option<Naming> {
    let ObjectOwner::Account(writer) = &policies.s3.object_owner else { return None };
    let is_object =
        request.resource.arn().is_some_and(|arn| arn.service() == "s3" && arn.resource().contains('/'));
    let is_foreign = request.resource.owner().is_some_and(|owner| owner != *writer);
    (is_object && is_foreign && request.principal.account() == Some(*writer)).then(|| Naming {
        account: Truth::undocumented("what the ACL of an object of another account's allows"),
        ..Naming::NOBODY
    })
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
    // "The object owner can grant … through the object ACL": nobody else can.
    if let Some(granted) = acl::granted(request, policies) {
        return Some(granted.any());
    }
    if request.principal.account() == Some(object_owner) || !name.starts_with("getobject") {
        return Some(Truth::undocumented("what the ACL of an object of another account's allows"));
    }
    Some(Truth::False)
}
