//! AWS Account Management: which Regions are enabled.
//! <https://docs.aws.amazon.com/accounts/latest/reference/API_ListRegions.html>

use serde_json::{Value, json};

use super::super::call::Call;
use super::super::reply::{Answer, Body, Refusal};
use super::super::world::World;

pub fn answer(world: &World, call: &Call) -> Answer {
    if call.operation != "ListRegions" {
        return Err(super::unknown_operation(call));
    }
    let all: Vec<Value> = world
        .regions
        .iter()
        .map(|region| json!({"RegionName": region, "RegionOptStatus": "ENABLED_BY_DEFAULT"}))
        .collect();
    let size = call.number("MaxResults").unwrap_or(20).min(world.page);
    let (page, next) = super::page(&all, call.text("NextToken"), size)
        .map_err(|()| Refusal::new(400, "ValidationException", "Invalid next token"))?;
    let mut body = json!({"Regions": page});
    if let Some(next) = next {
        body["NextToken"] = next.into();
    }
    Ok(Body::Json(body))
}
