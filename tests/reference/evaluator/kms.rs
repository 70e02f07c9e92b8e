//! What is special about AWS KMS: key policies that must allow, grants, and operations within one account.

use super::Modelled;
use super::principal::Named;
use super::request::{Caller, Request, is_account_id};
use serde_json::Value;

/// KMS Developer Guide, `kms-api-permissions-reference`, column "Policy type": IAM policy only, resource `*`.
pub const WITHOUT_KEY: &[&str] = &[
    "createkey",
    "listkeys",
    "listaliases",
    "generaterandom",
    "listretirablegrants",
    "createcustomkeystore",
    "deletecustomkeystore",
    "describecustomkeystores",
    "connectcustomkeystore",
    "disconnectcustomkeystore",
    "updatecustomkeystore",
];

/// KMS Developer Guide, `alias-access`: these need a permission on the alias and one on the key.
pub const ALIAS_OPERATIONS: &[&str] = &["createalias", "updatealias", "deletealias"];

/// KMS API Reference, "Cross-account use: Yes".
const CROSS_ACCOUNT: &[&str] = &[
    "decrypt",
    "encrypt",
    "generatedatakey",
    "generatedatakeywithoutplaintext",
    "generatedatakeypair",
    "generatedatakeypairwithoutplaintext",
    "generatemac",
    "verifymac",
    "sign",
    "verify",
    "reencryptfrom",
    "reencryptto",
    "derivesharedsecret",
    "encapsulate",
    "decapsulate",
    "describekey",
    "getpublickey",
    "creategrant",
    "listgrants",
    "revokegrant",
    "retiregrant",
    "getkeyrotationstatus",
];

/// KMS API Reference, "Cross-account use: No."
const OWN_ACCOUNT_ONLY: &[&str] = &[
    "getkeypolicy",
    "putkeypolicy",
    "listkeypolicies",
    "disablekey",
    "enablekey",
    "schedulekeydeletion",
    "cancelkeydeletion",
    "tagresource",
    "untagresource",
    "listresourcetags",
    "updatekeydescription",
    "updateprimaryregion",
    "createalias",
    "updatealias",
    "deletealias",
    "replicatekey",
    "rotatekeyondemand",
    "listkeyrotations",
];

pub fn works_across_accounts(request: &Request) -> Modelled<bool> {
    let operation = request.operation.as_str();
    match (CROSS_ACCOUNT.contains(&operation), OWN_ACCOUNT_ONLY.contains(&operation)) {
        (true, _) => Ok(true),
        (_, true) => Ok(false),
        _ => Err(format!("whether {} works across accounts is not known", request.action)),
    }
}

/// Operations with an encryption context; only they are held by grant constraints. KMS API Reference,
/// `API_GrantConstraints`: "Grant constraints are not applied to operations that do not support an encryption context,
/// such as cryptographic operations with asymmetric KMS keys and management operations, such as DescribeKey or
/// RetireGrant."
const WITH_ENCRYPTION_CONTEXT: &[&str] = &[
    "decrypt",
    "encrypt",
    "generatedatakey",
    "generatedatakeywithoutplaintext",
    "generatedatakeypair",
    "generatedatakeypairwithoutplaintext",
    "reencryptfrom",
    "reencryptto",
];

/// How the grants of the key let the caller in: directly, or by way of the account.
#[derive(Debug, Default)]
pub struct Granted {
    pub directly: bool,
    pub to_account: bool,
}

/// KMS Developer Guide, `grants`: a grant lets its grantee principal use the operations it lists, under its constraints.
/// "Grants […] can allow access, but not deny it".
pub fn grants(request: &Request) -> Modelled<Granted> {
    let mut granted = Granted::default();
    for grant in request.list_layer("kms_grants")? {
        match grant_names(grant, request)? {
            Some(Named::Account) => granted.to_account = true,
            Some(_) => granted.directly = true,
            None => {}
        }
    }
    Ok(granted)
}

fn grant_names(grant: &Value, request: &Request) -> Modelled<Option<Named>> {
    if grant.get("Operations").and_then(Value::as_array).is_none() {
        return Err("a grant without a list of operations".to_owned());
    }
    if !is_of_key(grant, &request.resource)? || !lists_operation(grant, &request.operation) {
        return Ok(None);
    }
    let Some(named) = named_in(grant, "GranteePrincipal", &request.caller)? else {
        return Ok(None);
    };
    if !constraints_hold(grant, request)? {
        return Ok(None);
    }
    // `grants`, "Granting CreateGrant permission": the new grant must be equally or more restrictive, which depends on
    // the grant that is asked for.
    if request.operation == "creategrant" {
        return Err("a grant that lets the caller create grants".to_owned());
    }
    Ok(Some(named))
}

