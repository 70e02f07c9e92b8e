//! Corners that chance alone seldom reaches: rules about single operations, and ways of writing that few policies use.
//!
//! A corner changes a finished line, with draws that come after all others: the other lines stay what they were.

use serde_json::{Map, Value, json};

use super::world::Target;
use super::{Dice, Scene};

const LAYERS: &[&str] = &[
    "identity_policies",
    "permissions_boundary",
    "session_policies",
    "resource_policy",
    "vpc_endpoint_policy",
    "service_control_policies",
    "resource_control_policies",
];

pub fn turn_into_corner(dice: &mut Dice, scene: &mut Scene, line: Value) -> Value {
    if !dice.chance(20) {
        return line;
    }
    let mut line = replace_operation(dice, &mut scene.target, line);
    match scene.target.service() {
        "kms" => name_retiring_principal(dice, scene, &mut line),
        "s3" if scene.target.resource == "*" => name_every_bucket(dice, &mut line),
        "s3" if scene.caller.kind == "Anonymous" => call_from_cloudfront(dice, scene, &mut line),
        _ => {}
    }
    statements(&mut line, &mut |statement| {
        if dice.chance(25) {
            shorten_resource(dice, statement);
        }
        if dice.chance(4) {
            put_wildcard_into_principal(dice, statement);
        }
    });
    line
}

/// Lets some statements ask for the first or the last service of the chain. Not for the laws that replace a single key of
/// the context: these two follow from `aws:CalledVia`.
pub fn ask_for_ends_of_chain(dice: &mut Dice, scene: &Scene, mut line: Value) -> Value {
    statements(&mut line, &mut |statement| {
        if dice.chance(3) {
            ask_for_end_of_chain(dice, &scene.context, statement);
        }
    });
    line
}

/// Operations of the same service and resource with a rule of their own.
const OPERATIONS: &[(&str, &[&str])] = &[
    ("sqs:SendMessage", &["sqs:DeleteQueue", "sqs:SetQueueAttributes", "sqs:TagQueue"]),
    ("s3:ListBucket", &["s3:DeleteBucketPolicy", "s3:GetBucketPolicy"]),
    (
        "ec2:StartInstances",
        &["ec2:CreateVpcEndpoint", "ec2:AcceptVpcPeeringConnection", "ebs:GetSnapshotBlock"],
    ),
    ("kms:DescribeKey", &["kms:RetireGrant"]),
];

/// Replaces the operation wherever the line names it, so that its policies still meet it.
fn replace_operation(dice: &mut Dice, target: &mut Target, line: Value) -> Value {
    let Some((old, new)) = OPERATIONS.iter().find(|(old, _)| *old == target.action) else { return line };
    if dice.chance(30) {
        return line;
    }
    let new = *dice.pick(new);
    new.clone_into(&mut target.action);
    let text = line.to_string().replace(old, new).replace(&old.to_uppercase(), &new.to_uppercase());
    serde_json::from_str(&text).unwrap_or(line)
}

fn name_retiring_principal(dice: &mut Dice, scene: &Scene, line: &mut Value) {
    let names: Vec<&String> =
        scene.caller.names.iter().map(|(_, name)| name).filter(|name| name.starts_with("arn:")).collect();
    let Some(Value::Array(grants)) = line.get_mut("kms_grants") else { return };
    for grant in grants {
        if !names.is_empty() && dice.chance(60) {
            grant["RetiringPrincipal"] = json!(dice.pick(&names));
        }
    }
}

fn name_every_bucket(dice: &mut Dice, line: &mut Value) {
    statements(line, &mut |statement| {
        for name in ["Resource", "NotResource"] {
            if statement.contains_key(name) && dice.chance(50) {
                statement.insert(name.to_owned(), json!("arn:aws:s3:::*"));
            }
        }
    });
}

fn call_from_cloudfront(dice: &mut Dice, scene: &mut Scene, line: &mut Value) {
    let identity = "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1A2B3C4D5E6F7";
    scene.caller.principal = json!(identity);
    scene.caller.names.push(("AWS", identity.to_owned()));
    line["principal"] = json!(identity);
    statements(line, &mut |statement| {
        if statement.contains_key("Principal") && dice.chance(60) {
            statement.insert("Principal".to_owned(), json!({ "AWS": identity }));
        }
    });
}

/// Leaves three to five parts of an ARN.
fn shorten_resource(dice: &mut Dice, statement: &mut Map<String, Value>) {
    for name in ["Resource", "NotResource"] {
        if let Some(Value::String(pattern)) = statement.get_mut(name)
            && pattern.split(':').count() > 5
        {
            let parts: Vec<&str> = pattern.split(':').take(dice.between(3, 5)).collect();
            *pattern = parts.join(":");
        }
    }
}

fn ask_for_end_of_chain(dice: &mut Dice, context: &Map<String, Value>, statement: &mut Map<String, Value>) {
    let chain = context.iter().find(|(name, _)| name.eq_ignore_ascii_case("aws:CalledVia"));
    let Some((_, Value::Array(services))) = chain else { return };
    if services.is_empty() {
        return;
    }
    let key = *dice.pick(&["aws:CalledViaFirst", "aws:CalledViaLast"]);
    let service = dice.pick(services);
    statement.insert("Condition".to_owned(), json!({ "StringEquals": { key: service } }));
}

fn put_wildcard_into_principal(dice: &mut Dice, statement: &mut Map<String, Value>) {
    let entry = match dice.below(5) {
        0 => json!({ "Service": "*" }),
        1 => json!({ "Service": "*.amazonaws.com" }),
        2 => json!({ "AWS": "arn:aws:iam::1111*:root" }),
        3 => json!({ "AWS": "1111*" }),
        _ => json!({ "AWS": "arn:aws:iam::111111111111:role/*" }),
    };
    // An RCP has no principal but everyone.
    if statement.get("Principal").is_some_and(Value::is_object) {
        statement.insert("Principal".to_owned(), entry);
    }
}

/// Every statement of the line's policies.
fn statements(line: &mut Value, change: &mut dyn FnMut(&mut Map<String, Value>)) {
    for layer in LAYERS {
        if let Some(value) = line.get_mut(*layer) {
            within(value, change);
        }
    }
}

fn within(value: &mut Value, change: &mut dyn FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| within(item, change)),
        Value::Object(map) if map.contains_key("Effect") => change(map),
        Value::Object(map) => map.values_mut().for_each(|item| within(item, change)),
        _ => {}
    }
}
