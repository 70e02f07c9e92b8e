//! A few cases for each rule, under the page that states it.

use super::{Answer, Decision, decide};
use serde_json::{Value, json};

const USER: &str = "arn:aws:iam::111111111111:user/alice";
const ROLE: &str = "arn:aws:iam::111111111111:role/team/reader";
const SESSION: &str = "arn:aws:sts::111111111111:assumed-role/reader/s1";
const FEDERATED: &str = "arn:aws:sts::111111111111:federated-user/bob";
const ROOT: &str = "arn:aws:iam::111111111111:root";
const OBJECT: &str = "arn:aws:s3:::b/k";
const KEY: &str = "arn:aws:kms:eu-west-1:111111111111:key/1234abcd";
const TARGET_ROLE: &str = "arn:aws:iam::111111111111:role/target";

/// GetObject on an object of account 1; `layers` adds to the line or replaces its fields.
fn line(principal: &str, layers: Value) -> Value {
    let mut line = json!({
        "id": "1", "principal": principal, "action": "s3:GetObject", "resource": OBJECT,
        "resource_account": "111111111111", "context": {}, "context_complete": true,
    });
    if principal.contains(":assumed-role/") {
        line["principal_facts"] = json!({ "role_arn": ROLE });
    }
    for (name, value) in layers.as_object().expect("layers") {
        line[name] = value.clone();
    }
    line
}

fn policy(statements: Value) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

fn allow_all() -> Value {
    policy(json!({ "Effect": "Allow", "Action": "*", "Resource": "*" }))
}

fn deny_all() -> Value {
    policy(json!({ "Effect": "Deny", "Action": "*", "Resource": "*" }))
}

fn for_other_service() -> Value {
    policy(json!({ "Effect": "Allow", "Action": "ec2:*", "Resource": "*" }))
}

/// A resource-based policy that allows everything to `principal`.
fn lets(principal: Value) -> Value {
    policy(json!({ "Effect": "Allow", "Principal": principal, "Action": "*", "Resource": "*" }))
}

fn trusts(principal: Value) -> Value {
    policy(json!({ "Effect": "Allow", "Principal": principal, "Action": "sts:*" }))
}

