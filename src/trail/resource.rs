//! The resource of a denied request: from the message, the event's resources, or the request parameters.

use std::collections::BTreeMap;

use serde_json::Value;

use super::event::Event;
use crate::arn::Arn;
use crate::ids::AccountId;
use crate::knowledge::actions::ResourceRole;
use crate::knowledge::service_reference::{self, ActionFacts};
use crate::request::Action;

/// Where a resource was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResourceGuess {
    /// AWS's message names it.
    Message(String, Option<AccountId>),
    /// The event lists it.
    Listed(String, Option<AccountId>),
    /// It was built from the request parameters.
    Built(String, Option<AccountId>),
    /// A name of an IAM resource, as an ARN without the path, which the event does not show.
    Named(String, Option<AccountId>),
    /// The event does not show it, and something else does.
    Inferred(String, Option<AccountId>),
    /// The action is authorized on no particular resource.
    NotUsed,
    /// The event does not show it.
    NotShown,
}

impl ResourceGuess {
    /// The resource as an ARN or `*`.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Message(text, _)
            | Self::Listed(text, _)
            | Self::Built(text, _)
            | Self::Named(text, _)
            | Self::Inferred(text, _) => Some(text),
            Self::NotUsed => Some("*"),
            Self::NotShown => None,
        }
    }

    /// The owner, where the event tells.
    pub fn owner(&self) -> Option<AccountId> {
        match self {
            Self::Message(_, owner)
            | Self::Listed(_, owner)
            | Self::Built(_, owner)
            | Self::Named(_, owner)
            | Self::Inferred(_, owner) => *owner,
            Self::NotUsed | Self::NotShown => None,
        }
    }
}

/// The resource that an action of an event is checked against. `in_message` is what AWS's message says after
/// `on resource:`.
pub fn resource_of(
    event: &Event,
    action: &Action,
    role: ResourceRole,
    in_message: Option<&str>,
) -> ResourceGuess {
    if let Some(guess) = in_message.and_then(|text| from_message(event, action, text)) {
        return guess;
    }
    let types = service_reference::has_resource_types(action.service(), action.name());
    if types == Some(false) {
        return ResourceGuess::NotUsed;
    }
    listed(event, action, role).or_else(|| built(event, action, role)).unwrap_or(ResourceGuess::NotShown)
}

/// Every resource that an action on several resources is checked on, where the message names none: what cannot be
/// told stands once as not shown.
///
/// Source: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/iam-policies-ec2-console.html>
pub fn resources_of_several(event: &Event, action: &Action) -> Vec<ResourceGuess> {
    let facts = service_reference::action(action.service(), action.name());
    let (Some(facts), Some(parameters)) = (facts, event.request_parameters.as_ref()) else {
        return Vec::new();
    };
    let required: Vec<_> = facts.resource_types.iter().filter(|kind| kind.required).collect();
    if action.service() != "ec2" || required.len() < 2 {
        return Vec::new();
    }
    let mut values = placeholders(event, action, parameters, ResourceRole::Subject);
    nested(parameters, MAX_DEPTH, &mut values);
    let types = service_reference::resource_types(action.service());
    let guess = |wanted: &str| {
        let kind = types.iter().find(|kind| kind.name == wanted)?;
        let mut values = values.clone();
        if let Some((_, placeholder)) = CREATED.iter().find(|(name, _)| *name == wanted) {
            values.entry((*placeholder).to_owned()).or_insert_with(|| "*".to_owned());
        }
        let arn = fill(kind.arn_format, &values)?;
        let owner = event_account(event).filter(|_| wanted != "image");
        Some(ResourceGuess::Built(arn, owner))
    };
    let mut guesses: Vec<ResourceGuess> =
        required.iter().map(|kind| guess(kind.name).unwrap_or(ResourceGuess::NotShown)).collect();
    let before = guesses.len();
    guesses.retain(|guess| *guess != ResourceGuess::NotShown);
    if guesses.len() < before {
        guesses.push(ResourceGuess::NotShown);
    }
    guesses
}

