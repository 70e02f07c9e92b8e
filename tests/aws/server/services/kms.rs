//! AWS KMS: the keys of the bundle.
//! <https://docs.aws.amazon.com/kms/latest/APIReference/Welcome.html>

use serde_json::{Value, json};

use super::super::call::Call;
use super::super::reply::{Answer, Body, Refusal};
use super::super::world::World;

/// A key that a caller means.
struct Key {
    account: String,
    id: String,
    folder: String,
}

pub fn answer(world: &World, call: &Call) -> Answer {
    if call.operation == "ListAliases" && call.text("KeyId").is_empty() {
        return all_aliases(world, call);
    }
    let key = find(world, call)?;
    // Only DescribeKey and ListGrants can be called for a key of another account, and only if its policy says so.
    if key.account != call.account() {
        return Err(call.denied(call.text("KeyId")));
    }
    let known = |name: &str| {
        world.file(&format!("{}/{name}", key.folder)).ok_or_else(|| call.denied(call.text("KeyId")))
    };
    match call.operation.as_str() {
        "DescribeKey" => Ok(Body::Json(with_epochs(&known("key.json")?))),
        "GetKeyPolicy" => {
            let path = format!("{}/policy.json", key.folder);
            let policy = world.policy(&path).ok_or_else(|| call.denied(call.text("KeyId")))?;
            Ok(Body::Json(json!({"Policy": policy, "PolicyName": "default"})))
        }
        "ListGrants" => paged(world, call, &with_epochs(&known("grants.json")?), "Grants"),
        "ListAliases" => paged(world, call, &with_epochs(&known("aliases.json")?), "Aliases"),
        "ListKeyPolicies" => Ok(Body::Json(json!({"PolicyNames": ["default"], "Truncated": false}))),
        "GetKeyRotationStatus" | "ListResourceTags" => Err(call.denied(&key.id)),
        _ => Err(super::unknown_operation(call)),
    }
}

fn all_aliases(world: &World, call: &Call) -> Answer {
    let folder = format!("accounts/{}/keys", call.account());
    let aliases: Vec<Value> = world
        .folders(&folder)
        .iter()
        .filter_map(|key| world.file(&format!("{folder}/{key}/aliases.json")))
        .flat_map(|text| with_epochs(&text)["Aliases"].as_array().cloned().unwrap_or_default())
        .filter(|alias| region_of(alias["AliasArn"].as_str().unwrap_or_default()) == call.region)
        .collect();
    paged(world, call, &json!({"Aliases": aliases}), "Aliases")
}

fn paged(world: &World, call: &Call, whole: &Value, list: &str) -> Answer {
    let entries = whole[list].as_array().cloned().unwrap_or_default();
    let size = call.number("Limit").unwrap_or(50).min(world.page);
    let (page, next) = super::page(&entries, call.text("Marker"), size)
        .map_err(|()| Refusal::new(400, "InvalidMarkerException", "The marker is not valid."))?;
    let mut body = json!({list: page, "Truncated": next.is_some()});
    if let Some(next) = next {
        body["NextMarker"] = next.into();
    }
    Ok(Body::Json(body))
}

fn region_of(arn: &str) -> &str {
    arn.split(':').nth(3).unwrap_or_default()
}

/// The key behind an id, an ARN, or an alias, in the Region of the call.
fn find(world: &World, call: &Call) -> Result<Key, Refusal> {
    let wanted = call.text("KeyId");
    let is_arn = wanted.starts_with("arn:");
    if is_arn && region_of(wanted) != call.region {
        return Err(Refusal::new(400, "NotFoundException", format!("Invalid arn {}", region_of(wanted))));
    }
    let name = wanted.rsplit(':').next().unwrap_or_default();
    let account = if is_arn { wanted.split(':').nth(4).unwrap_or_default() } else { call.account() };
    let folder = format!("accounts/{account}/keys");
    let id = match name.strip_prefix("alias/") {
        Some(_) => world.folders(&folder).into_iter().find(|key| {
            world
                .file(&format!("{folder}/{key}/aliases.json"))
                .is_some_and(|text| text.contains(&format!("\"{name}\"")))
        }),
        None => Some(name.trim_start_matches("key/").to_owned()),
    };
    let known =
        |id: &String| world.folders(&folder).contains(id) && is_in_region(world, &folder, id, &call.region);
    if let Some(id) = id.filter(known) {
        return Ok(Key { account: account.to_owned(), folder: format!("{folder}/{id}"), id });
    }
    if is_arn && account != call.account() {
        return Err(call.denied(wanted));
    }
    Err(Refusal::new(400, "NotFoundException", format!("Key '{wanted}' does not exist")))
}

fn is_in_region(world: &World, folder: &str, id: &str, region: &str) -> bool {
    let key = world.file(&format!("{folder}/{id}/key.json"));
    let described: Value = key.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    match described["KeyMetadata"]["Arn"].as_str() {
        Some(arn) => region_of(arn) == region,
        None => world.region == region,
    }
}

/// The CLI prints times as text; on the wire they are seconds.
pub fn with_epochs(text: &str) -> Value {
    let mut value: Value = serde_json::from_str(text).expect("a file of the bundle is JSON");
    to_epochs(&mut value);
    value
}

pub fn to_epochs(value: &mut Value) {
    match value {
        Value::Array(entries) => entries.iter_mut().for_each(to_epochs),
        Value::Object(fields) => {
            for (name, field) in fields {
                let is_time = name.ends_with("Date") || name.ends_with("Timestamp");
                match field.as_str().filter(|_| is_time).and_then(|text| text.parse::<jiff::Timestamp>().ok())
                {
                    Some(time) => *field = json!(time.as_second()),
                    None => to_epochs(field),
                }
            }
        }
        _ => {}
    }
}
