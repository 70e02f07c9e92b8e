//! What is special about Amazon S3: Block Public Access and object ownership.

use super::Modelled;
use super::condition::{Restriction, is_fixed, policy_values, read_network, restriction_of};
use super::request::{Caller, Request, is_account_id};
use super::statement::{document_of, is_allow, statements_of, variables_are_on};
use serde_json::{Map, Value};
use std::net::IpAddr;

/// S3 User Guide, `access-control-block-public-access`, RestrictPublicBuckets: "restricts access to an access point or
/// bucket with a public policy to only AWS service principals and authorized users within the bucket owner's account".
/// The answer is true if the setting refuses the request.
pub fn public_access_is_blocked(request: &Request) -> Modelled<bool> {
    let Some(settings) = request.line.get("s3").and_then(|s3| s3.get("block_public_access")) else {
        return Ok(false);
    };
    match settings.get("RestrictPublicBuckets") {
        _ if settings == "unknown" => return Err("the Block Public Access settings are unknown".to_owned()),
        None | Some(Value::Bool(false)) | Some(Value::Null) => return Ok(false),
        Some(Value::Bool(true)) => {}
        Some(_) => return Err("RestrictPublicBuckets is not a boolean".to_owned()),
    }
    if request.same_account() || matches!(request.caller, Caller::Service { .. }) {
        return Ok(false);
    }
    if matches!(request.caller, Caller::OriginAccessIdentity { .. }) {
        return Err("an origin access identity and RestrictPublicBuckets".to_owned());
    }
    match request.layer("resource_policy")? {
        Some(policy) => policy_is_public(policy),
        None => Ok(false),
    }
}

/// The same page, "The meaning of public", "Bucket policies": "Amazon S3 begins by assuming that the policy is public.
/// […] To be considered non-public, a bucket policy must grant access only to fixed values". One public statement makes
/// the policy public ("because statement 3 renders the entire policy public").
pub fn policy_is_public(policy: &Value) -> Modelled<bool> {
    let document = document_of(policy)?;
    let variables_on = variables_are_on(document)?;
    let mut unclear = None;
    for statement in statements_of(document)? {
        if !is_allow(statement)? {
            continue;
        }
        match statement_is_public(statement, variables_on) {
            Ok(true) => return Ok(true),
            Ok(false) => {}
            Err(reason) => unclear = Some(reason),
        }
    }
    unclear.map_or(Ok(false), Err)
}

fn statement_is_public(statement: &Map<String, Value>, variables_on: bool) -> Modelled<bool> {
    let principal = match statement.get("Principal") {
        Some(principal) => principal_is_fixed(principal),
        None => Err("a bucket policy that allows without Principal".to_owned()),
    };
    if matches!(principal, Ok(true)) {
        return Ok(false);
    }
    let mut unclear = principal.err();
    if let Some(Value::Object(operators)) = statement.get("Condition") {
        for (operator, keys) in operators {
            let restriction = restriction_of(operator)?;
            let Value::Object(keys) = keys else {
                return Err("a condition operator that does not hold an object".to_owned());
            };
            for (key, values) in keys {
                match fixes_access(&restriction, key, &policy_values(values)?, variables_on) {
                    Ok(true) => return Ok(false),
                    Ok(false) => {}
                    Err(reason) => unclear = Some(reason),
                }
            }
        }
    }
    unclear.map_or(Ok(true), Err)
}

/// "An AWS principal, user, role, or service principal" is fixed; the page's example with an identity provider is
/// public.
fn principal_is_fixed(principal: &Value) -> Modelled<bool> {
    let Value::Object(map) = principal else {
        return Ok(false);
    };
    let mut fixed = true;
    for (entry_type, entries) in map {
        let entries = policy_values(entries)?;
        match entry_type.as_str() {
            "AWS" | "Service" | "CanonicalUser" => {
                fixed &= entries.iter().all(|entry| is_fixed(entry, false))
            }
            "Federated" if entries.iter().all(|entry| !entry.starts_with("arn:")) => fixed = false,
            _ => return Err(format!("a bucket policy with the principal type {entry_type}")),
        }
    }
    Ok(fixed)
}

