//! Every fault, as the Rust clients see it.

use std::time::{Duration, Instant};

use aws_sdk_cloudtrail::error::ProvideErrorMetadata as _;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;

use super::clients::{runtime, settings};
use crate::server::{ACCESS_KEY, Fault, Rule, Server, World};

fn story() -> Server {
    Server::start(World::example("s3-kms-download"))
}

#[test]
fn denials_have_the_code_and_the_words_of_their_service() {
    let server = story();
    server.fault(Rule::new(Fault::Denied, "*", "*"));
    runtime().block_on(async {
        let settings = settings(&server, ACCESS_KEY, "eu-west-1").await;
        let trail = aws_sdk_cloudtrail::Client::new(&settings).lookup_events().send().await.unwrap_err();
        assert_eq!(trail.code(), Some("AccessDeniedException"));
        let words = trail.message().unwrap();
        assert!(
            words.contains("user/s3_full_access is not authorized to perform: cloudtrail:LookupEvents"),
            "{words}"
        );
        let iam = aws_sdk_iam::Client::new(&settings).get_user().send().await.unwrap_err();
        assert_eq!(iam.code(), Some("AccessDenied"));
        // Nobody can be denied this one.
        assert!(aws_sdk_sts::Client::new(&settings).get_caller_identity().send().await.is_ok());
    });
    assert_eq!(server.calls().iter().map(|call| call.status).collect::<Vec<_>>(), [400, 403, 200]);
}

#[test]
fn throttling_ends_when_it_was_tried_often_enough() {
    let server = story();
    server.fault(Rule::new(Fault::Throttled, "cloudtrail", "LookupEvents").times(2));
    runtime().block_on(async {
        let settings = settings(&server, ACCESS_KEY, "eu-west-1").await;
        let retrying = settings.to_builder().retry_config(RetryConfig::standard()).build();
        assert!(aws_sdk_cloudtrail::Client::new(&retrying).lookup_events().send().await.is_ok());
    });
    assert_eq!(server.calls().iter().map(|call| call.status).collect::<Vec<_>>(), [400, 400, 200]);
}

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html>: two a second, for each Region.
#[test]
fn two_lookups_a_second_and_region_are_allowed() {
    let mut world = World::example("s3-kms-download");
    world.lookups_per_second = Some(2);
    let server = Server::start(world);
    runtime().block_on(async {
        for (region, wanted) in [("eu-west-1", [true, true, false]), ("us-east-1", [true, true, false])] {
            let client = aws_sdk_cloudtrail::Client::new(&settings(&server, ACCESS_KEY, region).await);
            for wanted in wanted {
                let answer = client.lookup_events().send().await;
                assert_eq!(answer.is_ok(), wanted);
                assert!(answer.err().is_none_or(|error| error.code() == Some("ThrottlingException")));
            }
        }
    });
}

#[test]
fn a_token_expires_in_the_middle_of_a_run() {
    let server = story();
    server.fault(Rule::new(Fault::ExpiredToken, "*", "*").after(1));
    runtime().block_on(async {
        let client = aws_sdk_cloudtrail::Client::new(&settings(&server, ACCESS_KEY, "eu-west-1").await);
        assert!(client.lookup_events().send().await.is_ok());
        let expired = client.lookup_events().send().await.unwrap_err();
        assert_eq!(expired.code(), Some("ExpiredTokenException"));
    });
}

#[test]
fn answers_are_missing_slow_and_cut() {
    let server = story();
    server.fault(Rule::new(Fault::Silent, "iam", "GetUser"));
    server.fault(Rule::new(Fault::Cut, "iam", "ListUserPolicies"));
    server.fault(Rule::new(Fault::Slow(Duration::from_millis(50)), "iam", "ListGroupsForUser"));
    server.fault(Rule::new(Fault::Broken(503), "iam", "ListAttachedUserPolicies"));
    let user = "s3_full_access";
    runtime().block_on(async {
        let settings = settings(&server, ACCESS_KEY, "eu-west-1").await;
        let patience = TimeoutConfig::builder().operation_timeout(Duration::from_secs(1)).build();
        let client = aws_sdk_iam::Client::new(&settings.to_builder().timeout_config(patience).build());
        assert!(client.get_user().send().await.is_err());
        assert!(client.list_user_policies().user_name(user).send().await.is_err());
        let broken = client.list_attached_user_policies().user_name(user).send().await.unwrap_err();
        assert_eq!(broken.raw_response().map(|response| response.status().as_u16()), Some(503));
        let started = Instant::now();
        assert!(client.list_groups_for_user().user_name(user).send().await.is_ok());
        assert!(started.elapsed() >= Duration::from_millis(300), "{:?}", started.elapsed());
    });
}

#[test]
fn who_may_only_read_the_trail() {
    let server = story();
    server.fault(Rule::new(Fault::Denied, "*", "*").except(&["cloudtrail:*"]));
    runtime().block_on(async {
        let settings = settings(&server, ACCESS_KEY, "eu-west-1").await;
        assert!(aws_sdk_cloudtrail::Client::new(&settings).lookup_events().send().await.is_ok());
        assert!(aws_sdk_iam::Client::new(&settings).get_user().send().await.is_err());
    });
}

#[test]
fn nobody_calls_without_an_access_key_of_the_scenario() {
    let server = story();
    runtime().block_on(async {
        let settings = settings(&server, "AKIANOBODYEXAMPLE", "eu-west-1").await;
        let unknown = aws_sdk_cloudtrail::Client::new(&settings).lookup_events().send().await.unwrap_err();
        assert_eq!(unknown.code(), Some("UnrecognizedClientException"));
    });
}

#[test]
fn a_fault_may_be_of_one_region_and_be_over() {
    let server = story();
    server.fault(Rule::new(Fault::Denied, "cloudtrail", "*").in_region("us-east-1"));
    runtime().block_on(async {
        let here = aws_sdk_cloudtrail::Client::new(&settings(&server, ACCESS_KEY, "eu-west-1").await);
        let there = aws_sdk_cloudtrail::Client::new(&settings(&server, ACCESS_KEY, "us-east-1").await);
        assert!(here.lookup_events().send().await.is_ok());
        assert!(there.lookup_events().send().await.is_err());
        server.reset();
        assert!(there.lookup_events().send().await.is_ok());
    });
    assert_eq!(server.calls().len(), 1);
}
