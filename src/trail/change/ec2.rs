//! Changes of VPC endpoints. EC2 nests the newer calls in an object named after the request, with XML's tag numbers.
//!
//! Source: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcEndpoint.html>

use serde_json::Value;

use super::ChangeKind as K;
use super::ChangeTarget as T;
use super::parameters::{Parameters, document};
use super::{Change, Document};

pub(super) fn read(name: &str, call: Parameters<'_>) -> Option<Change> {
    let field = |names: [&str; 2]| nested(name, call, names);
    let policy = || field(["PolicyDocument", "policyDocument"]).map_or(Document::Absent, document);
    match name {
        "CreateVpcEndpoint" => {
            let answer = call.event.response(&["CreateVpcEndpointResponse", "vpcEndpoint"]);
            let endpoint = answer.or_else(|| call.event.response(&["vpcEndpoint"]))?;
            Change::with(T::VpcEndpoints(ids(endpoint.get("vpcEndpointId")?)), K::Created, policy())
        }
        "ModifyVpcEndpoint" => {
            let target = T::VpcEndpoints(ids(field(["VpcEndpointId", "vpcEndpointId"])?));
            let reset =
                field(["ResetPolicy", "resetPolicy"]).is_some_and(|value| *value == true || value == "true");
            match policy() {
                Document::Absent if reset => Change::new(target, K::ResourcePolicyDeleted),
                Document::Absent => Change::new(target, K::EndpointRouted),
                policy => Change::with(target, K::ResourcePolicyPut, policy),
            }
        }
        "DeleteVpcEndpoints" => {
            let deleted = ids(field(["VpcEndpointId", "vpcEndpointIdSet"])?);
            Change::new(T::VpcEndpoints(deleted), K::Deleted)
        }
        _ => None,
    }
}

fn nested<'a>(name: &str, call: Parameters<'a>, names: [&str; 2]) -> Option<&'a Value> {
    let inside = call.value(&format!("{name}Request"));
    names
        .iter()
        .find_map(|field| inside.and_then(|request| request.get(*field)).or_else(|| call.value(field)))
}

/// A text, `{"tag": 1, "content": text}`, `{"items": […]}`, or a list of any of these.
fn ids(value: &Value) -> Vec<String> {
    let mut found: Vec<String> = match value {
        Value::String(id) => vec![id.clone()],
        Value::Array(items) => items.iter().flat_map(ids).collect(),
        Value::Object(map) => {
            let inner = ["content", "items", "vpcEndpointId"].iter().filter_map(|name| map.get(*name));
            inner.flat_map(ids).collect()
        }
        _ => Vec::new(),
    };
    found.sort();
    found
}
