//! KMS: a key with its policy, grants and aliases.

use serde_json::{Value, json};

use super::put::Brought;
use super::region_of;
use crate::arn::Arn;
use crate::aws::{CallError, Connection, Json, Service};
use crate::bundle::KeyFact;
use crate::evidence::KeyWant;
use crate::ids::AccountId;

const KMS: Service = Service { id: "KMS", signing_name: "kms", host: "kms" };
const JSON: Json = Json { target: "TrentService", version: "1.1" };

/// A fact about a key.
pub(super) async fn fetch(
    connection: &Connection,
    account: AccountId,
    arn: &Arn,
    want: KeyWant,
) -> Result<Brought, CallError> {
    let id = arn.resource().rsplit('/').next().unwrap_or_default().to_owned();
    let region = region_of(arn, connection);
    let key = json!({ "KeyId": arn.as_str() });
    let (fact, answer) = match want {
        KeyWant::Policy => {
            let input = json!({ "KeyId": arn.as_str(), "PolicyName": "default" });
            let answer = connection.json(KMS, JSON, "GetKeyPolicy", region, &input).await?;
            let Some(policy) = answer.get("Policy").and_then(Value::as_str) else {
                return Err(CallError::not_understood("kms:GetKeyPolicy", region, "it has no `Policy`"));
            };
            let policy = policy.to_owned();
            return Ok(Brought::put(move |draft| draft.set_key_policy(account, &id, &policy)));
        }
        KeyWant::Metadata => {
            (KeyFact::Metadata, connection.json(KMS, JSON, "DescribeKey", region, &key).await?)
        }
        KeyWant::Grants => (KeyFact::Grants, list(connection, "ListGrants", region, arn, "Grants").await?),
        KeyWant::Aliases => {
            (KeyFact::Aliases, list(connection, "ListAliases", region, arn, "Aliases").await?)
        }
    };
    Ok(Brought::put(move |draft| draft.set_key(account, &id, fact, &answer)))
}

/// All pages of a list about a key.
async fn list(
    connection: &Connection,
    operation: &'static str,
    region: &str,
    arn: &Arn,
    field: &str,
) -> Result<Value, CallError> {
    let mut items = Vec::new();
    let mut input = json!({ "KeyId": arn.as_str() });
    loop {
        let mut answer = connection.json(KMS, JSON, operation, region, &input).await?;
        match answer.get_mut(field).map(Value::take) {
            Some(Value::Array(page)) => items.extend(page),
            // An empty list is there too.
            _ => {
                let why = format!("it has no `{field}`");
                return Err(CallError::not_understood(&format!("kms:{operation}"), region, &why));
            }
        }
        match answer.get("NextMarker").and_then(Value::as_str).filter(|marker| !marker.is_empty()) {
            Some(marker) if answer.get("Truncated") == Some(&json!(true)) => {
                input = json!({ "KeyId": arn.as_str(), "Marker": marker });
            }
            _ => return Ok(json!({ (field): items })),
        }
    }
}
