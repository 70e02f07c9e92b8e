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

    /// A text whose name a table gives: services differ in how they write `resourceArn`.
    pub(super) fn named_text(self, name: &str) -> Option<String> {
        self.named(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// A value whose name a table gives.
    pub(super) fn named(self, name: &str) -> Option<&'a Value> {
        let parameters = self.event.request_parameters.as_ref()?.as_object()?;
        let found = parameters.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value).filter(|value| !value.is_null())
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

    pub(super) fn tags(self, name: &str) -> BTreeMap<String, String> {
        self.value(name).map(tags).unwrap_or_default()
    }

    pub(super) fn list(self, name: &str) -> Vec<String> {
        self.value(name).map(texts).unwrap_or_default()
    }
}

/// `[{"key": …, "value": …}]`, or an object with a member for each tag.
pub(super) fn tags(value: &Value) -> BTreeMap<String, String> {
    match value {
        Value::Array(items) => items.iter().filter_map(pair).collect(),
        Value::Object(map) if pair(value).is_none() => {
            map.iter().filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
        }
        _ => pair(value).into_iter().collect(),
    }
}

/// KMS writes `tagKey`, EC2 and IAM `key`, S3 and others `Key`.
fn pair(tag: &Value) -> Option<(String, String)> {
    let part = |names: [&str; 3]| names.iter().find_map(|name| tag.get(*name)?.as_str());
    let value = part(["value", "Value", "tagValue"]).unwrap_or_default();
    Some((part(["key", "Key", "tagKey"])?.to_owned(), value.to_owned()))
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
