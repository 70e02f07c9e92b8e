//! JSON as it was written. The text of a policy document is what AWS hands out, so it must not be printed anew.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

pub type Object = BTreeMap<String, Box<RawValue>>;

pub fn object(text: &str) -> Object {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("not an object: {error}: {text}"))
}

pub fn list(text: &str) -> Vec<Box<RawValue>> {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("not a list: {error}: {text}"))
}

/// The objects of a list in a field; none if there is no such field.
pub fn objects(of: &Object, field: &str) -> Vec<Object> {
    of.get(field)
        .map(|value| list(value.get()).iter().map(|entry| object(entry.get())).collect())
        .unwrap_or_default()
}

/// A field with text; empty if it is not there.
pub fn text(of: &Object, field: &str) -> String {
    of.get(field).and_then(|value| serde_json::from_str(value.get()).ok()).unwrap_or_default()
}

pub fn texts(of: &Object, field: &str) -> Vec<String> {
    of.get(field).and_then(|value| serde_json::from_str(value.get()).ok()).unwrap_or_default()
}

/// A policy document as AWS returns it: the text of the object, or the text in the string.
pub fn document(value: &RawValue) -> String {
    serde_json::from_str::<String>(value.get()).unwrap_or_else(|_| value.get().to_owned())
}
