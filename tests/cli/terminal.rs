//! Exit codes, colour, closed pipes, and usage.

use std::process::Stdio;

use crate::examples::explain;
use crate::program::{finished, program, run};

#[test]
fn usage_errors_end_with_two_and_print_nothing_on_standard_output() {
    // With live AWS, `explain` alone asks about the caller.
    let nothing_to_explain = (!cfg!(feature = "aws")).then(|| vec!["explain"]);
    for args in [
        vec!["explain", "--no-such-flag"],
        vec!["explain", "--example", "s3-kms-download", "--format", "yaml"],
        vec!["explain", "--example", "s3-kms-download", "--since", "yesterday"],
        vec!["explain", "--bundle", ".", "--example", "s3-kms-download"],
        vec!["explain", "--message", "AccessDenied", "--format", "dot"],
        vec!["explain", "--message", "AccessDenied", "--format", "html"],
        vec!["explain", "--message", "AccessDenied", "--output", "answer.txt"],
        vec!["explain", "--example", "s3-kms-download", "--open", "--format", "json"],
        vec!["denials"],
        vec!["simulate"],
        vec!["simulate", "--principal", "arn:aws:iam::111122223333:user/u", "--action", "s3"],
        vec!["simulate", "--principal", "nobody at all", "--action", "s3:GetObject"],
        vec!["simulate", "--principal", "anonymous", "--action", "s3:GetObject", "--context", "no-pair"],
        vec!["simulate", "--principal", "anonymous", "--action", "s3:GetObject", "--scp", "no-pair"],
        vec!["no-such-command"],
    ]
    .into_iter()
    .chain(nothing_to_explain)
    {
        let run = run(&args);
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{args:?}: {}", run.stderr);
        assert!(run.stderr.contains("error: "), "{args:?}: {}", run.stderr);
    }
}

#[test]
fn what_cannot_be_read_ends_with_one_and_says_what_was_being_done() {
    for (args, named) in [
        (vec!["explain", "--bundle", "/no/such/folder"], "/no/such/folder"),
        (vec!["explain", "--events", "/no/such/file"], "/no/such/file"),
        (vec!["denials", "/no/such/file"], "/no/such/file"),
        (vec!["simulate", "--requests", "/no/such/file"], "/no/such/file"),
        (vec!["simulate", "--requests", env!("CARGO_MANIFEST_DIR")], env!("CARGO_MANIFEST_DIR")),
        (
            vec![
                "simulate",
                "--principal",
                "arn:aws:iam::111122223333:user/u",
                "--action",
                "s3:GetObject",
                "--identity-policy",
                "/no/such/policy",
            ],
            "/no/such/policy",
        ),
    ] {
        let run = run(&args);
        assert_eq!(run.code, Some(1), "{args:?}: {}", run.stderr);
        assert!(run.stderr.contains(named), "{args:?}: {}", run.stderr);
    }
}

#[test]
fn help_and_version_go_to_standard_output() {
    for args in [vec!["--help"], vec!["--version"], vec!["explain", "--help"], vec!["simulate", "--help"]] {
        let run = run(&args);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{args:?}");
        assert!(!run.stdout.is_empty());
    }
}

#[test]
fn no_color_wins_over_everything_that_asks_for_colour() {
    let explain = ["explain", "--example", "job-stopped-after-policy-change"];
    let forced = finished(&program().args(explain).env("CLICOLOR_FORCE", "1").output().unwrap());
    assert!(forced.stdout.contains("\x1b["), "colour can be asked for: {}", forced.stdout);
    let plain = program().args(explain).env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1").output().unwrap();
    let plain = finished(&plain);
    assert!(!plain.stdout.contains('\x1b'), "{}", plain.stdout);
    assert_eq!(plain, run(explain), "a pipe has no colour either");
}

/// `why-denied … | head -1`, where the reader is gone before anything is written.
#[test]
fn a_closed_pipe_is_success_and_no_word_about_it() {
    let bundle = crate::examples::folder("s3-kms-download");
    let events = bundle.join("events");
    let (bundle, events) = (bundle.to_str().unwrap(), events.to_str().unwrap());
    let request = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(
        request.path(),
        r#"{"principal":"arn:aws:iam::111122223333:user/u","action":"s3:ListAllMyBuckets"}"#,
    )
    .unwrap();
    for args in [
        vec!["explain", "--bundle", bundle],
        vec!["explain", "--bundle", bundle, "--format", "json"],
        vec!["explain", "--example"],
        vec!["denials", events],
        vec!["simulate", "--requests", request.path().to_str().unwrap()],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_why-denied"));
        let output = command
            .args(&args)
            .stdin(Stdio::null())
            .stdout(writer)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
            .wait_with_output()
            .unwrap();
        let run = finished(&output);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{args:?}");
    }
}

#[test]
fn the_same_run_prints_the_same() {
    for name in crate::examples::names() {
        for format in ["text", "json", "html", "markdown", "svg", "dot", "mermaid"] {
            assert_eq!(explain(&name, format), explain(&name, format), "{name} as {format}");
        }
    }
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>
#[test]
fn a_bucket_name_that_is_none_is_told_by_its_rule() {
    let found = run(["sources", "athena-ddl", "--location", "s3://b/AWSLogs/"]);
    assert!(found.stderr.contains("a bucket name has at least 3 characters"), "{}", found.stderr);
    assert_eq!((found.code, found.stdout.as_str()), (Some(2), ""));
}
