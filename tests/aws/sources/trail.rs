//! The log files of a trail.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::{count, is_the_denial, run};
use crate::server::{Fault, Rule, Server, Stored, World};

const ORGANIZATION: &str = "trails/AWSLogs/o-exampleorg1/111122223333";
const WINDOW: [&str; 4] = ["--since", "2026-09-08T08:00:00Z", "--until", "2026-09-08T12:00:00Z"];

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// The events of the story in one file, as an organization trail delivers it, and files that nobody has to open.
pub fn world() -> World {
    let mut world = World::example("s3-kms-download");
    let records: Vec<String> = world.events.iter().map(|event| event.text.clone()).collect();
    let log = gzip(&format!(r#"{{"Records":[{}]}}"#, records.join(",")));
    let name = |region: &str, time: &str| {
        format!("111122223333_CloudTrail_{region}_{time}_Mu0KsOhtH1ar15ZZ.json.gz")
    };
    let key = |region: &str, day: &str, time: &str| {
        format!("{ORGANIZATION}/CloudTrail/{region}/{day}/{}", name(region, time))
    };
    let mut put = |key: String, bytes: &[u8]| {
        let stored = Stored { account: "111122223333".to_owned(), bytes: bytes.to_vec() };
        world.objects.insert(("log-bucket".to_owned(), key), stored);
    };
    put(key("eu-west-1", "2026/09/08", "20260908T1205Z"), &log);
    let not_to_open = b"nobody opens this";
    put(key("eu-west-1", "2026/09/08", "20260908T0700Z"), not_to_open);
    put(key("eu-west-1", "2026/09/08", "20260908T1500Z"), not_to_open);
    put(key("eu-west-1", "2026/09/07", "20260907T1205Z"), not_to_open);
    put(format!("{ORGANIZATION}/CloudTrail-Digest/eu-west-1/2026/09/08/x.json.gz"), not_to_open);
    put(
        key("eu-west-1", "2026/09/08", "20260908T1205Z").replace("111122223333", "444455556666"),
        not_to_open,
    );
    world
}

fn denials(server: &Server, trail: &str, more: &[&str]) -> crate::program::Run {
    run(server, &[&["denials", "--format=json", "--trail", trail][..], &WINDOW, more].concat())
}

#[test]
fn only_files_that_the_window_and_the_account_can_hold_are_opened() {
    let server = Server::start(world());
    let found = denials(&server, "s3://log-bucket/trails", &["--accounts", "111122223333"]);
    is_the_denial(&found);
    assert_eq!((found.code, found.stderr.as_str()), (Some(0), ""));
    assert_eq!(count(&server, "GetObject"), 1, "{:?}", server.calls());
}

#[test]
fn a_trail_may_be_named_at_any_depth() {
    let server = Server::start(world());
    for folder in [ORGANIZATION.to_owned(), format!("{ORGANIZATION}/CloudTrail/eu-west-1")] {
        server.reset();
        is_the_denial(&denials(&server, &format!("s3://log-bucket/{folder}/"), &[]));
        assert_eq!(count(&server, "GetObject"), 1, "{folder}");
    }
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html>: the answer names the Region of the bucket.
#[test]
fn the_bucket_may_be_in_another_region() {
    let server = Server::start(world());
    let found =
        denials(&server, "s3://log-bucket/trails", &["--accounts=111122223333", "--region=us-east-1"]);
    is_the_denial(&found);
}

#[test]
fn many_pages_of_keys_are_followed() {
    let mut world = world();
    world.page = 1;
    let server = Server::start(world);
    is_the_denial(&denials(&server, "s3://log-bucket/trails", &["--accounts", "111122223333"]));
}

#[test]
fn what_cannot_be_read_is_named() {
    let server = Server::start(world());
    server.fault(Rule::new(Fault::Denied, "s3", "GetObject"));
    let found = denials(&server, "s3://log-bucket/trails", &["--accounts", "111122223333"]);
    assert_eq!((found.code, found.json()["total"].as_i64()), (Some(1), Some(0)));
    assert!(
        found.stderr.contains("_20260908T1205Z_") && found.stderr.contains("s3:GetObject"),
        "{}",
        found.stderr
    );
    let none = denials(&server, "s3://log-bucket/elsewhere", &[]);
    assert_eq!(none.code, Some(1));
    assert!(none.stderr.contains("there is none of the window"), "{}", none.stderr);
}

/// A file that is cut off gives what is whole, and is a problem.
#[test]
fn a_download_that_breaks_off_is_a_problem() {
    let server = Server::start(world());
    server.fault(Rule::new(Fault::Cut, "s3", "GetObject"));
    let found = denials(&server, "s3://log-bucket/trails", &["--accounts", "111122223333"]);
    assert_eq!(found.code, Some(1));
    assert!(found.stderr.contains("warning: "), "{}", found.stderr);
}

#[test]
fn a_denial_in_a_trail_is_explained_with_the_policies_of_now() {
    let server = Server::start(world());
    let args =
        ["explain", "--format=json", "--trail", "s3://log-bucket/trails", "--accounts", "111122223333"];
    let found = run(&server, &[&args[..], &WINDOW].concat());
    let report = found.json();
    let diagnosis = &report["diagnoses"][0];
    assert_eq!(diagnosis["denied"]["action"], "kms:Decrypt", "{report}\n{}", found.stderr);
    assert_eq!(diagnosis["decision"], "ImplicitDeny", "{report}\n{}", found.stderr);
}
