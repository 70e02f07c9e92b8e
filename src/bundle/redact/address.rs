//! Addresses and ranges of addresses: whether an address is in a range stays true.
//!
//! Every bit is flipped or not by what the key says of the bits before it, so two addresses with the same first bits
//! have replacements with the same first bits (the scheme of Xu, Fan, Ammar and Moon, "Prefix-preserving IP address
//! anonymization", 2002). Where a range that has a meaning of its own begins, bits stay: a private address says
//! something about how a call came in.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

use super::Key;

/// Ranges that mean something. Source: <https://www.iana.org/assignments/iana-ipv4-special-registry/>
const V4: &[(Ipv4Addr, u32)] = &[
    (Ipv4Addr::UNSPECIFIED, 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(224, 0, 0, 0), 3),
];

/// Source: <https://www.iana.org/assignments/iana-ipv6-special-registry/>
const V6: &[(Ipv6Addr, u32)] = &[
    (Ipv6Addr::LOCALHOST, 128),
    (Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), 96),
    (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3),
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7),
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10),
];

/// The replacement, if the text is an address or a range.
pub(super) fn replace(key: &Key, text: &str) -> Option<String> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(replaced(key, address).to_string());
    }
    let (_, length) = text.split_once('/')?;
    let range: IpNet = text.parse().ok()?;
    // A range is told by its first bits; those that do not count are as they may be.
    let network = IpNet::new(replaced(key, range.addr()), range.prefix_len()).ok()?.trunc();
    Some(format!("{}/{length}", network.addr()))
}

fn replaced(key: &Key, address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(address) => {
            let kept = V4.iter().map(|(range, length)| (u128::from(range.to_bits()) << 96, *length));
            let bits = mixed(key, "IPv4", u128::from(address.to_bits()) << 96, 32, kept);
            Ipv4Addr::from_bits(u32::try_from(bits >> 96).unwrap_or_default()).into()
        }
        IpAddr::V6(address) => {
            let kept = V6.iter().map(|(range, length)| (range.to_bits(), *length));
            Ipv6Addr::from_bits(mixed(key, "IPv6", address.to_bits(), 128, kept)).into()
        }
    }
}

/// The bits, counted from the left.
fn mixed(
    key: &Key,
    purpose: &str,
    bits: u128,
    count: u32,
    kept: impl Iterator<Item = (u128, u32)> + Clone,
) -> u128 {
    let mut new = bits;
    for at in 0..count {
        let before = if at == 0 { 0 } else { bits & (u128::MAX << (128 - at)) };
        // A bit inside such a range's own bits, or one by which an address leaves the way to it.
        let is_kept =
            kept.clone().any(|(range, length)| at < length && (at == 0 || (bits ^ range) >> (128 - at) == 0));
        let digest = || key.digest(purpose, &[&before.to_be_bytes()[..], &at.to_be_bytes()].concat());
        if !is_kept && digest().first().is_some_and(|byte| byte & 1 == 1) {
            new ^= 1 << (127 - at);
        }
    }
    new
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(text: &str) -> String {
        replace(&Key::new([7; 32]), text).unwrap()
    }

    #[test]
    fn an_address_stays_in_its_ranges() {
        for (address, range) in [
            ("203.0.113.7", "203.0.113.0/24"),
            ("203.0.113.7", "203.0.112.0/23"),
            ("203.0.113.7", "203.0.113.7/32"),
            ("203.0.113.7", "0.0.0.0/0"),
            ("10.1.2.3", "10.1.0.0/16"),
            ("2001:db8::7", "2001:db8::/32"),
        ] {
            let (address, range) = (new(address), new(range));
            let inside = range.parse::<IpNet>().unwrap().contains(&address.parse::<IpAddr>().unwrap());
            assert!(inside, "{address} {range}");
        }
        let (outside, range) = (new("203.0.114.7"), new("203.0.113.0/24"));
        assert!(!range.parse::<IpNet>().unwrap().contains(&outside.parse::<IpAddr>().unwrap()));
    }

    #[test]
    fn private_addresses_stay_private_and_others_do_not_become_so() {
        for last in 0..=255 {
            let private: Ipv4Addr = new(&format!("172.16.{last}.1")).parse().unwrap();
            assert!(private.is_private());
            let public: Ipv4Addr = new(&format!("{}.203.{last}.9", (last % 200).max(11))).parse().unwrap();
            let was: Ipv4Addr = format!("{}.203.{last}.9", (last % 200).max(11)).parse().unwrap();
            assert_eq!(public.is_private() || public.is_loopback(), was.is_private() || was.is_loopback());
        }
        assert!(new("fe80::1").parse::<Ipv6Addr>().unwrap().is_unicast_link_local());
        assert_eq!(new("::1"), "::1");
    }

    #[test]
    fn what_is_no_address_is_left() {
        let key = Key::new([7; 32]);
        for text in ["1.2.3", "AWS Internal", "", "10.0.0.0/33", "a/b"] {
            assert_eq!(replace(&key, text), None, "{text}");
        }
    }
}
