//! Changes of Lake Formation permissions, which decide beside IAM about the tables of the Data Catalog.
//!
//! Source: <https://docs.aws.amazon.com/lake-formation/latest/dg/logging-using-cloudtrail.html>

use serde_json::Value;

use super::Change;
use super::ChangeKind as K;
use super::ChangeTarget as T;
use super::parameters::Parameters;
use crate::trail::event::texts;

pub(super) fn read(name: &str, call: Parameters<'_>) -> Option<Change> {
    let entries: Vec<&Value> = match name {
        "GrantPermissions" | "RevokePermissions" => vec![call.event.request_parameters.as_ref()?],
        "BatchGrantPermissions" | "BatchRevokePermissions" => {
            call.value("entries")?.as_array()?.iter().collect()
        }
        "PutDataLakeSettings" => {
            let target = T::DataCatalog(vec!["catalog".to_owned()]);
            return Change::with(target, K::DataLakeSettingsPut, call.document("dataLakeSettings"));
        }
        _ => return None,
    };
    let all = |read: fn(&Value) -> Vec<String>| {
        let mut found: Vec<String> = entries.iter().flat_map(|entry| read(entry)).collect();
        found.sort();
        found.dedup();
        found
    };
    let (principals, permissions) = (all(principals), all(permissions));
    let kind = if name.contains("Grant") {
        K::DataPermissionsGranted { principals, permissions }
    } else {
        K::DataPermissionsRevoked { principals, permissions }
    };
    Change::new(T::DataCatalog(all(resources)), kind)
}

fn principals(entry: &Value) -> Vec<String> {
    let principal = entry.get("principal").and_then(|principal| principal.get("dataLakePrincipalIdentifier"));
    principal.map(texts).unwrap_or_default()
}

fn permissions(entry: &Value) -> Vec<String> {
    entry.get("permissions").map(texts).unwrap_or_default()
}

/// The resource in the words of Glue's ARNs.
///
/// Source: <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_Resource.html>
fn resources(entry: &Value) -> Vec<String> {
    let Some(resource) = entry.get("resource").and_then(Value::as_object) else { return Vec::new() };
    resource.iter().filter(|(_, value)| !value.is_null()).map(|(kind, value)| named(kind, value)).collect()
}

fn named(kind: &str, value: &Value) -> String {
    let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or("*");
    match kind {
        "database" => format!("database/{}", text("name")),
        "table" | "tableWithColumns" => format!("table/{}/{}", text("databaseName"), text("name")),
        "dataCellsFilter" => format!("table/{}/{}", text("databaseName"), text("tableName")),
        "dataLocation" => text("resourceArn").to_owned(),
        "lFTag" => format!("LF-Tag {}", text("tagKey")),
        other => other.to_owned(),
    }
}
