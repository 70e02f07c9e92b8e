//! The parameters and the answer of a call, by name.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::Document;
use crate::trail::event::{Event, texts};

/// Access to `requestParameters`, `responseElements` and the rest of an event.
#[derive(Clone, Copy)]
pub(super) struct Parameters<'a> {
    pub(super) event: &'a Event,
}

impl<'a> Parameters<'a> {
    pub(super) fn of(event: &'a Event) -> Self {
        Self { event }
    }

    pub(super) fn value(self, name: &str) -> Option<&'a Value> {
        self.event.parameter(&[name]).filter(|value| !value.is_null())
    }

    pub(super) fn text(self, name: &str) -> Option<String> {
        self.value(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// A text of the answer.
    pub(super) fn answer(self, path: &[&str]) -> Option<String> {
        self.event.response(path).and_then(Value::as_str).map(str::to_owned)
    }

    /// The first resource of a type, as an ARN.
    pub(super) fn resource(self, resource_type: &str) -> Option<String> {
        let mut entries = self.event.resources.iter();
        let found =
            entries.find(|entry| entry.resource_type.as_deref().is_none_or(|kind| kind == resource_type));
        found?.arn.clone()
    }

    pub(super) fn document(self, name: &str) -> Document {
        self.value(name).map_or(Document::Absent, document)
    }

    /// `[{"key": …, "value": …}]`
    pub(super) fn tags(self, name: &str) -> BTreeMap<String, String> {
        let pairs = self.value(name).and_then(Value::as_array).into_iter().flatten();
        pairs.filter_map(pair).collect()
    }

    pub(super) fn list(self, name: &str) -> Vec<String> {
        self.value(name).map(texts).unwrap_or_default()
    }
}

fn pair(tag: &Value) -> Option<(String, String)> {
    let part = |names: [&str; 2]| names.iter().find_map(|name| tag.get(*name)?.as_str());
    Some((part(["key", "Key"])?.to_owned(), part(["value", "Value"]).unwrap_or_default().to_owned()))
}

/// A document: JSON in a text, percent-encoded by IAM in answers, or an object as S3 writes bucket policies.
pub(super) fn document(value: &Value) -> Document {
    match value {
        Value::String(text) if text.contains("HIDDEN_DUE_TO_SECURITY_REASONS") => Document::Hidden,
        Value::String(text) if text.is_empty() => Document::Absent,
        Value::String(text) if text.starts_with('%') => percent_decode_str(text)
            .decode_utf8()
            .map_or(Document::Absent, |text| Document::Text(text.into_owned())),
        Value::String(text) => Document::Text(text.clone()),
        Value::Object(_) | Value::Array(_) => Document::Text(value.to_string()),
        _ => Document::Absent,
    }
}
