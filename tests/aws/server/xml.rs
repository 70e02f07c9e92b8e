//! The XML that the query protocol has for what the CLI prints as JSON.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::value::RawValue;

use super::raw;

/// Members with these names are policy documents, which IAM percent-encodes.
const DOCUMENTS: [&str; 3] = ["PolicyDocument", "AssumeRolePolicyDocument", "Document"];

pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

pub fn element(name: &str, text: &str) -> String {
    format!("<{name}>{}</{name}>", escape(text))
}

pub fn wrapped(name: &str, inner: &str) -> String {
    format!("<{name}>{inner}</{name}>")
}

pub fn encoded_document(document: &str) -> String {
    utf8_percent_encode(document, NON_ALPHANUMERIC).to_string()
}

/// The members of an object as elements.
pub fn members(object: &raw::Object) -> String {
    object.iter().map(|(name, value)| member(name, value)).collect()
}

/// A list as `<name><member>…</member></name>`.
pub fn list(name: &str, objects: &[raw::Object]) -> String {
    let inner: String = objects.iter().map(|object| wrapped("member", &members(object))).collect();
    wrapped(name, &inner)
}

fn member(name: &str, value: &RawValue) -> String {
    if DOCUMENTS.contains(&name) {
        return element(name, &encoded_document(&raw::document(value)));
    }
    wrapped(name, &content(name, value))
}

fn content(name: &str, value: &RawValue) -> String {
    match value.get().as_bytes().first() {
        Some(b'{') => members(&raw::object(value.get())),
        Some(b'[') => {
            raw::list(value.get()).iter().map(|entry| wrapped("member", &content(name, entry))).collect()
        }
        Some(b'"') => escape(&time(name, &raw::document(value))),
        _ => value.get().to_owned(),
    }
}

/// AWS's XML has times in UTC; the CLI prints them with an offset.
fn time(name: &str, text: &str) -> String {
    if name.ends_with("Date") { text.replace("+00:00", "Z") } else { text.to_owned() }
}
