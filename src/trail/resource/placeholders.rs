//! Values for the placeholders of ARN formats, out of request parameters.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{event_account, partition};
use crate::arn::Arn;
use crate::knowledge::actions::ResourceRole;
use crate::knowledge::arn_placeholders;
use crate::request::Action;
use crate::trail::event::Event;

/// Request parameters are looked through to this depth.
const MAX_DEPTH: usize = 6;

/// Ids inside of lists, where the call names one only.
pub(super) fn nested(parameters: &Value, values: &mut BTreeMap<String, String>) {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    collect(parameters, MAX_DEPTH, &mut found);
    for (name, mut texts) in found {
        texts.sort();
        texts.dedup();
        if let [text] = texts.as_slice() {
            let name = if name == "groupid" { "securitygroupid".to_owned() } else { name };
            values.entry(name).or_insert_with(|| text.clone());
        }
    }
}

fn collect(value: &Value, depth: usize, found: &mut BTreeMap<String, Vec<String>>) {
    let Some(deeper) = depth.checked_sub(1) else { return };
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, deeper, found)),
        Value::Object(fields) => {
            for (name, field) in fields {
                match field.as_str().filter(|text| !text.is_empty()) {
                    Some(text) if name.ends_with("Id") => {
                        found.entry(name.to_ascii_lowercase()).or_default().push(text.to_owned());
                    }
                    _ => collect(field, deeper, found),
                }
            }
        }
        _ => {}
    }
}

/// Values for the placeholders of ARN formats, by placeholder in lower case.
pub(super) fn placeholders(
    event: &Event,
    action: &Action,
    parameters: &Value,
    role: ResourceRole,
) -> BTreeMap<String, String> {
    let mut values = BTreeMap::new();
    values.insert("partition".to_owned(), partition(event));
    values.extend(event.aws_region.clone().map(|region| ("region".to_owned(), region)));
    values.extend(event_account(event).map(|account| ("account".to_owned(), account.to_string())));
    let Some(object) = parameters.as_object() else { return values };
    for (name, value) in object {
        if let Some(text) = scalar(value).filter(|text| !text.is_empty()) {
            values.insert(name.to_ascii_lowercase(), text);
        }
    }
    for row in arn_placeholders::parameters() {
        let found = row.parameters.iter().find_map(|name| values.get(*name).cloned());
        if let Some(found) = found {
            values.entry(row.placeholder.to_owned()).or_insert(found);
        }
    }
    if action.service() == "s3" {
        s3_copy_source(&mut values, role);
    }
    queue_url(&mut values);
    task_definition(&mut values);
    let (has_index, has_qualifier) = (values.contains_key("indexname"), values.contains_key("qualifier"));
    if let Some(registry) = values.get("registryid").cloned() {
        values.insert("account".to_owned(), registry);
    }
    // A key is also named by an alias, and a function by a part of its ARN: neither is the name in the ARN.
    values.retain(|name, value| match name.as_str() {
        "keyid" => !value.starts_with("alias/"),
        // An index of a table and a version of a function are resources of their own.
        "tablename" => !has_index,
        "functionname" if has_qualifier => false,
        "functionname" => !value.contains(':'),
        _ => true,
    });
    values
}

/// `https://sqs.REGION.amazonaws.com/ACCOUNT/NAME`: the queue may be of another account and region than the caller.
fn queue_url(values: &mut BTreeMap<String, String>) {
    let Some(url) = values.get("queueurl").cloned() else { return };
    let mut parts = url.trim_start_matches("https://").split('/');
    let (Some(host), Some(account), Some(name)) = (parts.next(), parts.next(), parts.next()) else { return };
    let Some(region) = host.strip_prefix("sqs.").and_then(|rest| rest.split('.').next()) else { return };
    values.insert("region".to_owned(), region.to_owned());
    values.insert("account".to_owned(), account.to_owned());
    values.insert("queuename".to_owned(), name.to_owned());
}

/// `family:revision`; without a revision it is the latest, which the call does not tell.
fn task_definition(values: &mut BTreeMap<String, String>) {
    let Some((family, revision)) = values.get("taskdefinition").and_then(|text| text.split_once(':')) else {
        return;
    };
    if !revision.is_empty() && revision.bytes().all(|byte| byte.is_ascii_digit()) {
        let (family, revision) = (family.to_owned(), revision.to_owned());
        values.insert("taskdefinitionfamilyname".to_owned(), family);
        values.insert("taskdefinitionrevisionnumber".to_owned(), revision);
    }
}

/// A copy reads one object and writes another; `x-amz-copy-source` names the one that is read.
fn s3_copy_source(values: &mut BTreeMap<String, String>, role: ResourceRole) {
    if role != ResourceRole::Source {
        return;
    }
    let Some(source) = values.get("x-amz-copy-source").cloned() else { return };
    let decoded = percent_encoding::percent_decode_str(&source).decode_utf8_lossy().into_owned();
    let path = decoded.trim_start_matches('/').split("?versionId=").next().unwrap_or_default().to_owned();
    if let Some((bucket, key)) = path.split_once('/') {
        values.insert("bucketname".to_owned(), bucket.to_owned());
        values.insert("objectname".to_owned(), key.to_owned());
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Replaces every `${Name}`; `None` if one has no value or the result is no ARN.
pub(super) fn fill(format: &str, values: &BTreeMap<String, String>) -> Option<String> {
    let mut out = String::new();
    let mut rest = format;
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        let (name, remainder) = after.split_once('}')?;
        let value = values.get(&name.to_ascii_lowercase())?;
        // A parameter may hold the type word or an ARN already; neither belongs inside an ARN.
        if value.starts_with("arn:") {
            return None;
        }
        out.push_str(value);
        rest = remainder;
    }
    out.push_str(rest);
    Arn::parse(&out).ok().map(|arn| arn.to_string())
}
