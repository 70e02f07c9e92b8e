//! People who may read next to nothing still get what can be said, and what could not be read.

use crate::live::Live;
use crate::program::Run;
use crate::server::{Fault, Rule, Server, World};

fn story_for_who_may(allowed: &[&str]) -> (Server, Live) {
    let server = Server::start(World::example("s3-kms-download").happening_now());
    server.fault(Rule::new(Fault::Denied, "*", "*").except(allowed));
    let live = Live::new(&server);
    (server, live)
}

/// Events alone: what was denied, that AWS says why, and that no policy was read.
#[test]
fn only_the_event_history() {
    let (_server, live) = story_for_who_may(&["cloudtrail:*"]);
    let run = live.run(&["--format", "json"]);
    assert!(run.code == Some(0) || run.code == Some(3), "{:?} {}", run.code, run.stderr);
    let diagnosis = &run.json()["diagnoses"][0];
    assert_eq!(diagnosis["denied"]["action"], "kms:Decrypt", "{}", run.stderr);
    assert_ne!(diagnosis["standing"], "proven");
    assert_ne!(diagnosis["standing"], "contradicted");
    let open = diagnosis["not_checked"].to_string();
    assert!(open.contains("iam:") && open.contains("kms:GetKeyPolicy"), "{open}");
}

/// The message that was shown, and a person who may look at their own user only.
#[test]
fn only_the_message_and_ones_own_user() {
    let (_server, live) = story_for_who_may(&["iam:GetUser", "iam:ListUserPolicies", "iam:GetUserPolicy"]);
    let message = "User: arn:aws:iam::111122223333:user/s3_full_access is not authorized to perform: kms:Decrypt on the resource associated with this ciphertext because no identity-based policy allows the kms:Decrypt action";
    let run = live.run(&["explain", "--message", message, "--format", "json"]);
    assert!(run.code == Some(0) || run.code == Some(3), "{:?} {}", run.code, run.stderr);
    assert_eq!(run.json()["action"], "kms:Decrypt");
    assert_eq!(run.json()["principal"], "arn:aws:iam::111122223333:user/s3_full_access");
}

/// Nothing at all: an error that names the permission that is missing first.
#[test]
fn nothing_at_all() {
    let (_server, live) = story_for_who_may(&[]);
    let run = live.run(&["--format", "json"]);
    assert!(run.code == Some(1) || run.code == Some(3), "{:?}", run.code);
    assert!(format!("{}{}", run.stdout, run.stderr).contains("cloudtrail:LookupEvents"), "{}", run.stderr);
    // Who may not look does not know that there is nothing.
    assert!(!run.stderr.contains("nothing was denied"), "{}", run.stderr);
}

fn encoded() -> String {
    let encoded = "aQ9Zk1".repeat(40);
    format!(
        "An error occurred (UnauthorizedOperation) when calling the RunInstances operation: You are not authorized to perform this operation. Encoded authorization failure message: {encoded}"
    )
}

/// What an encoded message leaves open, and the command for somebody who may decode it.
fn is_answered_offline(run: &Run) {
    assert_eq!(run.code, Some(3), "{}", run.stderr);
    assert!(run.stdout.contains("leaves open: what the encoded message says"), "{}", run.stdout);
    assert!(run.stdout.contains("aws sts decode-authorization-message --output text"), "{}", run.stdout);
    assert!(run.stderr.contains("the encoded message was not decoded"), "{}", run.stderr);
}

/// Without credentials nobody is asked.
#[test]
fn an_encoded_message_and_no_credentials() {
    let server = Server::start(World::example("s3-kms-download"));
    let run = Live::at(&server.url(), &[]).run(&["explain", "--message", &encoded()]);
    is_answered_offline(&run);
    assert!(server.calls().is_empty(), "{:?}", server.calls());
}

#[test]
fn an_encoded_message_that_the_caller_may_not_decode() {
    let (_server, live) = story_for_who_may(&[]);
    let run = live.run(&["explain", "--message", &encoded()]);
    is_answered_offline(&run);
    assert!(run.stderr.contains("sts:DecodeAuthorizationMessage"), "{}", run.stderr);
}
