//! "Unknown" is sound: however the unknowns are filled, the verdict is among those that were possible.

use serde_json::{Map, Value, json};
use why_denied::evaluate::{Known, decide};
use why_denied::ids::AccountId;
use why_denied::request::{ContextValue, KeyState, Principal, Provenance};

use crate::generator::{Dice, KEYS, Kind, OTHER, OWN, Scene, key_value, policy};
use crate::{Law, a_seed, documents, excluded, nothing, read, statements, verdict};

/// How often the unknowns of one line are filled.
const FILLS: usize = 5;

#[test]
fn an_open_view_excludes_nothing() {
    Law { name: "unknown layers and keys", number: 8, draw: a_view, check: view_is_sound }.hold();
}

/// What is hidden, and values that may stand in its place.
fn a_view(dice: &mut Dice, scene: &Scene, line: &Value) -> Value {
    let mut hidden: Vec<&str> = Vec::new();
    for layer in HIDEABLE {
        if dice.chance(if line.get(*layer).is_some() { 35 } else { 8 }) {
            hidden.push(layer);
        }
    }
    let keys: Vec<&String> =
        scene.context.keys().filter(|key| *key != "aws:userid" && dice.chance(60)).collect();
    let open = dice.chance(75);
    let fills: Vec<Value> = (0..FILLS).map(|_| a_filling(dice, scene, &hidden, open)).collect();
    json!({ "open": open, "hidden": hidden, "keys": keys, "fills": fills })
}

/// Layers that can be given as unknown, and facts that need not be given at all.
const HIDEABLE: &[&str] = &[
    "identity_policies",
    "permissions_boundary",
    "session_policies",
    "resource_policy",
    "kms_grants",
    "vpc_endpoint_policy",
    "service_control_policies",
    "resource_control_policies",
    "organization",
    "s3",
    "resource_account",
    "role_arn",
    "user_arn",
];

fn a_filling(dice: &mut Dice, scene: &Scene, hidden: &[&str], open: bool) -> Value {
    let mut filling = Map::new();
    let trust = if scene.target.is_trust { Kind::Trust } else { Kind::Resource };
    for layer in hidden {
        let value = match *layer {
            "identity_policies" => json!([policy(dice, Kind::Identity, scene)]),
            "permissions_boundary" => policy(dice, Kind::Boundary, scene),
            "session_policies" => json!([policy(dice, Kind::Session, scene)]),
            "resource_policy" => policy(dice, trust, scene),
            "vpc_endpoint_policy" => policy(dice, Kind::Endpoint, scene),
            "service_control_policies" => {
                json!([{ "target": "r-1", "policies": [policy(dice, Kind::Scp, scene)] }])
            }
            "resource_control_policies" => {
                json!([{ "target": "r-1", "policies": [policy(dice, Kind::Rcp, scene)] }])
            }
            "organization" => json!({ "management_account": dice.pick(&[OWN, OTHER, "333333333333"]) }),
            "s3" => {
                json!({ "RestrictPublicBuckets": dice.chance(50), "BlockPublicAcls": dice.chance(50), "BlockPublicPolicy": dice.chance(50) })
            }
            "resource_account" => json!(dice.pick(&[OWN, OTHER])),
            "role_arn" => json!(dice.pick(&["team/", "", "aws-service-role/ecs.amazonaws.com/"])),
            "user_arn" => json!(dice.pick(&["alice", "team/bob"])),
            _ => {
                json!([{ "GranteePrincipal": scene.caller.names.first().map_or("arn:aws:iam::111111111111:role/app", |(_, name)| name), "Operations": ["Decrypt", "Encrypt"] }])
            }
        };
        let may_be_nothing = !matches!(*layer, "resource_account" | "role_arn" | "user_arn" | "s3");
        filling
            .insert((*layer).to_owned(), if may_be_nothing && dice.chance(20) { Value::Null } else { value });
    }
    let mut context = Map::new();
    for key in KEYS {
        if open && dice.chance(40) {
            context.insert(key.0.to_owned(), key_value(dice, key));
        }
    }
    json!({ "layers": filling, "context": context })
}

