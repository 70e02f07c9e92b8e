//! Condition values, read as their operator needs them: text, numbers, moments, addresses, bytes.

use base64::Engine as _;
use ipnet::IpNet;
use jiff::civil;
use jiff::tz::TimeZone;

use super::{BaseOperator, Template, Version};

/// A condition value, prepared for its operator.
#[derive(Debug, Clone, PartialEq)]
pub enum Prepared {
    /// Text that may hold wildcards (by operator) and variables.
    Text(Template),
    /// A number.
    Number(Number),
    /// A moment.
    Date(Date),
    /// `true` or `false`.
    Bool(bool),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A network, or one address.
    Network(IpNet),
    /// The operator cannot read the value.
    Unclear,
}

impl Prepared {
    /// Reads a value for an operator.
    pub fn new(text: &str, base: BaseOperator, version: Version) -> Self {
        use BaseOperator as B;
        match base {
            B::StringEquals
            | B::StringNotEquals
            | B::StringEqualsIgnoreCase
            | B::StringNotEqualsIgnoreCase
            | B::StringLike
            | B::StringNotLike
            | B::ArnEquals
            | B::ArnNotEquals
            | B::ArnLike
            | B::ArnNotLike => Self::Text(Template::parse(text, version)),
            B::NumericEquals
            | B::NumericNotEquals
            | B::NumericLessThan
            | B::NumericLessThanEquals
            | B::NumericGreaterThan
            | B::NumericGreaterThanEquals => Number::parse(text).map_or(Self::Unclear, Self::Number),
            B::DateEquals
            | B::DateNotEquals
            | B::DateLessThan
            | B::DateLessThanEquals
            | B::DateGreaterThan
            | B::DateGreaterThanEquals => Date::parse(text).map_or(Self::Unclear, Self::Date),
            B::Bool | B::Null => bool_value(text).map_or(Self::Unclear, Self::Bool),
            B::BinaryEquals => base64_bytes(text).map_or(Self::Unclear, Self::Bytes),
            B::IpAddress | B::NotIpAddress => ip_network(text).map_or(Self::Unclear, Self::Network),
        }
    }

    /// What an operator reads, for messages.
    pub fn expected(base: BaseOperator) -> &'static str {
        use BaseOperator as B;
        match base {
            B::Bool | B::Null => "true or false",
            B::BinaryEquals => "base64",
            B::IpAddress | B::NotIpAddress => "an IP address or a CIDR block",
            base if base.name().starts_with("Numeric") => "a number",
            base if base.name().starts_with("Date") => "a date",
            _ => "text with policy variables as documented",
        }
    }
}

/// `true` or `false`, without regard to case.
fn bool_value(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

pub(crate) fn base64_bytes(text: &str) -> Option<Vec<u8>> {
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}

/// A CIDR block, or a bare address, which stands for itself alone.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_IPAddress>
pub(crate) fn ip_network(text: &str) -> Option<IpNet> {
    text.parse::<IpNet>().or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from)).ok()
}

/// A decimal number, compared exactly: a float would call two large ids equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number {
    negative: bool,
    integer: String,
    fraction: String,
}

impl Number {
    /// Reads an integer or a decimal number. AWS documents no exponents, so there are none.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (integer, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if integer.is_empty() && fraction.is_empty() || !all_digits(integer) || !all_digits(fraction) {
            return None;
        }
        let integer = integer.trim_start_matches('0').to_owned();
        let fraction = fraction.trim_end_matches('0').to_owned();
        let zero = integer.is_empty() && fraction.is_empty();
        Some(Self { negative: negative && !zero, integer, fraction })
    }

    fn magnitude(&self) -> (usize, &str, &str) {
        (self.integer.len(), &self.integer, &self.fraction)
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        match (self.negative, other.negative) {
            (false, true) => std::cmp::Ordering::Greater,
            (true, false) => std::cmp::Ordering::Less,
            (false, false) => self.magnitude().cmp(&other.magnitude()),
            (true, true) => other.magnitude().cmp(&self.magnitude()),
        }
    }
}

/// A moment, in nanoseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(i128);

