//! Lenient reading of a record's fields: what does not have the documented form is remembered, never fatal.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

/// A field that did not have the documented form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Oddity {
    /// The field with its path, for example `userIdentity.accountId`.
    pub field: String,
    /// The form the field should have.
    pub expected: &'static str,
    /// The form it has.
    pub found: &'static str,
}

impl fmt::Display for Oddity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` should be {}, not {}", self.field, self.expected, self.found)
    }
}

/// The fields of one JSON object.
pub(super) struct Fields<'a> {
    map: &'a Map<String, Value>,
    path: String,
    oddities: Vec<Oddity>,
}

impl<'a> Fields<'a> {
    pub(super) fn new(map: &'a Map<String, Value>, path: &str) -> Self {
        Self { map, path: path.to_owned(), oddities: Vec::new() }
    }

    pub(super) fn into_oddities(self) -> Vec<Oddity> {
        self.oddities
    }

    /// The value of a field. Athena writes names in lower case, so case is ignored where the exact name is absent.
    fn raw(&self, name: &str) -> Option<&'a Value> {
        let found = self.map.get(name).or_else(|| {
            self.map.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
        })?;
        (!is_nothing(found)).then_some(found)
    }

    fn odd(&mut self, name: &str, expected: &'static str, found: &Value) {
        let field = format!("{}{name}", self.path);
        self.oddities.push(Oddity { field, expected, found: form(found) });
    }

    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        let value = self.raw(name)?;
        match value {
            Value::String(text) => Some(text.clone()),
            // An account id that lost its quotes has lost its leading zeros too.
            Value::Number(number) if name.ends_with("ccountId") => {
                let id = format!("{:0>12}", number.to_string());
                self.odd(name, "a text", value);
                Some(id)
            }
            Value::Bool(value) => Some(value.to_string()),
            Value::Number(number) => Some(number.to_string()),
            other => {
                self.odd(name, "a text", other);
                None
            }
        }
    }

    pub(super) fn boolean(&mut self, name: &str) -> Option<bool> {
        let value = self.raw(name)?;
        let read = match value {
            Value::Bool(value) => Some(*value),
            Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        };
        if read.is_none() {
            self.odd(name, "true or false", value);
        }
        read
    }

    pub(super) fn time(&mut self, name: &str) -> Option<Timestamp> {
        let value = self.raw(name)?;
        let read = match value {
            Value::String(text) => time_of_text(text),
            Value::Number(number) => number.as_f64().and_then(time_of_seconds),
            _ => None,
        };
        if read.is_none() {
            self.odd(name, "a time", value);
        }
        read
    }

    /// A value of any form. JSON in a text is read, since Athena and Lake store these columns as text.
    pub(super) fn value(&mut self, name: &str) -> Option<Value> {
        let value = self.raw(name)?;
        match value {
            Value::String(text) if text.starts_with(['{', '[']) => {
                serde_json::from_str(text).ok().or_else(|| Some(value.clone()))
            }
            _ => Some(value.clone()),
        }
    }

    pub(super) fn nested<T>(&mut self, name: &str, read: impl Fn(&mut Fields<'_>) -> T) -> Option<T> {
        let value = self.value(name)?;
        let Value::Object(map) = &value else {
            self.odd(name, "an object", &value);
            return None;
        };
        Some(self.inside(map, &format!("{name}."), read))
    }

    pub(super) fn list<T>(&mut self, name: &str, read: impl Fn(&mut Fields<'_>) -> T) -> Vec<T> {
        let Some(value) = self.value(name) else {
            return Vec::new();
        };
        let Value::Array(items) = &value else {
            self.odd(name, "a list", &value);
            return Vec::new();
        };
        let maps = items.iter().filter_map(Value::as_object);
        maps.map(|map| self.inside(map, &format!("{name}[]."), &read)).collect()
    }

    fn inside<T>(&mut self, map: &Map<String, Value>, step: &str, read: impl Fn(&mut Fields<'_>) -> T) -> T {
        let mut inner = Fields::new(map, &format!("{}{step}", self.path));
        let result = read(&mut inner);
        self.oddities.append(&mut inner.oddities);
        result
    }
}

/// Null, and the texts that exports write for it.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => matches!(text.trim(), "" | "null" | "None"),
        _ => false,
    }
}

fn form(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "this text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn time_of_text(text: &str) -> Option<Timestamp> {
    if let Ok(time) = text.parse() {
        return Some(time);
    }
    let civil: DateTime = text.parse().ok()?;
    TimeZone::UTC.to_timestamp(civil).ok()
}

/// `LookupEvents` prints seconds since 1970 in version 1 of the AWS CLI.
fn time_of_seconds(seconds: f64) -> Option<Timestamp> {
    let duration = jiff::SignedDuration::try_from_secs_f64(seconds).ok()?;
    Timestamp::from_duration(duration).ok()
}
