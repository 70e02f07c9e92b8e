//! Condition keys, their values in requests, and conditions on them.

use serde_json::{Map, Value, json};

use super::world::{Caller, Target};
use super::{Dice, Scene};

/// What the values of a key are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Text,
    Arn,
    Number,
    Date,
    Bool,
    Ip,
    Binary,
}

/// A key that requests carry: name, form, whether it is multi-valued, values.
pub type Key = (&'static str, Form, bool, &'static [&'static str]);

const TEAMS: &[&str] = &["blue", "blue", "red", "Blue", "", "b*e", "b?ue"];
const DATES: &[&str] = &[
    "2026-11-21T10:00:00Z",
    "1795255200",
    "2026-11-21T11:00:00+01:00",
    "2026-11-21",
    "2026-11",
    "1795255201",
    "2026-11-21T10:00:00.5Z",
    "2026-11-21T10:00Z",
];
const ADDRESSES: &[&str] =
    &["203.0.113.7", "203.0.113.7", "198.51.100.1", "10.1.2.3", "2001:db8::1", "2001:DB8:0:0::1"];
const NETWORKS: &[&str] = &[
    "203.0.113.0/24",
    "203.0.113.7",
    "203.0.113.7/32",
    "10.0.0.0/8",
    "0.0.0.0/0",
    "2001:db8::/32",
    "2001:db8::1",
    "::/0",
    "0.0.0.0/1",
    "198.51.100.0/25",
];
const NUMBERS: &[&str] = &["5", "5.0", "10", "-1", "0", "100", "4.99", "3600"];
const SERVICES: &[&str] = &["athena.amazonaws.com", "cloudformation.amazonaws.com", "kms.amazonaws.com"];

pub const KEYS: &[Key] = &[
    ("aws:SourceIp", Form::Ip, false, ADDRESSES),
    ("aws:VpcSourceIp", Form::Ip, false, ADDRESSES),
    ("aws:SourceVpce", Form::Text, false, &["vpce-1", "vpce-1", "vpce-2"]),
    ("aws:PrincipalOrgID", Form::Text, false, &["o-a", "o-a", "o-b"]),
    ("aws:PrincipalTag/team", Form::Text, false, TEAMS),
    ("aws:ResourceTag/team", Form::Text, false, TEAMS),
    ("aws:RequestTag/team", Form::Text, false, TEAMS),
    ("aws:TagKeys", Form::Text, true, &["team", "cost", "Team", ""]),
    ("aws:CalledVia", Form::Text, true, SERVICES),
    ("aws:CurrentTime", Form::Date, false, DATES),
    ("aws:EpochTime", Form::Date, false, DATES),
    ("aws:TokenIssueTime", Form::Date, false, DATES),
    ("aws:MultiFactorAuthPresent", Form::Bool, false, &["true", "false", "True"]),
    ("aws:SecureTransport", Form::Bool, false, &["true", "true", "false"]),
    ("aws:ViaAWSService", Form::Bool, false, &["true", "false"]),
    ("aws:MultiFactorAuthAge", Form::Number, false, NUMBERS),
    ("s3:max-keys", Form::Number, false, NUMBERS),
    ("s3:prefix", Form::Text, false, &["team/", "team/a", "alice/", ""]),
    ("s3:x-amz-acl", Form::Text, false, &["public-read", "private", "bucket-owner-full-control"]),
    (
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
        Form::Arn,
        false,
        &["arn:aws:kms:eu-west-1:111111111111:key/k1"],
    ),
    ("kms:EncryptionContext:dept", Form::Text, false, &["it", "hr", "IT"]),
    ("kms:EncryptionContext:team", Form::Text, false, TEAMS),
    ("kms:ViaService", Form::Text, false, &["s3.eu-west-1.amazonaws.com", "sqs.eu-west-1.amazonaws.com"]),
    (
        "aws:SourceArn",
        Form::Arn,
        false,
        &[
            "arn:aws:s3:::data",
            "arn:aws:sns:eu-west-1:111111111111:topic",
            "arn:aws:lambda:eu-west-1:111111111111:function:f",
        ],
    ),
    ("aws:SourceAccount", Form::Text, false, &["111111111111", "222222222222"]),
    ("aws:RequestTag/blob", Form::Binary, false, &["QmFzZTY0", "QmluYXJ5", "AA=="]),
    (
        "token.actions.githubusercontent.com:sub",
        Form::Text,
        false,
        &["repo:acme/app:ref:refs/heads/main", "repo:acme/lib:ref:refs/heads/main"],
    ),
    ("token.actions.githubusercontent.com:aud", Form::Text, false, &["sts.amazonaws.com"]),
];

/// The keys that a request of this caller for this target would carry, and a few more.
pub fn context(dice: &mut Dice, caller: &Caller, target: &Target) -> Map<String, Value> {
    let mut context = Map::new();
    for key in KEYS {
        let (name, ..) = key;
        let fits = match name.split(':').next() {
            Some("aws") => 22,
            Some(prefix) if prefix == target.service() => 55,
            Some(prefix) if prefix.contains('.') && caller.kind == "Federated" => 70,
            _ => 1,
        };
        let tagged = caller.facts.contains_key("tags") && name.starts_with("aws:PrincipalTag/");
        // AWS documents that these callers are in no organization.
        let in_none = *name == "aws:PrincipalOrgID" && caller.account.is_none();
        if !tagged && !in_none && dice.chance(fits) {
            let written = if dice.chance(4) { name.to_ascii_uppercase() } else { (*name).to_owned() };
            context.insert(written, key_value(dice, key));
        }
    }
    if let Some(id) = &caller.userid {
        context.insert("aws:userid".to_owned(), json!(id));
    }
    context
}

/// A value of a key as a request carries it.
pub fn key_value(dice: &mut Dice, (_, form, many, values): &Key) -> Value {
    if *many || dice.chance(1) {
        let count = dice.below(4);
        let mut items: Vec<&str> = (0..count).map(|_| *dice.pick(values)).collect();
        items.sort_unstable();
        items.dedup();
        return json!(items);
    }
    match (form, *dice.pick(values)) {
        (Form::Bool, text) if dice.chance(30) => json!(text.eq_ignore_ascii_case("true")),
        (Form::Number, text) if dice.chance(30) && text.parse::<i64>().is_ok() => {
            json!(text.parse::<i64>().unwrap())
        }
        (_, text) => json!(text),
    }
}

const TEXT_OPERATORS: &[&str] = &[
    "StringEquals",
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringLike",
    "StringNotLike",
];
const ARN_OPERATORS: &[&str] =
    &["ArnEquals", "ArnLike", "ArnLike", "ArnNotEquals", "ArnNotLike", "StringLike", "StringEquals"];
const NUMBER_OPERATORS: &[&str] = &[
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
];
const DATE_OPERATORS: &[&str] = &[
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
];

/// A random `Condition` element.
pub fn condition(dice: &mut Dice, scene: &Scene) -> Value {
    let mut condition = Map::new();
    for _ in 0..dice.between(1, 2) {
        let (operator, key, values) = pair(dice, scene);
        let keys = condition.entry(operator).or_insert_with(|| json!({}));
        keys[key] = values;
    }
    Value::Object(condition)
}

fn pair(dice: &mut Dice, scene: &Scene) -> (String, String, Value) {
    let (name, form, many, pool, given) = subject(dice, scene);
    let name = if dice.chance(4) { name.to_ascii_lowercase() } else { name };
    if dice.chance(8) {
        let value = if dice.chance(50) { json!(dice.chance(50)) } else { json!(dice.chance(50).to_string()) };
        return ("Null".to_owned(), name, value);
    }
    let form = if dice.chance(2) {
        *dice.pick(&[Form::Text, Form::Arn, Form::Number, Form::Date, Form::Bool, Form::Ip])
    } else {
        form
    };
    let base = match form {
        Form::Text => *dice.pick(TEXT_OPERATORS),
        Form::Arn => *dice.pick(ARN_OPERATORS),
        Form::Number => *dice.pick(NUMBER_OPERATORS),
        Form::Date => *dice.pick(DATE_OPERATORS),
        Form::Bool => "Bool",
        Form::Ip => *dice.pick(&["IpAddress", "IpAddress", "NotIpAddress"]),
        Form::Binary => "BinaryEquals",
    };
    let set = if dice.chance(if many { 88 } else { 6 }) {
        *dice.pick(&["ForAllValues:", "ForAnyValue:"])
    } else {
        ""
    };
    let if_exists = if dice.chance(14) { "IfExists" } else { "" };
    let mut values: Vec<Value> = Vec::new();
    for _ in 0..*dice.pick(&[1, 1, 1, 2, 3]) {
        values.push(wanted(dice, base, form, &pool, given.as_deref()));
    }
    let values = if values.len() == 1 && dice.chance(60) { values.remove(0) } else { json!(values) };
    (format!("{set}{base}{if_exists}"), name, values)
}

type Subject = (String, Form, bool, Vec<&'static str>, Option<String>);

/// A key, preferably one that the request carries.
fn subject(dice: &mut Dice, scene: &Scene) -> Subject {
    if dice.chance(22) {
        let (name, value) = dice.pick(&scene.derived).clone();
        let form = match name {
            "aws:PrincipalArn" => Form::Arn,
            "aws:PrincipalIsAWSService" => Form::Bool,
            _ => Form::Text,
        };
        let pool = if form == Form::Bool {
            vec!["true", "false"]
        } else {
            vec!["111111111111", "alice", "User", "arn:aws:iam::111111111111:role/app"]
        };
        return (name.to_owned(), form, false, pool, Some(value));
    }
    let carried = |key: &&Key| scene.context.keys().any(|name| name.eq_ignore_ascii_case(key.0));
    let present: Vec<&Key> = KEYS.iter().filter(carried).collect();
    let (name, form, many, values) =
        *if present.is_empty() || dice.chance(30) { dice.pick(KEYS) } else { *dice.pick(&present) };
    let given = scene
        .context
        .iter()
        .find(|(found, _)| found.eq_ignore_ascii_case(name))
        .and_then(|(_, value)| text(value));
    (name.to_owned(), form, many, values.to_vec(), given)
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(items) => items.first().and_then(text),
        Value::Null | Value::Object(_) => None,
        other => Some(other.to_string()),
    }
}

/// A value that a condition wants: the request's own, one like it, or another of the key's.
fn wanted(dice: &mut Dice, base: &str, form: Form, pool: &[&'static str], given: Option<&str>) -> Value {
    if dice.chance(1) {
        return json!(dice.pick(&[
            "nonsense",
            "",
            "arn:aws:s3",
            "1e3",
            "2026-11-21T10:00:00",
            "${aws:username,'x'}"
        ]));
    }
    if form == Form::Ip && dice.chance(75) {
        return json!(dice.pick(NETWORKS));
    }
    let patterns = base.contains("Like") || base.starts_with("Arn");
    let variables = base.starts_with("String") || base.starts_with("Arn");
    let value = match given {
        Some(given) if dice.chance(55) => given.to_owned(),
        _ => (*dice.pick(pool)).to_owned(),
    };
    if variables && form == Form::Text && dice.chance(10) {
        return json!(dice.pick(VARIABLES));
    }
    let value = if patterns && dice.chance(45) { like(dice, &value) } else { value };
    match form {
        Form::Bool if dice.chance(30) => json!(value.eq_ignore_ascii_case("true")),
        Form::Number if dice.chance(30) && value.parse::<i64>().is_ok() => {
            json!(value.parse::<i64>().unwrap())
        }
        Form::Text if dice.chance(3) => json!(value.to_uppercase()),
        _ => json!(value),
    }
}

const VARIABLES: &[&str] = &[
    "${aws:PrincipalTag/team}",
    "${aws:PrincipalTag/team}",
    "${aws:username}",
    "${aws:username, 'alice'}",
    "${aws:ResourceTag/team}",
    "${aws:principaltag/team, 'blue'}",
    "b${*}e",
    "${aws:PrincipalTag/team}*",
    "${aws:PrincipalAccount}",
    "${aws:TagKeys}",
    "${$}{x}",
];

/// A pattern that often matches the text.
pub fn like(dice: &mut Dice, text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    if chars.is_empty() {
        return "*".to_owned();
    }
    let at = dice.below(chars.len());
    let head: String = chars[..at].iter().collect();
    let tail: String = chars[at + 1..].iter().collect();
    match dice.below(5) {
        0 => format!("{head}*"),
        1 => format!("*{tail}"),
        2 => format!("{head}?{tail}"),
        3 => format!("{head}*{tail}"),
        _ => "*".to_owned(),
    }
}
