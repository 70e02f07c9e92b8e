//! Decisions about requests that no request file can say: callers of whom only the account is seen, keys of which only
//! is known what they are not; and what the trace tells.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test fails by panicking, and says what it found"
)]

mod hidden;
mod partly_known;
mod trace;

use serde_json::Value;
use why_denied::evaluate::{Decision, Verdict, decide, explain};
use why_denied::request::Request;
use why_denied::simulate::{ParsedLine, PolicyCache, parse_line};

fn read(line: &Value) -> ParsedLine {
    parse_line(&line.to_string(), &mut PolicyCache::default()).unwrap()
}

/// The verdict on a line of which the request is changed, the same with and without a trace.
fn verdict(line: &Value, change: impl FnOnce(&mut Request)) -> Verdict {
    let mut line = read(line);
    change(&mut line.request);
    let verdict = decide(&line.request, &line.policies);
    assert_eq!(explain(&line.request, &line.policies).verdict.decision(), verdict.decision());
    verdict
}

fn hangs_on(verdict: &Verdict, text: &str) -> bool {
    verdict.hinges().iter().any(|hinge| hinge.to_string().contains(text))
}

const ALLOWED: Option<Decision> = Some(Decision::Allowed);
const EXPLICIT: Option<Decision> = Some(Decision::ExplicitDeny);
const IMPLICIT: Option<Decision> = Some(Decision::ImplicitDeny);
