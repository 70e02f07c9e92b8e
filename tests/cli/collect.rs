//! `collect`: bundles written anew, with names and without.

use std::path::Path;

use crate::examples::{diagnoses, folder, names, strings};
use crate::program::{Run, run};

fn collect(from: &Path, to: &Path, more: &[&str]) -> Run {
    let paths = ["collect", "--bundle", from.to_str().unwrap(), "--out", to.to_str().unwrap()];
    run(paths.iter().chain(more))
}

fn explain(folder: &Path, format: &str) -> Run {
    run(["explain", "--bundle", folder.to_str().unwrap(), "--format", format])
}

#[test]
fn a_copied_bundle_gives_the_same_answer_byte_for_byte() {
    for name in names() {
        let place = tempfile::tempdir().unwrap();
        let copy = place.path().join("copy");
        let run = collect(&folder(&name), &copy, &[]);
        assert_eq!(run.code, Some(0), "{name}: {}", run.stderr);
        assert_eq!(run.stdout, "");
        for format in ["text", "json", "dot", "mermaid"] {
            assert_eq!(explain(&copy, format), explain(&folder(&name), format), "{name} as {format}");
        }
    }
}

#[test]
fn a_redacted_bundle_gives_the_same_answer_without_names() {
    for name in names() {
        let place = tempfile::tempdir().unwrap();
        let redacted = place.path().join("redacted");
        let run = collect(&folder(&name), &redacted, &["--redact"]);
        assert_eq!(run.code, Some(0), "{name}: {}", run.stderr);
        let (before, after) = (explain(&folder(&name), "json"), explain(&redacted, "json"));
        assert_eq!(after.code, before.code, "{name}");
        let (before, after) = (before.json(), after.json());
        assert_eq!(diagnoses(&after).len(), diagnoses(&before).len(), "{name}");
        for (before, after) in diagnoses(&before).iter().zip(diagnoses(&after)) {
            assert_eq!(after["standing"], before["standing"], "{name}");
            assert_eq!(after["decision"], before["decision"], "{name}");
            assert_eq!(strings(&after["denied_by"]), strings(&before["denied_by"]), "{name}");
            assert_eq!(after["denied"]["action"], before["denied"]["action"], "{name}");
            assert_ne!(after["principal"], before["principal"], "{name}");
        }
    }
}

#[test]
fn what_is_there_is_kept_unless_it_is_a_bundle_and_forced() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    let from = folder("s3-kms-download");
    assert_eq!(collect(&from, &out, &[]).code, Some(0));
    let refused = collect(&from, &out, &[]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("--force"), "{}", refused.stderr);
    assert_eq!(collect(&from, &out, &["--force"]).code, Some(0));
    std::fs::write(out.join("notes.md"), "mine").unwrap();
    let refused = collect(&from, &out, &["--force"]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("notes.md"), "{}", refused.stderr);
    assert!(out.join("notes.md").is_file());
}

#[test]
fn what_cannot_be_read_is_said_and_left_out() {
    let place = tempfile::tempdir().unwrap();
    let (from, out) = (place.path().join("from"), place.path().join("out"));
    std::fs::create_dir_all(from.join("accounts/111122223333/buckets/acme")).unwrap();
    std::fs::write(from.join("bundle.json"), "{\"format\": 1}").unwrap();
    std::fs::write(from.join("accounts/111122223333/buckets/acme/policy.json"), "not JSON").unwrap();
    let run = collect(&from, &out, &["--redact"]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stderr.contains("accounts/111122223333/buckets/acme/policy.json:1:"), "{}", run.stderr);
    let none = collect(&place.path().join("nowhere"), &out, &[]);
    assert_eq!(none.code, Some(1));
    let no_bundle = collect(place.path(), &place.path().join("other"), &[]);
    assert_eq!(no_bundle.code, Some(1));
    assert!(no_bundle.stderr.contains("not an evidence bundle"), "{}", no_bundle.stderr);
}
