//! EC2: VPC endpoints with their policies.

use serde_json::json;

use super::put::Brought;
use crate::aws::{CallError, Connection, Service, query_message};
use crate::ids::AccountId;

const EC2: Service = Service { id: "EC2", signing_name: "ec2", host: "ec2" };

/// The version of the EC2 API.
pub(super) const VERSION: &str = "2016-11-15";

/// A VPC endpoint.
///
/// Source: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcEndpoints.html>
pub(super) async fn vpc_endpoint(
    connection: &Connection,
    account: AccountId,
    id: &str,
    region: &str,
) -> Result<Brought, CallError> {
    let message = query_message("DescribeVpcEndpoints", VERSION, &[("VpcEndpointId.1", id)]);
    let xml = connection.send(EC2, "DescribeVpcEndpoints", region, message).await?;
    let not_understood = |why: &str| CallError::not_understood("ec2:DescribeVpcEndpoints", region, why);
    let document = roxmltree::Document::parse(&xml).map_err(|error| not_understood(&error.to_string()))?;
    let of = |name: &str| {
        let found = document.descendants().find(|node| node.tag_name().name() == name)?;
        found.text().map(str::to_owned)
    };
    if of("vpcEndpointId").as_deref() != Some(id) {
        return Err(not_understood("it is about another endpoint"));
    }
    let printed = json!({ "VpcEndpoints": [{
        "VpcEndpointId": id,
        "VpcEndpointType": of("vpcEndpointType"),
        "VpcId": of("vpcId"),
        "ServiceName": of("serviceName"),
        "OwnerId": of("ownerId"),
        "PolicyDocument": of("policyDocument"),
    }] });
    let id = id.to_owned();
    Ok(Brought::put(move |draft| draft.set_vpc_endpoint(account, &id, &printed)))
}
