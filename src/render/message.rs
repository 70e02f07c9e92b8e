//! A pasted denial message: what it proves and what it leaves open.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::authorization_details::{HOW_TO_READ, command};
use super::printable;
use crate::trail::message::DenialMessage;

/// The message as JSON.
pub fn message_json(message: &DenialMessage) -> Value {
    json!({
        "principal": message.principal,
        "action": message.action,
        "resource": message.resource,
        "effect": message.effect.name(),
        "policy_type": message.reason_name(),
        "policy_arn": message.policy_arn,
        "authorization_id": message.authorization_id,
        "authorization_command": command(message),
        "encoded": message.encoded,
        "transitive_via": message.transitive_via.map(super::super::trail::message::PolicyType::name),
        "proves": message.proves(),
        "leaves_open": message.leaves_open(),
    })
}

/// The message in words.
pub fn message_text(message: &DenialMessage) -> String {
    let mut out = String::new();
    let action = message.action.as_deref().unwrap_or("a request");
    let principal = message.principal.as_deref().map_or(String::new(), |name| format!(" for {name}"));
    let resource = message.resource.as_deref().map_or(String::new(), |name| format!(" on {name}"));
    let _ = writeln!(out, "DENIED {}{}{}", printable(action), printable(&resource), printable(&principal));
    for line in message.proves() {
        let _ = writeln!(out, "  proves: {}", printable(&line));
    }
    for line in message.leaves_open() {
        let _ = writeln!(out, "  leaves open: {}", printable(&line));
    }
    // What the message carries is a secret of the account: nobody but AWS can read it, and only for who may ask.
    // Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html
    if let Some(encoded) = message.encoded_message.as_deref().filter(|encoded| is_encoded(encoded)) {
        let _ = writeln!(
            out,
            "  to decode it: aws sts decode-authorization-message --output text --encoded-message {encoded}"
        );
    }
    if let Some(command) = command(message) {
        let _ = writeln!(out, "  details, kept for 24 hours: {}", printable(&command));
        let _ = writeln!(out, "    ({HOW_TO_READ})");
    }
    let _ = writeln!(
        out,
        "  next: {} reads CloudTrail and the policies with your AWS profile",
        event_command(message)
    );
    let _ = writeln!(out, "    (it names the call, the statement, the change and the fix)");
    out
}

/// The command that explains the event itself. What a shell would obey is no part of it.
fn event_command(message: &DenialMessage) -> String {
    let plain = |id: &&str| id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    match message.wrapper.request_id.as_deref().filter(plain) {
        Some(id) => format!("`why-denied --request-id {id}`"),
        None => "`why-denied`".to_owned(),
    }
}

/// Whether a text can stand in a command line as it is.
fn is_encoded(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_+/=".contains(&byte))
}