/// `KeyId` in the answer of ListGrants is the key ARN; people also write the key id.
fn is_of_key(grant: &Value, key_arn: &str) -> Modelled<bool> {
    match grant.get("KeyId") {
        None | Some(Value::Null) => Ok(true),
        Some(Value::String(key)) if key.starts_with("arn:") => Ok(key == key_arn),
        Some(Value::String(key)) => Ok(key_arn.ends_with(&format!(":key/{key}"))),
        Some(_) => Err("a grant with a KeyId that is not a text".to_owned()),
    }
}

fn lists_operation(grant: &Value, operation: &str) -> bool {
    let operations = grant.get("Operations").and_then(Value::as_array);
    operations
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .any(|name| name.eq_ignore_ascii_case(operation))
}

/// KMS Developer Guide, `grant-delete`: "A grant can be retired by an optional retiring principal specified in the grant."
pub fn retiring(request: &Request) -> Modelled<Granted> {
    let mut granted = Granted::default();
    for grant in request.list_layer("kms_grants")? {
        let named = grant.get("RetiringPrincipal").is_some_and(|name| !name.is_null());
        if !named || !is_of_key(grant, &request.resource)? {
            continue;
        }
        match named_in(grant, "RetiringPrincipal", &request.caller)? {
            Some(Named::Account) => granted.to_account = true,
            Some(_) => granted.directly = true,
            None => {}
        }
    }
    Ok(granted)
}

/// KMS API Reference, `API_CreateGrant`, GranteePrincipal and RetiringPrincipal: "Valid principals include AWS accounts, IAM users, IAM roles,
/// federated users, and assumed role users."
fn named_in(grant: &Value, field: &str, caller: &Caller) -> Modelled<Option<Named>> {
    let Some(grantee) = grant.get(field).and_then(Value::as_str) else {
        return Err(format!("a grant without {field}"));
    };
    let account = match grantee.strip_suffix(":root") {
        Some(head) => head.rsplit(':').next().unwrap_or_default(),
        None => grantee,
    };
    if is_account_id(account) {
        return Ok((caller.account() == Some(account)).then_some(Named::Account));
    }
    Ok(match caller {
        Caller::User { arn, .. } if arn == grantee => Some(Named::User),
        Caller::Role { role_arn, .. } | Caller::RoleSession { role_arn, .. } if role_arn == grantee => {
            Some(Named::Role)
        }
        Caller::RoleSession { session_arn, .. } | Caller::FederatedUser { session_arn, .. }
            if session_arn == grantee =>
        {
            Some(Named::Session)
        }
        Caller::Service { name } if name == grantee => Some(Named::Service),
        Caller::FederatedUser { .. } if grantee.contains(":user/") => {
            return Err("a grant for an IAM user, and a federated user".to_owned());
        }
        Caller::Role { account, .. } if grantee.contains(&format!("::{account}:assumed-role/")) => {
            return Err("a grant for a role session, and a role without the name of its session".to_owned());
        }
        _ => None,
    })
}

/// KMS API Reference, `API_GrantConstraints`: EncryptionContextSubset holds when the encryption context of the request
/// includes the pairs; EncryptionContextEquals when it is the same pairs.
fn constraints_hold(grant: &Value, request: &Request) -> Modelled<bool> {
    let constraints = match grant.get("Constraints") {
        None | Some(Value::Null) => return Ok(true),
        Some(Value::Object(constraints)) => constraints,
        Some(_) => return Err("grant constraints that are not an object".to_owned()),
    };
    for (name, wanted) in constraints {
        let (Value::Object(wanted), "EncryptionContextSubset" | "EncryptionContextEquals") =
            (wanted, name.as_str())
        else {
            return Err(format!("the grant constraint {name}"));
        };
        if !WITH_ENCRYPTION_CONTEXT.contains(&request.operation.as_str()) {
            continue;
        }
        let given = encryption_context(request)?;
        let includes = |ignore_case: bool| {
            wanted.iter().all(|(key, value)| {
                given.iter().any(|(given_key, given_value)| {
                    Some(given_value.as_str()) == value.as_str() && same_key(key, given_key, ignore_case)
                })
            })
        };
        // One page says "the key in each key-value pair is not case sensitive", another "an exact, case-sensitive match".
        if includes(true) != includes(false) {
            return Err("a grant constraint whose key differs only in letter case".to_owned());
        }
        if !includes(false) || (name == "EncryptionContextEquals" && wanted.len() != given.len()) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn same_key(left: &str, right: &str, ignore_case: bool) -> bool {
    match ignore_case {
        true => left.eq_ignore_ascii_case(right),
        false => left == right,
    }
}

/// KMS Developer Guide, `conditions-kms`: `kms:EncryptionContext:key` holds the value of one pair.
fn encryption_context(request: &Request) -> Modelled<Vec<(String, String)>> {
    let prefix = "kms:encryptioncontext:";
    let mut pairs = Vec::new();
    for entry in request.context.entries() {
        if !entry.key.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix)) {
            continue;
        }
        let [value] = entry.values.as_slice() else {
            return Err(format!("{} is not one value", entry.key));
        };
        pairs.push((entry.key[prefix.len()..].to_owned(), value.clone()));
    }
    Ok(pairs)
}
