//! Policies of every kind, about the request of a scene.

use serde_json::{Map, Value, json};

use super::conditions::{condition, like};
use super::world::{some_action, some_name, some_resource};
use super::{Dice, Scene};

/// The kinds of policies, which have different elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Identity,
    Boundary,
    Session,
    Resource,
    Trust,
    Endpoint,
    Scp,
    Rcp,
}

impl Kind {
    fn has_principal(self) -> bool {
        matches!(self, Self::Resource | Self::Trust | Self::Endpoint | Self::Rcp)
    }

    fn deny_chance(self) -> u32 {
        match self {
            Self::Identity | Self::Resource | Self::Trust => 22,
            Self::Boundary | Self::Session | Self::Endpoint => 15,
            Self::Scp => 45,
            Self::Rcp => 90,
        }
    }

    /// How often the policy starts with a statement that allows everything.
    fn open_chance(self) -> u32 {
        match self {
            Self::Identity => 15,
            Self::Resource | Self::Trust => 8,
            Self::Boundary | Self::Session | Self::Endpoint => 35,
            Self::Scp => 75,
            Self::Rcp => 95,
        }
    }
}

/// A random policy, bare or with a name.
pub fn policy(dice: &mut Dice, kind: Kind, scene: &Scene) -> Value {
    let version = match dice.below(20) {
        0 => None,
        1 | 2 if kind != Kind::Rcp => Some("2008-10-17"),
        _ => Some("2012-10-17"),
    };
    let mut statements = Vec::new();
    if dice.chance(kind.open_chance()) {
        statements.push(open_statement(kind));
    }
    let more = if statements.is_empty() { dice.between(1, 3) } else { dice.below(3) };
    for _ in 0..more {
        statements.push(statement(dice, kind, scene, version == Some("2012-10-17")));
    }
    let mut document = Map::new();
    if let Some(version) = version {
        document.insert("Version".to_owned(), json!(version));
    }
    let one = statements.len() == 1 && dice.chance(20);
    document.insert("Statement".to_owned(), if one { statements.remove(0) } else { json!(statements) });
    let document = Value::Object(document);
    if dice.chance(15) {
        json!({ "name": format!("p{}", dice.below(9)), "document": document })
    } else {
        document
    }
}

pub fn list(dice: &mut Dice, kind: Kind, scene: &Scene, count: usize) -> Value {
    (0..count).map(|_| policy(dice, kind, scene)).collect()
}

pub fn levels(dice: &mut Dice, kind: Kind, scene: &Scene) -> Value {
    let targets = ["r-ab12", "ou-ab12-11111111", "111111111111"];
    let count = dice.between(1, 3);
    let mut out = Vec::new();
    for target in &targets[..count] {
        let mut policies = Vec::new();
        if dice.chance(if kind == Kind::Rcp { 100 } else { 70 }) {
            policies.push(json!({ "Version": "2012-10-17", "Statement": [open_statement(kind)] }));
        }
        for _ in 0..dice.below(2) + usize::from(policies.is_empty()) {
            policies.push(policy(dice, kind, scene));
        }
        out.push(json!({ "target": target, "policies": policies }));
    }
    json!(out)
}

fn open_statement(kind: Kind) -> Value {
    with_elements(kind, json!({ "Effect": "Allow", "Action": "*" }))
}

/// A statement that denies everything to everyone.
pub fn deny_everything(kind: Kind) -> Value {
    with_elements(kind, json!({ "Effect": "Deny", "Action": "*" }))
}

fn with_elements(kind: Kind, mut statement: Value) -> Value {
    if kind != Kind::Trust {
        statement["Resource"] = json!("*");
    }
    if kind.has_principal() {
        statement["Principal"] = json!("*");
    }
    statement
}

