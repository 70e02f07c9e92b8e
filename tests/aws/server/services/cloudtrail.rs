//! CloudTrail: `LookupEvents` over the events of the bundle, and the trails of the scenario.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html>

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use super::super::call::Call;
use super::super::faults::throttled;
use super::super::reply::{Answer, Body, Refusal};
use super::super::world::{Event, World};

const PAGE: usize = 50;

/// When which account looked up events in which Region.
#[derive(Debug, Default)]
pub struct Limits(Mutex<BTreeMap<(String, String), Vec<Instant>>>);

impl Limits {
    fn allows(&self, call: &Call, per_second: usize) -> bool {
        let mut lookups = self.0.lock().unwrap();
        let recent = lookups.entry((call.account().to_owned(), call.region.clone())).or_default();
        recent.retain(|at| at.elapsed() < Duration::from_secs(1));
        let allowed = recent.len() < per_second;
        if allowed {
            recent.push(Instant::now());
        }
        allowed
    }
}

pub fn answer(world: &World, limits: &Limits, call: &Call) -> Answer {
    match call.operation.as_str() {
        "LookupEvents" => lookup(world, limits, call),
        "DescribeTrails" => Ok(Body::Json(json!({"trailList": world.trails}))),
        "StartQuery" | "DescribeQuery" | "GetQueryResults" | "CancelQuery" => {
            super::queries::lake(world, call)
        }
        "ListEventDataStores" => Ok(Body::Json(json!({"EventDataStores": []}))),
        _ => Err(super::unknown_operation(call)),
    }
}

fn lookup(world: &World, limits: &Limits, call: &Call) -> Answer {
    if world.lookups_per_second.is_some_and(|most| !limits.allows(call, most)) {
        return Err(throttled(call));
    }
    let size = call.number("MaxResults").unwrap_or(PAGE);
    if !(1..=PAGE).contains(&size) {
        return Err(invalid(
            "InvalidMaxResultsException",
            "A max results value of 51 is specified. It must be 1 to 50.",
        ));
    }
    let (from, to) = (seconds(call, "StartTime"), seconds(call, "EndTime"));
    if from.zip(to).is_some_and(|(from, to)| from > to) {
        return Err(invalid("InvalidTimeRangeException", "The start time is after the end time."));
    }
    let attribute = attribute(call)?;
    let found: Vec<&Event> = world
        .events
        .iter()
        .filter(|event| is_here(event, call) && is_between(event, from, to))
        .filter(|event| attribute.as_ref().is_none_or(|(key, value)| has(event, key, value)))
        .collect();
    let (page, next) = super::page(&found, call.text("NextToken"), size)
        .map_err(|()| invalid("InvalidNextTokenException", "The token is not valid."))?;
    let mut body = Map::new();
    body.insert("Events".to_owned(), page.into_iter().map(entry).collect());
    if let Some(next) = next {
        body.insert("NextToken".to_owned(), next.into());
    }
    Ok(Body::Json(body.into()))
}

fn invalid(code: &str, message: &str) -> Refusal {
    Refusal::new(400, code, message)
}

fn seconds(call: &Call, name: &str) -> Option<f64> {
    call.input.get(name).and_then(Value::as_f64)
}

/// The only attribute that a lookup may have.
fn attribute(call: &Call) -> Result<Option<(String, String)>, Refusal> {
    let attributes =
        call.input.get("LookupAttributes").and_then(Value::as_array).cloned().unwrap_or_default();
    if attributes.len() > 1 {
        return Err(invalid(
            "InvalidLookupAttributesException",
            "You can specify only one lookup attribute.",
        ));
    }
    let text = |entry: &Value, name: &str| entry[name].as_str().unwrap_or_default().to_owned();
    Ok(attributes.first().map(|entry| (text(entry, "AttributeKey"), text(entry, "AttributeValue"))))
}

/// Event history has the management events of one account and one Region.
fn is_here(event: &Event, call: &Call) -> bool {
    event.record["awsRegion"] == call.region.as_str()
        && event.record["recipientAccountId"] == call.account()
        && event.record["eventCategory"] != "Data"
}

#[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are exact in an f64")]
fn is_between(event: &Event, from: Option<f64>, to: Option<f64>) -> bool {
    let at = event.time.as_second() as f64;
    from.is_none_or(|from| at >= from) && to.is_none_or(|to| at <= to)
}

fn has(event: &Event, key: &str, value: &str) -> bool {
    let record = &event.record;
    match key {
        "EventId" => record["eventID"] == value,
        "EventName" => record["eventName"] == value,
        "EventSource" => record["eventSource"] == value,
        "ReadOnly" => record["readOnly"].as_bool() == value.parse().ok(),
        "AccessKeyId" => record["userIdentity"]["accessKeyId"] == value,
        "Username" => username(record) == value,
        "ResourceName" => resources(record).iter().any(|resource| resource["ResourceName"] == value),
        "ResourceType" => resources(record).iter().any(|resource| resource["ResourceType"] == value),
        _ => false,
    }
}

fn entry(event: &Event) -> Value {
    let record = &event.record;
    let mut entry = json!({
        "EventId": record["eventID"],
        "EventName": record["eventName"],
        "EventTime": event.time.as_second(),
        "EventSource": record["eventSource"],
        "Resources": resources(record),
        "CloudTrailEvent": event.text,
    });
    if record["readOnly"].is_boolean() {
        entry["ReadOnly"] = record["readOnly"].to_string().into();
    }
    if !record["userIdentity"]["accessKeyId"].is_null() {
        entry["AccessKeyId"] = record["userIdentity"]["accessKeyId"].clone();
    }
    let username = username(record);
    if !username.is_empty() {
        entry["Username"] = username.into();
    }
    entry
}

fn username(record: &Value) -> String {
    let identity = &record["userIdentity"];
    let session = || identity["principalId"].as_str()?.split_once(':').map(|(_, session)| session);
    match identity["type"].as_str() {
        Some("Root") => "root",
        Some("AssumedRole") => session().unwrap_or_default(),
        _ => identity["userName"].as_str().unwrap_or_default(),
    }
    .to_owned()
}

/// The resources of the event history: those of the record, and what CloudTrail finds in its parameters.
fn resources(record: &Value) -> Vec<Value> {
    let listed = record["resources"].as_array().cloned().unwrap_or_default();
    let mut found: Vec<Value> = listed.iter().map(|one| resource(&one["type"], &one["ARN"])).collect();
    for (kind, pointer) in PARAMETERS {
        if let Some(name) = record.pointer(pointer).filter(|name| name.is_string()) {
            found.push(resource(&(*kind).into(), name));
        }
    }
    found
}

fn resource(kind: &Value, name: &Value) -> Value {
    json!({"ResourceType": kind, "ResourceName": name})
}

/// Where the event history finds resources. A session is found by the key that it was given.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events-supported-resource-types.html>
const PARAMETERS: &[(&str, &str)] = &[
    ("AWS::IAM::AccessKey", "/responseElements/credentials/accessKeyId"),
    ("AWS::STS::AssumedRole", "/responseElements/assumedRoleUser/assumedRoleId"),
    ("AWS::STS::AssumedRole", "/responseElements/assumedRoleUser/arn"),
    ("AWS::IAM::Role", "/requestParameters/roleArn"),
    ("AWS::IAM::Role", "/requestParameters/roleName"),
    ("AWS::IAM::User", "/requestParameters/userName"),
    ("AWS::IAM::Group", "/requestParameters/groupName"),
    ("AWS::IAM::Policy", "/requestParameters/policyArn"),
    ("AWS::S3::Bucket", "/requestParameters/bucketName"),
];
