//! What a reader has to find in the report of an example, written from its README before the report was looked at.

use why_denied::diagnose::Dossier;
use why_denied::render::{html, markdown, svg};

use crate::bundles::{bundles, dossiers_of};
use crate::page::parse;
use crate::wellformed::diagnoses;

fn example(name: &str) -> Vec<Dossier> {
    dossiers_of(&bundles()[name])
}

/// What the reader of an example's report sees.
fn report(name: &str) -> String {
    parse(&html(&example(name), &[])).text
}

/// "Nothing allows it" is believed by whoever can look at all that could have.
#[test]
fn policies_that_had_to_allow_and_do_not_are_in_the_report() {
    for (name, policy, miss) in [
        ("boundary-missing-allow", "policy/workload-boundary permissions boundary", "sqs:SendMessage"),
        ("identity-missing-allow", "policy/AppLogs identity-based policy", "dynamodb:Query"),
        ("s3-kms-download", "policy/AmazonS3FullAccess identity-based policy", "kms:Decrypt"),
        ("get-caller-identity-cannot-be-denied", "deploy-only identity-based policy", "s3:ListAllMyBuckets"),
        ("role-session-identity", "identity-based policy", "iam:DeleteUserPolicy"),
    ] {
        let text = report(name);
        assert!(text.contains(policy), "{name}: no {policy}\n{text}");
        assert!(text.contains(&format!("▲ its Action does not cover {miss}")), "{name}\n{text}");
    }
}

/// Both accounts' trails have the event of a role that is assumed across accounts.
#[test]
fn a_session_that_two_trails_have_is_listed_once_with_its_caller() {
    for dossier in example("role-session-identity") {
        let timeline = dossier.timeline.unwrap();
        let sessions = timeline.entries.iter().filter(|entry| entry.event_name == "AssumeRole");
        let mut seen: Vec<_> = sessions
            .map(|entry| {
                assert!(entry.chain_complete, "{entry:?}");
                (entry.event_time, entry.target.clone())
            })
            .collect();
        let all = seen.len();
        seen.dedup();
        assert!(all > 0 && seen.len() == all, "{seen:?}");
    }
}

/// The end of a finding is what was compared.
#[test]
fn the_picture_has_every_word_of_the_examples() {
    for (name, end) in [
        ("bucket-key-context", "arn:aws:s3:::scim-state</text>"),
        ("identity-missing-allow", "orders</text>"),
        ("cross-account-kms", "444455556666:root</text>"),
        ("key-policy-no-root", "app</text>"),
    ] {
        let picture = svg(&diagnoses(&example(name)));
        assert!(!picture.contains('…'), "{name}: something is left out");
        assert!(picture.contains(end), "{name}: no {end}");
    }
}

/// `StringNotEquals` is true for what is not among its values.
#[test]
fn a_negated_operator_does_not_read_like_a_match() {
    let text = report("region-scp-global");
    assert!(!text.contains("StringNotEquals wants aws:RequestedRegion eu-"), "{text}");
    assert!(
        text.contains("▲ denies this request: aws:RequestedRegion is us-east-1, which is not among"),
        "{text}"
    );
}

#[test]
fn names_are_marked_whole_and_words_are_not() {
    let page = html(&example("bucket-key-context"), &[]);
    assert!(!page.contains(">S3</code>"), "{page}");
    assert!(page.contains("arn:<wbr>aws:<wbr>"), "an ARN has no place where it may be broken");
    assert!(!markdown(&example("bucket-key-context"), &[]).contains("`S3`"));
}

/// A policy of which the lines above are not shown says so, and a call is not told twice.
#[test]
fn what_is_left_out_and_what_is_the_same_is_said() {
    assert!(report("boundary-missing-allow").contains("lines left out"));
    assert!(!report("boundary-missing-allow").contains("Call that was made"));
    assert!(report("bucket-key-context").contains("Call that was made"));
}

#[test]
fn nobody_is_said_to_have_chosen_a_name_that_a_provider_may_have_set() {
    let text = report("organizations-caller-validation");
    assert!(text.contains("whoever asked for the session chose, or the identity provider set"), "{text}");
    assert!(text.contains("not known to have issued these credentials"), "{text}");
    assert!(!text.contains("The policies say"), "{text}");
}
