//! Lines on which the engine is known to break a law. A row goes when the engine keeps it.

use serde_json::Value;

/// A Deny in the policy of a key of another account is traced as an implicit one if the operation never works across
/// accounts; and an AWS service, which is in no account, is taken for a caller from another one.
pub fn never_across_accounts(line: &Value) -> bool {
    let action = line["action"].as_str().unwrap_or_default().to_ascii_lowercase();
    let own_account = ["getkeypolicy", "schedulekeydeletion", "createalias"];
    own_account.iter().any(|name| action == format!("kms:{name}"))
}

/// `aws:PrincipalArn` is derived from the session ARN, which has lost the path of the role.
pub fn path_matters(line: &Value) -> bool {
    line.to_string().to_ascii_lowercase().contains("aws:principalarn")
}

/// A caller of whom the account alone is known is taken for one that is no service-linked role.
pub fn service_linked(line: &Value) -> bool {
    line["principal"].as_str().is_some_and(|arn| arn.contains("AWSServiceRoleFor"))
}

/// `NotPrincipal` asks of a caller of whom the account alone is known for no more than the account.
pub fn not_principal(line: &Value) -> bool {
    line.to_string().contains("NotPrincipal")
}

/// The owner of an object does not count where the owner of the bucket is not known.
pub fn object_owner(line: &Value) -> bool {
    line["s3"].get("object_owner").is_some()
}

/// The caller's account is taken for the owner of a bucket whose owner is not known, when RCPs look for the
/// management account.
pub fn owner_under_rcp(both: &Value) -> bool {
    let text = both.to_string();
    text.contains("resource_control_policies") && text.contains("management_account")
}

/// `aws:ResourceAccount` counts as absent where the owner of a bucket is not known.
pub fn resource_account(both: &Value) -> bool {
    both.to_string().to_ascii_lowercase().contains("aws:resourceaccount")
}

/// A role named by its unique id counts as named directly if of the caller no more than account and id are known.
pub fn named_by_id(line: &Value) -> bool {
    line["principal_facts"].get("unique_id").is_some()
}

/// A pair of the encryption context that is unknown by itself does not count against `EncryptionContextEquals`.
pub fn unknown_pair(line: &Value, key: &str) -> bool {
    key.starts_with("kms:EncryptionContext:") && line.to_string().contains("EncryptionContextEquals")
}
