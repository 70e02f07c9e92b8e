//! Corners that chance alone seldom reaches: rules about single operations, and ways of writing that few policies use.
//!
//! A corner changes a finished line, with draws that come after all others: the other lines stay what they were.

use serde_json::{Map, Value, json};

use super::policies::{Kind, policy};
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
    let line = replace_service(dice, scene, line);
    let mut line = replace_operation(dice, &mut scene.target, line);
    match scene.target.service() {
        "kms" => name_retiring_principal(dice, scene, &mut line),
        "s3" | "sqs" if scene.caller.kind == "Account" => lock_everybody_out(dice, scene, &mut line),
        "iam" => let_a_trust_policy_speak(dice, scene, &mut line),
        "ecr" => leave_out_resources(dice, &mut line),
        "execute-api" => leave_out_beginnings(dice, &mut line),
        "elasticfilesystem" => leave_out_policy(dice, &mut line),
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

/// Corners of whole lines. Not for the laws: they hide a caller's partition, and take a context for complete.
pub fn leave_the_middle(dice: &mut Dice, scene: &Scene, line: Value) -> Value {
    match dice.below(100) {
        0..2 => call_from_other_partition(scene, line),
        2 => move_to_other_partition(line),
        3..6 => ask_for_what_is_never_carried(dice, line),
        _ => line,
    }
}

/// Lets some statements ask for the first or the last service of the chain. Not for the laws that replace a single key of
/// the context: these two follow from `aws:CalledVia`.
pub fn ask_for_ends_of_chain(dice: &mut Dice, scene: &Scene, mut line: Value) -> Value {
    statements(&mut line, &mut |statement| {
        if dice.chance(3) && !is_full_access(statement) {
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
    (
        "dynamodb:GetItem",
        &["dynamodb:CreateBackup", "dynamodb:PutResourcePolicy", "dynamodb:DescribeTimeToLive"],
    ),
    ("secretsmanager:GetSecretValue", &["secretsmanager:CreateSecret"]),
    ("iam:CreateUser", &["iam:ChangePassword"]),
];

/// Services that stand in for another: texts of that one, and what they become.
type StandIn = &'static [(&'static str, &'static str)];

const STAND_INS: &[StandIn] = &[
    &[
        ("lambda:", "ecr:"),
        ("InvokeFunction", "BatchGetImage"),
        ("GetFunction", "GetDownloadUrlForLayer"),
        ("function:f:live", "repository/app"),
        ("function:f", "repository/app"),
    ],
    &[
        ("lambda:", "execute-api:"),
        ("InvokeFunction", "Invoke"),
        ("GetFunction", "Invoke"),
        ("function:f:live", API),
        ("function:f", API),
    ],
    &[
        ("lambda:", "elasticfilesystem:"),
        ("InvokeFunction", "ClientMount"),
        ("GetFunction", "ClientWrite"),
        ("function:f:live", "file-system/fs-0123456789abcdef0"),
        ("function:f", "file-system/fs-0123456789abcdef0"),
    ],
];

/// A method of an API, as its ARN ends.
const API: &str = "a1b2c3d4e5/prod/GET/pets";

/// Replaces a service wherever the line names it, so that its policies still meet it.
fn replace_service(dice: &mut Dice, scene: &mut Scene, line: Value) -> Value {
    if scene.target.service() != "lambda" || dice.chance(10) {
        return line;
    }
    let stand_in = *dice.pick(STAND_INS);
    let mut text = line.to_string();
    for (old, new) in stand_in {
        text = text.replace(old, new).replace(&old.to_uppercase(), &new.to_uppercase());
        scene.target.action = scene.target.action.replace(old, new);
        scene.target.resource = scene.target.resource.replace(old, new);
    }
    serde_json::from_str(&text).unwrap_or(line)
}

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

/// IAM's operations: on the trust policy that a role has anyway, and on the caller's own password.
fn let_a_trust_policy_speak(dice: &mut Dice, scene: &mut Scene, line: &mut Value) {
    if scene.target.resource.contains(":role/") && dice.chance(60) {
        line["resource_policy"] = policy(dice, Kind::Trust, scene);
    }
    if scene.target.action == "iam:ChangePassword" && scene.caller.kind == "User" {
        let own = scene.caller.principal.as_str().unwrap_or_default().to_owned();
        line["resource"] = json!(own);
        if let Some(members) = line.as_object_mut() {
            members.remove("resource_account");
        }
        scene.target.owner = scene.caller.account.unwrap_or_default().to_owned();
        scene.target.resource = own;
    }
}

/// The policy of a repository is about the repository.
fn leave_out_resources(dice: &mut Dice, line: &mut Value) {
    statements_of(line, "resource_policy", &mut |statement| {
        if dice.chance(70) {
            statement.remove("Resource");
            statement.remove("NotResource");
        }
    });
}

/// The policy of an API is about the API.
fn leave_out_beginnings(dice: &mut Dice, line: &mut Value) {
    let paths = ["prod/GET/pets", "prod/GET/*", "*", "*/GET/p?ts", "prod/POST/*", "test/*"];
    statements_of(line, "resource_policy", &mut |statement| {
        for name in ["Resource", "NotResource"] {
            if statement.contains_key(name) && dice.chance(60) {
                statement.insert(name.to_owned(), json!(format!("execute-api:/{}", dice.pick(&paths))));
            }
        }
    });
}

fn leave_out_policy(dice: &mut Dice, line: &mut Value) {
    if let Some(members) = line.as_object_mut().filter(|_| dice.chance(50)) {
        members.remove("resource_policy");
    }
}

/// The caller lives in another partition than the resource, under the same names; no account lives in two.
fn call_from_other_partition(scene: &Scene, line: Value) -> Value {
    if scene.caller.account.is_none_or(|account| account == scene.target.owner) {
        return line;
    }
    let mut text = line.to_string();
    let names = scene.caller.names.iter().map(|(_, name)| name.as_str());
    for name in names.chain(scene.caller.principal.as_str()).filter(|name| name.starts_with("arn:aws:")) {
        let moved = name.replacen("arn:aws:", "arn:aws-us-gov:", 1);
        text = text.replace(&format!("\"{name}\""), &format!("\"{moved}\""));
    }
    serde_json::from_str(&text).unwrap_or(line)
}

/// Everything happens in another partition.
fn move_to_other_partition(line: Value) -> Value {
    let text = line.to_string().replace("arn:aws:", "arn:aws-us-gov:").replace("eu-west-1", "us-gov-west-1");
    serde_json::from_str(&text).unwrap_or(line)
}

/// Keys that some kinds of callers never carry.
const SELDOM_CARRIED: &[&str] = &[
    "aws:SourceArn",
    "aws:SourceAccount",
    "aws:SourceIdentity",
    "aws:FederatedProvider",
    "aws:Ec2InstanceSourceVpc",
    "lambda:SourceFunctionArn",
    "aws:MultiFactorAuthPresent",
    "aws:MultiFactorAuthAge",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:PrincipalServiceName",
    "aws:PrincipalTag/team",
    "aws:TokenIssueTime",
    "aws:CalledViaFirst",
    "aws:username",
];

/// A context that is not complete, and policies that ask for nothing else than keys which may be missing for sure.
fn ask_for_what_is_never_carried(dice: &mut Dice, mut line: Value) -> Value {
    let asked: Vec<&&str> = (0..3).map(|_| dice.pick(SELDOM_CARRIED)).collect();
    line["context_complete"] = json!(false);
    if let Some(context) = line["context"].as_object_mut() {
        context.retain(|name, _| !SELDOM_CARRIED.iter().any(|key| key.eq_ignore_ascii_case(name)));
    }
    statements(&mut line, &mut |statement| {
        statement.remove("Condition");
        if is_full_access(statement) {
            return;
        }
        if dice.chance(50) {
            let operator = *dice.pick(&[
                "StringEquals",
                "StringNotEquals",
                "StringLikeIfExists",
                "StringNotLike",
                "ForAllValues:StringEquals",
            ]);
            statement.insert("Condition".to_owned(), json!({ operator: { **dice.pick(&asked): "x" } }));
        } else if dice.chance(20) {
            let absent = dice.chance(50).to_string();
            statement.insert("Condition".to_owned(), json!({ "Null": { **dice.pick(&asked): absent } }));
        }
    });
    line
}

fn name_every_bucket(dice: &mut Dice, line: &mut Value) {
    statements(line, &mut |statement| {
        for name in ["Resource", "NotResource"] {
            if statement.contains_key(name) && !is_full_access(statement) && dice.chance(50) {
                statement.insert(name.to_owned(), json!("arn:aws:s3:::*"));
            }
        }
    });
}

/// RCPFullAWSAccess is on every level of an organization and cannot be changed.
fn is_full_access(statement: &Map<String, Value>) -> bool {
    let is = |name: &str, text: &str| statement.get(name) == Some(&json!(text));
    is("Effect", "Allow") && is("Principal", "*") && is("Action", "*")
}

/// The policy of the resource denies its owner's root user, too.
fn lock_everybody_out(dice: &mut Dice, scene: &Scene, line: &mut Value) {
    statements_of(line, "resource_policy", &mut |statement| {
        if dice.chance(40) {
            let deny = json!({
                "Effect": "Deny",
                "Principal": "*",
                "Action": format!("{}:*", scene.target.service()),
                "Resource": "*",
            });
            if let Value::Object(deny) = deny {
                *statement = deny;
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
        statements_of(line, layer, change);
    }
}

fn statements_of(line: &mut Value, layer: &str, change: &mut dyn FnMut(&mut Map<String, Value>)) {
    if let Some(value) = line.get_mut(layer) {
        within(value, change);
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
