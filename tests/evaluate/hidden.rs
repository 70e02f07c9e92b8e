//! The owner of a resource sees of a caller from another account the account and the unique id, and no more.
//!
//! Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html>

use serde_json::{Value, json};
use why_denied::evaluate::Verdict;
use why_denied::ids::AccountId;
use why_denied::request::Principal;

use super::{ALLOWED, EXPLICIT, IMPLICIT, hangs_on, verdict};

const USER: &str = "AIDAEXAMPLEALICE0001";
const SESSION: &str = "AROAEXAMPLEETLROLE01:s1";
const ROLE: &str = "AROAEXAMPLEETLROLE01";

/// Somebody in account 444455556666 reads an object of 111122223333.
fn reads(unique_id: Option<&str>, more: &Value) -> Verdict {
    let mut line = json!({
        "principal": "arn:aws:iam::444455556666:user/hidden", "action": "s3:GetObject",
        "resource": "arn:aws:s3:::reports/q3.csv", "resource_account": "111122223333", "context_complete": true,
        "identity_policies": [{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}],
    });
    for (name, value) in more.as_object().unwrap() {
        line[name] = value.clone();
    }
    verdict(&line, |request| {
        let account = AccountId::parse("444455556666").unwrap();
        request.principal = Principal::SomeoneIn { account, unique_id: unique_id.map(str::to_owned) };
    })
}

fn named(effect: &str, element: &str, who: &Value) -> Value {
    json!({"resource_policy": {"Statement": {
        "Effect": effect, element: {"AWS": who}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*"
    }}})
}

#[test]
fn whoever_is_named_in_the_account_may_be_the_caller() {
    for who in [
        "arn:aws:iam::444455556666:user/alice",
        "arn:aws:iam::444455556666:role/etl",
        "arn:aws:sts::444455556666:assumed-role/etl/s1",
        "arn:aws:sts::444455556666:federated-user/mia",
    ] {
        for effect in ["Allow", "Deny"] {
            let verdict = reads(None, &named(effect, "Principal", &json!([who])));
            assert!(
                hangs_on(&verdict, "which principal of account 444455556666"),
                "{effect} {who}: {verdict:?}"
            );
        }
        let elsewhere = who.replace("444455556666", "777788889999");
        assert_eq!(
            reads(None, &named("Allow", "Principal", &json!([elsewhere]))).decision(),
            IMPLICIT,
            "{who}"
        );
    }
    assert_eq!(reads(None, &named("Allow", "Principal", &json!("444455556666"))).decision(), ALLOWED);
}

#[test]
fn a_unique_id_tells_who_it_is() {
    for (own, who, expected) in [
        (Some(USER), USER, ALLOWED),
        (Some(USER), "AIDAEXAMPLEALICE0002", IMPLICIT),
        (Some(SESSION), ROLE, ALLOWED),
        (Some(SESSION), "AROAEXAMPLEETLROLE02", IMPLICIT),
        (None, USER, IMPLICIT),
    ] {
        assert_eq!(
            reads(own, &named("Allow", "Principal", &json!([who]))).decision(),
            expected,
            "{own:?} {who}"
        );
    }
}

