//! Changes of routes: a gateway endpoint, and with it its policy, is used by the subnets whose route table leads to it.
//!
//! Source: <https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html#gateway-endpoint-routing>

use super::Change;
use super::ChangeKind as K;
use super::ChangeTarget as T;
use super::parameters::Parameters;

pub(super) fn read(name: &str, call: Parameters<'_>) -> Option<Change> {
    let table = || call.text("routeTableId").map(T::RouteTable);
    match name {
        "CreateRoute" | "ReplaceRoute" => {
            let kind = K::RouteSet { destination: destination(call)?, via: first(call, GATEWAYS) };
            Change::new(table()?, kind)
        }
        "DeleteRoute" => Change::new(table()?, K::RouteDeleted { destination: destination(call)? }),
        "AssociateRouteTable" | "ReplaceRouteTableAssociation" => {
            let with = first(call, &["subnetId", "gatewayId", "associationId"]);
            Change::new(table()?, K::RouteTableAssociated { with })
        }
        "DisassociateRouteTable" => {
            let association = call.text("associationId")?;
            Change::new(T::RouteTable(association), K::RouteTableDisassociated)
        }
        "DeleteRouteTable" => Change::new(table()?, K::Deleted),
        _ => None,
    }
}

/// What a route leads to.
///
/// Source: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRoute.html>
const GATEWAYS: &[&str] = &[
    "vpcEndpointId",
    "gatewayId",
    "natGatewayId",
    "transitGatewayId",
    "vpcPeeringConnectionId",
    "networkInterfaceId",
    "instanceId",
    "egressOnlyInternetGatewayId",
    "localGatewayId",
    "carrierGatewayId",
    "coreNetworkArn",
];

fn destination(call: Parameters<'_>) -> Option<String> {
    first(call, &["destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId"])
}

fn first(call: Parameters<'_>, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| call.text(name))
}
