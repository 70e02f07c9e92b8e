//! How many requests a second one thread decides. Policies are parsed once; `cargo bench --bench evaluate`.

#![allow(
    clippy::pedantic,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark may panic"
)]

use std::fs;
use std::path::{Path, PathBuf};

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use serde_json::Value;
use why_denied::evaluate::{decide, explain};
use why_denied::simulate::{ParsedLine, PolicyCache, parse_line};

fn main() {
    divan::main();
}

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/data")
}

fn read(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// `GetObject` by a role session. `tiny` has one identity policy and one bucket policy; `realistic` has ten AWS managed
/// policies, SCPs at three levels, a boundary and a bucket policy.
fn line(name: &str) -> ParsedLine {
    let mut request = read(&data().join(format!("requests/{name}.json")));
    if name == "realistic" {
        // What allows stands last, so that nothing can be skipped.
        let mut policies = managed();
        policies.extend(request["identity_policies"].as_array().unwrap().iter().cloned());
        request["identity_policies"] = Value::Array(policies);
    }
    let parsed = parse_line(&request.to_string(), &mut PolicyCache::default()).unwrap();
    assert_eq!(decide(&parsed.request, &parsed.policies).decision().unwrap().name(), "Allowed");
    parsed
}

fn managed() -> Vec<Value> {
    let mut files: Vec<_> =
        fs::read_dir(data().join("managed")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let policies: Vec<Value> = files.iter().map(|path| read(path)).collect();
    let statements: usize =
        policies.iter().map(|policy| policy["Statement"].as_array().map_or(1, Vec::len)).sum();
    assert!((260..=272).contains(&statements), "{statements} statements");
    policies
}

#[divan::bench(args = ["tiny", "realistic"], min_time = 1)]
fn without_trace(bencher: Bencher<'_, '_>, case: &str) {
    let line = line(case);
    bencher
        .counter(ItemsCount::new(1_u32))
        .bench_local(|| decide(black_box(&line.request), black_box(&line.policies)));
}

#[divan::bench(args = ["tiny", "realistic"], min_time = 1)]
fn with_trace(bencher: Bencher<'_, '_>, case: &str) {
    let line = line(case);
    bencher
        .counter(ItemsCount::new(1_u32))
        .bench_local(|| explain(black_box(&line.request), black_box(&line.policies)));
}