fn view_is_sound(line: &Value, drawn: &Value) -> Option<String> {
    let open = drawn["open"] == true;
    let hidden: Vec<&str> = drawn["hidden"].as_array()?.iter().filter_map(Value::as_str).collect();
    let mut view = line.clone();
    if open {
        view["context_complete"] = json!(false);
        for key in drawn["keys"].as_array()?.iter().filter_map(Value::as_str) {
            view["context"].as_object_mut()?.remove(key);
        }
        // A key that no request of such a caller carries is not unknown where it is not given.
        let seen = read(&view)?;
        let given = line["context"].as_object()?.keys();
        let mut hidden = given.filter(|key| view["context"].get(key.as_str()).is_none());
        if hidden.any(|key| seen.request.context.get(&key.to_ascii_lowercase()) == KeyState::Absent) {
            return None;
        }
    }
    for layer in &hidden {
        hide(&mut view, layer, open)?;
    }
    let seen = verdict(&view)?;
    let with_line = excluded(&verdict(line)?, &seen).map(|why| format!("the line itself: {why}"));
    with_line.or_else(|| {
        drawn["fills"].as_array()?.iter().find_map(|filling| {
            let filled = fill(&view, filling, &hidden)?;
            excluded(&verdict(&filled)?, &seen).map(|why| format!("{why}\nview: {view}\nfilled: {filled}"))
        })
    })
}

fn hide(view: &mut Value, layer: &str, open: bool) -> Option<()> {
    match layer {
        // Whoever gives SCPs or RCPs and is silent about the organization means that they apply.
        "organization" if !has_guardrails(view) => drop(view.as_object_mut()?.remove(layer)),
        "organization" => {}
        // Only the settings can be unknown; and only a bucket's owner is not in its ARN.
        "s3" => match view.get_mut("s3") {
            Some(facts) => facts["block_public_access"] = json!("unknown"),
            None => view["s3"] = json!({ "block_public_access": "unknown" }),
        },
        "resource_account" if view["resource"].as_str()?.starts_with("arn:aws:s3:::") => {
            view.as_object_mut()?.remove(layer);
        }
        "resource_account" => {}
        // In a context that is declared complete, a role without a path has none.
        "role_arn" if !open => {}
        "role_arn" | "user_arn" => {
            if let Some(facts) = view.get_mut("principal_facts").and_then(Value::as_object_mut) {
                facts.remove(layer);
            }
        }
        _ => view[layer] = json!("unknown"),
    }
    Some(())
}

fn has_guardrails(view: &Value) -> bool {
    let names = ["service_control_policies", "resource_control_policies"];
    names.iter().any(|name| view.get(name).is_some_and(|levels| !levels.is_null()))
}

/// The view with every unknown filled.
fn fill(view: &Value, filling: &Value, hidden: &[&str]) -> Option<Value> {
    let mut filled = view.clone();
    filled["context_complete"] = json!(true);
    if filled.get("context").is_none() {
        filled["context"] = json!({});
    }
    let context = filled["context"].as_object_mut()?;
    let seen = read(view)?;
    for (key, value) in filling["context"].as_object()? {
        // What the view knows (a service principal is in no organization) is not to be filled.
        if matches!(seen.request.context.get(&key.to_ascii_lowercase()), KeyState::Unknown(_)) {
            context.insert(key.clone(), value.clone());
        }
    }
    let principal = view["principal"].as_str().unwrap_or_default().to_owned();
    let account = principal.split(':').nth(4).unwrap_or_default().to_owned();
    for layer in hidden {
        let value = filling["layers"].get(layer)?.clone();
        match *layer {
            "s3" => filled["s3"]["block_public_access"] = value,
            "resource_account"
                if view.get(layer).is_some() || !view["resource"].as_str()?.starts_with("arn:aws:s3:::") => {}
            "role_arn" => {
                if let Some(name) =
                    principal.split('/').nth(1).filter(|_| principal.contains(":assumed-role/"))
                    && view["principal_facts"].get(layer).is_none()
                {
                    // Only service-linked roles are below that path, and all have such names.
                    let linked = name.starts_with("AWSServiceRoleFor");
                    let path = value.as_str().filter(|path| linked || !path.starts_with("aws-"))?;
                    filled["principal_facts"]["role_arn"] =
                        json!(format!("arn:aws:iam::{account}:role/{path}{name}"));
                }
            }
            "user_arn"
                if principal.contains(":federated-user/") && view["principal_facts"].get(layer).is_none() =>
            {
                filled["principal_facts"]["user_arn"] =
                    json!(format!("arn:aws:iam::{account}:user/{}", value.as_str()?));
            }
            "user_arn" => {}
            "organization" if has_guardrails(view) => {}
            _ => filled[*layer] = value,
        }
    }
    Some(filled)
}

#[test]
fn one_unknown_key_excludes_nothing() {
    Law { name: "one unknown key", number: 9, draw: a_key, check: key_is_sound }.hold();
}

