//! IP address operators.

use ipnet::{IpNet, Ipv4Net};

use super::{Comparison, Truth};
use crate::policy::{ConditionValue, Prepared, ip_network};

pub(super) fn inside(comparison: &Comparison<'_>, wanted: &ConditionValue, value: &str) -> Truth {
    match (&wanted.prepared, ip_network(value)) {
        (Prepared::Network(network), Some(found)) if network.contains(&found) => Truth::True,
        (Prepared::Network(network), Some(found)) if inside_as_mapped(network, &found) => {
            Truth::undocumented("an IPv4 address written as IPv6 (::ffff:…) beside IPv4")
        }
        (Prepared::Network(_), Some(_)) => Truth::False,
        (Prepared::Network(_), None) => comparison.unreadable_request_value(value),
        _ => comparison.unreadable_policy_value(wanted),
    }
}

/// Whether one of the two is IPv4 and the other its IPv4-mapped form (RFC 4291), of which AWS does not speak.
fn inside_as_mapped(network: &IpNet, found: &IpNet) -> bool {
    match (network, found) {
        (IpNet::V4(network), IpNet::V6(_)) => unmapped(found).is_some_and(|found| network.contains(&found)),
        (IpNet::V6(_), IpNet::V4(found)) => unmapped(network).is_some_and(|network| network.contains(found)),
        _ => false,
    }
}

fn unmapped(network: &IpNet) -> Option<Ipv4Net> {
    let IpNet::V6(network) = network else { return None };
    let address = network.addr().to_ipv4_mapped()?;
    Ipv4Net::new(address, network.prefix_len().checked_sub(96)?).ok()
}
