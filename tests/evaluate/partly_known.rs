//! A key that the request did not carry, or carried with a value of which only is known what it is not.

use serde_json::{Value, json};
use why_denied::request::{ContextValue, Provenance};

use super::{ALLOWED, IMPLICIT, hangs_on, verdict};

const KEY: &str = "s3:x-amz-server-side-encryption";

/// The object was not encrypted with `aws:kms`: the header was absent, or it was another.
fn puts(condition: &Value) -> why_denied::evaluate::Verdict {
    let line = json!({
        "principal": "arn:aws:iam::111122223333:user/alice", "action": "s3:PutObject",
        "resource": "arn:aws:s3:::reports/q3.csv", "resource_account": "111122223333", "context_complete": true,
        "identity_policies": [{"Version": "2012-10-17", "Statement":
            {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*", "Condition": condition}}],
    });
    verdict(&line, |request| {
        let other =
            ContextValue::AbsentOrOther { example: "AES256".to_owned(), why: "not aws:kms".to_owned() };
        request.context.set(KEY, other, Provenance::Given);
    })
}

#[test]
fn what_is_the_same_both_ways_is_decided() {
    for (condition, expected) in [
        (json!({"StringEquals": {KEY: "aws:kms"}}), IMPLICIT),
        (json!({"StringNotEquals": {KEY: "aws:kms"}}), ALLOWED),
        (json!({"StringLike": {KEY: "aws:*"}}), IMPLICIT),
    ] {
        assert_eq!(puts(&condition).decision(), expected, "{condition}");
    }
}

#[test]
fn what_differs_is_open() {
    for condition in [
        json!({"Null": {KEY: "true"}}),
        json!({"Null": {KEY: "false"}}),
        json!({"StringEqualsIfExists": {KEY: "aws:kms"}}),
        json!({"StringEquals": {KEY: "AES256"}}),
    ] {
        let verdict = puts(&condition);
        assert!(hangs_on(&verdict, "not aws:kms"), "{condition}: {verdict:?}");
    }
}

/// Another pair of an encryption context that may be there keeps `EncryptionContextEquals` open.
///
/// Source: <https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html>
#[test]
fn a_pair_that_was_not_seen_keeps_an_exact_constraint_open() {
    let key = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let alice = "arn:aws:iam::111122223333:user/alice";
    let line = json!({
        "principal": alice, "action": "kms:Decrypt", "resource": key, "context_complete": true,
        "context": {"kms:EncryptionContext:Department": "IT"}, "resource_policy": {"Statement": []},
        "kms_grants": [{"GrantId": "0c23", "GranteePrincipal": alice, "Operations": ["Decrypt"],
                        "Constraints": {"EncryptionContextEquals": {"Department": "IT"}}}],
    });
    assert_eq!(verdict(&line, |_| {}).decision(), ALLOWED);
    let other = ContextValue::AbsentOrOther { example: "b".to_owned(), why: "not a".to_owned() };
    for (value, why) in [(ContextValue::Unknown("not seen".to_owned()), "not seen"), (other, "not a")] {
        let verdict = verdict(&line, |request| {
            request.context.set("kms:EncryptionContext:Team", value, Provenance::Given);
        });
        assert!(hangs_on(&verdict, why), "{verdict:?}");
    }
}