/// A key that some policy of the line may ask for, and values of it.
fn a_key(dice: &mut Dice, scene: &Scene, _: &Value) -> Value {
    let given: Vec<&(&str, _, _, _)> =
        KEYS.iter().filter(|key| scene.context.keys().any(|name| name.eq_ignore_ascii_case(key.0))).collect();
    let key = if given.is_empty() || dice.chance(25) { dice.pick(KEYS) } else { *dice.pick(&given) };
    let values: Vec<Value> = (0..FILLS).map(|_| key_value(dice, key)).chain([Value::Null]).collect();
    json!({ "key": key.0, "values": values })
}

fn key_is_sound(line: &Value, drawn: &Value) -> Option<String> {
    let key = drawn["key"].as_str()?;
    let mut parsed = read(line)?;
    let settled = line["principal_facts"]["tags"].is_object() && key.starts_with("aws:PrincipalTag/");
    if settled {
        return None;
    }
    parsed.request.context.set(key, ContextValue::Unknown("hidden".to_owned()), Provenance::Given);
    let seen = decide(&parsed.request, &parsed.policies);
    let itself = excluded(&verdict(line)?, &seen);
    itself.or_else(|| {
        drawn["values"].as_array()?.iter().find_map(|value| {
            let mut filled = line.clone();
            if filled.get("context").is_none() {
                filled["context"] = json!({});
            }
            let context = filled["context"].as_object_mut()?;
            context.retain(|name, _| !name.eq_ignore_ascii_case(key));
            context.insert(key.to_owned(), value.clone());
            excluded(&verdict(&filled)?, &seen).map(|why| format!("with {value}: {why}"))
        })
    })
}

#[test]
fn a_caller_that_is_hidden_excludes_nothing() {
    Law { name: "a hidden caller", number: 10, draw: nothing, check: hidden_caller_is_sound }.hold();
}

/// The owner of the resource sees the caller's account, and nothing of the caller's own policies; or the role and not
/// the session.
fn hidden_caller_is_sound(line: &Value, _: &Value) -> Option<String> {
    let parsed = read(line)?;
    // What kind of credentials may call STS and IAM at all is not modelled for a hidden caller.
    if matches!(parsed.request.action.service(), "sts" | "iam") {
        return None;
    }
    let certain = decide(&parsed.request, &parsed.policies);
    let mut request = parsed.request.clone();
    let mut policies = parsed.policies.clone();
    let account: AccountId = request.principal.account()?;
    let unique_id = line["principal_facts"]["unique_id"].as_str().map(str::to_owned);
    request.principal = Principal::SomeoneIn { account, unique_id };
    for key in ["aws:PrincipalArn", "aws:PrincipalType", "aws:username", "aws:userid"] {
        request.context.set(key, ContextValue::Unknown("hidden".to_owned()), Provenance::Given);
    }
    let unread = || "not ours".to_owned();
    policies.identity = Known::Unknown(unread());
    policies.boundary = Known::Unknown(unread());
    policies.session = Known::Unknown(unread());
    policies.scps = Known::Unknown(unread());
    let account_seen = excluded(&certain, &decide(&request, &policies));
    account_seen.map(|why| format!("the account alone: {why}")).or_else(|| {
        let Principal::Role(mut role) = parsed.request.principal.clone() else { return None };
        let mut request = parsed.request.clone();
        role.session = None;
        request.principal = Principal::Role(role);
        excluded(&certain, &decide(&request, &parsed.policies)).map(|why| format!("the role alone: {why}"))
    })
}

#[test]
fn what_is_not_understood_excludes_nothing() {
    Law { name: "a policy that is not understood", number: 12, draw: a_seed, check: spoilt_is_sound }.hold();
}

/// One policy becomes unreadable, or one statement gets an element that the grammar does not have.
fn spoilt_is_sound(line: &Value, seed: &Value) -> Option<String> {
    let mut dice = Dice::new(seed.as_u64()?);
    let mut all = 0;
    let mut view = line.clone();
    documents(&mut view, &mut |_, _| all += 1);
    if all == 0 {
        return None;
    }
    let (mut left, whole) = (dice.below(all), dice.chance(40));
    documents(&mut view, &mut |_, document| {
        if left == 0 {
            match statements(document).filter(|statements| !whole && !statements.is_empty()) {
                Some(statements) => statements[0]["Condition "] = json!({}),
                None => *document = json!("no policy"),
            }
        }
        left = left.wrapping_sub(1);
    });
    excluded(&verdict(line)?, &verdict(&view)?).map(|why| format!("{why}\nview: {view}"))
}