/// In its own account a role is limited by its boundary where the role is named, a user is not.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html#access_policies_boundaries-eval-logic>
#[test]
fn the_id_of_a_role_names_the_role_and_not_the_session() {
    let within = |who: &str| {
        let mut more = named("Allow", "Principal", &json!([who]));
        more["resource_account"] = json!("444455556666");
        more["permissions_boundary"] =
            json!({"Statement": {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}});
        more
    };
    assert_eq!(reads(Some(SESSION), &within(ROLE)).decision(), IMPLICIT);
    assert_eq!(reads(Some(USER), &within(USER)).decision(), ALLOWED);
    let mut alone = named("Allow", "Principal", &json!([ROLE]));
    alone["resource_account"] = json!("444455556666");
    alone["identity_policies"] = json!([]);
    assert_eq!(reads(Some(SESSION), &alone).decision(), ALLOWED);
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
#[test]
fn not_principal_spares_whom_it_lists_on_every_level() {
    let root = "arn:aws:iam::444455556666:root";
    for (own, listed, expected) in [
        (Some(USER), json!([root, USER]), "spared"),
        (Some(USER), json!([USER]), "open"),
        (Some(USER), json!([root]), "open"),
        (Some(USER), json!(["arn:aws:iam::777788889999:root"]), "denied"),
        (Some(SESSION), json!([root, ROLE]), "open"),
        (Some(SESSION), json!([ROLE]), "open"),
        (Some(SESSION), json!(["AROAEXAMPLEETLROLE02"]), "denied"),
        (None, json!([root, "arn:aws:iam::444455556666:user/alice"]), "open"),
    ] {
        let mut more = named("Deny", "NotPrincipal", &listed);
        let deny = more["resource_policy"]["Statement"].take();
        more["resource_policy"] = json!({"Statement": [deny,
            {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*"}]});
        let verdict = reads(own, &more);
        let found = match verdict.decision() {
            decision if decision == ALLOWED => "spared",
            decision if decision == EXPLICIT => "denied",
            _ => "open",
        };
        assert_eq!(found, expected, "{own:?} {listed}: {verdict:?}");
    }
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html
#[test]
fn which_credentials_call_sts_and_iam_is_not_seen() {
    let role = "arn:aws:iam::111122223333:role/app";
    let trust = json!({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}});
    let assume = json!({"action": "sts:AssumeRole", "resource": role, "resource_policy": trust});
    assert!(hangs_on(&reads(None, &assume), "which kind of credentials"));
    let allow = named("Allow", "Principal", &json!("*"));
    assert_eq!(reads(None, &allow).decision(), ALLOWED);
}

/// "No permissions are required for users to perform this operation", and sessions cannot: it may be a user.
///
/// Source: <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html>
#[test]
fn a_call_without_permissions_is_not_refused_to_whom_it_may_be_open() {
    let more = json!({"action": "sts:GetSessionToken", "resource": "*", "identity_policies": []});
    for own in [None, Some(USER)] {
        let verdict = reads(own, &more);
        assert!(hangs_on(&verdict, "which kind of credentials"), "{own:?}: {verdict:?}");
    }
}

// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
#[test]
fn a_caller_may_be_a_service_linked_role_unless_it_is_a_user() {
    let mut more = named("Allow", "Principal", &json!("*"));
    more["service_control_policies"] = json!([{"target": "r-ab12", "policies": [
        {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}, {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]}]}]);
    assert_eq!(reads(Some(USER), &more).decision(), EXPLICIT);
    for own in [None, Some(SESSION)] {
        let verdict = reads(own, &more);
        assert!(hangs_on(&verdict, "service-linked role"), "{own:?}: {verdict:?}");
    }
}

// "The bucket owner's root user can" change the policy "even if the policy explicitly denies the root user":
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketPolicy.html
#[test]
fn the_root_user_may_be_behind_a_caller_without_an_id() {
    let mut more = named("Deny", "Principal", &json!("*"));
    more["resource_policy"]["Statement"]["Action"] = json!("s3:*");
    more["resource_policy"]["Statement"]["Resource"] = json!("arn:aws:s3:::reports");
    more["resource"] = json!("arn:aws:s3:::reports");
    more["resource_account"] = json!("444455556666");
    for (action, own, open) in [
        ("s3:DeleteBucketPolicy", None, true),
        ("s3:DeleteBucketPolicy", Some(USER), false),
        ("s3:DeleteBucketPolicy", Some(SESSION), false),
        ("s3:PutBucketAcl", None, false),
    ] {
        more["action"] = json!(action);
        let verdict = reads(own, &more);
        assert_eq!(hangs_on(&verdict, "which kind of credentials"), open, "{action} {own:?}: {verdict:?}");
        assert_eq!(verdict.decision() == EXPLICIT, !open, "{action} {own:?}: {verdict:?}");
    }
}