impl Date {
    /// Reads an ISO 8601 date of the W3C profile, or seconds since 1970.
    ///
    /// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date>
    pub fn parse(text: &str) -> Option<Self> {
        if Self::may_be_a_year(text) {
            return None;
        }
        if let Some(seconds) = Number::parse(text) {
            return Self::from_epoch(&seconds);
        }
        if is_of_the_profile(text)
            && let Ok(timestamp) = text.parse::<jiff::Timestamp>()
        {
            return Some(Self(timestamp.as_nanosecond()));
        }
        let date = match text.len() {
            7 => format!("{text}-01").parse::<civil::Date>(),
            10 => text.parse::<civil::Date>(),
            _ => return None,
        };
        let midnight = date.ok()?.to_zoned(TimeZone::UTC).ok()?;
        Some(Self(midnight.timestamp().as_nanosecond()))
    }

    /// Four digits are a year in the profile, and seconds since 1970 as well.
    pub fn may_be_a_year(text: &str) -> bool {
        text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit())
    }

    /// Whether it is a number that counts something else than seconds: as such it would lie beyond the year 9999.
    pub fn may_be_milliseconds(text: &str) -> bool {
        Number::parse(text).is_some_and(|number| number.integer.len() > MOST_DIGITS)
    }

    /// AWS documents no fractions of a second.
    fn from_epoch(seconds: &Number) -> Option<Self> {
        if !seconds.fraction.is_empty() || seconds.integer.len() > MOST_DIGITS {
            return None;
        }
        let whole: i128 = if seconds.integer.is_empty() { 0 } else { seconds.integer.parse().ok()? };
        let magnitude = whole.checked_mul(1_000_000_000)?;
        Some(Self(if seconds.negative { -magnitude } else { magnitude }))
    }
}

/// The seconds to the end of the year 9999, the last one that the profile can write, have this many digits. Milliseconds
/// have had more of them since 2001.
const MOST_DIGITS: usize = 12;

/// Whether a moment stands as the profile has it, `YYYY-MM-DDThh:mm…`. ISO 8601 itself knows more forms, and the reader
/// takes them.
///
/// Source: <https://www.w3.org/TR/NOTE-datetime>
fn is_of_the_profile(text: &str) -> bool {
    let places = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':')];
    places.iter().all(|(place, byte)| text.as_bytes().get(*place) == Some(byte)) && !text.contains('[')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_compare_by_value() {
        let number = |text| Number::parse(text).unwrap();
        assert_eq!(number("5"), number("5.0"));
        assert_eq!(number("-0"), number("0"));
        assert!(number("9007199254740992") < number("9007199254740993"));
        assert!(number("-2") < number("-1"));
        assert!(number("0.5") < number("0.51"));
        assert!(number("10") > number("9"));
        for text in ["", "-", ".", "1e3", "0x1", "1,5", " 1"] {
            assert_eq!(Number::parse(text), None, "{text}");
        }
    }

    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date
    #[test]
    fn dates_in_iso_and_epoch_seconds_are_comparable() {
        let date = |text| Date::parse(text).unwrap();
        assert_eq!(date("2026-11-21T10:00:00Z"), date("1795255200"));
        assert_eq!(date("2026-11-21T10:00:00Z"), date("2026-11-21T11:00:00+01:00"));
        assert_eq!(date("2026-11-21"), date("2026-11-21T00:00:00Z"));
        assert_eq!(date("2026-11"), date("2026-11-01"));
        assert_eq!(date("2026-11-21T10:00Z"), date("2026-11-21T10:00:00Z"));
        assert!(date("2026-11-21T10:00:00.5Z") > date("2026-11-21T10:00:00Z"));
        assert_eq!(date("-1"), date("1969-12-31T23:59:59Z"));
        for text in [
            "",
            "yesterday",
            "2026-13-01",
            "2026-11-21 10:00",
            "2026-11-21 10:00:00Z",
            "20261121T100000Z",
            "-1.5",
            "4.99",
            "2026",
            "1795255200000",
        ] {
            assert_eq!(Date::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_bare_address_stands_for_itself() {
        assert_eq!(ip_network("203.0.113.7"), ip_network("203.0.113.7/32"));
        assert_eq!(ip_network("2001:db8::1"), ip_network("2001:DB8:0::1/128"));
        assert_eq!(ip_network("203.0.113.300"), None);
    }
}
