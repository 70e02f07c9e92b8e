//! Numbers as patterns write them, and their order.

use std::cmp::Ordering;

/// A number: digits with a sign, decimals, or an exponent.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>, "Writing filter
/// patterns that match numeric values"
#[derive(Debug, Clone, PartialEq)]
pub struct Number {
    text: String,
    value: Value,
}

/// Integers are kept exact: account ids and byte counts must not be rounded.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Value {
    Integer(i128),
    Decimal(f64),
}

impl Number {
    /// Reads a number; `None` if the text is none.
    pub fn parse(text: &str) -> Option<Self> {
        value(text).map(|value| Self { text: text.to_owned(), value })
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How a number of an event compares with this one.
    pub fn order(&self, other: &serde_json::Number) -> Option<Ordering> {
        let other = match (other.as_i64(), other.as_u64()) {
            (Some(integer), _) => Value::Integer(i128::from(integer)),
            (None, Some(integer)) => Value::Integer(i128::from(integer)),
            (None, None) => Value::Decimal(other.as_f64()?),
        };
        compare(other, self.value)
    }

    /// How a text of an event compares with this number, if the text is one.
    pub fn order_text(&self, text: &str) -> Option<Ordering> {
        compare(value(text)?, self.value)
    }
}

fn value(text: &str) -> Option<Value> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let exponent_digits = |text: &str| digits(text.strip_prefix(['+', '-']).unwrap_or(text));
    if !digits(whole) || !fraction.is_none_or(digits) || !exponent.is_none_or(exponent_digits) {
        return None;
    }
    match (fraction, exponent, text.parse()) {
        (None, None, Ok(integer)) => Some(Value::Integer(integer)),
        _ => text.parse().ok().map(Value::Decimal),
    }
}

#[expect(clippy::cast_precision_loss, reason = "a decimal on one side leaves no exact comparison")]
fn compare(one: Value, other: Value) -> Option<Ordering> {
    match (one, other) {
        (Value::Integer(one), Value::Integer(other)) => Some(one.cmp(&other)),
        (Value::Integer(one), Value::Decimal(other)) => (one as f64).partial_cmp(&other),
        (Value::Decimal(one), Value::Integer(other)) => one.partial_cmp(&(other as f64)),
        (Value::Decimal(one), Value::Decimal(other)) => one.partial_cmp(&other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_the_page_are_numbers() {
        for text in ["75", "+1000", "-5", "55.5", "10e3", "10e-3", "1e+3", "111122223333"] {
            assert!(Number::parse(text).is_some(), "{text}");
        }
        for text in ["", "+", "4*", "1.2.3", "123.123.*", ".5", "5.", "1e", "e3", "0x10", "inf", "NaN", "１"]
        {
            assert!(Number::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn integers_are_not_rounded() {
        let json: serde_json::Number = serde_json::from_str("9007199254740993").unwrap();
        assert_eq!(Number::parse("9007199254740992").unwrap().order(&json), Some(Ordering::Greater));
        assert_eq!(Number::parse("1e+3").unwrap().order(&1000.into()), Some(Ordering::Equal));
        assert_eq!(Number::parse("1e-3").unwrap().order_text("0.001"), Some(Ordering::Equal));
    }
}
