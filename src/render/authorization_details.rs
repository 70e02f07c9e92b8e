//! AWS's authorization details: the command that fetches them, and what they say, as text and as JSON.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::printable;
use crate::diagnose::{Agreement, AuthorizationTestimony};
use crate::trail::authorization_details::{
    AuthorizationCheck, AuthorizationDetails, AuthorizationEffect, AuthorizationEvaluation,
    AuthorizationPolicy,
};
use crate::trail::message::DenialMessage;

/// The command that fetches the details of a message with an authorization id.
///
/// Source: <https://docs.aws.amazon.com/cli/latest/reference/iam-toolbox/get-request-authorization-details.html>
pub(super) fn command(message: &DenialMessage) -> Option<String> {
    let id = message.authorization_id.as_deref()?;
    let region = message.authorization_region.as_deref().unwrap_or("REGION");
    Some(format!(
        "aws iam-toolbox get-request-authorization-details --authorization-id {id} --region {region} --output json"
    ))
}

/// What to do with the output of the command.
pub(super) const HOW_TO_READ: &str = "what it prints is read with --authorization-details FILE";

/// Details on their own, or beside a message.
pub fn authorization_details_text(details: &AuthorizationDetails, message: Option<&DenialMessage>) -> String {
    let mut out = String::from("AWS's authorization details (testimony; nothing here was evaluated)\n");
    for line in lines(details) {
        let _ = writeln!(out, "  {}", printable(&line));
    }
    if let Some(message) = message {
        let contradictions = details.contradictions(message);
        for line in &contradictions {
            let _ = writeln!(out, "  contradiction: {}", printable(line));
        }
        if contradictions.is_empty() {
            out.push_str("  nothing in them speaks against the message\n");
        }
    }
    out
}

/// The same for programs.
pub fn authorization_details_json(details: &AuthorizationDetails, message: Option<&DenialMessage>) -> Value {
    let mut fields = details_json(details);
    if let (Some(message), Some(fields)) = (message, fields.as_object_mut()) {
        fields.insert("contradictions".to_owned(), json!(details.contradictions(message)));
    }
    fields
}

/// The section of a diagnosis, line by line.
pub(super) fn section(testimony: &AuthorizationTestimony) -> Vec<String> {
    let mut lines = lines(&testimony.details);
    match &testimony.agreement {
        Agreement::Agrees => {
            lines.push("Beside it: nothing in this speaks against the answer above.".to_owned());
        }
        Agreement::NotCompared => {
            lines.push("Beside it: there is no verdict here to compare it with.".to_owned());
        }
        Agreement::Contradicts(contradictions) => {
            lines.extend(contradictions.iter().map(|line| format!("Contradicts the answer above: {line}.")));
        }
    }
    lines
}

/// What stands in the report of a diagnosis.
pub(super) fn json(testimony: &AuthorizationTestimony) -> Value {
    let mut fields = details_json(&testimony.details);
    if let Some(fields) = fields.as_object_mut() {
        fields.insert("agreement".to_owned(), json!(testimony.agreement.name()));
        let contradictions: &[String] = match &testimony.agreement {
            Agreement::Contradicts(contradictions) => contradictions,
            _ => &[],
        };
        fields.insert("contradictions".to_owned(), json!(contradictions));
    }
    fields
}

fn details_json(details: &AuthorizationDetails) -> Value {
    let evaluations: Vec<Value> = details
        .evaluations
        .iter()
        .map(|evaluation| {
            let checks = evaluation.checks.as_ref();
            json!({
                "action": evaluation.action,
                "resource": evaluation.resource,
                "effect": evaluation.effect.map(AuthorizationEffect::name),
                "checks": checks.map(|checks| checks.iter().map(check_json).collect::<Vec<_>>()),
                "policies": evaluation.matched.iter().map(policy_json).collect::<Vec<_>>(),
            })
        })
        .collect();
    json!({ "principal": details.principal(), "time": details.time(), "evaluations": evaluations, "is_cut": details.is_cut })
}

fn check_json(check: &AuthorizationCheck) -> Value {
    json!({
        "type": check.check_type,
        "effect": check.effect.map(AuthorizationEffect::name),
        "target": check.target,
        "policies": check.matched.iter().map(policy_json).collect::<Vec<_>>(),
    })
}

fn policy_json(policy: &AuthorizationPolicy) -> Value {
    let statements: Vec<Value> =
        policy.statements.iter().map(|(sid, effect)| json!({ "statement": sid, "effect": effect })).collect();
    json!({
        "policy": policy.uri,
        "type": policy.policy_type,
        "inline": policy.inline,
        "attached_to": policy.attached_to,
        "source": policy.source,
        "statements": statements,
    })
}

fn lines(details: &AuthorizationDetails) -> Vec<String> {
    let mut lines = Vec::new();
    if details.evaluations.is_empty() {
        lines.push("they hold no evaluation".to_owned());
    }
    let by = details.principal().map_or_else(String::new, |principal| format!(" for {principal}"));
    for evaluation in &details.evaluations {
        let on = evaluation.resource.as_deref().map_or_else(String::new, |arn| format!(" on {arn}"));
        let effect = evaluation.effect.map_or("not a word that is known here", AuthorizationEffect::name);
        lines.push(format!("{}{on}{by}: {effect}", evaluation.action));
        lines.extend(checks(evaluation));
    }
    if details.is_cut {
        lines.push(
            "there are more evaluations on another page: call the AWS CLI without --max-items".to_owned(),
        );
    }
    lines
}

/// Every check that did something, and the policies of an answer without checks.
fn checks(evaluation: &AuthorizationEvaluation) -> Vec<String> {
    let Some(checks) = &evaluation.checks else {
        let mut lines: Vec<String> =
            evaluation.matched.iter().map(|policy| format!("- {}", policy_words(policy))).collect();
        lines.push("- which checks were made, AWS does not say".to_owned());
        return lines;
    };
    let line = |check: &AuthorizationCheck| {
        let target = check.target.as_deref().map_or_else(String::new, |target| format!(" at {target}"));
        let effect = check.effect.map_or("not a word that is known here", AuthorizationEffect::name);
        let policies: Vec<String> = check.matched.iter().map(policy_words).collect();
        let by = if policies.is_empty() { String::new() } else { format!(", {}", policies.join("; ")) };
        format!("- {}{target}: {effect}{by}", check.check_type)
    };
    checks.iter().map(line).collect()
}

fn policy_words(policy: &AuthorizationPolicy) -> String {
    let statements: Vec<String> = policy
        .statements
        .iter()
        .map(|(sid, effect)| if sid.is_empty() { effect.clone() } else { format!("{sid} ({effect})") })
        .collect();
    if statements.is_empty() {
        return format!("by {policy}");
    }
    format!("by {} of {policy}", statements.join(", "))
}
