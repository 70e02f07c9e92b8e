//! What the trace tells of each layer, and which statements nearly applied.

use serde_json::{Value, json};
use why_denied::evaluate::{Compared, Evaluation, Layer, LayerEffect, LayerTrace, StatementTrace, explain};
use why_denied::policy::Effect;

use super::read;

fn explained(line: &Value) -> Evaluation {
    let line = read(line);
    explain(&line.request, &line.policies)
}

fn layer(evaluation: &Evaluation, layer: Layer) -> &LayerTrace {
    evaluation.layers.iter().find(|trace| trace.layer == layer).unwrap()
}

fn effect(evaluation: &Evaluation, wanted: Layer) -> LayerEffect {
    layer(evaluation, wanted).effect
}

fn labels<'a>(traces: impl IntoIterator<Item = &'a StatementTrace>) -> Vec<&'a str> {
    traces.into_iter().map(|trace| trace.label.as_str()).collect()
}

const ALICE: &str = "arn:aws:iam::111122223333:user/alice";

fn gets(more: &Value) -> Value {
    let mut line = json!({
        "principal": ALICE, "action": "s3:GetObject", "resource": "arn:aws:s3:::reports/q3.csv",
        "resource_account": "111122223333", "context_complete": true,
    });
    for (name, value) in more.as_object().unwrap() {
        line[name] = value.clone();
    }
    line
}

