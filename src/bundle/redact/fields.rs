//! What the members of an event and of what the CLI prints hold.

use serde_json::Value;

use super::json::Json;
use super::text::{Redactor, Speech};
use super::words;

/// Members with words of AWS's: operations, kinds, states, moments, versions.
const AWS: &[&str] = &[
    "action",
    "actionname",
    "apiversion",
    "attributename",
    "awsregion",
    "bucketkeyenabled",
    "ciphersuite",
    "consolelogin",
    "createdate",
    "creationdate",
    "customerkeyspec",
    "customermasterkeyspec",
    "defaultversionid",
    "delimiter",
    "ec2roledelivery",
    "encryptionalgorithm",
    "encryptiontype",
    "errorcode",
    "eventcategory",
    "eventname",
    "eventsource",
    "eventtime",
    "eventtype",
    "eventversion",
    "keymanager",
    "keyspec",
    "keystate",
    "keyusage",
    "locationconstraint",
    "max-keys",
    "mfaauthenticated",
    "objectownership",
    "operations",
    "origin",
    "payer",
    "permission",
    "policytype",
    "region",
    "regionname",
    "retainuntildate",
    "serviceprincipal",
    "sessioncredentialfromconsole",
    "signingalgorithm",
    "ssealgorithm",
    "status",
    "tlsversion",
    "type",
    "version",
    "versionid",
    "x-amz-acl",
    "x-amz-date",
    "x-amz-expires",
    "x-amz-request-payer",
    "x-amz-server-side-encryption",
];

/// Members with sentences.
const SENTENCES: &[&str] = &["errormessage", "what", "why"];

/// Members that are maps with keys of people's.
const MAPS: &[&str] = &[
    "encryptioncontext",
    "encryptioncontextequals",
    "encryptioncontextsubset",
    "policytargets",
    "principaltags",
    "resourcetags",
    "tags",
];

/// The names of members that stay in such maps, for tags are written in several forms.
const TAG_FORMS: &[&str] = &["Key", "Value", "items", "key", "tags", "value"];

/// JSON inside JSON inside JSON is no policy any more.
const DEEPEST_TEXT: u8 = 4;

/// Where a value stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    /// The member that holds it, in small letters, or that holds the list it is in.
    pub(super) member: &'a str,
    /// In how many texts that are JSON themselves.
    pub(super) texts: u8,
}

impl Redactor {
    /// The replacement of a file or an event.
    pub(super) fn json(&mut self, json: &Json) -> Json {
        self.any(json, Place { member: "", texts: 0 })
    }

    pub(super) fn any(&mut self, json: &Json, place: Place<'_>) -> Json {
        match json {
            Json::Object(_) if json.get("Statement").is_some() => self.policy(json),
            Json::Object(_) if is_statement(json) => self.statement(json),
            Json::Object(members) => Json::Object(self.members(members, place)),
            Json::Array(items) => Json::Array(items.iter().map(|item| self.any(item, place)).collect()),
            Json::Text(text) => Json::Text(self.field(text, place)),
            Json::Scalar(value) => Json::Scalar(self.scalar(value)),
        }
    }

    fn members(&mut self, members: &[(String, Json)], place: Place<'_>) -> Vec<(String, Json)> {
        let mut new = Vec::new();
        for (name, value) in members {
            let folded = name.to_ascii_lowercase();
            let inner = Place { member: &folded, ..place };
            new.push(match place.member {
                // CloudTrail Lake: condition keys with their values.
                "requestcontext" => (self.condition_key(name), self.condition_values(name, "", value)),
                map if MAPS.contains(&map) && !TAG_FORMS.contains(&name.as_str()) => {
                    (self.map_key(name), self.any(value, Place { member: "", ..place }))
                }
                _ => (self.member_name(name), self.any(value, inner)),
            });
        }
        new
    }

    /// The names of members are AWS's, unless they look like anything but that.
    fn member_name(&mut self, name: &str) -> String {
        let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-_:./ ".contains(&byte);
        let is_aws = name.bytes().all(letter)
            && name.len() <= 64
            && !words::has_account(name)
            && !name.starts_with("arn:")
            && super::address::replace(self.key(), name).is_none();
        if is_aws { name.to_owned() } else { self.text(name, Speech::Names) }
    }

    fn field(&mut self, text: &str, place: Place<'_>) -> String {
        if let Some(json) = inner_json(text).filter(|_| place.texts < DEEPEST_TEXT) {
            let new = self.any(&json, Place { texts: place.texts + 1, ..place });
            // A tree of texts can always be written.
            return serde_json::to_string(&new).unwrap_or_default();
        }
        let member = place.member;
        if AWS.contains(&member) && is_aws(text) || member == "policyname" && self.managed.contains(text) {
            return text.to_owned();
        }
        if SENTENCES.contains(&member) {
            return self.text(text, Speech::Sentence);
        }
        self.value(text)
    }

    /// Numbers say nothing, apart from account ids.
    fn scalar(&mut self, value: &Value) -> Value {
        let Value::Number(number) = value else { return value.clone() };
        let digits = number.to_string();
        if !words::has_account(&digits) {
            return value.clone();
        }
        let new = self.text(&digits, Speech::Names);
        new.parse::<u64>().map_or(Value::Null, Value::from)
    }
}

/// One statement alone, as the answer of Lambda's `AddPermission` has it.
pub(super) fn is_statement(json: &Json) -> bool {
    json.get("Effect").is_some() && (json.get("Action").is_some() || json.get("NotAction").is_some())
}

/// A policy or a request in a text, percent-encoded or not.
pub(super) fn inner_json(text: &str) -> Option<Json> {
    let start = text.trim_start();
    if start.starts_with(['{', '[']) {
        return serde_json::from_str(text).ok();
    }
    if !start.starts_with("%7B") && !start.starts_with("%7b") {
        return None;
    }
    let decoded = percent_encoding::percent_decode_str(text).decode_utf8().ok()?;
    serde_json::from_str(&decoded).ok()
}

/// Whether a text consists of what AWS's words consist of.
pub(super) fn is_aws(text: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:/*? +,".contains(&byte);
    text.len() <= 128 && text.bytes().all(letter) && !words::has_account(text) && !text.contains("arn:")
}
