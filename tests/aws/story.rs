//! The first thing that anybody does: `why-denied`, right after a refusal.

use std::time::Duration;

use crate::live::Live;
use crate::program::Run;
use crate::server::{Server, World};

fn just_happened() -> Server {
    let mut world = World::example("s3-kms-download").happening_now();
    world.lookups_per_second = Some(2);
    Server::start(world)
}

/// The download that S3 did not refuse, as its README tells it.
#[test]
fn without_arguments_the_last_refusal_is_explained() {
    let server = just_happened();
    let live = Live::new(&server);
    let timed = live.timed(&[]);
    let first = timed.run.stdout.lines().next().unwrap_or_default();
    assert_eq!(
        first,
        "DENIED kms:Decrypt on key/1234abcd-12ab-34cd-56ef-1234567890ab for s3_full_access (behind s3:GetObject iam-error-test/reports/2026-08-sales.csv)",
        "{}",
        timed.run.stderr
    );
    assert!(timed.run.stdout.contains("no identity-based policy allows kms:Decrypt"), "{}", timed.run.stdout);
    assert!(timed.run.stdout.contains("fix (verified)"), "{}", timed.run.stdout);
    assert_eq!(timed.run.code, Some(0), "{}", timed.run.stderr);
}

/// Somebody waits for the answer. A machine that is busy with something else gets another try.
#[test]
fn it_takes_less_than_three_seconds() {
    let took = || {
        let server = just_happened();
        let timed = Live::new(&server).timed(&["--format", "json"]);
        assert_eq!(timed.run.json()["diagnoses"][0]["standing"], "proven", "{}", timed.run.stderr);
        timed.took
    };
    let tries: Vec<Duration> =
        (0..3).map(|_| took()).take_while(|took| *took >= Duration::from_secs(3)).collect();
    assert!(tries.len() < 3, "{tries:?}");
}

#[test]
fn stats_say_how_many_calls_were_made() {
    let server = Server::start(World::example("s3-kms-download").happening_now());
    let run = Live::new(&server).run(&["--stats", "--format", "json"]);
    let said = run.stderr.lines().find(|line| line.contains("calls of AWS")).unwrap_or_default();
    let number: usize = said.split_whitespace().find_map(|word| word.parse().ok()).unwrap_or_default();
    assert_eq!(number, server.calls().len(), "{}", run.stderr);
}

/// What AWS refuses to the tool for having asked too often is tried again, not lost.
#[test]
fn the_limit_of_the_event_history_costs_no_events() {
    let server = just_happened();
    let limited = Live::new(&server).run(&["--format", "json"]);
    let free = Server::start(World::example("s3-kms-download").happening_now());
    let unlimited = Live::new(&free).run(&["--format", "json"]);
    assert_eq!(findings(&limited), findings(&unlimited), "{}", limited.stderr);
}

fn findings(run: &Run) -> serde_json::Value {
    run.json()["diagnoses"][0]["findings"].clone()
}

/// Every list comes in pages, and the second page counts as much as the first.
#[test]
fn lists_may_come_in_pages_of_one_entry() {
    let mut world = World::example("job-stopped-after-policy-change").happening_now();
    world.page = 1;
    let paged = Live::new(&Server::start(world)).run(&["--since", "6h", "--format", "json"]);
    let whole = Server::start(World::example("job-stopped-after-policy-change").happening_now());
    let whole = Live::new(&whole).run(&["--since", "6h", "--format", "json"]);
    assert_eq!(findings(&paged), findings(&whole), "{}", paged.stderr);
    assert!(findings(&paged).as_array().is_some_and(|findings| !findings.is_empty()), "{}", paged.stdout);
}

/// Every call of the story, and what the answer would lack without it.
const CALLS: [(&str, &str); 24] = [
    ("sts:GetCallerIdentity", "whose denials are meant"),
    ("ec2:DescribeRegions", "where they may have happened"),
    ("cloudtrail:LookupEvents ap-northeast-1 Username=s3_full_access", "the denials there: none"),
    ("cloudtrail:LookupEvents eu-central-1 Username=s3_full_access", "the denials there: none"),
    ("cloudtrail:LookupEvents eu-west-1 Username=s3_full_access", "the denial"),
    ("cloudtrail:LookupEvents us-east-1 Username=s3_full_access", "the denials of global services: none"),
    ("cloudtrail:LookupEvents eu-west-1 ReadOnly=false", "whether the key was changed just before or since"),
    ("cloudtrail:LookupEvents us-east-1 ReadOnly=false", "whether IAM was changed just before or since"),
    ("iam:GetUser", "the permissions boundary, the tags, since when the user is there"),
    ("iam:ListUserPolicies", "the inline policies: none"),
    ("iam:ListAttachedUserPolicies", "the managed policies: one"),
    ("iam:ListGroupsForUser", "the policies of groups: none"),
    ("iam:GetPolicy", "which version of the managed policy is in force"),
    ("iam:GetPolicyVersion", "its text"),
    ("kms:GetKeyPolicy", "whether the key lets the account's IAM policies decide"),
    ("kms:ListGrants", "whether a grant allows the call"),
    ("kms:DescribeKey", "whether the key can be used at all, and whose it is"),
    ("organizations:DescribeOrganization", "whether there can be SCPs and RCPs"),
    ("cloudtrail:LookupEvents us-east-1 EventName=DetachUserPolicy", "since when the permission is missing"),
    ("cloudtrail:LookupEvents us-east-1 EventName=DeleteUserPolicy", "the same"),
    ("cloudtrail:LookupEvents us-east-1 EventName=RemoveUserFromGroup", "the same"),
    ("cloudtrail:LookupEvents eu-west-1 EventName=PutKeyPolicy", "the same, by the key"),
    ("cloudtrail:LookupEvents eu-west-1 EventName=RevokeGrant", "the same, by a grant"),
    ("cloudtrail:LookupEvents eu-west-1 EventName=RetireGrant", "the same, by a grant"),
];

#[test]
fn the_calls_are_the_least_that_answers() {
    let server = Server::start(World::example("s3-kms-download").happening_now());
    let run = Live::new(&server).run(&["--format", "json"]);
    let diagnosis = &run.json()["diagnoses"][0];
    assert_eq!(diagnosis["standing"], "proven", "{}", run.stderr);
    assert_eq!(diagnosis["remedies"][0]["verified"], true, "{}", run.stderr);
    let mut made: Vec<String> = server
        .calls()
        .iter()
        .filter(|call| call.operation != "LookupEvents")
        .map(|call| format!("{}:{}", call.service, call.operation))
        .collect();
    made.extend(server.lookups());
    made.sort();
    let mut wanted: Vec<&str> = CALLS.iter().map(|(call, _)| *call).collect();
    wanted.sort_unstable();
    assert_eq!(made, wanted);
}