/// A random statement.
pub fn statement(dice: &mut Dice, kind: Kind, scene: &Scene, variables: bool) -> Value {
    let mut statement = Map::new();
    let deny = dice.chance(kind.deny_chance());
    statement.insert("Effect".to_owned(), json!(if deny { "Deny" } else { "Allow" }));
    if dice.chance(20) {
        statement.insert("Sid".to_owned(), json!(format!("S{}", dice.below(100))));
    }
    let (name, value) = action(dice, kind, scene);
    statement.insert(name.to_owned(), value);
    if kind != Kind::Trust {
        let (name, value) = resource(dice, scene, variables);
        statement.insert(name.to_owned(), value);
    }
    if kind.has_principal() {
        let (name, value) = principal(dice, kind, deny, scene);
        statement.insert(name.to_owned(), value);
    }
    if dice.chance(if deny { 65 } else { 40 }) {
        statement.insert("Condition".to_owned(), condition(dice, scene));
    }
    Value::Object(statement)
}

fn one_or_many(dice: &mut Dice, mut values: Vec<String>) -> Value {
    if values.len() == 1 && dice.chance(60) { json!(values.remove(0)) } else { json!(values) }
}

fn action(dice: &mut Dice, kind: Kind, scene: &Scene) -> (&'static str, Value) {
    let others = |dice: &mut Dice| some_action(dice).to_owned();
    if kind != Kind::Rcp && dice.chance(7) {
        let count = dice.between(1, 2);
        let mut values: Vec<String> = (0..count).map(|_| others(dice)).collect();
        if dice.chance(15) {
            values.push(scene.target.action.clone());
        }
        return ("NotAction", one_or_many(dice, values));
    }
    let mut values = Vec::new();
    if dice.chance(84) {
        let (service, name) = scene.target.action.split_once(':').unwrap_or_default();
        values.push(match dice.below(12) {
            0 | 1 if kind != Kind::Rcp => "*".to_owned(),
            2..5 => format!("{service}:*"),
            5 => format!("{service}:{}", like(dice, name)),
            6 => scene.target.action.to_ascii_lowercase(),
            7 => format!("{service}:{}*", &name[..name.len().min(3)]),
            _ => scene.target.action.clone(),
        });
    }
    while values.is_empty() || dice.chance(15) {
        values.push(others(dice));
    }
    ("Action", one_or_many(dice, values))
}

fn resource(dice: &mut Dice, scene: &Scene, variables: bool) -> (&'static str, Value) {
    if dice.chance(6) {
        let pattern = if dice.chance(25) { pattern_of(dice, scene, variables) } else { some_resource(dice) };
        let pattern = if pattern == "*" { "arn:aws:s3:::other/*".to_owned() } else { pattern };
        return ("NotResource", one_or_many(dice, vec![pattern]));
    }
    let mut values = Vec::new();
    if dice.chance(84) {
        values.push(pattern_of(dice, scene, variables));
    }
    while values.is_empty() || dice.chance(12) {
        values.push(some_resource(dice));
    }
    ("Resource", one_or_many(dice, values))
}

/// A pattern that often covers the resource of the request.
fn pattern_of(dice: &mut Dice, scene: &Scene, variables: bool) -> String {
    let resource = &scene.target.resource;
    let Some(at) = resource.match_indices(':').nth(4).map(|(at, _)| at + 1) else { return "*".to_owned() };
    let (head, rest) = resource.split_at(at);
    match dice.below(14) {
        0..3 => "*".to_owned(),
        3..6 => resource.clone(),
        6 => format!("{head}*"),
        7 => format!("{head}{}", like(dice, rest)),
        8 => format!("{head}{}*", &rest[..rest.len() / 2]),
        9 => with_wildcard_in_head(dice, head, rest),
        10 if dice.chance(15) => {
            format!("{}*", resource.split(':').take(dice.between(3, 5)).collect::<Vec<_>>().join(":") + ":")
        }
        _ if variables || dice.chance(30) => format!("{head}{}", with_variable(dice, rest)),
        _ => resource.clone(),
    }
}

