//! Reads structs as Trino (Athena, CloudTrail Lake) prints them: `{type=AssumedRole, arn=arn:…,
//! sessioncontext={…}}`.
//!
//! The printing escapes nothing, so it is ambiguous in general. It is read well for the fields of CloudTrail,
//! whose names and ARNs have no space: a value ends at `, ` before another `key=`, or at a bracket with
//! nothing behind it but brackets and commas.

use serde_json::{Map, Value};

/// Structs of CloudTrail are at most five deep.
const MAX_DEPTH: usize = 32;

/// Members of structs, which Athena prints in lower case, as CloudTrail writes them.
const MEMBERS: &[(&str, &str)] = &[
    ("accesskeyid", "accessKeyId"),
    ("accountid", "accountId"),
    ("ciphersuite", "cipherSuite"),
    ("clientprovidedhostheader", "clientProvidedHostHeader"),
    ("creationdate", "creationDate"),
    ("credentialid", "credentialId"),
    ("ec2roledelivery", "ec2RoleDelivery"),
    ("federatedprovider", "federatedProvider"),
    ("identityprovider", "identityProvider"),
    ("identitystorearn", "identityStoreArn"),
    ("inscopeof", "inScopeOf"),
    ("invokedby", "invokedBy"),
    ("issuertype", "issuerType"),
    ("credentialsissuedto", "credentialsIssuedTo"),
    ("mfaauthenticated", "mfaAuthenticated"),
    ("onbehalfof", "onBehalfOf"),
    ("principalid", "principalId"),
    ("sessioncontext", "sessionContext"),
    ("sessionissuer", "sessionIssuer"),
    ("sourceaccount", "sourceAccount"),
    ("sourcearn", "sourceArn"),
    ("sourceidentity", "sourceIdentity"),
    ("tlsversion", "tlsVersion"),
    ("userid", "userId"),
    ("username", "userName"),
    ("webidfederationdata", "webIdFederationData"),
];

/// CloudTrail's spelling of a member's name.
pub(super) fn member_name(name: &str) -> &str {
    MEMBERS.iter().find(|(lower, _)| *lower == name).map_or(name, |(_, spelling)| spelling)
}

/// Gives all members CloudTrail's spelling and leaves out those that are null, as CloudTrail does.
pub(super) fn with_member_names(value: Value) -> Value {
    renamed(value, &member_name)
}

/// The same for the list of resources, where the ARN is in capitals.
pub(super) fn with_resource_names(value: Value) -> Value {
    renamed(value, &|name| match name {
        "arn" => "ARN",
        "arnprefix" => "ARNPrefix",
        name => member_name(name),
    })
}

fn renamed(value: Value, rename: &dyn Fn(&str) -> &str) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members
                .into_iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(name, value)| (rename(&name).to_owned(), renamed(value, rename)))
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.into_iter().map(|item| renamed(item, rename)).collect()),
        other => other,
    }
}

/// Reads a struct or list that takes up the whole text.
pub(super) fn parse(text: &str) -> Option<Value> {
    let (value, rest) = value(text.trim(), MAX_DEPTH)?;
    (rest.is_empty() && !value.is_string()).then_some(value)
}

/// A value and what follows it.
fn value(text: &str, depth: usize) -> Option<(Value, &str)> {
    let depth = depth.checked_sub(1)?;
    if let Some(read) = json(text) {
        return Some(read);
    }
    if let Some(inner) = text.strip_prefix('{') {
        return members(inner, depth);
    }
    if let Some(inner) = text.strip_prefix('[') {
        return items(inner, depth);
    }
    let end = scalar_end(text);
    let (scalar, rest) = text.split_at_checked(end)?;
    let scalar = if scalar == "null" { Value::Null } else { Value::String(scalar.to_owned()) };
    Some((scalar, rest))
}

/// Maps of strings hold JSON where the event had a tree.
fn json(text: &str) -> Option<(Value, &str)> {
    let mut letters = text.chars();
    let (open, next) = (letters.next()?, letters.next()?);
    if !matches!((open, next), ('{', '"') | ('[', '{' | '"')) {
        return None;
    }
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let value = stream.next()?.ok()?;
    Some((value, text.get(stream.byte_offset()..)?))
}

fn members(mut text: &str, depth: usize) -> Option<(Value, &str)> {
    let mut members = Map::new();
    loop {
        if let Some(rest) = text.strip_prefix('}') {
            return Some((Value::Object(members), rest));
        }
        let (name, after) = text.split_at_checked(key_end(text)?)?;
        let (member, rest) = value(after.get(1..)?, depth)?;
        members.insert(name.to_owned(), member);
        text = rest.strip_prefix(", ").unwrap_or(rest);
    }
}

fn items(mut text: &str, depth: usize) -> Option<(Value, &str)> {
    let mut items = Vec::new();
    loop {
        if let Some(rest) = text.strip_prefix(']') {
            return Some((Value::Array(items), rest));
        }
        let (item, rest) = item(text, depth)?;
        items.push(item);
        text = rest.strip_prefix(", ").unwrap_or(rest);
    }
}

fn item(text: &str, depth: usize) -> Option<(Value, &str)> {
    if text.starts_with(['{', '[']) {
        return value(text, depth);
    }
    let end = text.find([',', ']']).filter(|end| *end > 0)?;
    let (item, rest) = text.split_at_checked(end)?;
    Some((Value::String(item.to_owned()), rest))
}

/// The index of the `=` behind the key that the text begins with.
fn key_end(text: &str) -> Option<usize> {
    let end = text.find(|letter: char| !(letter.is_ascii_alphanumeric() || "_-.:/".contains(letter)))?;
    (end > 0 && text.get(end..)?.starts_with('=')).then_some(end)
}

fn scalar_end(text: &str) -> usize {
    for (at, letter) in text.char_indices() {
        let rest = text.get(at + 1..).unwrap_or_default();
        let ends = match letter {
            ',' => rest.strip_prefix(' ').is_some_and(|next| key_end(next).is_some()),
            '}' | ']' => rest.is_empty() || rest.starts_with(['}', ']']) || rest.starts_with(", "),
            _ => false,
        };
        if ends {
            return at;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let read = parse(text).map(with_member_names).map(|value| value.to_string());
        assert_eq!(read.as_deref().unwrap_or("none"), expected, "{text}");
    }

    #[test]
    fn structs() {
        check("{}", "{}");
        check("{type=IAMUser, invokedby=null}", r#"{"type":"IAMUser"}"#);
        check(
            "{arn=arn:aws:sts::1:assumed-role/r/a=b,c, sessioncontext={attributes={mfaauthenticated=false}, sessionissuer=null}}",
            r#"{"arn":"arn:aws:sts::1:assumed-role/r/a=b,c","sessionContext":{"attributes":{"mfaAuthenticated":"false"}}}"#,
        );
        check(
            "{credentialsissuedto=[a, b], username=}",
            r#"{"credentialsIssuedTo":["a","b"],"userName":""}"#,
        );
        check(r#"{filter={"items":[1]}, bucketName=x}"#, r#"{"bucketName":"x","filter":{"items":[1]}}"#);
        check("{a=b", "none");
        check("text", "none");
        check(&"{a=".repeat(100_000), "none");
    }
}
