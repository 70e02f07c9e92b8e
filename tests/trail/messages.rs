//! The 68 denial messages with the parse that is expected of them, and mutations of them.

use proptest::prelude::*;
use serde_json::{Value, json};
use why_denied::trail::message::DenialMessage;

const MESSAGES: &str = include_str!("data/denial_messages.jsonl");

fn rows() -> Vec<Value> {
    MESSAGES.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn as_expected(message: &DenialMessage) -> Value {
    json!({
        "principal": message.principal,
        "action": message.action,
        "resource": message.resource,
        "effect": message.effect.name(),
        "policy_type": message.reason_name(),
        "policy_arn": message.policy_arn,
        "authorization_id": message.authorization_id,
        "encoded": message.encoded,
        "transitive_via": message.transitive_via.map(why_denied::trail::message::PolicyType::name),
    })
}

#[test]
fn every_message_is_read_as_expected() {
    let rows = rows();
    assert_eq!(rows.len(), 68);
    for row in rows {
        let message = DenialMessage::parse(row["message"].as_str().unwrap());
        assert_eq!(as_expected(&message), row["expect"], "{}", row["id"]);
    }
}

#[test]
fn every_message_is_read_the_same_inside_the_usual_wrappers() {
    for row in rows() {
        let text = row["message"].as_str().unwrap();
        if text.contains("api error") || text.contains("An error occurred") {
            continue;
        }
        let wanted = as_expected(&DenialMessage::parse(text));
        for wrapped in [
            format!("An error occurred (AccessDenied) when calling the GetObject operation: {text}"),
            format!(
                "botocore.exceptions.ClientError: An error occurred (AccessDenied) when calling the X operation: {text}"
            ),
            format!(
                "operation error S3: GetObject, https response error StatusCode: 403, RequestID: 1, api error AccessDenied: {text}"
            ),
            format!("\u{1b}[1;31m{text}\u{1b}[0m"),
            format!("{text} (Service: Kms, Status Code: 400, Request ID: 1-2, Extended Request ID: null)"),
            format!("AccessDeniedException: {text}\n\tstatus code: 400, request id: 1-2"),
            format!(
                "<Error><Code>AccessDenied</Code><Message>{text}</Message><RequestId>1</RequestId></Error>"
            ),
            format!(
                "│ Error: {}",
                text.replace(" because", "\n│ because").replace(" is not", "\n│   is not")
            ),
        ] {
            assert_eq!(as_expected(&DenialMessage::parse(&wrapped)), wanted, "{wrapped}");
        }
    }
}

proptest! {
    #[test]
    fn a_mutated_message_is_read_without_panic(row in 0..68usize, cut in 0..600usize, at in 0..600usize, insert in "\\PC{0,8}") {
        let rows = rows();
        let text: Vec<char> = rows[row]["message"].as_str().unwrap().chars().collect();
        let mut text: String = text.iter().take(cut.max(1)).collect();
        let at = text.char_indices().map(|(place, _)| place).nth(at).unwrap_or(text.len());
        text.insert_str(at, &insert);
        let _ = DenialMessage::parse(&text);
    }
}
