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

/// A table that somebody has to load partitions into, and in which nothing is found.
fn nothing_in(loaded: &[&str]) -> (Server, crate::program::Run) {
    let mut world = world();
    world.rows.truncate(1);
    world.table_parameters = serde_json::json!({});
    world.partitions = loaded.iter().map(|name| (*name).to_owned()).collect();
    world.page = 1;
    let server = Server::start(world);
    let window = ["--until", "2026-09-02T12:00:00Z", "--accounts", "111122223333"];
    let found = denials(&server, &window);
    assert_eq!(found.json()["total"], 0, "{}", found.stderr);
    (server, found)
}

const FIRST: &str = "account=111122223333/region=eu-west-1/timestamp=2026%2F09%2F01";
const SECOND: &str = "account=111122223333/region=eu-west-1/timestamp=2026%2F09%2F02";

/// <https://docs.aws.amazon.com/athena/latest/ug/partitions.html>
#[test]
fn nothing_in_partitions_that_are_not_loaded_is_no_answer() {
    for (loaded, wanted) in [
        (&[][..], "no partition of 2 days from 2026-09-01 to 2026-09-02 is loaded"),
        (
            &["account=444455556666/region=eu-west-1/timestamp=2026%2F09%2F01", FIRST],
            "no partition of 2026-09-02 is loaded",
        ),
    ] {
        let (_server, found) = nothing_in(loaded);
        let gaps = found.json()["not_checked"].to_string();
        assert!(
            gaps.contains("events in the table default.cloudtrail_logs") && gaps.contains(wanted),
            "{gaps}"
        );
        assert!(gaps.contains("why-denied sources athena-ddl"), "{gaps}");
        assert_eq!(found.code, Some(1), "{}", found.stderr);
    }
}

#[test]
fn nothing_in_partitions_that_are_loaded_is_an_answer() {
    let (server, found) =
        nothing_in(&["account=444455556666/region=eu-west-1/timestamp=2026%2F09%2F01", FIRST, SECOND]);
    assert_eq!((found.code, found.json()["not_checked"].to_string().as_str()), (Some(0), "[]"));
    assert_eq!(count(&server, "StartQueryExecution"), 2);
    let asked = server.inputs("StartQueryExecution")[1]["QueryString"].clone();
    assert_eq!(asked, "SHOW PARTITIONS `cloudtrail_logs`");
}

/// With projection, or with rows, nobody asks for partitions.
#[test]
fn partitions_are_asked_for_only_where_they_matter() {
    let mut projected = world();
    projected.rows.truncate(1);
    let mut loaded = world();
    loaded.table_parameters = serde_json::json!({});
    for world in [projected, loaded] {
        let server = Server::start(world);
        assert_eq!(denials(&server, &[]).code, Some(0));
        assert_eq!(count(&server, "StartQueryExecution"), 1);
    }
}

#[test]
fn partitions_that_may_not_be_listed_are_no_answer() {
    let mut world = world();
    world.rows.truncate(1);
    world.table_parameters = serde_json::json!({});
    let server = Server::start(world);
    server.fault(Rule::new(Fault::Denied, "athena", "StartQueryExecution").after(1));
    let found = denials(&server, &[]);
    let gaps = found.json()["not_checked"].to_string();
    assert!(gaps.contains("whether its partitions are loaded is not known: AccessDeniedException"), "{gaps}");
    assert_eq!(found.code, Some(1));
}
