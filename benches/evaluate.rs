//! How many requests a second one thread decides. Policies are parsed once; `cargo bench --bench evaluate`.

#![allow(
    clippy::pedantic,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark may panic"
)]

use std::fs;
use std::path::Path;

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use serde_json::{Value, json};
use why_denied::evaluate::{decide, explain};
use why_denied::simulate::{ParsedLine, PolicyCache, parse_line};

fn main() {
    divan::main();
}

const ROLE: &str = "arn:aws:iam::111111111111:role/team/app";

fn policy(statements: &Value) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// GetObject by a role session.
fn request(layers: Value) -> Value {
    let mut line = json!({
        "principal": "arn:aws:sts::111111111111:assumed-role/app/s1",
        "principal_facts": { "role_arn": ROLE, "tags": { "team": "blue" } },
        "action": "s3:GetObject",
        "resource": "arn:aws:s3:::data/blue/report.csv",
        "resource_account": "111111111111",
        "context": {
            "aws:SourceIp": "203.0.113.7",
            "aws:SecureTransport": "true",
            "aws:PrincipalOrgID": "o-example",
            "aws:CurrentTime": "2026-11-21T10:00:00Z",
            "aws:RequestedRegion": "eu-west-1"
        },
        "context_complete": true
    });
    for (name, layer) in layers.as_object().into_iter().flatten() {
        line[name] = layer.clone();
    }
    line
}

fn bucket_policy() -> Value {
    policy(&json!([
        { "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::data", "arn:aws:s3:::data/*"],
          "Condition": { "Bool": { "aws:SecureTransport": "false" } } },
        { "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::222222222222:role/reader" }, "Action": "s3:GetObject",
          "Resource": "arn:aws:s3:::data/*" }
    ]))
}

/// One identity policy and one bucket policy.
fn tiny() -> ParsedLine {
    parse(&request(json!({
        "identity_policies": [policy(&json!([
            { "Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"],
              "Resource": "arn:aws:s3:::data/${aws:PrincipalTag/team}/*" },
            { "Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::data" }
        ]))],
        "resource_policy": bucket_policy(),
    })))
}

/// Ten AWS managed policies, SCPs at three levels, a boundary and a bucket policy.
fn realistic() -> ParsedLine {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/data/managed");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut identity: Vec<Value> =
        files.iter().map(|path| serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()).collect();
    let statements: usize =
        identity.iter().map(|policy| policy["Statement"].as_array().map_or(1, Vec::len)).sum();
    assert!((260..=272).contains(&statements), "{statements} statements");
    // What allows stands last, so that nothing can be skipped.
    identity.push(policy(
        &json!({ "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*" }),
    ));
    let full = policy(&json!({ "Effect": "Allow", "Action": "*", "Resource": "*" }));
    let regions = policy(&json!({
        "Sid": "Regions", "Effect": "Deny", "NotAction": ["iam:*", "organizations:*", "sts:*", "support:*"], "Resource": "*",
        "Condition": { "StringNotEquals": { "aws:RequestedRegion": ["eu-west-1", "eu-central-1"] },
                       "ArnNotLike": { "aws:PrincipalArn": "arn:aws:iam::*:role/aws-reserved/*" } }
    }));
    let guard = policy(&json!([
        { "Effect": "Deny", "Action": ["cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "config:Delete*"], "Resource": "*" },
        { "Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": { "StringNotEqualsIfExists": { "aws:PrincipalOrgID": "o-example" } } }
    ]));
    let boundary = policy(&json!([
        { "Effect": "Allow", "Action": ["s3:*", "kms:*", "sqs:*", "logs:*", "ec2:Describe*"], "Resource": "*" },
        { "Effect": "Deny", "Action": ["iam:*", "organizations:*"], "Resource": "*" }
    ]));
    parse(&request(json!({
        "identity_policies": identity,
        "permissions_boundary": boundary,
        "resource_policy": bucket_policy(),
        "service_control_policies": [
            { "target": "r-ab12", "policies": [full, regions] },
            { "target": "ou-ab12-11111111", "policies": [full, guard] },
            { "target": "111111111111", "policies": [full] }
        ],
    })))
}

fn parse(line: &Value) -> ParsedLine {
    let parsed = parse_line(&line.to_string(), &mut PolicyCache::default()).unwrap();
    assert_eq!(decide(&parsed.request, &parsed.policies).decision().unwrap().name(), "Allowed");
    parsed
}

#[divan::bench(args = ["tiny", "realistic"])]
fn without_trace(bencher: Bencher<'_, '_>, case: &str) {
    let line = if case == "tiny" { tiny() } else { realistic() };
    bencher
        .counter(ItemsCount::new(1_u32))
        .bench_local(|| decide(black_box(&line.request), black_box(&line.policies)));
}

#[divan::bench(args = ["tiny", "realistic"])]
fn with_trace(bencher: Bencher<'_, '_>, case: &str) {
    let line = if case == "tiny" { tiny() } else { realistic() };
    bencher
        .counter(ItemsCount::new(1_u32))
        .bench_local(|| explain(black_box(&line.request), black_box(&line.policies)));
}
