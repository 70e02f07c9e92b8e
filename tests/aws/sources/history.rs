//! The event history.

use super::{count, is_the_denial, run};
use crate::server::{Fault, Rule, Server, World};

const DENIALS: [&str; 5] = ["denials", "--event-history", "--since", "1h", "--format=json"];

fn world() -> World {
    World::example("s3-kms-download").happening_now()
}

#[test]
fn every_enabled_region_is_asked_and_the_global_one() {
    let server = Server::start(world());
    let found = run(&server, &DENIALS);
    is_the_denial(&found);
    assert_eq!((found.code, found.stderr.as_str()), (Some(0), ""));
    let mut asked: Vec<String> = server
        .calls()
        .into_iter()
        .filter(|call| call.operation == "LookupEvents")
        .map(|call| call.region)
        .collect();
    asked.sort();
    asked.dedup();
    assert_eq!(asked, ["ap-northeast-1", "eu-central-1", "eu-west-1", "us-east-1"]);
}

#[test]
fn one_region_is_asked_with_the_global_one() {
    let server = Server::start(world());
    is_the_denial(&run(&server, &[&DENIALS[..], &["--regions", "eu-west-1"]].concat()));
    assert_eq!(count(&server, "LookupEvents"), 2);
    assert_eq!(count(&server, "DescribeRegions"), 0);
}

#[test]
fn a_region_that_refuses_is_named_and_the_rest_stands() {
    let server = Server::start(world());
    server.fault(Rule::new(Fault::Denied, "cloudtrail", "LookupEvents").in_region("eu-central-1"));
    let found = run(&server, &DENIALS);
    is_the_denial(&found);
    assert_eq!(found.code, Some(1));
    let said = "not read: events of eu-central-1 in the event history: AccessDeniedException: cloudtrail:LookupEvents";
    assert!(found.stderr.contains(said), "{}", found.stderr);
}

/// Two requests a second, for an account and Region: <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html>
#[test]
fn the_rate_of_aws_is_kept() {
    let mut world = world();
    world.page = 1;
    world.lookups_per_second = Some(2);
    let server = Server::start(world);
    is_the_denial(&run(&server, &[&DENIALS[..], &["--regions", "eu-west-1"]].concat()));
    assert!(server.calls().iter().all(|call| call.status == 200), "{:?}", server.calls());
}

#[test]
fn throttling_by_others_is_waited_out() {
    let server = Server::start(world());
    server.fault(Rule::new(Fault::Throttled, "cloudtrail", "LookupEvents").times(4));
    is_the_denial(&run(&server, &[&DENIALS[..], &["--regions", "eu-west-1"]].concat()));
}

#[test]
fn what_is_not_delivered_yet_is_spoken_of_and_waited_for() {
    let server = Server::start(world());
    let none = [&DENIALS[..], &["--regions", "eu-west-1", "--principal", "AKIAI44QH8DHBEXAMPLE"]].concat();
    let found = run(&server, &none);
    assert_eq!((found.code, found.json()["total"].as_i64()), (Some(0), Some(0)));
    assert!(found.stderr.contains("may not have delivered the last 15 minutes yet"), "{}", found.stderr);
    server.reset();
    let found = run(&server, &[&none[..], &["--wait", "2s"]].concat());
    assert!(found.stderr.contains("it is looked for again"), "{}", found.stderr);
    assert_eq!(count(&server, "LookupEvents"), 4, "two Regions, twice");
}

#[test]
fn the_event_history_ends_after_ninety_days() {
    let server = Server::start(world());
    let found = run(&server, &["denials", "--event-history", "--since", "100d", "--regions", "eu-west-1"]);
    assert_eq!(found.code, Some(1));
    assert!(found.stderr.contains("the event history has the last 90 days"), "{}", found.stderr);
}
