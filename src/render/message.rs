//! A pasted denial message: what it proves and what it leaves open.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::authorization_details::{HOW_TO_READ, command};
use super::printable;
use crate::trail::message::{DenialMessage, MessageEffect};

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
        "proves": proves(message),
        "leaves_open": leaves_open(message),
    })
}

/// The message in words.
pub fn message_text(message: &DenialMessage) -> String {
    let mut out = String::new();
    let action = message.action.as_deref().unwrap_or("a request");
    let principal = message.principal.as_deref().map_or(String::new(), |name| format!(" for {name}"));
    let resource = message.resource.as_deref().map_or(String::new(), |name| format!(" on {name}"));
    let _ = writeln!(out, "DENIED {}{}{}", printable(action), printable(&resource), printable(&principal));
    for line in proves(message) {
        let _ = writeln!(out, "  proves: {}", printable(&line));
    }
    for line in leaves_open(message) {
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
    out
}

/// Whether a text can stand in a command line as it is.
fn is_encoded(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_+/=".contains(&byte))
}

fn proves(message: &DenialMessage) -> Vec<String> {
    let mut out = Vec::new();
    let policy = message.policy_type.map(|kind| kind.name().to_owned());
    match (message.effect, &policy) {
        (MessageEffect::Explicit, Some(policy)) => {
            out.push(format!("AWS found an explicit deny in a policy of type {policy}"));
        }
        (MessageEffect::Explicit, None) => out.push("AWS found an explicit deny in some policy".to_owned()),
        (MessageEffect::Implicit, Some(policy)) => {
            out.push(format!("no policy of type {policy} allows the action"));
        }
        (MessageEffect::Service, _) => out.push("a rule of the service refused, not a policy".to_owned()),
        _ => out.push("that the request was refused, and nothing of why".to_owned()),
    }
    if let Some(arn) = &message.policy_arn {
        out.push(format!("the policy is {arn}"));
    }
    out
}

/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>
fn leaves_open(message: &DenialMessage) -> Vec<String> {
    let mut out = Vec::new();
    if message.effect != MessageEffect::Service {
        out.push("AWS names one policy type only, although several may deny".to_owned());
        out.push("which statement and which element decided".to_owned());
    }
    if message.encoded {
        out.push("what the encoded message says: aws sts decode-authorization-message".to_owned());
    }
    if message.truncated {
        out.push("what stood behind the cut: CloudTrail keeps 1,024 characters".to_owned());
    }
    out
}
