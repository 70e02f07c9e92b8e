//! Changes of tags of resources, on which attribute-based access control decides.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/introduction_attribute-based-access-control.html>

use std::collections::BTreeMap;

use serde_json::Value;

use super::Change;
use super::ChangeKind as K;
use super::ChangeTarget as T;
use super::parameters::{Parameters, tags};
use crate::trail::event::texts;

pub(super) fn read(service: &str, name: &str, call: Parameters<'_>) -> Option<Change> {
    let kind = match name.split("20").next().unwrap_or(name) {
        "TagResource" | "TagQueue" | "TagResources" => K::Tagged(set(call)),
        "UntagResource" | "UntagQueue" | "UntagResources" => K::Untagged(keys(call)),
        "CreateTags" if service == "ec2" => K::Tagged(items(call, "tagSet").iter().flat_map(tags).collect()),
        "DeleteTags" if service == "ec2" => {
            K::Untagged(items(call, "tagSet").iter().flat_map(tags).map(|(key, _)| key).collect())
        }
        _ => return None,
    };
    Change::new(target(service, call)?, kind)
}

/// Services differ in the name of the parameter.
fn target(service: &str, call: Parameters<'_>) -> Option<T> {
    if let Some(secret) = call.text("secretId").filter(|_| service == "secretsmanager") {
        return Some(T::Secret(secret));
    }
    if let Some(queue) = call.text("queueUrl").filter(|_| service == "sqs") {
        return Some(T::Queue(queue));
    }
    let names = ["resourceArn", "arn", "resource", "resourceIdentifier", "resourceId"];
    let one = names.iter().find_map(|name| call.named_text(name));
    // Several resources in one call are rare; the first stands for them, and the event has them all.
    let several = || call.named("resourceARNList").map(texts).and_then(|list| list.into_iter().next());
    let in_ec2 = || items(call, "resourcesSet").first()?.get("resourceId")?.as_str().map(str::to_owned);
    one.or_else(several).or_else(in_ec2).map(T::Resource)
}

fn set(call: Parameters<'_>) -> BTreeMap<String, String> {
    let given = call.named("tags").or_else(|| call.named("tagsToAdd"));
    given.map(tags).unwrap_or_default()
}

fn keys(call: Parameters<'_>) -> Vec<String> {
    let given = call.named("tagKeys").or_else(|| call.named("tagKeyList"));
    given.map(texts).unwrap_or_default()
}

/// EC2 puts lists into an object with `items`.
fn items<'a>(call: Parameters<'a>, name: &str) -> &'a [Value] {
    let list = call.value(name).and_then(|set| set.get("items")).and_then(Value::as_array);
    list.map_or(&[], Vec::as_slice)
}
