//! A table in Athena.

use super::{count, is_the_denial, run};
use crate::server::{Fault, Rule, Server, World};

const TABLE: [&str; 6] =
    ["--athena", "default.cloudtrail_logs", "--workgroup", "primary", "--since", "2026-09-01"];

/// A row as Athena gives it: structs without quotes.
/// <https://docs.aws.amazon.com/athena/latest/ug/querying-cloudtrail-logs.html>
pub fn world() -> World {
    let mut world = World::example("s3-kms-download");
    let header = [
        "eventtime",
        "eventsource",
        "eventname",
        "errorcode",
        "errormessage",
        "useridentity",
        "eventid",
        "account",
    ];
    let row = [
        "2026-09-08T09:15:42Z",
        "kms.amazonaws.com",
        "Decrypt",
        "AccessDenied",
        "User: arn:aws:iam::111122223333:user/s3_full_access is not authorized to perform: kms:Decrypt on resource: \
         arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab because no identity-based policy \
         allows the kms:Decrypt action",
        "{type=IAMUser, principalid=AIDACKCEVSQ6C2EXAMPLE, arn=arn:aws:iam::111122223333:user/s3_full_access, \
         accountid=111122223333, username=s3_full_access, sessioncontext=null}",
        "5f3e9a51-0000-4000-8000-000000000001",
        "111122223333",
    ];
    let filled = |cells: &[&str]| cells.iter().map(|cell| Some((*cell).to_owned())).collect();
    // CloudTrail may deliver an event twice.
    world.rows = vec![filled(&header), filled(&row), filled(&row)];
    world
}

fn denials(server: &Server, more: &[&str]) -> crate::program::Run {
    run(server, &[&["denials", "--format=json"][..], &TABLE, more].concat())
}

#[test]
fn rows_are_events_and_the_bytes_are_told() {
    let server = Server::start(world());
    let found = denials(&server, &[]);
    is_the_denial(&found);
    assert_eq!(found.code, Some(0), "{}", found.stderr);
    assert!(found.stderr.contains("the query read 1024 bytes"), "{}", found.stderr);
    assert_eq!(count(&server, "StopQueryExecution"), 0);
}

#[test]
fn all_pages_of_the_results_are_read() {
    let mut world = world();
    world.page = 1;
    let server = Server::start(world);
    is_the_denial(&denials(&server, &[]));
    assert_eq!(count(&server, "GetQueryResults"), 3);
}

/// A query that nobody waits for would go on, and cost.
#[test]
fn a_query_that_is_not_waited_for_is_stopped() {
    let server = Server::start(world());
    server.fault(Rule::new(Fault::Silent, "athena", "GetQueryExecution"));
    let found = denials(&server, &["--timeout", "3s"]);
    assert_eq!(found.code, Some(1), "{}", found.stderr);
    assert!(found.stderr.contains("the time for the run was over"), "{}", found.stderr);
    assert_eq!(count(&server, "StopQueryExecution"), 1);
}
