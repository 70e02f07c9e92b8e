//! The file that `aws iam-toolbox get-request-authorization-details` prints. It belongs to no bundle: somebody gives it
//! beside one.
//!
//! Source: <https://docs.aws.amazon.com/iam-toolbox/latest/APIReference/API_GetRequestAuthorizationDetails.html>

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::BundleProblem;
use super::text::Text;
use crate::trail::authorization_details::{
    AuthorizationCheck, AuthorizationDetails, AuthorizationEffect, AuthorizationEvaluation,
    AuthorizationPolicy,
};

/// The largest file that is read, in bytes. A request needs a handful of actions, and policies are only named.
pub const MAX_AUTHORIZATION_DETAILS: u64 = 4 * 1024 * 1024;

#[derive(Deserialize)]
#[serde(
    rename_all = "camelCase",
    expecting = "what `aws iam-toolbox get-request-authorization-details` prints"
)]
struct Details {
    request_context: BTreeMap<String, Value>,
    evaluations: Vec<Evaluation>,
    policies: Vec<Policy>,
    next_token: Option<String>,
    /// What the AWS CLI writes where somebody asked for no more than one page.
    #[serde(rename = "NextToken")]
    starting_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an evaluation with `action` and `resource`")]
struct Evaluation {
    action: String,
    resource: String,
    evaluated_effect: Option<String>,
    checks: Option<Vec<Check>>,
    matched_policies: Option<Vec<Matched>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a check with `checkType` and `evaluatedEffect`")]
struct Check {
    #[serde(rename = "checkType")]
    kind: String,
    evaluated_effect: String,
    target_arn: Option<String>,
    matched_policies: Option<Vec<Matched>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a policy with `uri`")]
struct Matched {
    uri: String,
    matched_statements: Option<Vec<Statement>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a statement with `sid` and `evaluatedEffect`")]
struct Statement {
    sid: Option<String>,
    evaluated_effect: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a policy with `type` and `uri`")]
struct Policy {
    #[serde(rename = "type")]
    kind: Option<String>,
    inline: Option<bool>,
    uri: Option<String>,
    attached_to: Option<Vec<AttachedTo>>,
    #[serde(rename = "policySource")]
    source: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(expecting = "an entity with `arn`")]
struct AttachedTo {
    arn: Option<String>,
}

/// Reads the file. It is untrusted, as every file is; a word of AWS that is not known here is kept and means nothing.
pub fn authorization_details(file: &str, bytes: Vec<u8>) -> Result<AuthorizationDetails, BundleProblem> {
    let details: Details = Text::new(file, bytes)?.parse()?;
    let policies = details.policies.iter().filter_map(|policy| Some((policy.uri.as_deref()?, policy)));
    let policies: BTreeMap<&str, &Policy> = policies.collect();
    let evaluations = details.evaluations.into_iter().map(|found| evaluation(found, &policies));
    let tokens = [&details.next_token, &details.starting_token];
    Ok(AuthorizationDetails {
        evaluations: evaluations.collect(),
        context: details.request_context.into_iter().map(|(key, value)| (key, values(&value))).collect(),
        is_cut: tokens.into_iter().flatten().any(|token| !token.is_empty()),
    })
}

/// Keys have a value or a list of values.
fn values(value: &Value) -> Vec<String> {
    match value {
        Value::Array(values) => values.iter().flat_map(values_of_item).collect(),
        other => values_of_item(other),
    }
}

fn values_of_item(value: &Value) -> Vec<String> {
    match value {
        Value::Null => Vec::new(),
        Value::String(text) => vec![text.clone()],
        other => vec![other.to_string()],
    }
}

fn evaluation(found: Evaluation, policies: &BTreeMap<&str, &Policy>) -> AuthorizationEvaluation {
    AuthorizationEvaluation {
        action: found.action,
        resource: Some(found.resource).filter(|resource| !resource.is_empty()),
        effect: found.evaluated_effect.as_deref().and_then(AuthorizationEffect::of),
        checks: found.checks.map(|checks| checks.into_iter().map(|one| check(one, policies)).collect()),
        matched: matched(found.matched_policies, policies),
    }
}

fn check(found: Check, policies: &BTreeMap<&str, &Policy>) -> AuthorizationCheck {
    AuthorizationCheck {
        effect: AuthorizationEffect::of(&found.evaluated_effect),
        check_type: found.kind,
        target: found.target_arn,
        matched: matched(found.matched_policies, policies),
    }
}

fn matched(found: Option<Vec<Matched>>, policies: &BTreeMap<&str, &Policy>) -> Vec<AuthorizationPolicy> {
    let policy = |found: Matched| {
        let about = policies.get(found.uri.as_str());
        let attached = about.and_then(|policy| policy.attached_to.as_ref()).into_iter().flatten();
        let source = about.and_then(|policy| policy.source.as_ref());
        let statements = found.matched_statements.unwrap_or_default().into_iter();
        AuthorizationPolicy {
            policy_type: about.and_then(|policy| policy.kind.clone()),
            inline: about.is_none_or(|policy| policy.inline == Some(true)),
            attached_to: attached.filter_map(|entity| entity.arn.clone()).collect(),
            source: source.and_then(source_name),
            statements: statements
                .map(|one| (one.sid.unwrap_or_default(), one.evaluated_effect.unwrap_or_default()))
                .collect(),
            uri: found.uri,
        }
    };
    found.unwrap_or_default().into_iter().map(policy).collect()
}

/// The readable name, with the id of a grant.
fn source_name(source: &BTreeMap<String, String>) -> Option<String> {
    let name = source.get("typeName").or_else(|| source.get("type"))?;
    Some(match source.get("grantId") {
        Some(grant) => format!("{name} {grant}"),
        None => name.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<AuthorizationDetails, String> {
        authorization_details("details.json", text.into()).map_err(|problem| problem.to_string())
    }

    /// The shapes of the API reference.
    #[test]
    fn policies_are_found_by_their_uri() {
        let details = read(
            r#"{"requestContext": {"aws:PrincipalArn": "arn:aws:iam::111122223333:user/u", "aws:MultiFactorAuthPresent": false,
                "aws:TagKeys": ["a", "b"], "aws:SourceVpc": null},
            "evaluations": [{"action": "iam:CreateUser", "resource": "", "evaluatedEffect": "EXPLICIT_DENY",
              "checks": [{"checkType": "PRINCIPAL", "evaluatedEffect": "EXPLICIT_DENY",
                "matchedPolicies": [{"uri": "opaque-1", "matchedStatements": [{"sid": "No", "evaluatedEffect": "DENY"}]}]}]}],
            "policies": [{"type": "IDENTITY_BASED_POLICY", "inline": true, "uri": "opaque-1",
              "attachedTo": [{"arn": "arn:aws:iam::111122223333:user/u"}]}]}"#,
        )
        .unwrap();
        assert_eq!(details.principal(), Some("arn:aws:iam::111122223333:user/u"));
        assert_eq!(details.context["aws:TagKeys"], ["a", "b"]);
        assert_eq!(details.context["aws:MultiFactorAuthPresent"], ["false"]);
        assert!(details.context["aws:SourceVpc"].is_empty() && !details.is_cut);
        let evaluation = &details.evaluations[0];
        assert_eq!(
            (evaluation.resource.as_deref(), evaluation.effect),
            (None, Some(AuthorizationEffect::ExplicitDeny))
        );
        let check = &evaluation.checks.as_ref().unwrap()[0];
        let policy = check.denying().next().unwrap().to_string();
        assert_eq!(policy, "inline policy of arn:aws:iam::111122223333:user/u (opaque-1)");
    }

    #[test]
    fn a_grant_is_named_by_its_id_and_unknown_words_mean_nothing() {
        let details = read(
            r#"{"requestContext": {}, "NextToken": "more", "policies": [{"type": "RESOURCE_BASED_POLICY", "uri": "g",
                "policySource": {"type": "KMS_GRANT", "typeName": "KMS grant", "grantId": "abc"}}],
            "evaluations": [{"action": "kms:Decrypt", "resource": "*", "evaluatedEffect": "PERHAPS",
              "checks": [{"checkType": "STARS", "evaluatedEffect": "ALLOW", "matchedPolicies": [{"uri": "g"}]}]}]}"#,
        )
        .unwrap();
        let check = &details.evaluations[0].checks.as_ref().unwrap()[0];
        assert_eq!((details.evaluations[0].effect, check.policy_type(), details.is_cut), (None, None, true));
        assert_eq!(check.matched[0].to_string(), "KMS grant abc (g)");
    }

    #[test]
    fn what_is_something_else_is_refused_at_its_place() {
        for (text, wanted) in [
            ("", "invalid JSON at details.json:1:1: EOF while parsing a value"),
            ("[]", "unexpected content at details.json:1:"),
            (
                "{\"requestContext\": {},\n \"evaluations\": [{\"action\": 1}]}",
                "unexpected content at details.json:2:",
            ),
            ("{\"policies\": [], \"evaluations\": []}", "missing field `requestContext`"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(wanted), "{error}");
        }
    }
}
