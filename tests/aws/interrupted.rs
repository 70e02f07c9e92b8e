//! Runs that somebody ends: with a signal, or by closing the pipe.

use std::io::Read as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::collect::narrowing;
use crate::live::{Live, explain_bundle};
use crate::program::in_project;
use crate::server::{Fault, Rule, Server, World};

/// `collect`, under way.
fn collecting(live: &Live, server: &Server, out: &Path) -> Child {
    live.process()
        .args(["collect", "--out", out.to_str().unwrap()])
        .args(narrowing(server.world()))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// The folder of a bundle is there as a whole or not at all, whenever the run was ended.
fn ended_after(signal: &str, pause: Duration) {
    let server = Server::start(World::example("s3-kms-download"));
    server.fault(Rule::new(Fault::Slow(Duration::from_millis(5)), "*", "*"));
    let live = Live::new(&server);
    let out = live.folder("bundle");
    let mut child = collecting(&live, &server, &out);
    // Before its first call the program may still inherit that interrupts are ignored, as in a background job.
    let begun = Instant::now();
    while signal == "-INT" && server.calls().is_empty() && begun.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(pause);
    Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    let asked = Instant::now();
    child.wait().unwrap();
    assert!(
        asked.elapsed() < Duration::from_secs(3),
        "{signal} after {pause:?}: ended after {:?}",
        asked.elapsed()
    );
    if out.exists() {
        let run = explain_bundle(&out);
        assert!(out.join("bundle.json").exists(), "{signal} after {pause:?}: half a bundle");
        assert!(run.code == Some(0) || run.code == Some(3), "{signal} after {pause:?}: {}", run.stderr);
    }
}

#[test]
fn killed_at_any_moment_there_is_no_half_bundle() {
    for pause in [0, 20, 50, 100, 200, 300, 400, 500, 700, 1000, 1500] {
        ended_after("-KILL", Duration::from_millis(pause));
    }
}

/// The bundle is made beside its place; that is the moment to strike.
#[test]
fn killed_while_it_writes_there_is_no_half_bundle() {
    let server = Server::start(World::example("s3-kms-download"));
    let live = Live::new(&server);
    let place = live.folder("place");
    std::fs::create_dir(&place).unwrap();
    let out = place.join("bundle");
    let mut child = collecting(&live, &server, &out);
    let begun = Instant::now();
    while std::fs::read_dir(&place).unwrap().next().is_none() && begun.elapsed() < Duration::from_secs(30) {
        std::thread::sleep(Duration::from_micros(200));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let beside = std::fs::read_dir(&place).unwrap().count();
    assert!(beside > 0, "it never wrote");
    if out.exists() {
        let whole = explain_bundle(&in_project("policies/examples/s3-kms-download"));
        assert_eq!(explain_bundle(&out).stdout, whole.stdout);
    }
}

/// Ctrl-C.
#[test]
fn interrupted_at_any_moment_there_is_no_half_bundle() {
    for pause in [20, 100, 300, 600, 1000] {
        ended_after("-INT", Duration::from_millis(pause));
    }
}

/// `why-denied | head -1`.
#[test]
fn nobody_reads_to_the_end() {
    let server = Server::start(World::example("s3-kms-download").happening_now());
    let live = Live::new(&server);
    let mut child = live.process().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{said}");
    assert!(!said.contains("roken pipe") && !said.contains("panicked"), "{said}");
}