#[track_caller]
fn check(line: Value, decision: Decision, denied_by: &[&'static str]) {
    let expected = Answer { decision, denied_by: denied_by.iter().copied().collect() };
    assert_eq!(decide(&line), expected, "{line:#}");
}

#[track_caller]
fn allowed(line: Value) {
    check(line, Decision::Allowed, &[]);
}

#[track_caller]
fn silent(line: Value, denied_by: &[&'static str]) {
    check(line, Decision::ImplicitDeny, denied_by);
}

#[track_caller]
fn denied(line: Value, denied_by: &[&'static str]) {
    check(line, Decision::ExplicitDeny, denied_by);
}

#[track_caller]
fn not_modelled(line: Value) {
    let answer = decide(&line);
    assert!(matches!(answer.decision, Decision::NotModelled(_)), "{answer:?} {line:#}");
}

/// Whether one Allow statement of an identity-based policy matches GetObject of `alice`.
#[track_caller]
fn statement_matches(statement: Value, expected: bool) {
    let mut whole = json!({ "Effect": "Allow" });
    if statement.get("NotAction").is_none() {
        whole["Action"] = json!("s3:GetObject");
    }
    if statement.get("NotResource").is_none() {
        whole["Resource"] = json!("*");
    }
    for (name, value) in statement.as_object().expect("statement") {
        whole[name] = value.clone();
    }
    let line = line(USER, json!({ "identity_policies": [policy(whole)] }));
    match expected {
        true => allowed(line),
        false => silent(line, &["identity"]),
    }
}

fn with_condition(condition: Value, context: Value) -> Value {
    let statement = json!({ "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition });
    line(USER, json!({ "context": context, "identity_policies": [policy(statement)] }))
}

#[track_caller]
fn condition(condition: Value, context: Value, expected: bool) {
    match expected {
        true => allowed(with_condition(condition, context)),
        false => silent(with_condition(condition, context), &["identity"]),
    }
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html
#[test]
fn actions() {
    statement_matches(json!({ "Action": "S3:getobject" }), true);
    statement_matches(json!({ "Action": ["ec2:*", "s3:Get*"] }), true);
    statement_matches(json!({ "Action": "s3:GetObjec?" }), true);
    statement_matches(json!({ "Action": "s3:GetObject?" }), false);
    statement_matches(json!({ "NotAction": "s3:Put*" }), true);
    statement_matches(json!({ "NotAction": ["s3:Put*", "s3:Get*"] }), false);
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notresource.html
#[test]
fn resources() {
    statement_matches(json!({ "Resource": "arn:aws:s3:::b/*" }), true);
    statement_matches(json!({ "Resource": "arn:aws:s3:::B/*" }), false);
    statement_matches(json!({ "Resource": "arn:aws:s3:::b" }), false);
    statement_matches(json!({ "Resource": "arn:aws:s3:*:*:b/?" }), true);
    statement_matches(json!({ "NotResource": "arn:aws:s3:::c/*" }), true);
    statement_matches(json!({ "NotResource": ["arn:aws:s3:::c/*", "arn:aws:s3:::b/*"] }), false);
}

/// A wildcard stays in its part of the ARN.
#[test]
fn resource_parts() {
    let request = |pattern: &str| {
        line(
            USER,
            json!({
                "action": "sqs:SendMessage", "resource": "arn:aws:sqs:eu-west-1:111111111111:q:x",
                "identity_policies": [policy(json!({ "Effect": "Allow", "Action": "sqs:*", "Resource": pattern }))],
            }),
        )
    };
    allowed(request("arn:aws:sqs:*:111111111111:q*"));
    silent(request("arn:aws:sqs:*:q:*:*"), &["identity"]);
    silent(request("arn:aws:sqs:*x:*:*"), &["identity"]);
    allowed(request("arn:aws:sqs:*"));
    not_modelled(request("arn:aws:sqs:*:q"));
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
#[test]
fn variables() {
    let alice = |resource: &str, version: &str| {
        line(
            USER,
            json!({
                "resource": "arn:aws:s3:::b/alice",
                "identity_policies": [{ "Version": version, "Statement":
                    { "Effect": "Allow", "Action": "*", "Resource": resource } }],
            }),
        )
    };
    allowed(alice("arn:aws:s3:::b/${aws:username}", "2012-10-17"));
    allowed(alice("arn:aws:s3:::b/${AWS:UserName}", "2012-10-17"));
    silent(alice("arn:aws:s3:::b/${aws:username}", "2008-10-17"), &["identity"]);
    allowed(alice("arn:aws:s3:::b/${aws:PrincipalTag/team, 'alice'}", "2012-10-17"));
    silent(alice("arn:aws:s3:::b/${aws:PrincipalTag/team}*", "2012-10-17"), &["identity"]);
    silent(alice("arn:aws:s3:::b/${*}", "2012-10-17"), &["identity"]);
    // A variable's text is no wildcard.
    let tagged = with_condition(
        json!({ "StringLike": { "s3:prefix": "${aws:PrincipalTag/t}" } }),
        json!({
            "aws:PrincipalTag/t": "*", "s3:prefix": "x",
        }),
    );
    silent(tagged, &["identity"]);
    // "Inverted condition operators like StringNotEquals or StringNotLike do match against a null value".
    condition(
        json!({ "StringNotEquals": { "aws:SourceVpc": "${aws:PrincipalTag/t}" } }),
        json!({ "aws:SourceVpc": "v" }),
        true,
    );
    condition(
        json!({ "StringEquals": { "aws:SourceVpc": "${aws:PrincipalTag/t}" } }),
        json!({ "aws:SourceVpc": "v" }),
        false,
    );
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
#[test]
fn text_operators() {
    let given = json!({ "k:k": "Abc" });
    condition(json!({ "StringEquals": { "K:K": ["x", "Abc"] } }), given.clone(), true);
    condition(json!({ "StringEquals": { "k:k": "abc" } }), given.clone(), false);
    condition(json!({ "StringEqualsIgnoreCase": { "k:k": "aBC" } }), given.clone(), true);
    condition(json!({ "StringNotEquals": { "k:k": ["x", "Abc"] } }), given.clone(), false);
    condition(json!({ "StringNotEquals": { "k:k": ["x", "y"] } }), given.clone(), true);
    condition(json!({ "StringLike": { "k:k": "A*" } }), given.clone(), true);
    condition(json!({ "StringEquals": { "k:k": "A*" } }), given.clone(), false);
    condition(json!({ "StringNotLike": { "k:k": "?bc" } }), given, false);
}

// The same page.
#[test]
fn number_and_date_operators() {
    condition(json!({ "NumericLessThanEquals": { "k:n": "10" } }), json!({ "k:n": 10 }), true);
    condition(json!({ "NumericLessThan": { "k:n": "10" } }), json!({ "k:n": "9.5" }), true);
    condition(json!({ "NumericEquals": { "k:n": "5.0" } }), json!({ "k:n": "5" }), true);
    condition(json!({ "NumericGreaterThan": { "k:n": "-2" } }), json!({ "k:n": "-10" }), false);
    condition(json!({ "NumericEquals": { "k:n": "five" } }), json!({ "k:n": "5" }), false);
    condition(json!({ "NumericNotEquals": { "k:n": ["4", "5"] } }), json!({ "k:n": "5" }), false);

    let now = json!({ "aws:CurrentTime": "2026-11-21T10:00:00Z" });
    condition(
        json!({ "DateGreaterThan": { "aws:CurrentTime": "2026-11-21T10:30:00+01:00" } }),
        now.clone(),
        true,
    );
    condition(json!({ "DateLessThan": { "aws:CurrentTime": "2026-11-21T10:00:00.5Z" } }), now.clone(), true);
    condition(json!({ "DateEquals": { "aws:CurrentTime": "1795255200" } }), now.clone(), true);
    condition(json!({ "DateLessThan": { "aws:CurrentTime": "2026-12-01" } }), now, true);
    condition(
        json!({ "DateLessThan": { "aws:EpochTime": "2020-01-01T00:00:00Z" } }),
        json!({ "aws:EpochTime": 1577836799 }),
        true,
    );
}

// The same page.
#[test]
fn bool_address_and_arn_operators() {
    condition(
        json!({ "Bool": { "aws:SecureTransport": true } }),
        json!({ "aws:SecureTransport": "TRUE" }),
        true,
    );
    condition(
        json!({ "Bool": { "aws:SecureTransport": "false" } }),
        json!({ "aws:SecureTransport": "true" }),
        false,
    );
    condition(json!({ "BinaryEquals": { "k:b": "QmluYXJ5" } }), json!({ "k:b": "QmluYXJ5" }), true);

    let from = json!({ "aws:SourceIp": "203.0.113.7" });
    condition(
        json!({ "IpAddress": { "aws:SourceIp": ["2001:db8::/32", "203.0.113.0/24"] } }),
        from.clone(),
        true,
    );
    condition(json!({ "IpAddress": { "aws:SourceIp": "203.0.113.7" } }), from.clone(), true);
    condition(json!({ "NotIpAddress": { "aws:SourceIp": "2001:db8::/32" } }), from.clone(), true);
    condition(json!({ "NotIpAddress": { "aws:SourceIp": "0.0.0.0/0" } }), from, false);

    let topic = json!({ "aws:SourceArn": "arn:aws:sns:eu-west-1:111111111111:topic:x" });
    condition(
        json!({ "ArnEquals": { "aws:SourceArn": "arn:aws:sns:*:111111111111:t*" } }),
        topic.clone(),
        true,
    );
    condition(json!({ "ArnLike": { "aws:SourceArn": "arn:aws:sns:*:topic:x:*" } }), topic.clone(), false);
    condition(json!({ "ArnNotLike": { "aws:SourceArn": "arn:aws:sns:*:*:*" } }), topic, false);
}

// The same page: a missing key, IfExists and Null.
#[test]
fn missing_keys() {
    condition(json!({ "StringEquals": { "k:k": "x" } }), json!({}), false);
    condition(json!({ "StringNotEquals": { "k:k": "x" } }), json!({}), true);
    condition(json!({ "StringEqualsIfExists": { "k:k": "x" } }), json!({}), true);
    condition(json!({ "StringEqualsIfExists": { "k:k": "x" } }), json!({ "k:k": "y" }), false);
    condition(json!({ "NumericGreaterThan": { "k:k": "1" } }), json!({}), false);
    condition(json!({ "NotIpAddress": { "aws:SourceIp": "10.0.0.0/8" } }), json!({}), true);
    condition(json!({ "Null": { "k:k": "true" } }), json!({}), true);
    condition(json!({ "Null": { "k:k": "true" } }), json!({ "k:k": "x" }), false);
    condition(json!({ "Null": { "k:k": false } }), json!({ "k:k": "x" }), true);
    not_modelled(with_condition(json!({ "NullIfExists": { "k:k": "true" } }), json!({})));
    condition(json!({}), json!({}), true);
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
#[test]
fn many_values() {
    let both = json!({ "aws:TagKeys": ["a", "b"] });
    condition(json!({ "ForAllValues:StringEquals": { "aws:TagKeys": ["a", "b", "c"] } }), both.clone(), true);
    condition(json!({ "ForAllValues:StringEquals": { "aws:TagKeys": ["a"] } }), both.clone(), false);
    condition(json!({ "ForAnyValue:StringEquals": { "aws:TagKeys": ["b"] } }), both.clone(), true);
    condition(json!({ "ForAnyValue:StringNotEquals": { "aws:TagKeys": ["b"] } }), both.clone(), true);
    condition(json!({ "ForAllValues:StringNotEquals": { "aws:TagKeys": ["b"] } }), both.clone(), false);
    condition(json!({ "StringEquals": { "aws:TagKeys": ["a", "b"] } }), both, false);
    condition(json!({ "ForAllValues:StringEquals": { "aws:TagKeys": "a" } }), json!({}), true);
    condition(json!({ "ForAnyValue:StringEquals": { "aws:TagKeys": "a" } }), json!({}), false);
    condition(
        json!({ "ForAllValues:StringEquals": { "aws:TagKeys": "a" } }),
        json!({ "aws:TagKeys": "" }),
        true,
    );
    condition(
        json!({ "ForAnyValue:StringNotEquals": { "aws:TagKeys": "a" } }),
        json!({ "aws:TagKeys": [] }),
        false,
    );
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
#[test]
fn derived_keys() {
    condition(json!({ "ArnEquals": { "aws:PrincipalArn": USER } }), json!({}), true);
    condition(
        json!({ "StringEquals": { "aws:username": "alice", "aws:PrincipalType": "User" } }),
        json!({}),
        true,
    );
    condition(
        json!({ "StringEquals": { "aws:ResourceAccount": "${aws:PrincipalAccount}" } }),
        json!({}),
        true,
    );
    condition(
        json!({ "StringEquals": { "aws:username": "alice" } }),
        json!({ "aws:UserName": "carol" }),
        false,
    );
    condition(json!({ "Bool": { "aws:PrincipalIsAWSService": "false" } }), json!({}), true);
    let by_role = policy(json!({ "Effect": "Allow", "Action": "*", "Resource": "*",
        "Condition": { "ArnEquals": { "aws:PrincipalArn": ROLE } } }));
    allowed(line(SESSION, json!({ "identity_policies": [by_role] })));
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
#[test]
fn explicit_deny_anywhere() {
    for (layers, layer) in [
        (json!({ "identity_policies": [allow_all(), deny_all()] }), "identity"),
        (
            json!({ "permissions_boundary": policy(json!([
            { "Effect": "Allow", "Action": "*", "Resource": "*" },
            { "Effect": "Deny", "Action": "s3:*", "Resource": OBJECT }])) }),
            "boundary",
        ),
        (
            json!({ "resource_policy": policy(json!([{ "Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*" }])) }),
            "resource",
        ),
        (
            json!({ "service_control_policies": [{ "target": "r", "policies": [allow_all(), deny_all()] }] }),
            "scp",
        ),
    ] {
        let mut request = line(USER, json!({ "identity_policies": [allow_all()] }));
        for (name, value) in layers.as_object().expect("layers") {
            request[name] = value.clone();
        }
        denied(request, &[layer]);
    }
    denied(
        line(
            SESSION,
            json!({ "identity_policies": [for_other_service()], "session_policies": [deny_all()] }),
        ),
        &["identity", "session"],
    );
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html (same account)
#[test]
fn identity_boundary_and_session() {
    allowed(line(USER, json!({ "identity_policies": [{ "name": "p", "document": allow_all() }] })));
    silent(line(USER, json!({})), &["identity"]);
    silent(
        line(
            USER,
            json!({ "identity_policies": [allow_all()], "permissions_boundary": for_other_service() }),
        ),
        &["boundary"],
    );
    silent(line(USER, json!({ "permissions_boundary": allow_all() })), &["identity"]);
    allowed(line(SESSION, json!({ "identity_policies": [allow_all()] })));
    silent(
        line(
            SESSION,
            json!({ "identity_policies": [allow_all()], "session_policies": [for_other_service()] }),
        ),
        &["session"],
    );
    // One of several session policies is enough.
    allowed(line(
        SESSION,
        json!({
            "identity_policies": [allow_all()], "session_policies": [for_other_service(), allow_all()],
        }),
    ));
    // A federated user without a session policy has no permissions.
    silent(line(FEDERATED, json!({ "identity_policies": [allow_all()] })), &["session"]);
    allowed(line(
        FEDERATED,
        json!({ "identity_policies": [allow_all()], "session_policies": [allow_all()] }),
    ));
    allowed(line(ROOT, json!({})));
}

// The same page, table "Resource-based policies and implicit denies in other policy types (same account)".
#[test]
fn resource_policy_in_the_same_account() {
    let limits =
        json!({ "permissions_boundary": for_other_service(), "session_policies": [for_other_service()] });
    let request = |principal: &str, named: Value, limited: bool| {
        let mut request = line(principal, json!({ "resource_policy": lets(named) }));
        if limited {
            request["permissions_boundary"] = limits["permissions_boundary"].clone();
            if principal != USER {
                request["session_policies"] = limits["session_policies"].clone();
            }
        }
        request
    };
    allowed(request(USER, json!({ "AWS": USER }), true));
    allowed(request(USER, json!("*"), true));
    silent(request(USER, json!({ "AWS": "111111111111" }), false), &["identity"]);
    silent(request(USER, json!({ "AWS": ROOT }), true), &["identity", "boundary"]);
    allowed(request(SESSION, json!({ "AWS": ROLE }), false));
    silent(request(SESSION, json!({ "AWS": ROLE }), true), &["boundary", "session"]);
    allowed(request(SESSION, json!({ "AWS": SESSION }), true));
    allowed(request(SESSION, json!({ "AWS": "*" }), true));
    allowed(request(FEDERATED, json!({ "AWS": FEDERATED }), true));
    not_modelled(request(FEDERATED, json!({ "AWS": USER }), true));
    let mut by_user = request(FEDERATED, json!({ "AWS": USER }), false);
    by_user["principal_facts"] = json!({ "user_arn": USER });
    silent(by_user.clone(), &["session"]);
    by_user["session_policies"] = json!([allow_all()]);
    allowed(by_user);
    allowed(request(ROOT, json!({ "AWS": ROOT }), false));
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
#[test]
fn cross_account() {
    let request = |principal: &str, named: Option<Value>, identity: Value| {
        let mut request =
            line(principal, json!({ "resource_account": "222222222222", "identity_policies": identity }));
        if let Some(named) = named {
            request["resource_policy"] = lets(named);
        }
        request
    };
    allowed(request(USER, Some(json!({ "AWS": "111111111111" })), json!([allow_all()])));
    silent(request(USER, Some(json!({ "AWS": USER })), json!([])), &["identity"]);
    silent(request(USER, None, json!([allow_all()])), &["resource"]);
    silent(request(USER, Some(json!({ "AWS": "222222222222" })), json!([])), &["resource", "identity"]);
    allowed(request(ROOT, Some(json!({ "AWS": ROOT })), json!([])));
    let mut limited = request(SESSION, Some(json!({ "AWS": SESSION })), json!([allow_all()]));
    limited["session_policies"] = json!([for_other_service()]);
    silent(limited, &["session"]);
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
#[test]
fn principals() {
    let trail = json!({ "Service": ["config.amazonaws.com", "cloudtrail.amazonaws.com"] });
    allowed(line("cloudtrail.amazonaws.com", json!({ "resource_policy": lets(trail) })));
    silent(
        line("cloudtrail.amazonaws.com", json!({ "resource_policy": lets(json!({ "AWS": ROOT })) })),
        &["resource"],
    );
    let anonymous = |policy: Value| {
        line(USER, json!({ "principal": { "type": "Anonymous" }, "resource_policy": policy }))
    };
    allowed(anonymous(lets(json!("*"))));
    allowed(anonymous(lets(json!({ "AWS": "*" }))));
    silent(anonymous(lets(json!({ "AWS": USER }))), &["resource"]);
    silent(
        line(
            USER,
            json!({ "resource_policy": lets(json!({ "AWS": "arn:aws:iam::111111111111:user/Alice" })) }),
        ),
        &["identity"],
    );
    silent(
        line(USER, json!({ "resource_policy": lets(json!({ "AWS": "arn:aws:iam::111111111111:user/*" })) })),
        &["identity"],
    );
    silent(line(USER, json!({ "resource_policy": lets(json!({ "AWS": "AIDAEXAMPLE" })) })), &["identity"]);
    allowed(line(
        USER,
        json!({ "context": { "aws:userid": "AIDAEXAMPLE" }, "resource_policy": lets(json!({ "AWS": "AIDAEXAMPLE" })) }),
    ));
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
#[test]
fn not_principal() {
    let request = |listed: Value| {
        let deny = policy(
            json!({ "Effect": "Deny", "NotPrincipal": { "AWS": listed }, "Action": "*", "Resource": "*" }),
        );
        line(USER, json!({ "identity_policies": [allow_all()], "resource_policy": deny }))
    };
    allowed(request(json!([ROOT, USER])));
    denied(request(json!(["arn:aws:iam::222222222222:root"])), &["resource"]);
    not_modelled(request(json!([USER])));
    let mut bounded = request(json!([ROOT, USER]));
    bounded["permissions_boundary"] = allow_all();
    denied(bounded, &["resource"]);
}

// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
#[test]
fn service_control_policies() {
    let request = |principal: &str, levels: Value| {
        let mut request = line(
            principal,
            json!({
                "service_control_policies": levels, "organization": { "management_account": "999999999999" },
            }),
        );
        if principal != ROOT {
            request["identity_policies"] = json!([allow_all()]);
        }
        request
    };
    let full = json!({ "target": "r-1", "policies": [allow_all()] });
    let other = json!({ "target": "111111111111", "policies": [for_other_service()] });
    let deny = json!({ "target": "ou-1", "policies": [deny_all(), allow_all()] });
    allowed(request(USER, json!([full, full])));
    silent(request(USER, json!([full, other])), &["scp"]);
    silent(request(USER, json!([full, { "target": "ou", "policies": [] }])), &["scp"]);
    denied(request(ROOT, json!([full, deny, full])), &["scp"]);
    allowed(request(USER, json!([])));
    let mut of_management = request(USER, json!([deny]));
    of_management["organization"]["management_account"] = json!("111111111111");
    allowed(of_management);
    let mut service_linked =
        request("arn:aws:sts::111111111111:assumed-role/AWSServiceRoleForX/s", json!([deny]));
    service_linked["principal_facts"] = json!({ "role_arn": "arn:aws:iam::111111111111:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX" });
    allowed(service_linked);
    allowed(line(
        "cloudtrail.amazonaws.com",
        json!({
            "resource_policy": lets(json!({ "Service": "cloudtrail.amazonaws.com" })), "service_control_policies": [deny],
        }),
    ));
}

// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
#[test]
fn resource_control_policies() {
    let everything = json!({ "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*" });
    let deny = json!({ "Effect": "Deny", "Principal": "*", "Action": ["s3:*", "kms:*", "sts:*", "ec2:*"], "Resource": "*" });
    let levels = json!([{ "target": "r", "policies": [policy(json!([everything])), policy(json!([deny]))] }]);
    let request = |layers: Value| {
        let mut request = line(
            USER,
            json!({
                "identity_policies": [allow_all()], "resource_control_policies": levels,
                "organization": { "management_account": "999999999999" },
            }),
        );
        for (name, value) in layers.as_object().expect("layers") {
            request[name] = value.clone();
        }
        request
    };
    denied(request(json!({})), &["rcp"]);
    allowed(request(json!({ "organization": { "management_account": "111111111111" } })));
    allowed(request(
        json!({ "action": "ec2:StopInstances", "resource": "arn:aws:ec2:eu-west-1:111111111111:instance/i" }),
    ));
    let retire = json!({ "action": "kms:RetireGrant", "resource": KEY, "resource_policy": lets(json!({ "AWS": ROOT })) });
    allowed(request(retire));
    denied(
        line(
            "cloudtrail.amazonaws.com",
            json!({
                "resource_policy": lets(json!({ "Service": "cloudtrail.amazonaws.com" })), "resource_control_policies": levels,
            }),
        ),
        &["rcp"],
    );
    silent(
        line(
            USER,
            json!({
                "identity_policies": [allow_all()], "resource_control_policies": [{ "target": "r", "policies": [] }],
            }),
        ),
        &["rcp"],
    );
}

// https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
#[test]
fn endpoint_policies() {
    let request = |endpoint: Value| {
        line(
            USER,
            json!({
                "action": "sqs:SendMessage", "resource": "arn:aws:sqs:eu-west-1:111111111111:q",
                "identity_policies": [allow_all()], "vpc_endpoint_policy": endpoint,
            }),
        )
    };
    allowed(request(lets(json!("*"))));
    silent(request(lets(json!({ "AWS": ROLE }))), &["vpc-endpoint"]);
    silent(
        request(policy(
            json!({ "Effect": "Allow", "Principal": "*", "Action": "sqs:Get*", "Resource": "*" }),
        )),
        &["vpc-endpoint"],
    );
    denied(
        request(policy(json!([
            { "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*" },
            { "Effect": "Deny", "Principal": { "AWS": USER }, "Action": "*", "Resource": "*" },
        ]))),
        &["vpc-endpoint"],
    );
    let by_account =
        json!({ "identity_policies": [allow_all()], "vpc_endpoint_policy": lets(json!({ "AWS": ROOT })) });
    not_modelled(line(USER, by_account));
}

fn key_line(principal: &str, layers: Value) -> Value {
    let mut request =
        line(principal, json!({ "action": "kms:Decrypt", "resource": KEY, "resource_account": null }));
    for (name, value) in layers.as_object().expect("layers") {
        request[name] = value.clone();
    }
    request
}

// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
// https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html
#[test]
fn key_policies() {
    let identity = json!([allow_all()]);
    let by_account = lets(json!({ "AWS": ROOT }));
    let nobody = lets(json!({ "AWS": "arn:aws:iam::111111111111:user/admin" }));
    allowed(key_line(USER, json!({ "identity_policies": identity, "resource_policy": by_account })));
    silent(key_line(USER, json!({ "resource_policy": by_account })), &["identity"]);
    silent(
        key_line(USER, json!({ "identity_policies": identity, "resource_policy": nobody })),
        &["resource"],
    );
    silent(key_line(ROOT, json!({ "resource_policy": nobody })), &["resource"]);
    allowed(key_line(ROOT, json!({ "resource_policy": by_account })));
    allowed(key_line(USER, json!({ "resource_policy": lets(json!({ "AWS": USER })) })));
    let of_account = policy(json!({ "Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*",
        "Condition": { "StringEquals": { "kms:CallerAccount": "111111111111" } } }));
    allowed(key_line(USER, json!({ "resource_policy": of_account })));
    let by_role = lets(json!({ "AWS": ROLE }));
    silent(
        key_line(SESSION, json!({ "resource_policy": by_role, "session_policies": [for_other_service()] })),
        &["session"],
    );
    not_modelled(key_line(USER, json!({ "identity_policies": identity })));
}

// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
// https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html ("Cross-account use: No")
#[test]
fn keys_of_other_accounts() {
    let other_key = "arn:aws:kms:eu-west-1:222222222222:key/1234abcd";
    let request = |action: &str, identity: Value, policy: Value| {
        key_line(
            USER,
            json!({ "action": action, "resource": other_key, "identity_policies": identity, "resource_policy": policy }),
        )
    };
    allowed(request("kms:Decrypt", json!([allow_all()]), lets(json!({ "AWS": ROOT }))));
    silent(request("kms:Decrypt", json!([]), lets(json!({ "AWS": USER }))), &["identity"]);
    silent(
        request("kms:Decrypt", json!([allow_all()]), lets(json!({ "AWS": "222222222222" }))),
        &["resource"],
    );
    silent(request("kms:PutKeyPolicy", json!([allow_all()]), lets(json!({ "AWS": ROOT }))), &["resource"]);
}

// https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
// https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html
#[test]
fn key_grants() {
    let nobody = lets(json!({ "AWS": "arn:aws:iam::111111111111:user/admin" }));
    let request = |principal: &str, grant: Value, context: Value| {
        key_line(principal, json!({ "resource_policy": nobody, "kms_grants": [grant], "context": context }))
    };
    let grant = json!({ "KeyId": KEY, "GranteePrincipal": USER, "Operations": ["Decrypt"] });
    allowed(request(USER, grant.clone(), json!({})));
    silent(
        request("arn:aws:iam::111111111111:user/carol", grant.clone(), json!({})),
        &["resource", "identity"],
    );
    let mut encrypt = grant.clone();
    encrypt["Operations"] = json!(["Encrypt"]);
    silent(request(USER, encrypt, json!({})), &["resource", "identity"]);
    let mut subset = grant.clone();
    subset["Constraints"] = json!({ "EncryptionContextSubset": { "a": "1" } });
    allowed(request(
        USER,
        subset.clone(),
        json!({ "kms:EncryptionContext:a": "1", "kms:EncryptionContext:b": "2" }),
    ));
    silent(request(USER, subset, json!({ "kms:EncryptionContext:a": "2" })), &["resource", "identity"]);
    let mut equals = grant.clone();
    equals["Constraints"] = json!({ "EncryptionContextEquals": { "a": "1" } });
    allowed(request(USER, equals.clone(), json!({ "kms:EncryptionContext:a": "1" })));
    silent(
        request(USER, equals, json!({ "kms:EncryptionContext:a": "1", "kms:EncryptionContext:b": "2" })),
        &["resource", "identity"],
    );
    let mut denied_too = request(USER, grant, json!({}));
    denied_too["identity_policies"] = json!([deny_all()]);
    denied(denied_too, &["identity"]);
}

// https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html
// https://docs.aws.amazon.com/kms/latest/developerguide/alias-access.html
#[test]
fn key_operations_without_key_policy() {
    let list = json!({ "action": "kms:ListKeys", "resource": "*", "identity_policies": [allow_all()] });
    allowed(key_line(USER, list));
    silent(key_line(USER, json!({ "action": "kms:CreateKey", "resource": "*" })), &["identity"]);
    let alias = |owner: &str| {
        key_line(
            USER,
            json!({
                "action": "kms:CreateAlias", "resource": format!("arn:aws:kms:eu-west-1:{owner}:alias/a"),
                "identity_policies": [allow_all()],
            }),
        )
    };
    allowed(alias("111111111111"));
    silent(alias("222222222222"), &["resource"]);
    not_modelled(key_line(
        USER,
        json!({
            "resource": "arn:aws:kms:eu-west-1:111111111111:alias/a", "identity_policies": [allow_all()],
        }),
    ));
}

fn role_line(principal: &str, trust: Value, layers: Value) -> Value {
    let mut request = line(
        principal,
        json!({
            "action": "sts:AssumeRole", "resource": TARGET_ROLE, "resource_account": null, "resource_policy": trust,
        }),
    );
    for (name, value) in layers.as_object().expect("layers") {
        request[name] = value.clone();
    }
    request
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_compare-resource-policies.html
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_request.html
#[test]
fn role_trust() {
    let identity = json!({ "identity_policies": [allow_all()] });
    allowed(role_line(USER, trusts(json!({ "AWS": USER })), json!({})));
    allowed(role_line(USER, trusts(json!("*")), json!({})));
    silent(role_line(USER, trusts(json!({ "AWS": ROOT })), json!({})), &["identity"]);
    allowed(role_line(USER, trusts(json!({ "AWS": ROOT })), identity.clone()));
    silent(role_line(USER, trusts(json!({ "AWS": ROLE })), identity.clone()), &["role-trust"]);
    let across = json!({ "resource": "arn:aws:iam::222222222222:role/target" });
    silent(role_line(USER, trusts(json!({ "AWS": USER })), across), &["identity"]);
    allowed(role_line("ec2.amazonaws.com", trusts(json!({ "Service": "ec2.amazonaws.com" })), json!({})));
    silent(
        role_line("ecs.amazonaws.com", trusts(json!({ "Service": "ec2.amazonaws.com" })), json!({})),
        &["role-trust"],
    );
    let tag = policy(json!({ "Effect": "Allow", "Principal": { "AWS": USER }, "Action": "sts:AssumeRole" }));
    silent(
        role_line(USER, tag, json!({ "action": "sts:TagSession", "identity_policies": [allow_all()] })),
        &["role-trust"],
    );
    not_modelled(role_line(USER, Value::Null, identity));
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html ("Web identity session principals")
#[test]
fn role_trust_of_providers() {
    let provider = "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com";
    let trust = |claim: &str| {
        policy(
            json!({ "Effect": "Allow", "Principal": { "Federated": provider }, "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": { "StringLike": { "token.actions.githubusercontent.com:sub": claim } } }),
        )
    };
    let request = |claim: &str| {
        role_line(
            provider,
            trust(claim),
            json!({
                "action": "sts:AssumeRoleWithWebIdentity",
                "context": { "token.actions.githubusercontent.com:sub": "repo:o/r:ref:refs/heads/main" },
            }),
        )
    };
    allowed(request("repo:o/r:*"));
    silent(request("repo:o/other:*"), &["role-trust"]);
    let mut google = request("repo:o/r:*");
    google["principal"] = json!("accounts.google.com");
    silent(google, &["role-trust"]);
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
#[test]
fn block_public_access() {
    let request = |condition: Value, owner: &str| {
        let public = policy(
            json!({ "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": condition }),
        );
        line(
            USER,
            json!({
                "resource_account": owner, "identity_policies": [allow_all()], "resource_policy": public,
                "context": { "aws:SourceVpc": "vpc-91237329", "aws:SourceIp": "203.0.113.7" },
                "s3": { "block_public_access": { "RestrictPublicBuckets": true } },
            }),
        )
    };
    let block = ["s3-block-public-access"];
    denied(request(json!({}), "222222222222"), &block);
    allowed(request(json!({}), "111111111111"));
    denied(request(json!({ "StringLike": { "aws:SourceVpc": "vpc-*" } }), "222222222222"), &block);
    allowed(request(json!({ "StringEquals": { "aws:SourceVpc": "vpc-91237329" } }), "222222222222"));
    allowed(request(json!({ "IpAddress": { "aws:SourceIp": "203.0.113.0/24" } }), "222222222222"));
    denied(request(json!({ "IpAddress": { "aws:SourceIp": "0.0.0.0/0" } }), "222222222222"), &block);
    // A public statement hides the statement for the caller's account.
    let mut both = request(json!({}), "222222222222");
    both["resource_policy"] = policy(json!([
        { "Effect": "Allow", "Principal": { "AWS": "111111111111" }, "Action": "*", "Resource": "*" },
        { "Effect": "Allow", "Principal": { "Federated": "graph.facebook.com" }, "Action": "s3:PutObject", "Resource": "*" },
    ]));
    denied(both, &block);
    let mut fixed = request(json!({}), "222222222222");
    fixed["resource_policy"] = lets(json!({ "AWS": "111111111111" }));
    allowed(fixed);
    let mut service = request(json!({}), "222222222222");
    service["principal"] = json!("cloudtrail.amazonaws.com");
    service["identity_policies"] = json!([]);
    allowed(service);
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
#[test]
fn object_ownership() {
    let request = |owner: &str| {
        line(
            USER,
            json!({
                "identity_policies": [allow_all()], "resource_policy": lets(json!({ "AWS": USER })), "s3": { "object_owner": owner },
            }),
        )
    };
    allowed(request("111111111111"));
    silent(request("222222222222"), &["s3-ownership"]);
    let mut listing = request("222222222222");
    listing["action"] = json!("s3:ListBucket");
    listing["resource"] = json!("arn:aws:s3:::b");
    allowed(listing);
}

// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
#[test]
fn operations_without_permission() {
    for action in ["sts:GetCallerIdentity", "sts:GetSessionToken"] {
        allowed(line(USER, json!({ "action": action, "resource": "*", "identity_policies": [deny_all()] })));
    }
    silent(line(USER, json!({ "action": "sts:GetAccessKeyInfo", "resource": "*" })), &["identity"]);
}

// https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html
#[test]
fn organizations_callers() {
    let request = |action: &str, management: &str, delegated: Value| {
        line(
            USER,
            json!({
                "action": action, "resource": "*", "identity_policies": [allow_all()],
                "organization": { "management_account": management, "delegated_administrators": delegated },
            }),
        )
    };
    let none = json!({});
    let delegated = json!({ "inspector2.amazonaws.com": ["111111111111"] });
    allowed(request("organizations:ListAccounts", "111111111111", none.clone()));
    silent(request("organizations:ListAccounts", "999999999999", none.clone()), &["account-kind"]);
    allowed(request("organizations:ListAccounts", "999999999999", delegated.clone()));
    silent(request("organizations:CreateAccount", "999999999999", delegated.clone()), &["account-kind"]);
    not_modelled(request("organizations:AttachPolicy", "999999999999", delegated));
    allowed(request("organizations:DescribeOrganization", "999999999999", none.clone()));
    silent(request("organizations:LeaveOrganization", "111111111111", none), &["account-kind"]);
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html ("incomplete ARN")
#[test]
fn incomplete_arns() {
    statement_matches(json!({ "Resource": "arn:aws:s3" }), true);
    statement_matches(json!({ "Resource": "arn:aws:sqs" }), false);
    statement_matches(json!({ "Resource": "arn:aws:s3:eu-west-1" }), false);
    statement_matches(json!({ "NotResource": "arn:aws:s3" }), false);
    let short = policy(json!({ "Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3" }));
    let other = policy(json!({ "Effect": "Allow", "Action": "*", "Resource": "arn:aws:sqs" }));
    let with = |layer: &str, policies: Value| {
        line(SESSION, json!({ "identity_policies": [allow_all()], layer: policies }))
    };
    allowed(with("permissions_boundary", short.clone()));
    silent(with("permissions_boundary", other.clone()), &["boundary"]);
    not_modelled(with("session_policies", json!([short])));
    silent(with("session_policies", json!([other])), &["session"]);
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-policies-s3.html
#[test]
fn s3_actions_without_a_bucket() {
    let request = |resource: &str| {
        line(
            USER,
            json!({
                "action": "s3:ListAllMyBuckets", "resource": "*",
                "identity_policies": [policy(json!({ "Effect": "Allow", "Action": "s3:*", "Resource": resource }))],
            }),
        )
    };
    allowed(request("arn:aws:s3:::*"));
    silent(request("arn:aws:s3:::b"), &["identity"]);
    silent(request("arn:aws-cn:s3:::*"), &["identity"]);
}

// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketPolicy.html
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-limitations-of-custom-policies.html
#[test]
fn operations_of_the_owning_account() {
    let bucket = |principal: &str, policy: Value| {
        line(
            principal,
            json!({ "action": "s3:DeleteBucketPolicy", "resource": "arn:aws:s3:::b", "resource_policy": policy }),
        )
    };
    let nobody =
        policy(json!({ "Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "arn:aws:s3:::b" }));
    allowed(bucket(ROOT, nobody.clone()));
    denied(bucket(USER, nobody.clone()), &["resource", "identity"]);
    denied(bucket("arn:aws:iam::222222222222:root", nobody), &["resource"]);
    allowed(bucket(USER, lets(json!({ "AWS": USER }))));
    silent(bucket("arn:aws:iam::222222222222:root", lets(json!("*"))), &["resource"]);
    let queue = |action: &str| {
        line(
            USER,
            json!({
                "action": action, "resource": "arn:aws:sqs:eu-west-1:222222222222:q", "resource_account": null,
                "identity_policies": [allow_all()], "resource_policy": lets(json!({ "AWS": USER })),
            }),
        )
    };
    silent(queue("sqs:DeleteQueue"), &["resource"]);
    allowed(queue("sqs:SendMessage"));
}

// https://docs.aws.amazon.com/kms/latest/developerguide/grant-delete.html
#[test]
fn retired_grants() {
    let nobody = lets(json!({ "AWS": "arn:aws:iam::111111111111:user/admin" }));
    let request = |principal: &str, retiring: &str, identity: Value| {
        let grant = json!({
            "KeyId": KEY, "GranteePrincipal": ROLE, "RetiringPrincipal": retiring, "Operations": ["Decrypt"],
        });
        key_line(
            principal,
            json!({
                "action": "kms:RetireGrant", "resource_policy": nobody, "kms_grants": [grant],
                "identity_policies": identity,
            }),
        )
    };
    let (foreign, other) = ("arn:aws:iam::222222222222:user/bob", "arn:aws:iam::111111111111:user/carol");
    let account = "arn:aws:iam::222222222222:root";
    allowed(request(USER, USER, json!([])));
    allowed(request(foreign, foreign, json!([])));
    allowed(request(SESSION, ROLE, json!([])));
    silent(request(USER, other, json!([])), &["identity"]);
    allowed(request(USER, other, json!([allow_all()])));
    silent(request(foreign, other, json!([allow_all()])), &["resource"]);
    allowed(request(foreign, account, json!([allow_all()])));
    silent(request(foreign, account, json!([])), &["identity"]);
    denied(request(USER, USER, json!([deny_all()])), &["identity"]);
    let mut grantee = request(SESSION, other, json!([]));
    silent(grantee.clone(), &["identity"]);
    grantee["kms_grants"][0]["Operations"] = json!(["RetireGrant"]);
    allowed(grantee);
    let mut by_key_policy = request(USER, other, json!([]));
    by_key_policy["resource_policy"] = lets(json!({ "AWS": USER }));
    silent(by_key_policy, &["identity"]);
    let mut denied_by_key_policy = request(USER, USER, json!([]));
    denied_by_key_policy["resource_policy"] =
        policy(json!({ "Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*" }));
    not_modelled(denied_by_key_policy);
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
#[test]
fn keys_that_follow_from_others() {
    let owner = json!({ "StringEquals": { "aws:ResourceAccount": "111111111111" } });
    let asks = |action: &str, condition: Value, context: Value| {
        line(
            USER,
            json!({
                "action": action, "context": context, "identity_policies": [policy(
                    json!({ "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition }))],
                "resource": "arn:aws:ec2:eu-west-1::snapshot/snap-1",
            }),
        )
    };
    silent(asks("ebs:GetSnapshotBlock", owner.clone(), json!({})), &["identity"]);
    silent(asks("ec2:CopySnapshot", owner.clone(), json!({})), &["identity"]);
    allowed(asks("ec2:DeleteSnapshot", owner.clone(), json!({})));
    not_modelled(asks("events:PutEvents", owner, json!({})));
    let chain = json!({ "aws:CalledVia": ["cloudformation.amazonaws.com", "dynamodb.amazonaws.com"] });
    let first = json!({ "StringEquals": { "aws:CalledViaFirst": "cloudformation.amazonaws.com" } });
    let last = json!({ "StringEquals": { "aws:CalledViaLast": "cloudformation.amazonaws.com" } });
    allowed(asks("ec2:DeleteSnapshot", first.clone(), chain.clone()));
    silent(asks("ec2:DeleteSnapshot", last, chain), &["identity"]);
    silent(asks("ec2:DeleteSnapshot", first, json!({})), &["identity"]);
}

// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
#[test]
fn origin_access_identities() {
    let identity = "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1";
    let request = |principal: Value| line(identity, json!({ "resource_policy": lets(principal) }));
    allowed(request(json!({ "AWS": identity })));
    silent(
        request(json!({ "AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E2" })),
        &["resource"],
    );
    silent(request(json!({ "AWS": ROOT })), &["resource"]);
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html ("You cannot use a wildcard")
#[test]
fn wildcards_inside_principals() {
    let request = |principal: &str, effect: &str, named: Value| {
        let statements = json!([
            { "Effect": "Allow", "Principal": { "AWS": USER, "Service": "logs.amazonaws.com" }, "Action": "*", "Resource": "*" },
            { "Effect": effect, "Principal": named, "Action": "*", "Resource": "*" },
        ]);
        line(principal, json!({ "resource_policy": policy(statements) }))
    };
    let service = "cloudtrail.amazonaws.com";
    not_modelled(request(service, "Deny", json!({ "Service": "*" })));
    silent(request(service, "Allow", json!({ "Service": "*" })), &["resource"]);
    silent(request(service, "Deny", json!({ "Service": "logs.*" })), &["resource"]);
    allowed(request(USER, "Deny", json!({ "Service": "*" })));
    not_modelled(request(USER, "Deny", json!({ "AWS": "arn:aws:iam::*:root" })));
    not_modelled(request(USER, "Deny", json!({ "AWS": "1111*" })));
    allowed(request(USER, "Deny", json!({ "AWS": "2222*" })));
    silent(request(SESSION, "Allow", json!({ "AWS": "arn:aws:iam::111111111111:role/*" })), &["identity"]);
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_enable-user-change.html
// https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html
#[test]
fn allowed_without_policy() {
    let password = |user: &str, layers: Value| {
        let mut request = line(
            USER,
            json!({ "action": "iam:ChangePassword", "resource": format!("arn:aws:iam::111111111111:user/{user}") }),
        );
        request["identity_policies"] = layers;
        request
    };
    not_modelled(password("alice", json!([])));
    allowed(password("alice", json!([allow_all()])));
    denied(password("alice", json!([deny_all()])), &["identity"]);
    silent(password("bob", json!([])), &["identity"]);
    let mount = |policy: Value| {
        line(
            USER,
            json!({
                "action": "elasticfilesystem:ClientMount", "resource_policy": policy,
                "resource": "arn:aws:elasticfilesystem:eu-west-1:111111111111:file-system/fs-1",
            }),
        )
    };
    not_modelled(mount(Value::Null));
    silent(mount(lets(json!({ "AWS": ROLE }))), &["identity"]);
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_terms-and-concepts.html ("Trust policy")
#[test]
fn iam_on_a_role() {
    let identity = json!({ "identity_policies": [allow_all()], "action": "iam:GetRole" });
    allowed(role_line(USER, trusts(json!({ "AWS": ROLE })), identity.clone()));
    let mut across = role_line(USER, lets(json!({ "AWS": USER })), identity);
    across["resource"] = json!("arn:aws:iam::222222222222:role/target");
    silent(across, &["resource"]);
}

#[test]
fn left_out() {
    let allow = json!([allow_all()]);
    not_modelled(line(USER, json!({ "context_complete": false, "identity_policies": allow })));
    not_modelled(line(USER, json!({ "identity_policies": "unknown" })));
    not_modelled(line(USER, json!({ "resource_account": null, "identity_policies": allow })));
    not_modelled(line(SESSION, json!({ "principal_facts": {}, "identity_policies": allow })));
    not_modelled(line(
        USER,
        json!({ "identity_policies": [{ "Statement": { "Effect": "allow", "Action": "*", "Resource": "*" } }] }),
    ));
}
