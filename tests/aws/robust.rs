//! Whatever goes wrong on the way: the run ends in time, its answer is the right one or undetermined, and it says what
//! it could not have.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::Duration;

use serde_json::{Value, json};

use crate::collect::with_all_accounts;
use crate::live::{Timed, explain_bundle};
use crate::program::{Run, in_project};
use crate::server::{Fault, Rule, Server, World, iam_action};

/// More than the run needs when nothing goes wrong: what is lost is then lost to the fault.
const AMPLE: Duration = Duration::from_secs(30);
/// For faults that use up all the time there is.
const SHORT: Duration = Duration::from_secs(6);
/// What a run may take beyond its time-out on a machine that is busy.
const SLACK: Duration = Duration::from_secs(4);
/// How many runs go on at once: they mostly wait.
const AT_ONCE: usize = 16;

/// The stories: one that hangs on IAM and KMS, and one that hangs on Organizations.
const DOWNLOAD: &str = "s3-kms-download";
const MEMBER: &str = "organizations-caller-validation";

/// A run in which something goes wrong.
struct Mishap {
    story: &'static str,
    title: String,
    rule: Rule,
    /// The action that has to be named, since its answer is missing.
    gap: Option<String>,
    timeout: Duration,
}

impl Mishap {
    fn new(story: &'static str, fault: Fault, service: &str, operation: &str, timeout: Duration) -> Self {
        let title = format!("{story}: {fault:?} {service}:{operation}");
        Self { story, title, rule: Rule::new(fault, service, operation), gap: None, timeout }
    }
}

fn run(story: &str, rule: Option<Rule>, timeout: Duration) -> (Server, Timed) {
    let server = Server::start(World::example(story).happening_now());
    if let Some(rule) = rule {
        server.fault(rule);
    }
    let (live, profiles) = with_all_accounts(&server);
    let timeout = format!("{}s", timeout.as_secs());
    let mut args = vec!["explain", "--format", "json", "--since", "1h", "--timeout", &timeout];
    args.extend(profiles.iter().map(String::as_str));
    let timed = live.timed(&args);
    (server, timed)
}

/// What was denied, and how, as the bundle itself says.
fn right_answer(story: &str) -> Value {
    let report = explain_bundle(&in_project("policies/examples").join(story)).json();
    json!([report["diagnoses"][0]["denied"]["action"], report["diagnoses"][0]["decision"]])
}

#[track_caller]
fn assert_complete(story: &str, timed: &Timed, title: &str) {
    assert_eq!(wrong(story, timed, AMPLE), None, "{title}");
    let diagnosis = &timed.run.json()["diagnoses"][0];
    let is_complete = diagnosis["standing"] == "proven" || diagnosis["standing"] == "not-a-policy";
    assert!(is_complete, "{title}: {:?}, {}", timed.took, diagnosis["not_checked"]);
}

/// The operations of the run in which nothing goes wrong, without the one that nobody can be denied.
fn operations(story: &str) -> BTreeSet<(String, String)> {
    static OPERATIONS: Mutex<BTreeMap<String, BTreeSet<(String, String)>>> = Mutex::new(BTreeMap::new());
    let mut known = OPERATIONS.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let operations = known.entry(story.to_owned()).or_insert_with(|| {
        let (server, timed) = run(story, None, AMPLE);
        assert_complete(story, &timed, "nothing went wrong");
        let called = server.calls().into_iter().map(|call| (call.service, call.operation));
        called.filter(|(_, operation)| operation != "GetCallerIdentity").collect()
    });
    operations.clone()
}

/// What is wrong with a run: nothing, if the answer is the right one or none.
fn wrong(story: &str, timed: &Timed, timeout: Duration) -> Option<String> {
    let Timed { run, took } = timed;
    if *took > timeout + SLACK {
        return Some(format!("took {took:?}"));
    }
    let Ok(report) = serde_json::from_str::<Value>(&run.stdout) else {
        return (run.code != Some(1)).then(|| format!("no report, and {:?}", run.code));
    };
    let Some(diagnosis) = report["diagnoses"].get(0) else {
        // Without events nothing can be explained; saying that nothing was denied would be wrong.
        return (run.code == Some(0)).then(|| "as if nothing had been denied".to_owned());
    };
    let answer = json!([diagnosis["denied"]["action"], diagnosis["decision"]]);
    let right = right_answer(story);
    (answer != right && diagnosis["decision"] != "Undetermined")
        .then(|| format!("{answer} instead of {right}"))
}