fn with_wildcard_in_head(dice: &mut Dice, head: &str, rest: &str) -> String {
    let mut parts: Vec<&str> = head.split(':').collect();
    parts[dice.between(3, 4)] = "*";
    format!("{}{rest}", parts.join(":"))
}

/// Replaces a part by a variable, which may or may not hold that part.
fn with_variable(dice: &mut Dice, rest: &str) -> String {
    let variables = [
        "${aws:username}",
        "${aws:PrincipalTag/team}",
        "${aws:username, 'alice'}",
        "${aws:PrincipalTag/team, 'blue'}",
        "${*}",
    ];
    let variable = dice.pick(&variables);
    for name in ["alice", "blue", "team", "app", "a"] {
        if rest.contains(name) {
            return rest.replacen(name, variable, 1);
        }
    }
    format!("{rest}{variable}")
}

fn principal(dice: &mut Dice, kind: Kind, deny: bool, scene: &Scene) -> (&'static str, Value) {
    if kind == Kind::Rcp {
        return ("Principal", json!("*"));
    }
    let exempt = matches!(kind, Kind::Resource | Kind::Endpoint) && deny && dice.chance(25);
    if !exempt && dice.chance(if kind == Kind::Endpoint { 70 } else { 16 }) {
        return ("Principal", if dice.chance(50) { json!("*") } else { json!({ "AWS": "*" }) });
    }
    let mut names = Vec::new();
    if exempt && dice.chance(55) {
        names.clone_from(&scene.caller.names);
    } else if !scene.caller.names.is_empty() && dice.chance(75) {
        names.push(dice.pick(&scene.caller.names).clone());
    }
    while names.is_empty() || dice.chance(18) {
        names.push(some_name(dice));
    }
    let mut map: Map<String, Value> = Map::new();
    for (kind, name) in names {
        let entry = map.entry(kind).or_insert_with(|| json!([]));
        if let Value::Array(items) = entry {
            items.push(json!(name));
        }
    }
    for value in map.values_mut() {
        match value {
            Value::Array(items) if items.len() == 1 && dice.chance(60) => *value = items.remove(0),
            _ => {}
        }
    }
    (if exempt { "NotPrincipal" } else { "Principal" }, Value::Object(map))
}

/// Operations of this world that a grant can list.
const GRANTABLE: &[&str] =
    &["Decrypt", "Encrypt", "GenerateDataKey", "DescribeKey", "CreateGrant", "RetireGrant"];

/// Entries of `aws kms list-grants`.
pub fn grants(dice: &mut Dice, scene: &Scene) -> Value {
    let mut out = Vec::new();
    for index in 0..dice.between(1, 2) {
        let named: Vec<&String> = scene
            .caller
            .names
            .iter()
            .filter(|(kind, name)| *kind == "Service" || name.starts_with("arn:"))
            .map(|(_, name)| name)
            .collect();
        let grantee = match named.is_empty() {
            false if dice.chance(75) => (*dice.pick(&named)).clone(),
            _ => "arn:aws:iam::111111111111:role/app".to_owned(),
        };
        let own = scene.target.action.split(':').nth(1).unwrap_or_default();
        let grantable = GRANTABLE.contains(&own) && dice.chance(80);
        let operations = if grantable { json!([own, "Encrypt"]) } else { json!(["Decrypt"]) };
        let mut grant =
            json!({ "GrantId": format!("g{index}"), "GranteePrincipal": grantee, "Operations": operations });
        if dice.chance(50) {
            grant["KeyId"] = json!(if dice.chance(85) {
                scene.target.resource.as_str()
            } else {
                "arn:aws:kms:eu-west-1:111111111111:key/other"
            });
        }
        if dice.chance(40) {
            let constraint = *dice.pick(&["EncryptionContextSubset", "EncryptionContextEquals"]);
            let key = *dice.pick(&["dept", "dept", "team", "Dept"]);
            grant["Constraints"] = json!({ constraint: { key: dice.pick(&["it", "hr", "blue"]) } });
        }
        out.push(grant);
    }
    json!(out)
}
