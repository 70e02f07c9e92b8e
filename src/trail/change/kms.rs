//! Changes of KMS keys: policies, grants, states and aliases.
//!
//! Source: <https://docs.aws.amazon.com/kms/latest/developerguide/understanding-kms-entries.html>

use serde_json::Value;

use super::Change;
use super::ChangeKind as K;
use super::ChangeTarget as T;
use super::parameters::Parameters;

pub(super) fn read(name: &str, call: Parameters<'_>) -> Option<Change> {
    let kind = match name {
        "PutKeyPolicy" => return Change::with(key(call)?, K::ResourcePolicyPut, call.document("policy")),
        "CreateKey" => return Change::with(key(call)?, K::Created, call.document("policy")),
        "ReplicateKey" => return Change::with(replica(call)?, K::Created, call.document("policy")),
        // KMS itself records the end of the waiting period.
        "DeleteKey" => K::Deleted,
        "ImportKeyMaterial" => K::KeyMaterialImported,
        "DeleteImportedKeyMaterial" => K::KeyMaterialDeleted,
        "TagResource" => K::Tagged(call.tags("tags")),
        "UntagResource" => K::Untagged(call.list("tagKeys")),
        "CreateGrant" => K::GrantCreated {
            grant: call.answer(&["grantId"]),
            grantee: call.text("granteePrincipal").or_else(|| call.text("granteeServicePrincipal")),
        },
        "RetireGrant" => K::GrantRetired { grant: grant(call) },
        "RevokeGrant" => K::GrantRevoked { grant: grant(call) },
        "DisableKey" => K::KeyDisabled,
        "EnableKey" => K::KeyEnabled,
        "ScheduleKeyDeletion" => K::KeyDeletionScheduled,
        "CancelKeyDeletion" => K::KeyDeletionCancelled,
        "CreateAlias" | "UpdateAlias" => {
            let kind = K::AliasSet { key: call.text("targetKeyId")? };
            return Change::new(T::Alias(call.text("aliasName")?), kind);
        }
        "DeleteAlias" => return Change::new(T::Alias(call.text("aliasName")?), K::AliasDeleted),
        _ => return None,
    };
    Change::new(key(call)?, kind)
}

/// The key's ARN, which `resources` has even when the caller named the key otherwise, or no parameter names it.
fn key(call: Parameters<'_>) -> Option<T> {
    let answered = || call.answer(&["keyId"]).or_else(|| call.answer(&["keyMetadata", "arn"]));
    let arn = call.resource("AWS::KMS::Key").or_else(answered);
    arn.or_else(|| call.text("keyId")).map(T::Key)
}

/// The new key of another Region; `resources` has the key that it was made from.
fn replica(call: Parameters<'_>) -> Option<T> {
    call.answer(&["replicaKeyMetadata", "arn"]).map(T::Key)
}

/// `RetireGrant` has its grant only in `additionalEventData`.
fn grant(call: Parameters<'_>) -> Option<String> {
    let additional = || call.event.additional_event_data.as_ref()?.get("grantId").and_then(Value::as_str);
    call.text("grantId").or_else(|| additional().map(str::to_owned))
}
