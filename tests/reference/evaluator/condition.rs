//! The Condition element. IAM User Guide, `reference_policies_elements_condition`,
//! `reference_policies_elements_condition_operators`,
//! `reference_policies_condition-logic-multiple-context-keys-or-values` and
//! `reference_policies_condition-single-vs-multi-valued-context-keys`.

use super::Modelled;
use super::pattern::{Piece, as_literal, matches_pattern, plain_pattern, replace_variables};
use super::request::{Context, Entry, scalar_text};
use serde_json::Value;
use std::cmp::Ordering;
use std::net::IpAddr;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Base {
    StringEquals,
    StringEqualsIgnoreCase,
    StringLike,
    Numeric(Compare),
    Date(Compare),
    Bool,
    Binary,
    Ip,
    Arn,
    Null,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Compare {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Compare {
    fn holds(self, request_to_policy: Ordering) -> bool {
        match self {
            Compare::Equal => request_to_policy.is_eq(),
            Compare::Less => request_to_policy.is_lt(),
            Compare::LessOrEqual => request_to_policy.is_le(),
            Compare::Greater => request_to_policy.is_gt(),
            Compare::GreaterOrEqual => request_to_policy.is_ge(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quantity {
    Single,
    ForAllValues,
    ForAnyValue,
}

#[derive(Debug, Clone, Copy)]
struct Operator {
    quantity: Quantity,
    base: Base,
    negated: bool,
    if_exists: bool,
}

/// `reference_policies_elements_condition_operators`: the names, and "You can add IfExists to the end of any condition
/// operator name except the Null condition".
fn read_operator(name: &str) -> Modelled<Operator> {
    let (quantity, rest) = match name.split_once(':') {
        Some(("ForAllValues", rest)) => (Quantity::ForAllValues, rest),
        Some(("ForAnyValue", rest)) => (Quantity::ForAnyValue, rest),
        _ => (Quantity::Single, name),
    };
    let (rest, if_exists) = match rest.strip_suffix("IfExists") {
        Some(rest) => (rest, true),
        None => (rest, false),
    };
    let (base, negated) = match rest {
        "StringEquals" => (Base::StringEquals, false),
        "StringNotEquals" => (Base::StringEquals, true),
        "StringEqualsIgnoreCase" => (Base::StringEqualsIgnoreCase, false),
        "StringNotEqualsIgnoreCase" => (Base::StringEqualsIgnoreCase, true),
        "StringLike" => (Base::StringLike, false),
        "StringNotLike" => (Base::StringLike, true),
        "NumericEquals" => (Base::Numeric(Compare::Equal), false),
        "NumericNotEquals" => (Base::Numeric(Compare::Equal), true),
        "NumericLessThan" => (Base::Numeric(Compare::Less), false),
        "NumericLessThanEquals" => (Base::Numeric(Compare::LessOrEqual), false),
        "NumericGreaterThan" => (Base::Numeric(Compare::Greater), false),
        "NumericGreaterThanEquals" => (Base::Numeric(Compare::GreaterOrEqual), false),
        "DateEquals" => (Base::Date(Compare::Equal), false),
        "DateNotEquals" => (Base::Date(Compare::Equal), true),
        "DateLessThan" => (Base::Date(Compare::Less), false),
        "DateLessThanEquals" => (Base::Date(Compare::LessOrEqual), false),
        "DateGreaterThan" => (Base::Date(Compare::Greater), false),
        "DateGreaterThanEquals" => (Base::Date(Compare::GreaterOrEqual), false),
        "Bool" => (Base::Bool, false),
        "BinaryEquals" => (Base::Binary, false),
        "IpAddress" => (Base::Ip, false),
        "NotIpAddress" => (Base::Ip, true),
        "ArnEquals" | "ArnLike" => (Base::Arn, false),
        "ArnNotEquals" | "ArnNotLike" => (Base::Arn, true),
        "Null" if quantity == Quantity::Single && !if_exists => (Base::Null, false),
        _ => return Err(format!("condition operator {name:?} is not documented")),
    };
    Ok(Operator { quantity, base, negated, if_exists })
}

/// `reference_policies_condition-logic-multiple-context-keys-or-values`: AND over the operators, AND over the keys of
/// an operator. An empty Condition is always true.
pub fn condition_matches(condition: &Value, variables_on: bool, context: &Context) -> Modelled<bool> {
    let Value::Object(operators) = condition else {
        return Err("Condition is not an object".to_owned());
    };
    let mut unclear = None;
    for (name, keys) in operators {
        let operator = read_operator(name)?;
        let Value::Object(keys) = keys else {
            return Err(format!("the condition operator {name} does not hold an object"));
        };
        for (key, values) in keys {
            let values = policy_values(values)?;
            match pair_matches(operator, key, &values, variables_on, context) {
                Ok(true) => {}
                Ok(false) => return Ok(false),
                Err(reason) => unclear = Some(reason),
            }
        }
    }
    match unclear {
        Some(reason) => Err(reason),
        None => Ok(true),
    }
}

/// The values of a key in a policy: one value or a list of values.
pub fn policy_values(values: &Value) -> Modelled<Vec<String>> {
    let texts: Option<Vec<String>> = match values {
        Value::Array(items) => items.iter().map(scalar_text).collect(),
        single => scalar_text(single).map(|text| vec![text]),
    };
    match texts {
        Some(texts) if !texts.is_empty() => Ok(texts),
        Some(_) => Err("a condition key with an empty list of values".to_owned()),
        None => Err("a condition value that is not a text, number or boolean".to_owned()),
    }
}

/// One operator and one key. `reference_policies_elements_condition_operators` ("If the key that you specify in a
/// policy condition is not present in the request context, the values do not match and the condition is false. If the
/// policy condition requires that the key is not matched […] the condition is true", and `...IfExists`), and
/// `reference_policies_condition-single-vs-multi-valued-context-keys` for ForAllValues and ForAnyValue.
fn pair_matches(
    operator: Operator,
    key: &str,
    policy_values: &[String],
    variables_on: bool,
    context: &Context,
) -> Modelled<bool> {
    let entry = context.get(key)?;
    if operator.base == Base::Null {
        return null_matches(key, policy_values, entry);
    }
    let Some(entry) = entry else {
        return Ok(match operator.quantity {
            _ if operator.if_exists => true,
            Quantity::Single => operator.negated,
            Quantity::ForAllValues => true,
            Quantity::ForAnyValue => false,
        });
    };
    let values = &entry.values;
    let one = |value: &String| value_matches(operator, value, policy_values, variables_on, context);
    match operator.quantity {
        Quantity::Single => match values.as_slice() {
            [value] => one(value),
            [] if operator.if_exists => Err(format!("{key}: IfExists and an empty list")),
            [] => Ok(operator.negated),
            // "Multivalued context keys require a condition set operator."
            _ if operator.negated => {
                Err(format!("{key}: a negated operator without a set operator on many values"))
            }
            _ => Ok(false),
        },
        // "If the key values in the request resolve to an empty data set (for example, an empty string), a condition
        // operator modified by ForAllValues returns true, and a condition operator modified by ForAnyValue returns
        // false."
        Quantity::ForAllValues if is_empty_data_set(values) => Ok(true),
        Quantity::ForAnyValue if is_empty_data_set(values) => match operator.if_exists {
            true => Err(format!("{key}: ForAnyValue, IfExists and an empty data set")),
            false => Ok(false),
        },
        // "tests whether every member of the request context values matches"
        Quantity::ForAllValues => all_of(values.iter().map(one)),
        // "tests whether at least one member of the set of request context values matches at least one member"
        Quantity::ForAnyValue => any_of(values.iter().map(one)),
    }
}

fn is_empty_data_set(values: &[String]) -> bool {
    values.iter().all(|value| value.is_empty())
}

/// "Use either true (the key doesn't exist — it is null) or false (the key exists and its value is not null)."
fn null_matches(key: &str, policy_values: &[String], entry: Option<&Entry>) -> Modelled<bool> {
    let is_null = match entry {
        None => true,
        Some(entry) if is_empty_data_set(&entry.values) => {
            return Err(format!("Null on the key {key}, whose value is empty"));
        }
        Some(_) => false,
    };
    let mut wanted = Vec::new();
    for value in policy_values {
        match value.to_ascii_lowercase().as_str() {
            "true" => wanted.push(true),
            "false" => wanted.push(false),
            _ => return Err(format!("Null with the value {value:?}")),
        }
    }
    Ok(wanted.contains(&is_null))
}

/// One value of the request against the list of the policy: OR over the list; for a negated operator, none of the list
/// (`reference_policies_condition-logic-multiple-context-keys-or-values`, "Evaluation logic for negated matching
/// condition operators": NOR).
fn value_matches(
    operator: Operator,
    value: &str,
    policy_values: &[String],
    variables_on: bool,
    context: &Context,
) -> Modelled<bool> {
    let listed =
        any_of(policy_values.iter().map(|wanted| compare(operator, wanted, value, variables_on, context)))?;
    Ok(listed != operator.negated)
}

/// True if one is true; otherwise unclear if one is unclear.
pub fn any_of(results: impl Iterator<Item = Modelled<bool>>) -> Modelled<bool> {
    let mut unclear = None;
    for result in results {
        match result {
            Ok(true) => return Ok(true),
            Ok(false) => {}
            Err(reason) => unclear = Some(reason),
        }
    }
    unclear.map_or(Ok(false), Err)
}

/// False if one is false; otherwise unclear if one is unclear.
fn all_of(results: impl Iterator<Item = Modelled<bool>>) -> Modelled<bool> {
    any_of(results.map(|result| result.map(|truth| !truth))).map(|truth| !truth)
}

/// The operator without its negation, on one value of the policy and one of the request.
fn compare(
    operator: Operator,
    wanted: &str,
    given: &str,
    variables_on: bool,
    context: &Context,
) -> Modelled<bool> {
    match operator.base {
        Base::StringEquals | Base::StringEqualsIgnoreCase | Base::StringLike | Base::Arn => {
            // `reference_policies_variables`, "Policy variables with no value": no value is equal or like it.
            let Some(wanted) = replace_variables(wanted, variables_on, context)? else {
                return Ok(false);
            };
            match operator.base {
                Base::StringEquals => Ok(as_literal(&wanted) == given),
                Base::StringEqualsIgnoreCase => equals_ignore_case(&as_literal(&wanted), given),
                Base::StringLike => Ok(matches_pattern(&wanted, given)),
                _ => arn_matches(&wanted, given, operator.negated),
            }
        }
        // The two pages on variables disagree about Bool.
        Base::Bool if variables_on && wanted.contains("${") => {
            Err("a policy variable in a Bool condition".to_owned())
        }
        Base::Bool => Ok(match (truth(wanted), truth(given)) {
            (Some(wanted), Some(given)) => wanted == given,
            _ => false,
        }),
        Base::Numeric(how) => match (read_number(wanted)?, read_number(given)?) {
            (Some(wanted), Some(given)) => Ok(how.holds(compare_numbers(&given, &wanted))),
            _ => does_not_compare(operator, "number"),
        },
        Base::Date(how) => match (read_date(wanted)?, read_date(given)?) {
            (Some(wanted), Some(given)) => Ok(how.holds(given.cmp(&wanted))),
            _ => does_not_compare(operator, "date"),
        },
        Base::Binary => match is_base64(wanted) && is_base64(given) {
            true => Ok(wanted == given),
            false => Err("BinaryEquals on a value that is not base64 text".to_owned()),
        },
        Base::Ip => ip_matches(operator, wanted, given),
        Base::Null => unreachable!("Null has no values to compare"),
    }
}

/// A value that cannot be read as the operator's type matches nothing; what a negated operator makes of it is not
/// documented.
fn does_not_compare(operator: Operator, what: &str) -> Modelled<bool> {
    match operator.negated {
        true => Err(format!("a negated operator on a value that is not a {what}")),
        false => Ok(false),
    }
}

/// "Exact matching, ignoring case". Beyond ASCII the page says nothing.
fn equals_ignore_case(wanted: &str, given: &str) -> Modelled<bool> {
    if wanted.eq_ignore_ascii_case(given) {
        return Ok(true);
    }
    match wanted.to_lowercase() == given.to_lowercase() || wanted.to_uppercase() == given.to_uppercase() {
        true => Err("texts that differ only in the case of letters beyond ASCII".to_owned()),
        false => Ok(false),
    }
}

/// "Each of the six colon-delimited components of the ARN is checked separately and each can include multi-character
/// match wildcards (*) or single-character match wildcards (?). The ArnEquals and ArnLike condition operators behave
/// identically."
fn arn_matches(wanted: &[Piece], given: &str, negated: bool) -> Modelled<bool> {
    if wanted.contains(&Piece::Substituted(':')) {
        return Err("a policy variable that holds a colon in an ARN condition".to_owned());
    }
    let wanted: Vec<&[Piece]> = wanted.splitn(6, |piece| *piece == Piece::Written(':')).collect();
    if wanted.len() < 6 {
        return Err("an ARN condition with a pattern of fewer than six parts".to_owned());
    }
    let given: Vec<&str> = given.splitn(6, ':').collect();
    if given.len() < 6 {
        return match negated {
            true => Err("a negated ARN condition on a value that is not an ARN".to_owned()),
            false => Ok(false),
        };
    }
    Ok((0..6).all(|part| matches_pattern(wanted[part], given[part])))
}

fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// A decimal number: sign, digits before the point without leading zeros, digits after it without trailing zeros.
#[derive(Debug, PartialEq, Eq)]
struct Number {
    negative: bool,
    whole: String,
    fraction: String,
}

/// "comparing a key to an integer or decimal value". `None` is not a number at all.
fn read_number(text: &str) -> Modelled<Option<Number>> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let only_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !only_digits(whole) || !only_digits(fraction) {
        return match text.parse::<f64>() {
            Ok(_) => Err(format!("the number form {text:?}")),
            Err(_) => Ok(None),
        };
    }
    let whole = whole.trim_start_matches('0').to_owned();
    let fraction = fraction.trim_end_matches('0').to_owned();
    let is_zero = whole.is_empty() && fraction.is_empty();
    Ok(Some(Number { negative: negative && !is_zero, whole, fraction }))
}

fn compare_numbers(left: &Number, right: &Number) -> Ordering {
    let size = |a: &Number, b: &Number| {
        a.whole
            .len()
            .cmp(&b.whole.len())
            .then_with(|| a.whole.cmp(&b.whole))
            .then_with(|| a.fraction.cmp(&b.fraction))
    };
    match (left.negative, right.negative) {
        (false, false) => size(left, right),
        (true, true) => size(right, left),
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
    }
}

/// "You must specify date/time values with one of the W3C implementations of the ISO 8601 date formats or in epoch
/// (UNIX) time." The answer is in nanoseconds since the epoch; `None` is not a date at all.
fn read_date(text: &str) -> Modelled<Option<i128>> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    // W3C NOTE-datetime begins with "Year: YYYY (eg 1997)", which is a number of seconds as well.
    if text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit()) {
        return Err("a year or seconds since 1970".to_owned());
    }
    if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
        return match text.parse::<i128>() {
            Ok(seconds) if digits.len() < 20 => Ok(Some(seconds * 1_000_000_000)),
            _ => Ok(None),
        };
    }
    if text.parse::<f64>().is_ok() {
        return Err(format!("the epoch form {text:?}"));
    }
    let (day, time) = match text.split_once('T') {
        Some((day, time)) => (day, Some(time)),
        None => (text, None),
    };
    let fields: Vec<&str> = day.split('-').collect();
    let (year, month, day_of_month) = match fields.as_slice() {
        [year, month] if time.is_none() => (number_of(year, 4), number_of(month, 2), Some(1)),
        [year, month, day] => (number_of(year, 4), number_of(month, 2), number_of(day, 2)),
        _ => return unreadable_date(text),
    };
    let (Some(year), Some(month), Some(day_of_month)) = (year, month, day_of_month) else {
        return unreadable_date(text);
    };
    let Some((hour, minute, second, nanosecond, offset)) = read_time(time.unwrap_or("00:00Z"))? else {
        return unreadable_date(text);
    };
    let civil = jiff::civil::DateTime::new(
        year as i16,
        month as i8,
        day_of_month as i8,
        hour as i8,
        minute as i8,
        second as i8,
        nanosecond as i32,
    );
    let offset = jiff::tz::Offset::from_seconds(offset);
    match (civil, offset) {
        (Ok(civil), Ok(offset)) => match offset.to_timestamp(civil) {
            Ok(instant) => Ok(Some(instant.as_nanosecond())),
            Err(_) => unreadable_date(text),
        },
        _ => unreadable_date(text),
    }
}

/// A text that looks like a date and is none of the documented forms is left open.
fn unreadable_date(text: &str) -> Modelled<Option<i128>> {
    match text.starts_with(|c: char| c.is_ascii_digit()) {
        true => Err(format!("the date form {text:?}")),
        false => Ok(None),
    }
}

/// Hour, minute, second, nanosecond, and the offset of the zone in seconds.
type Clock = (i64, i64, i64, i64, i32);

/// `hh:mm`, `hh:mm:ss` or `hh:mm:ss.f` and a zone `Z` or `+hh:mm`; W3C NOTE-datetime requires the zone.
fn read_time(text: &str) -> Modelled<Option<Clock>> {
    let (clock, offset) = if let Some(clock) = text.strip_suffix('Z') {
        (clock, 0)
    } else if let Some(sign_at) = text.rfind(['+', '-']) {
        let sign = if text.as_bytes()[sign_at] == b'+' { 1 } else { -1 };
        let zone: Vec<&str> = text[sign_at + 1..].split(':').collect();
        let [hours, minutes] = zone.as_slice() else {
            return Ok(None);
        };
        let (Some(hours), Some(minutes)) = (number_of(hours, 2), number_of(minutes, 2)) else {
            return Ok(None);
        };
        (&text[..sign_at], sign * (hours * 3600 + minutes * 60) as i32)
    } else {
        return Err("a date and time without a time zone".to_owned());
    };
    let fields: Vec<&str> = clock.split(':').collect();
    let (hour, minute, seconds) = match fields.as_slice() {
        [hour, minute] => (hour, minute, "00"),
        [hour, minute, seconds] => (hour, minute, *seconds),
        _ => return Ok(None),
    };
    let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
    if fraction.is_empty() || fraction.len() > 9 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(None);
    }
    let nanosecond = format!("{fraction:0<9}").parse::<i64>().ok();
    match (number_of(hour, 2), number_of(minute, 2), number_of(whole, 2), nanosecond) {
        (Some(hour), Some(minute), Some(second), Some(nanosecond)) => {
            Ok(Some((hour, minute, second, nanosecond, offset)))
        }
        _ => Ok(None),
    }
}

fn number_of(text: &str, digits: usize) -> Option<i64> {
    match text.len() == digits && text.bytes().all(|b| b.is_ascii_digit()) {
        true => text.parse().ok(),
        false => None,
    }
}

fn is_base64(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    let padding = text.len() - body.len();
    text.len().is_multiple_of(4)
        && padding <= 2
        && body.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+' || b == b'/')
}

/// "The value must be in the standard CIDR format […]. If you specify an IP address without the associated routing
/// prefix, IAM uses the default prefix value of /32."
fn ip_matches(operator: Operator, wanted: &str, given: &str) -> Modelled<bool> {
    let (Some(wanted), Ok(given)) = (read_network(wanted), given.parse::<IpAddr>()) else {
        return does_not_compare(operator, "IP address");
    };
    for address in [wanted.addr(), given] {
        if let IpAddr::V6(address) = address
            && address.to_ipv4_mapped().is_some()
        {
            return Err("an IPv4 address written as IPv6".to_owned());
        }
    }
    Ok(wanted.contains(&given))
}

pub fn read_network(text: &str) -> Option<ipnet::IpNet> {
    match text.contains('/') {
        true => text.parse().ok(),
        false => text.parse::<IpAddr>().ok().map(ipnet::IpNet::from),
    }
}

/// What the test for a "public" bucket policy asks of one operator.
#[derive(Debug, PartialEq, Eq)]
pub enum Restriction {
    /// Text or ARN equality or likeness: restricts to the values of the policy.
    Texts,
    /// IpAddress.
    Networks,
    /// Restricts in a way of which the page on public policies says nothing.
    Unclear,
    /// Does not restrict to values of the policy.
    None,
}

pub fn restriction_of(operator_name: &str) -> Modelled<Restriction> {
    let operator = read_operator(operator_name)?;
    Ok(match operator.base {
        _ if operator.negated => Restriction::None,
        Base::StringEquals | Base::StringLike | Base::Arn | Base::Ip | Base::StringEqualsIgnoreCase
            if operator.if_exists || operator.quantity != Quantity::Single =>
        {
            Restriction::Unclear
        }
        Base::StringEquals | Base::StringLike | Base::Arn => Restriction::Texts,
        Base::StringEqualsIgnoreCase => Restriction::Unclear,
        Base::Ip => Restriction::Networks,
        Base::Null => Restriction::None,
        _ => Restriction::Unclear,
    })
}

/// Whether a policy text is a "fixed value": no wildcard and no policy variable.
pub fn is_fixed(text: &str, variables_on: bool) -> bool {
    let has_wildcard = plain_pattern(text).iter().any(|piece| matches!(piece, Piece::AnyRun | Piece::AnyOne));
    !has_wildcard && (!variables_on || !text.contains("${"))
}