#[test]
fn near_misses_are_about_the_action_and_the_nearest_comes_first() {
    let evaluation = explained(&gets(&json!({"identity_policies": [{"Statement": [
        {"Sid": "other-action", "Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"},
        {"Sid": "other-resource", "Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*"},
        {"Sid": "not-resource", "Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::reports/*",
         "Condition": {"Bool": {"aws:SecureTransport": "true"}}},
        {"Sid": "condition", "Effect": "Allow", "Action": "s3:*", "Resource": "*",
         "Condition": {"Bool": {"aws:SecureTransport": "true"}}},
        {"Sid": "deny", "Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*"},
        {"Sid": "applies", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"},
        {"Sid": "not-action", "Effect": "Deny", "NotAction": "s3:*", "Resource": "*"},
        {"Sid": "denies", "Effect": "Deny", "Action": "s3:Get*", "Resource": "*"}
    ]}]})));
    let identity = layer(&evaluation, Layer::Identity);
    assert_eq!(labels(identity.near_misses(Effect::Allow)), ["condition", "other-resource", "not-resource"]);
    assert_eq!(labels(identity.near_misses(Effect::Deny)), ["deny"]);
    assert_eq!(labels(identity.applying(Effect::Allow)), ["applies"]);
    assert_eq!(labels(identity.applying(Effect::Deny)), ["denies"]);
    let distances: Vec<u32> = identity.statements.iter().map(StatementTrace::distance).collect();
    assert_eq!(distances, [100, 5, 6, 1, 5, 0, 100, 0]);
    assert_eq!(identity.statements[2].failed().count(), 2);
}

#[test]
fn a_statement_for_somebody_else_is_farther_than_one_for_another_resource() {
    let evaluation = explained(&gets(&json!({"resource_policy": {"Statement": [
        {"Sid": "both", "Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "s3:*", "Resource": "arn:aws:s3:::b/*"},
        {"Sid": "principal", "Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "s3:*", "Resource": "*"},
        {"Sid": "not-principal", "Effect": "Deny", "NotPrincipal": "*", "Action": "s3:*", "Resource": "*"},
        {"Sid": "resource", "Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*"}
    ]}})));
    let resource = layer(&evaluation, Layer::Resource);
    assert_eq!(labels(resource.near_misses(Effect::Allow)), ["resource", "principal", "both"]);
    assert_eq!(resource.statements.iter().map(StatementTrace::distance).collect::<Vec<_>>(), [15, 10, 10, 5]);
}

#[test]
fn levels_of_a_guardrail_are_named() {
    let level = |target: &str, action: &str| {
        json!({"target": target, "policies": [
        {"Statement": {"Effect": "Allow", "Action": action, "Resource": "*"}}]})
    };
    let everything = json!([{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}]);
    let levels = json!([level("r-ab12", "*"), level("ou-ab12-11111111", "sqs:*")]);
    let evaluation =
        explained(&gets(&json!({"identity_policies": everything, "service_control_policies": levels})));
    let scps: Vec<_> = evaluation.layers.iter().filter(|trace| trace.layer == Layer::Scp).collect();
    let found: Vec<_> = scps.iter().map(|trace| (trace.target.as_deref(), trace.effect)).collect();
    assert_eq!(
        found,
        [(Some("r-ab12"), LayerEffect::Allow), (Some("ou-ab12-11111111"), LayerEffect::ImplicitDeny)]
    );
    assert_eq!(evaluation.denied_by(), [Layer::Scp]);

    let unknown = explained(&gets(&json!({"service_control_policies": "unknown"})));
    assert_eq!(layer(&unknown, Layer::Scp).target, None);
    assert_eq!(effect(&unknown, Layer::Scp), LayerEffect::Unknown);
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
#[test]
fn policies_are_listed_in_the_order_of_the_layers() {
    let named = |name: &str| json!({"name": name, "document": {"Statement": []}});
    let line = read(&gets(&json!({
        "identity_policies": [named("identity-1"), named("identity-2")], "session_policies": [named("session")],
        "permissions_boundary": named("boundary"), "resource_policy": named("resource"),
        "vpc_endpoint_policy": named("endpoint"),
        "service_control_policies": [{"target": "r-ab12", "policies": [named("scp")]}],
        "resource_control_policies": [{"target": "r-ab12", "policies": [named("rcp")]}],
    })));
    let found: Vec<&str> = line.policies.named().map(|policy| policy.name.as_str()).collect();
    let expected = "rcp scp endpoint resource identity-1 identity-2 boundary session";
    assert_eq!(found.join(" "), expected);

    let unknown =
        read(&gets(&json!({"identity_policies": "unknown", "service_control_policies": "unknown"})));
    assert_eq!(unknown.policies.named().count(), 0);
}

// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
#[test]
fn a_guardrail_that_may_not_apply_has_not_denied() {
    let mut line = gets(&json!({
        "principal": "arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForConfig/c",
        "identity_policies": [{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}],
        "service_control_policies": [{"target": "r-ab12", "policies": [{"Statement": [
            {"Effect": "Allow", "Action": "*", "Resource": "*"}, {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]}]}],
    }));
    line["context_complete"] = json!(false);
    let evaluation = explained(&line);
    assert_eq!(effect(&evaluation, Layer::Scp), LayerEffect::Unknown);
    assert!(evaluation.denied_by().is_empty());

    line["principal_facts"] = json!({"role_arn":
        "arn:aws:iam::111122223333:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"});
    let evaluation = explained(&line);
    assert_eq!(effect(&evaluation, Layer::Scp), LayerEffect::NoImpact);
    let note = layer(&evaluation, Layer::Scp).note.as_deref();
    assert_eq!(note, Some("service control policies do not apply to this principal"));
}

const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

#[test]
fn the_grant_that_allows_is_named() {
    let line = |name: &str| {
        gets(&json!({
            "action": "kms:Decrypt", "resource": KEY, "resource_policy": {"Statement": []},
            "kms_grants": [{"GrantId": "0c23", "Name": name, "GranteePrincipal": ALICE, "Operations": ["Decrypt"]},
                           {"GrantId": "9999", "GranteePrincipal": ALICE, "Operations": ["Encrypt"]}],
        }))
    };
    let evaluation = explained(&line("for-etl"));
    assert_eq!(effect(&evaluation, Layer::KmsGrant), LayerEffect::Allow);
    assert_eq!(layer(&evaluation, Layer::KmsGrant).note.as_deref(), Some("for-etl"));
    let mut without = line("");
    without["kms_grants"] = json!([]);
    let evaluation = explained(&without);
    assert_eq!(effect(&evaluation, Layer::KmsGrant), LayerEffect::NoImpact);
    assert_eq!(layer(&evaluation, Layer::KmsGrant).note, None);
}

// "Permission to retire a grant is determined primarily by the grant", whichever account the principal is of:
// https://docs.aws.amazon.com/kms/latest/developerguide/grant-delete.html
#[test]
fn who_retires_a_grant_from_another_account_needs_no_policy() {
    let evaluation = explained(&gets(&json!({
        "principal": "arn:aws:iam::444455556666:user/bob", "action": "kms:RetireGrant", "resource": KEY,
        "identity_policies": [], "resource_policy": {"Statement": []},
        "kms_grants": [{"GrantId": "0c23", "GranteePrincipal": ALICE, "Operations": ["Decrypt"],
                        "RetiringPrincipal": "arn:aws:iam::444455556666:user/bob"}],
    })));
    assert_eq!(evaluation.verdict.decision(), super::ALLOWED);
    assert_eq!(effect(&evaluation, Layer::KmsGrant), LayerEffect::Allow);
    assert_eq!(effect(&evaluation, Layer::Identity), LayerEffect::NoImpact);
    assert_eq!(evaluation.denied_by(), []);
}

// https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html: "Cross-account use: No."
#[test]
fn an_operation_that_does_not_work_across_accounts_is_refused_on_the_side_of_the_key() {
    let line = |principal: &str, effect: &str| {
        gets(&json!({
            "principal": principal, "action": "kms:ScheduleKeyDeletion", "resource": KEY,
            "identity_policies": [{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}],
            "resource_policy": {"Statement": {"Effect": effect, "Principal": "*", "Action": "kms:*", "Resource": "*"}},
        }))
    };
    let stranger = "arn:aws:iam::444455556666:user/bob";
    let evaluation = explained(&line(stranger, "Allow"));
    assert_eq!(evaluation.denied_by(), [Layer::Resource]);
    let note = layer(&evaluation, Layer::Resource).note.as_deref();
    assert_eq!(note, Some("this operation cannot be used on a key of another account"));
    assert_eq!(effect(&explained(&line(stranger, "Deny")), Layer::Resource), LayerEffect::ExplicitDeny);
    assert_eq!(effect(&explained(&line(ALICE, "Allow")), Layer::Resource), LayerEffect::Allow);
    // A service has no identity-based policies, so that the key policy alone decides.
    let service = explained(&line("cloudtrail.amazonaws.com", "Allow"));
    assert_eq!(effect(&service, Layer::Resource), LayerEffect::Allow);
}

#[test]
fn credentials_that_cannot_call_are_reported_with_the_session() {
    let evaluation = explained(&gets(&json!({
        "principal": "arn:aws:sts::111122223333:assumed-role/etl/s1", "action": "sts:GetFederationToken", "resource": "*",
        "identity_policies": [{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}],
    })));
    assert_eq!(evaluation.denied_by(), [Layer::Session]);
    let note = layer(&evaluation, Layer::Session).note.as_deref();
    assert_eq!(note, Some("temporary credentials of this kind cannot call this operation"));
}

// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
#[test]
fn a_deny_of_a_call_that_needs_no_permission_is_shown_as_without_effect() {
    let line = |effect: &str| {
        gets(&json!({
            "action": "sts:GetCallerIdentity", "resource": "*",
            "identity_policies": [{"Statement": {"Effect": effect, "Action": "sts:*", "Resource": "*"}}],
        }))
    };
    let denied = explained(&line("Deny"));
    assert_eq!(effect(&denied, Layer::Identity), LayerEffect::NoImpact);
    let note = layer(&denied, Layer::Identity).note.as_deref();
    assert_eq!(note, Some("without effect: no permissions are required for sts:GetCallerIdentity"));
    assert_eq!(layer(&explained(&line("Allow")), Layer::Identity).note, None);
    let page = "https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html";
    assert_eq!(denied.permissionless.as_deref(), Some(page));
}

/// That a deny is without effect is said of the policies of the caller, and not of that of an endpoint.
///
/// Source: <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>
#[test]
fn the_policy_of_an_endpoint_is_in_doubt_and_those_of_the_caller_are_without_effect() {
    let statement = |effect: &str, action: &str| json!({"Effect": effect, "Action": action, "Resource": "*"});
    let line = |effect: &str, action: &str| {
        let mut through = statement(effect, action);
        through["Principal"] = json!("*");
        explained(&gets(&json!({
            "principal": "arn:aws:sts::111122223333:assumed-role/etl/s1",
            "action": "sts:GetCallerIdentity", "resource": "*", "vpc_endpoint_policy": {"Statement": through},
            "identity_policies": [{"Statement": statement("Deny", "sts:*")}],
            "session_policies": [{"Statement": statement("Deny", "sts:*")}],
        })))
    };
    for (endpoint, expected) in [
        (line("Deny", "sts:*"), LayerEffect::Unknown),
        (line("Allow", "s3:*"), LayerEffect::Unknown),
        (line("Allow", "sts:*"), LayerEffect::NoImpact),
    ] {
        let trace = layer(&endpoint, Layer::VpcEndpoint);
        assert_eq!(trace.effect, expected);
        let is_open = expected == LayerEffect::Unknown;
        assert_eq!(
            super::hangs_on(&endpoint.verdict, "whether the policy of a VPC endpoint can refuse"),
            is_open
        );
        assert_eq!(!trace.hinges.is_empty(), is_open);
        assert_eq!(effect(&endpoint, Layer::Identity), LayerEffect::NoImpact);
        assert_eq!(effect(&endpoint, Layer::Session), LayerEffect::NoImpact);
    }
}

/// Credentials of `GetSessionToken` cannot ask for more of them; long-term ones can.
///
/// Source: <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html>
#[test]
fn credentials_that_may_not_call_stay_in_doubt_where_policies_play_no_part() {
    let mut line = gets(&json!({
        "action": "sts:GetSessionToken", "resource": "*",
        "identity_policies": [{"Statement": {"Effect": "Deny", "Action": "sts:*", "Resource": "*"}}],
    }));
    assert_eq!(explained(&line).verdict.decision(), super::ALLOWED);
    line["context_complete"] = json!(false);
    let open = explained(&line);
    assert_eq!(open.verdict.decision(), None);
    assert_eq!(effect(&open, Layer::Session), LayerEffect::Unknown);
    assert_eq!(effect(&open, Layer::Identity), LayerEffect::NoImpact);
}

/// Whether a call needs no permission is only believed of some: then the layers keep what they say.
#[test]
fn a_call_of_which_it_is_only_believed_is_open_where_the_policies_refuse() {
    let line = |effect: &str| {
        gets(&json!({
            "action": "dynamodb:DescribeEndpoints", "resource": "*",
            "identity_policies": [{"Statement": {"Effect": effect, "Action": "dynamodb:*", "Resource": "*"}}],
        }))
    };
    let allowed = explained(&line("Allow"));
    assert_eq!(allowed.verdict.decision(), super::ALLOWED);
    assert_eq!(effect(&allowed, Layer::Identity), LayerEffect::NoImpact);
    let denied = explained(&line("Deny"));
    assert!(super::hangs_on(&denied.verdict, "whether dynamodb:DescribeEndpoints needs a permission"));
    assert_eq!(effect(&denied, Layer::Identity), LayerEffect::ExplicitDeny);
}

#[test]
fn while_the_owner_is_not_known_a_layer_says_only_what_holds_both_ways() {
    let mut line = gets(&json!({}));
    line.as_object_mut().unwrap().remove("resource_account");
    let silent = explained(&line);
    // In one account the bucket policy need not allow, across accounts it has to.
    assert_eq!(effect(&silent, Layer::Resource), LayerEffect::Unknown);
    // Neither allows, so the identity side is missing both ways.
    assert_eq!(effect(&silent, Layer::Identity), LayerEffect::ImplicitDeny);
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
#[test]
fn block_public_access_tells_which_setting_refuses() {
    let restricts = "RestrictPublicBuckets";
    let note = |settings: &str, action: &str, acl: Option<&str>| {
        let mut line = gets(&json!({
            "action": action, "principal": "arn:aws:iam::444455556666:user/bob",
            "identity_policies": [{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}],
            "resource_policy": {"Statement": {
                "Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::reports/*"}},
            "s3": {"block_public_access": {
                "BlockPublicAcls": settings == "BlockPublicAcls", "IgnorePublicAcls": false,
                "BlockPublicPolicy": false, "RestrictPublicBuckets": settings == restricts}},
        }));
        if let Some(acl) = acl {
            line["context"] = json!({"s3:x-amz-acl": acl});
        }
        let evaluation = explained(&line);
        layer(&evaluation, Layer::S3BlockPublicAccess).note.clone().unwrap_or_default()
    };
    assert!(note(restricts, "s3:GetObject", None).contains(restricts));
    assert!(note(restricts, "s3:PutObject", None).contains(restricts));
    assert!(note(restricts, "s3:PutObject", Some("public-read")).contains(restricts));
    assert!(note("BlockPublicAcls", "s3:PutObject", Some("public-read")).contains("BlockPublicAcls"));
}

/// What the policy asks for is shown as it is compared: with the values of its variables, where the request tells them.
#[test]
fn the_wanted_values_of_a_condition_have_their_variables_filled_in() {
    let wanted = |value: &str| {
        let evaluation = explained(&gets(&json!({
            "context": {"aws:PrincipalTag/team": "blue"},
            "identity_policies": [{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*",
                "Condition": {"StringLike": {"s3:prefix": [value]}}}}],
        })));
        let condition =
            layer(&evaluation, Layer::Identity).statements[0].elements.last().unwrap().compared.clone();
        let Compared::Condition { wanted, .. } = condition else { return String::new() };
        wanted.concat()
    };
    assert_eq!(wanted("home/${aws:PrincipalTag/team}/*"), "home/blue/*");
    for as_written in
        ["home/*", "home/${*}", "home/${aws:PrincipalTag/floor}", "${aws:PrincipalTag/team}/${aws:"]
    {
        assert_eq!(wanted(as_written), as_written);
    }
}