/// Resources that a call creates have no id yet: they are checked as `*`.
const CREATED: &[(&str, &str)] =
    &[("instance", "instanceid"), ("volume", "volumeid"), ("network-interface", "networkinterfaceid")];

/// Request parameters are looked through to this depth.
const MAX_DEPTH: usize = 6;

/// Ids inside of lists, where the call names one only.
fn nested(parameters: &Value, depth: usize, values: &mut BTreeMap<String, String>) {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    collect(parameters, depth, &mut found);
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

fn from_message(event: &Event, action: &Action, text: &str) -> Option<ResourceGuess> {
    if text == "*" {
        return Some(ResourceGuess::NotUsed);
    }
    if Arn::parse(text).is_ok() {
        return Some(ResourceGuess::Message(text.to_owned(), owner_listed(event, text)));
    }
    let account = event_account(event)?;
    // IAM names its resources as `role NAME`, `policy ARN`, `instance profile NAME`.
    let (kind, name) = text.rsplit_once(' ')?;
    if Arn::parse(name).is_ok() {
        return Some(ResourceGuess::Message(name.to_owned(), owner_listed(event, name)));
    }
    let resource_type = match kind {
        "user" | "role" | "group" | "policy" => kind,
        "instance profile" => "instance-profile",
        _ => return None,
    };
    (action.service() == "iam").then(|| {
        let arn = format!("arn:{}:iam::{account}:{resource_type}/{name}", partition(event));
        ResourceGuess::Named(arn, Some(account))
    })
}

/// The entry of `resources` that the action can be checked against.
fn listed(event: &Event, action: &Action, role: ResourceRole) -> Option<ResourceGuess> {
    if role != ResourceRole::Subject {
        return None;
    }
    let wanted = service_reference::action(action.service(), action.name())?;
    event.resources.iter().find_map(|entry| {
        let arn = entry.arn.as_deref().filter(|arn| Arn::parse(arn).is_ok())?;
        is_resource_of(wanted, action.service(), arn)
            .then(|| ResourceGuess::Listed(arn.to_owned(), entry_owner(entry.account_id.as_deref())))
    })
}

/// Whether an ARN names a resource of a type that the action is checked on. An Application Load Balancer is of the type
/// `loadbalancer/app/`, and actions are on a `loadbalancer`.
///
/// Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html>
fn is_resource_of(action: &ActionFacts, service: &str, arn: &str) -> bool {
    let kinds = service_reference::resource_types_of(service, arn);
    let is_of = |kind: &str, wanted: &str| {
        kind.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    kinds.iter().any(|kind| action.resource_types.iter().any(|wanted| is_of(kind.name, wanted.name)))
}

fn entry_owner(text: Option<&str>) -> Option<AccountId> {
    text.and_then(AccountId::parse)
}

fn owner_listed(event: &Event, arn: &str) -> Option<AccountId> {
    let entry = event.resources.iter().find(|entry| {
        entry.arn.as_deref().is_some_and(|listed| listed == arn || arn.starts_with(&format!("{listed}/")))
    });
    entry.and_then(|entry| entry_owner(entry.account_id.as_deref()))
}

fn event_account(event: &Event) -> Option<AccountId> {
    event.recipient_account().or_else(|| event.user_identity.account_id.as_deref().and_then(AccountId::parse))
}

fn partition(event: &Event) -> String {
    let arn = event.user_identity.arn.as_deref().and_then(|arn| Arn::parse(arn).ok());
    arn.map_or_else(|| "aws".to_owned(), |arn| arn.partition().to_owned())
}

/// Fills the ARN format of the action's resource type from the request parameters, where that is no guess.
fn built(event: &Event, action: &Action, role: ResourceRole) -> Option<ResourceGuess> {
    let parameters = event.request_parameters.as_ref()?;
    if let Some(arn) = given_arn(parameters, action, role) {
        let owner = owner_listed(event, &arn);
        return Some(ResourceGuess::Built(arn, owner));
    }
    let facts = service_reference::action(action.service(), action.name())?;
    let mut required = facts.resource_types.iter().filter(|kind| kind.required);
    if required.next().is_some() && required.next().is_some() {
        // The action is checked on several resources; which of them was denied, the event does not show.
        return None;
    }
    let values = placeholders(event, action, parameters, role);
    let types = service_reference::resource_types(action.service());
    let arn = facts.resource_types.iter().find_map(|wanted| {
        let sure = SURE_TYPES.contains(&(action.service(), wanted.name));
        let kind = types.iter().find(|kind| sure && kind.name == wanted.name)?;
        fill(kind.arn_format, &values)
    })?;
    let owner = owner_listed(event, &arn);
    if action.service() == "iam" {
        return Some(ResourceGuess::Named(arn, owner));
    }
    Some(ResourceGuess::Built(arn, owner))
}

/// Resource types whose ARN follows from the request parameters without doubt; of IAM's, all but the path.
const SURE_TYPES: &[(&str, &str)] = &[
    ("s3", "object"),
    ("s3", "bucket"),
    ("sqs", "queue"),
    ("dynamodb", "table"),
    ("lambda", "function"),
    ("glue", "job"),
    ("kms", "key"),
    ("athena", "workgroup"),
    ("ecr", "repository"),
    ("ecs", "task-definition"),
    ("iam", "user"),
    ("iam", "role"),
    ("iam", "group"),
    ("iam", "instance-profile"),
];

/// A parameter that is itself an ARN of a resource of the action.
fn given_arn(parameters: &Value, action: &Action, role: ResourceRole) -> Option<String> {
    let wanted = service_reference::action(action.service(), action.name())?;
    let object = parameters.as_object()?;
    // A request that names two resources, such as ReEncrypt, does not tell here which of them is meant.
    if matches!(role, ResourceRole::Source | ResourceRole::Destination) {
        return None;
    }
    let passes_role = role == ResourceRole::PassedRole;
    object.values().filter_map(Value::as_str).find_map(|text| {
        Arn::parse(text).ok()?;
        let fits = is_resource_of(wanted, action.service(), text);
        (fits || (passes_role && text.contains(":role/"))).then(|| text.to_owned())
    })
}

/// Values for the placeholders of ARN formats, by placeholder in lower case.
fn placeholders(
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
    for (placeholder, names) in ALIASES {
        let found = names.iter().find_map(|name| values.get(*name).cloned());
        if let Some(found) = found {
            values.entry((*placeholder).to_owned()).or_insert(found);
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

/// Placeholders whose request parameter has another name.
///
/// Source: the resource types of the Service Authorization Reference beside the API references' parameter names,
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>
const ALIASES: &[(&str, &[&str])] = &[
    ("bucketname", &["bucketname", "bucket"]),
    ("objectname", &["key"]),
    ("usernamewithpath", &["username"]),
    ("rolenamewithpath", &["rolename"]),
    ("groupnamewithpath", &["groupname"]),
    ("policynamewithpath", &["policyname"]),
    ("instanceprofilenamewithpath", &["instanceprofilename"]),
    ("keyid", &["keyid"]),
    ("functionname", &["functionname"]),
    ("tablename", &["tablename"]),
    ("queuename", &["queuename"]),
    ("topicname", &["name"]),
    ("jobname", &["jobname", "name"]),
    ("workgroupname", &["workgroup"]),
    ("instanceid", &["instanceid"]),
    ("loggroupname", &["loggroupname"]),
    ("clustername", &["cluster", "name", "clustername"]),
    ("repositoryname", &["repositoryname"]),
    ("stackname", &["stackname"]),
    ("databasename", &["databasename"]),
];

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Replaces every `${Name}`; `None` if one has no value or the result is no ARN.
fn fill(format: &str, values: &BTreeMap<String, String>) -> Option<String> {
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
