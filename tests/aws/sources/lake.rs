//! An event data store of CloudTrail Lake.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_StartQuery.html> and its neighbours.

use serde_json::Value;

use super::{count, is_the_denial, run};
use crate::program::Run;
use crate::server::{Fault, Rule, Server, World};

const STORE: [&str; 4] = ["--lake", "1234abcd-12ab-34cd-56ef-1234567890ab", "--since", "2026-09-01"];

/// A row has the columns that the query names, structs and maps without quotes, as in Athena, and another way to
/// write a moment. <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/query-lake-examples.html>
fn world() -> World {
    let mut world = super::athena::world();
    let time = world.rows[0].iter().position(|name| name.as_deref() == Some("eventtime")).unwrap();
    for row in world.rows.iter_mut().skip(1) {
        row[time] = Some("2026-09-08 09:15:42.000".to_owned());
    }
    world
}

fn denials(server: &Server, more: &[&str]) -> Run {
    run(server, &[&["denials", "--format=json"][..], &STORE, more].concat())
}

#[track_caller]
fn is_unread(found: &Run, why: &str) {
    let json: Value = found.json();
    let gaps = json["not_checked"].to_string();
    assert!(gaps.contains("events in the event data store 1234abcd") && gaps.contains(why), "{gaps}");
    assert_eq!((found.code, &json["total"]), (Some(1), &Value::from(0)), "{}", found.stderr);
}

#[test]
fn rows_are_events_and_the_bytes_are_told() {
    let server = Server::start(world());
    let found = denials(&server, &[]);
    is_the_denial(&found);
    assert_eq!(found.json()["denials"][0]["first"], "2026-09-08T09:15:42Z");
    assert_eq!(found.code, Some(0), "{}", found.stderr);
    assert!(found.stderr.contains("the query read 1024 bytes"), "{}", found.stderr);
    let called = ["StartQuery", "DescribeQuery", "GetQueryResults", "CancelQuery"];
    assert_eq!(called.map(|operation| count(&server, operation)), [1, 1, 1, 0]);
}

#[test]
fn the_time_is_in_the_query_and_nothing_is_sent_as_text_of_the_user() {
    let server = Server::start(world());
    denials(&server, &["--principal", "arn:aws:iam::111122223333:user/o'neill"]);
    let sent = server.inputs("StartQuery");
    let query = sent[0]["QueryStatement"].as_str().unwrap();
    assert!(query.contains("eventtime >= '2026-09-01 00:00:00'"), "{query}");
    assert!(query.contains("o''neill"), "{query}");
}

#[test]
fn all_pages_of_the_results_are_read() {
    let mut world = world();
    world.page = 1;
    let server = Server::start(world);
    is_the_denial(&denials(&server, &[]));
    assert_eq!(count(&server, "GetQueryResults"), 2);
}

/// While a query runs it is asked again, and then read.
#[test]
fn a_query_is_waited_for() {
    let mut world = world();
    world.lake_states = ["QUEUED", "RUNNING", "FINISHED"].map(str::to_owned).to_vec();
    let server = Server::start(world);
    is_the_denial(&denials(&server, &[]));
    assert_eq!(count(&server, "DescribeQuery"), 3);
}

#[test]
fn a_query_that_fails_is_a_gap_with_its_reason() {
    for state in ["FAILED", "CANCELLED", "TIMED_OUT"] {
        let mut world = world();
        world.lake_states = vec![state.to_owned()];
        let server = Server::start(world);
        is_unread(&denials(&server, &[]), state);
        assert_eq!(count(&server, "GetQueryResults"), 0);
        // It has ended by itself.
        assert_eq!(count(&server, "CancelQuery"), 0);
    }
}

#[test]
fn who_may_not_start_a_query_is_told_the_permission() {
    let server = Server::start(world());
    server.fault(Rule::new(Fault::Denied, "cloudtrail", "StartQuery"));
    is_unread(&denials(&server, &[]), "AccessDeniedException: cloudtrail:StartQuery");
}

/// Half of the results is no list of all denials.
#[test]
fn results_that_break_off_are_a_gap() {
    let mut world = world();
    world.page = 1;
    let server = Server::start(world);
    server.fault(Rule::new(Fault::Denied, "cloudtrail", "GetQueryResults").after(1));
    let found = denials(&server, &[]);
    assert_eq!((found.code, found.json()["total"].as_u64()), (Some(1), Some(1)), "{}", found.stderr);
    assert!(found.json()["not_checked"].to_string().contains("cloudtrail:GetQueryResults"));
}

/// A query that nobody waits for would go on, and cost.
#[test]
fn a_query_that_is_not_waited_for_is_cancelled() {
    let server = Server::start(world());
    server.fault(Rule::new(Fault::Silent, "cloudtrail", "DescribeQuery"));
    is_unread(&denials(&server, &["--timeout", "3s"]), "the time for the run was over");
    assert_eq!(count(&server, "CancelQuery"), 1);
}

#[test]
fn a_denial_in_a_store_is_explained_with_the_policies_of_now() {
    let server = Server::start(world());
    let found = run(&server, &[&["explain", "--format=json"][..], &STORE].concat());
    let diagnosis = &found.json()["diagnoses"][0];
    assert_eq!(diagnosis["denied"]["action"], "kms:Decrypt", "{}", found.stderr);
}
