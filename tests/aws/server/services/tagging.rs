//! The Resource Groups Tagging API: the tags of the bundle, in the Region of each resource. A resource that never had a
//! tag is not listed.
//! <https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html>

use serde_json::{Value, json};

use super::super::call::Call;
use super::super::reply::{Answer, Body};
use super::super::world::World;

pub fn answer(world: &World, call: &Call) -> Answer {
    if call.operation != "GetResources" {
        return Err(super::unknown_operation(call));
    }
    let text = world.file(&format!("accounts/{}/resource-tags.json", call.account()));
    let whole: Value = serde_json::from_str(&text.ok_or_else(|| call.denied(""))?).unwrap_or_default();
    let asked = call.input.get("ResourceARNList").and_then(Value::as_array).cloned().unwrap_or_default();
    let is_here = |resource: &&Value| {
        let region =
            resource["ResourceARN"].as_str().and_then(|arn| arn.split(':').nth(3)).unwrap_or_default();
        // The ARN of a bucket has no Region.
        let region = if region.is_empty() { world.region.as_str() } else { region };
        region == call.region && (asked.is_empty() || asked.contains(&resource["ResourceARN"]))
    };
    let listed = whole["ResourceTagMappingList"].as_array().cloned().unwrap_or_default();
    let has_tags = |resource: &&Value| resource["Tags"].as_array().is_some_and(|tags| !tags.is_empty());
    let found: Vec<&Value> = listed.iter().filter(is_here).filter(has_tags).collect();
    Ok(Body::Json(json!({"PaginationToken": "", "ResourceTagMappingList": found})))
}