/// Whether what is missing is named, in the report or beside it.
fn names(run: &Run, action: &str) -> bool {
    let operation = action.split(':').nth(1).unwrap_or_default();
    [&run.stdout, &run.stderr].iter().any(|text| text.contains(action) || text.contains(operation))
}

/// Runs the story once for every mishap, some at a time.
#[track_caller]
fn all(mishaps: Vec<Mishap>) {
    let queue = Mutex::new(mishaps.into_iter());
    let failures = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let Some(mishap) = queue.lock().unwrap().next() else { return };
                    let (_server, timed) = run(mishap.story, Some(mishap.rule), mishap.timeout);
                    let unnamed = mishap.gap.filter(|action| !names(&timed.run, action));
                    let unnamed = unnamed.map(|action| format!("{action} is not named"));
                    for what in wrong(mishap.story, &timed, mishap.timeout).into_iter().chain(unnamed) {
                        failures.lock().unwrap().push(format!("{}: {what}", mishap.title));
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{} of the runs:\n{}", failures.len(), failures.join("\n"));
}

/// Every call of a story in turn.
#[track_caller]
fn each(story: &'static str, fault: Fault) {
    let mishap = |(service, operation): (String, String)| Mishap {
        gap: Some(iam_action(&service, &operation)),
        ..Mishap::new(story, fault, &service, &operation, AMPLE)
    };
    all(operations(story).into_iter().map(mishap).collect());
}

/// One call of each service.
#[track_caller]
fn one_of_each_service(fault: Fault, timeout: Duration) {
    let mut services = BTreeSet::new();
    let mut mishaps = Vec::new();
    for story in [DOWNLOAD, MEMBER] {
        let firsts = operations(story).into_iter().filter(|(service, _)| services.insert(service.clone()));
        mishaps.extend(
            firsts.map(|(service, operation)| Mishap::new(story, fault, &service, &operation, timeout)),
        );
    }
    all(mishaps);
}

#[test]
fn each_call_denied_in_turn() {
    each(DOWNLOAD, Fault::Denied);
}

#[test]
fn each_call_about_an_organization_denied_in_turn() {
    each(MEMBER, Fault::Denied);
}

/// A page with status 200 is no answer of AWS, and not "there is none" either.
#[test]
fn each_call_answered_by_somebody_else_in_turn() {
    each(DOWNLOAD, Fault::Portal);
}

#[test]
fn each_call_about_an_organization_answered_by_somebody_else_in_turn() {
    each(MEMBER, Fault::Portal);
}

#[test]
fn one_call_of_each_service_broken() {
    one_of_each_service(Fault::Broken(500), AMPLE);
    one_of_each_service(Fault::Broken(503), AMPLE);
}

#[test]
fn one_call_of_each_service_cut() {
    one_of_each_service(Fault::Cut, AMPLE);
}

#[test]
fn one_call_of_each_service_slow() {
    one_of_each_service(Fault::Slow(Duration::from_millis(40)), AMPLE);
}

#[test]
fn one_call_of_each_service_never_answered() {
    one_of_each_service(Fault::Silent, SHORT);
}

/// Two refusals for having asked too often are overcome, and nothing is lost.
#[test]
fn throttling_costs_time_only() {
    for service in ["cloudtrail", "iam", "kms"] {
        let (_server, timed) = run(DOWNLOAD, Some(Rule::new(Fault::Throttled, service, "*").times(2)), AMPLE);
        assert_complete(DOWNLOAD, &timed, service);
    }
}

#[test]
fn everything_is_throttled_for_ever() {
    all(vec![Mishap::new(DOWNLOAD, Fault::Throttled, "*", "*", SHORT)]);
}

#[test]
fn the_token_expires_in_the_middle() {
    let mishap = |calls: usize| Mishap {
        title: format!("expired after {calls} calls"),
        rule: Rule::new(Fault::ExpiredToken, "*", "*").after(calls),
        ..Mishap::new(DOWNLOAD, Fault::ExpiredToken, "*", "*", AMPLE)
    };
    all([1, 2, 4, 8, 16].map(mishap).into());
}
