//! What can only restrict never allows what was not allowed.

use serde_json::{Value, json};
use why_denied::evaluate::{Decision, Verdict};

use crate::generator::{Dice, Kind, Scene, deny_everything, policy, statement};
use crate::{Law, documents, possible, statements, verdict};

const LAYERS: &[(&str, Kind)] = &[
    ("identity_policies", Kind::Identity),
    ("permissions_boundary", Kind::Boundary),
    ("session_policies", Kind::Session),
    ("resource_policy", Kind::Resource),
    ("vpc_endpoint_policy", Kind::Endpoint),
    ("service_control_policies", Kind::Scp),
    ("resource_control_policies", Kind::Rcp),
];

fn kind_of(layer: &str, scene: &Scene) -> Kind {
    let kind = LAYERS.iter().find(|(name, _)| *name == layer).map_or(Kind::Identity, |(_, kind)| *kind);
    if kind == Kind::Resource && scene.target.is_trust { Kind::Trust } else { kind }
}

/// Complains if a request that cannot be allowed can be after the change.
fn widened(before: &Value, after: &Value) -> Option<String> {
    let (before, after) = (verdict(before)?, verdict(after)?);
    let allowed = |verdict: &Verdict| possible(verdict).contains(&Decision::Allowed);
    (allowed(&after) && !allowed(&before)).then(|| format!("{before:?} became {after:?}"))
}

#[test]
fn one_more_deny_statement_never_widens() {
    Law { name: "one more Deny", number: 4, draw: a_deny, check: deny_added }.hold();
}

fn a_deny(dice: &mut Dice, scene: &Scene, line: &Value) -> Value {
    let present: Vec<&str> =
        LAYERS.iter().map(|(name, _)| *name).filter(|name| line.get(name).is_some()).collect();
    if present.is_empty() {
        return Value::Null;
    }
    let layer = *dice.pick(&present);
    let mut deny = statement(dice, kind_of(layer, scene), scene, true);
    deny["Effect"] = json!("Deny");
    json!({ "layer": layer, "statement": deny })
}

fn deny_added(line: &Value, drawn: &Value) -> Option<String> {
    widened(line, &with_statement(line, drawn))
}

/// Adds the statement to the first policy of the layer.
fn with_statement(line: &Value, drawn: &Value) -> Value {
    let mut after = line.clone();
    let mut done = false;
    documents(&mut after, &mut |layer, document| {
        if !done && drawn["layer"] == layer {
            done = true;
            if let Some(statements) = statements(document) {
                statements.push(drawn["statement"].clone());
            }
        }
    });
    after
}

#[test]
fn a_deny_of_everything_denies() {
    Law { name: "Deny everything", number: 5, draw: a_deny_of_everything, check: everything_denied }.hold();
}

fn a_deny_of_everything(dice: &mut Dice, scene: &Scene, line: &Value) -> Value {
    let sure = [
        "identity_policies",
        "permissions_boundary",
        "session_policies",
        "resource_policy",
        "vpc_endpoint_policy",
    ];
    let present: Vec<&&str> = sure.iter().filter(|name| line.get(**name).is_some()).collect();
    if present.is_empty() {
        return Value::Null;
    }
    let layer = **dice.pick(&present);
    json!({ "layer": layer, "statement": deny_everything(kind_of(layer, scene)) })
}

fn everything_denied(line: &Value, drawn: &Value) -> Option<String> {
    // https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html: no policy can deny these.
    let action = line["action"].as_str()?.to_ascii_lowercase();
    let trust = action.starts_with("sts:") && line["resource"].as_str()?.contains(":role/");
    let kind = LAYERS.iter().find(|(name, _)| drawn["layer"] == *name)?.1;
    let kind = if kind == Kind::Resource && trust { Kind::Trust } else { kind };
    let after = with_statement(line, drawn);
    let permissionless = action == "sts:getcalleridentity" || action == "sts:getsessiontoken";
    // Key policies play no part in retiring a grant, trust policies none in the operations of IAM, and the root user
    // can replace a bucket policy that denies everybody.
    let keeps_policy = line["principal"].as_str()?.ends_with(":root")
        && ["bucketpolicy", "setqueueattributes", "removepermission"].iter().any(|end| action.ends_with(end));
    let without_part = action == "kms:retiregrant" || action.starts_with("iam:") || keeps_policy;
    if permissionless
        || (without_part && drawn["layer"] == "resource_policy")
        || after == *line
        || drawn["statement"] != deny_everything(kind)
    {
        return None;
    }
    let after = verdict(&after)?;
    (after.decision() != Some(Decision::ExplicitDeny)).then(|| format!("{after:?}"))
}

#[test]
fn one_more_limit_never_widens() {
    Law { name: "one more limit", number: 6, draw: a_limit, check: limit_added }.hold();
}

/// A boundary or endpoint policy where there is none, the first session policy, or one more level.
fn a_limit(dice: &mut Dice, scene: &Scene, line: &Value) -> Value {
    let limits = [
        "permissions_boundary",
        "vpc_endpoint_policy",
        "session_policies",
        "service_control_policies",
        "resource_control_policies",
    ];
    let layer = *dice.pick(&limits);
    let new = policy(dice, kind_of(layer, scene), scene);
    let level = json!({ "target": "ou-new", "policies": [new] });
    let value = match (layer, line.get(layer)) {
        ("permissions_boundary" | "vpc_endpoint_policy", None) => new,
        // A federated user has rights only through session policies, so that its first one widens.
        ("session_policies", None) if scene.caller.kind != "FederatedUser" => json!([new]),
        ("service_control_policies" | "resource_control_policies", None) => json!([level]),
        ("service_control_policies" | "resource_control_policies", Some(Value::Array(levels))) => {
            levels.iter().cloned().chain([level]).collect()
        }
        _ => return Value::Null,
    };
    json!({ "layer": layer, "value": value })
}

fn limit_added(line: &Value, drawn: &Value) -> Option<String> {
    let layer = drawn["layer"].as_str()?;
    let mut after = line.clone();
    let first = matches!(layer, "permissions_boundary" | "vpc_endpoint_policy" | "session_policies");
    if first && line.get(layer).is_some()
        || line["principal"].as_str().unwrap_or_default().contains("federated-user")
            && layer == "session_policies"
    {
        return None;
    }
    after.as_object_mut()?.insert(layer.to_owned(), drawn["value"].clone());
    let levels = |line: &Value| line.get(layer).and_then(Value::as_array).map_or(0, Vec::len);
    if !first && levels(&after) != levels(line) + 1 {
        return None;
    }
    widened(line, &after)
}

#[test]
fn one_allow_statement_less_never_widens() {
    Law { name: "one Allow less", number: 7, draw: a_number, check: allow_removed }.hold();
}

fn a_number(dice: &mut Dice, _: &Scene, _: &Value) -> Value {
    json!(dice.below(6))
}

fn allow_removed(line: &Value, drawn: &Value) -> Option<String> {
    let mut left = drawn.as_u64()?;
    let mut after = line.clone();
    // Without a public statement a bucket policy is no longer public, which lifts Block Public Access.
    after.as_object_mut()?.remove("s3");
    let before = after.clone();
    documents(&mut after, &mut |_, document| {
        let Some(statements) = statements(document) else { return };
        statements.retain(|statement| {
            let hit = statement["Effect"] == "Allow" && left == 0;
            left = left.wrapping_sub(u64::from(statement["Effect"] == "Allow"));
            !hit
        });
    });
    if let Some(grants) = after.get_mut("kms_grants").and_then(Value::as_array_mut) {
        grants.pop();
    }
    widened(&before, &after)
}
