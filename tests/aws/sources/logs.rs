//! A log group.

use super::{count, is_the_denial, run};
use crate::server::{Fault, Rule, Server, World};

const DENIALS: [&str; 6] = ["denials", "--format=json", "--log-group", "CloudTrail/logs", "--since", "1h"];

#[test]
fn all_pages_of_a_log_group_are_read() {
    let mut world = World::example("s3-kms-download").happening_now();
    world.page = 2;
    let server = Server::start(world);
    let found = run(&server, &DENIALS);
    is_the_denial(&found);
    assert_eq!((found.code, found.stderr.as_str()), (Some(0), ""));
    assert!(count(&server, "FilterLogEvents") > 1);
}

#[test]
fn a_log_group_that_may_not_be_read_is_named() {
    let server = Server::start(World::example("s3-kms-download").happening_now());
    server.fault(Rule::new(Fault::Denied, "logs", "FilterLogEvents"));
    let found = run(&server, &DENIALS);
    assert_eq!(found.code, Some(1));
    let said = "events in the log group CloudTrail/logs: AccessDeniedException: logs:FilterLogEvents";
    assert!(found.stderr.contains(said), "{}", found.stderr);
}
