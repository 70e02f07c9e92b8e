//! Every case under `tests/cases/`: a request, the answer that AWS's documentation gives, and the page.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::doc_markdown,
    missing_docs,
    reason = "a test fails by panicking, and says what it found"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use why_denied::evaluate::{Evaluation, decide, explain};
use why_denied::simulate::{Answer, PolicyCache, parse_line};

fn case_files(folder: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            case_files(&path, out);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            out.push(path);
        }
    }
}

fn cases_folder() -> PathBuf {
    std::env::var_os("WHY_DENIED_CASES")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases"), PathBuf::from)
}

/// What is wrong with the answer to one case.
fn difference(case: &Value) -> Option<String> {
    let mut cache = PolicyCache::default();
    let expected = &case["expect"];
    let line = match parse_line(&case["request"].to_string(), &mut cache) {
        Ok(line) => line,
        Err(error) => return Some(format!("the request cannot be read: {error}")),
    };
    let evaluation = explain(&line.request, &line.policies);
    let answer = json!(Answer::new(&Value::Null, &evaluation));
    if decide(&line.request, &line.policies).decision() != evaluation.verdict.decision() {
        return Some("`decide` and `explain` disagree".to_owned());
    }
    // Some pages say that a request is refused and not in which of the two ways.
    let decisions = expected["decision"].as_str().unwrap_or_default();
    if !decisions.split('|').any(|decision| answer["decision"] == decision) {
        return Some(format!(
            "expected {} but got {} (denied by {}, hinges on {})",
            expected["decision"], answer["decision"], answer["denied_by"], answer["hinges_on"]
        ));
    }
    denied_by_difference(expected, &evaluation).or_else(|| hinges_difference(expected, &answer))
}

fn denied_by_difference(expected: &Value, evaluation: &Evaluation) -> Option<String> {
    let wanted: BTreeSet<&str> = expected["denied_by"].as_array()?.iter().filter_map(Value::as_str).collect();
    let found: BTreeSet<&str> = evaluation.denied_by().iter().map(|layer| layer.name()).collect();
    (wanted != found).then(|| format!("expected to be denied by {wanted:?}, but it was {found:?}"))
}

fn hinges_difference(expected: &Value, answer: &Value) -> Option<String> {
    let found = answer["hinges_on"].to_string().to_lowercase();
    let missing = expected["hinges_on"]
        .as_array()?
        .iter()
        .filter_map(Value::as_str)
        .find(|wanted| !found.contains(&wanted.to_lowercase()))?;
    Some(format!("expected to hang on `{missing}`, but it hangs on {found}"))
}

#[test]
fn every_case_gets_the_documented_answer() {
    let folder = cases_folder();
    let mut files = Vec::new();
    case_files(&folder, &mut files);
    let (mut count, mut wrong) = (0, Vec::new());
    for path in &files {
        let text = std::fs::read_to_string(path).unwrap();
        let file: Value =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(
            file["source"].as_str().is_some_and(|page| page.starts_with("https://docs.aws.amazon.com/")),
            "{path:?}"
        );
        for case in file["cases"].as_array().unwrap() {
            count += 1;
            if let Some(difference) = difference(case) {
                wrong.push(format!(
                    "{} · {}: {difference}",
                    path.strip_prefix(&folder).unwrap().display(),
                    case["title"]
                ));
            }
        }
    }
    println!("{count} cases in {} files", files.len());
    assert!(wrong.is_empty(), "{} of {count} cases are wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count > 0, "there are no cases");
}
