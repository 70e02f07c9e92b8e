//! People who may read next to nothing still get what can be said, and what could not be read.

use crate::live::Live;
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