/// Keys of the page's list whose fixed values make a policy non-public.
const FIXING_KEYS: &[&str] = &[
    "aws:principalorgid",
    "aws:sourcearn",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:sourceowner",
    "aws:sourceaccount",
    "aws:userid",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "s3:dataaccesspointarn",
    "s3:dataaccesspointaccount",
];

/// Keys about principals and networks of which the page says nothing, or only "An AWS principal".
const UNCLEAR_KEYS: &[&str] = &[
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principalorgpaths",
    "aws:principalisawsservice",
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "aws:username",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourcevpcarn",
    "aws:vpcsourceip",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
];

fn fixes_access(
    restriction: &Restriction,
    key: &str,
    values: &[String],
    variables_on: bool,
) -> Modelled<bool> {
    let key = key.to_lowercase();
    let is_listed = FIXING_KEYS.contains(&key.as_str()) || key == "aws:sourceip";
    match restriction {
        Restriction::None => Ok(false),
        _ if !is_listed && UNCLEAR_KEYS.contains(&key.as_str()) => {
            Err(format!("a bucket policy restricted by {key}"))
        }
        _ if !is_listed => Ok(false),
        Restriction::Unclear => Err(format!("a bucket policy restricted by an unusual operator on {key}")),
        Restriction::Networks if key == "aws:sourceip" => {
            let narrow: Modelled<Vec<bool>> = values.iter().map(|value| network_is_narrow(value)).collect();
            Ok(narrow?.into_iter().all(|truth| truth))
        }
        Restriction::Texts if key == "aws:sourceip" => {
            Err("a bucket policy with aws:SourceIp as a text".to_owned())
        }
        Restriction::Networks => Err(format!("a bucket policy with an IP condition on {key}")),
        // "When used in a bucket policy, this value can contain a wildcard for the access point name without rendering
        // the policy public, as long as the account id is fixed."
        Restriction::Texts if key == "s3:dataaccesspointarn" => Ok(values.iter().all(|value| {
            is_fixed(value, variables_on)
                || (value.split(':').nth(4).is_some_and(is_account_id)
                    && !(variables_on && value.contains("${")))
        })),
        Restriction::Texts => Ok(values.iter().all(|value| is_fixed(value, variables_on))),
    }
}

/// "Bucket policies that grant access conditioned on the aws:SourceIp condition key with very broad IP ranges (for
/// example, 0.0.0.0/1) are evaluated as public. This includes values broader than /8 for IPv4 and /32 for IPv6
/// (excluding RFC1918 private ranges)."
fn network_is_narrow(text: &str) -> Modelled<bool> {
    let Some(network) = read_network(text) else {
        return Err("a bucket policy with an aws:SourceIp that is not a network".to_owned());
    };
    match network.addr() {
        IpAddr::V4(address) if address.is_private() => {
            Err("a bucket policy with a private aws:SourceIp".to_owned())
        }
        IpAddr::V4(_) => Ok(network.prefix_len() >= 8),
        IpAddr::V6(_) => Ok(network.prefix_len() >= 32),
    }
}

/// S3 User Guide, `troubleshoot-403-errors` ("Object ownership") and `about-object-ownership`: Allow statements of a
/// bucket policy, and the policies of the bucket owner's account, do not reach objects that another account owns; only
/// the ACL of the object does. The answer is true if that refuses the request.
pub fn object_is_foreign(request: &Request) -> Modelled<bool> {
    let Some(owner) = request.line.get("s3").and_then(|s3| s3.get("object_owner")) else {
        return Ok(false);
    };
    let owner = match owner {
        Value::Null => return Ok(false),
        Value::String(owner) => owner.as_str(),
        _ => return Err("s3.object_owner is not a text".to_owned()),
    };
    let is_object = request.resource.starts_with("arn:") && request.resource.contains('/');
    if !is_object || owner == request.resource_account {
        return Ok(false);
    }
    if !is_account_id(owner) {
        return Err("s3.object_owner is not an account id".to_owned());
    }
    // The ACL of the object, which gives its owner full control, is not in the request.
    if request.caller.account() == Some(owner) {
        return Err("the caller's account owns the object in a foreign bucket".to_owned());
    }
    // A bucket owner may delete any object, and a new object belongs to its writer.
    if !request.operation.starts_with("getobject") {
        return Err(format!("{} on an object that another account owns", request.action));
    }
    Ok(true)
}
