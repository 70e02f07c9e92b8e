//! Amazon EC2: VPC endpoints of the bundle, and Regions.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Welcome.html>

use serde_json::Value;

use super::super::call::Call;
use super::super::reply::{Answer, Body, Refusal};
use super::super::world::World;
use super::super::xml::{element, wrapped};

pub fn answer(world: &World, call: &Call) -> Answer {
    match call.operation.as_str() {
        "DescribeRegions" => Ok(Body::Xml(regions(world))),
        "DescribeVpcEndpoints" => endpoints(world, call),
        _ => Err(super::unknown_operation(call)),
    }
}

fn regions(world: &World) -> String {
    let entry = |region: &String| {
        let name = element("regionName", region);
        let endpoint = element("regionEndpoint", &format!("ec2.{region}.amazonaws.com"));
        wrapped("item", &format!("{name}{endpoint}{}", element("optInStatus", "opt-in-not-required")))
    };
    wrapped("regionInfo", &world.regions.iter().map(entry).collect::<String>())
}

fn endpoints(world: &World, call: &Call) -> Answer {
    let folder = format!("accounts/{}/vpc-endpoints", call.account());
    let wanted: Vec<&str> = call
        .input
        .iter()
        .filter(|(name, _)| name.starts_with("VpcEndpointId."))
        .filter_map(|(_, value)| Value::as_str(value))
        .collect();
    let mut found = Vec::new();
    for name in world.folders(&folder) {
        let text = world.file(&format!("{folder}/{name}")).unwrap_or_default();
        let whole: Value = serde_json::from_str(&text).unwrap_or_default();
        found.extend(whole["VpcEndpoints"].as_array().cloned().unwrap_or_default());
    }
    found.retain(|endpoint| wanted.is_empty() || wanted.iter().any(|id| endpoint["VpcEndpointId"] == *id));
    if let Some(missing) =
        wanted.iter().find(|id| !found.iter().any(|endpoint| endpoint["VpcEndpointId"] == **id))
    {
        let message = format!("The Vpc Endpoint Id '{missing}' does not exist");
        return Err(Refusal::new(400, "InvalidVpcEndpointId.NotFound", message));
    }
    let items: String = found.iter().map(|endpoint| wrapped("item", &item(endpoint))).collect();
    Ok(Body::Xml(wrapped("vpcEndpointSet", &items)))
}

/// EC2's element names start with a small letter.
fn item(endpoint: &Value) -> String {
    ["VpcEndpointId", "VpcEndpointType", "VpcId", "ServiceName", "State", "PolicyDocument", "OwnerId"]
        .iter()
        .filter_map(|name| endpoint[*name].as_str().map(|text| element(&uncapitalized(name), text)))
        .collect()
}

fn uncapitalized(name: &str) -> String {
    let (first, rest) = name.split_at(1);
    format!("{}{rest}", first.to_lowercase())
}
