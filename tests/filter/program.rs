//! `why-denied filter` as people call it: what is printed, and the exit codes.

use assert_cmd::Command;
use serde_json::Value;

struct Run {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

fn run(args: &[&str], stdin: &str) -> Run {
    let output = Command::cargo_bin("why-denied")
        .unwrap()
        .arg("filter")
        .args(args)
        .env("NO_COLOR", "1")
        .write_stdin(stdin)
        .output()
        .unwrap();
    Run {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

const EVENTS: &str = r#"{"Records":[
 {"eventVersion":"1.08","eventTime":"2026-09-08T09:15:47Z","eventID":"1","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"eu-west-1",
  "userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/alice","userName":"alice"},"errorCode":"AccessDenied"},
 {"eventVersion":"1.08","eventTime":"2026-09-08T09:16:00Z","eventID":"2","eventSource":"organizations.amazonaws.com","eventName":"ListAccounts","awsRegion":"us-east-1",
  "userIdentity":{"type":"AssumedRole","arn":"arn:aws:sts::111122223333:assumed-role/ci/run","sessionContext":{"sessionIssuer":{"userName":"ci"}}},
  "errorCode":"AccessDenied","errorMessage":"CallerValidation check failed"}]}"#;

const DENIED: &str = r#"{ ($.errorCode = "AccessDenied*") && ($.eventName != "ListAccounts") }"#;

#[test]
fn a_test_says_for_every_event_what_decided() {
    let run = run(&["test", DENIED, "--events", "-"], EVENTS);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(
        run.stdout,
        r#"match    standard input:2:2 2026-09-08T09:15:47Z GetObject arn:aws:iam::111122223333:user/alice
  column 4: `$.errorCode = "AccessDenied*"` holds: the event has "AccessDenied"
  column 39: `$.eventName != "ListAccounts"` holds: the event has "GetObject"
no match standard input:4:2 2026-09-08T09:16:00Z ListAccounts arn:aws:sts::111122223333:assumed-role/ci/run
  column 39: `$.eventName != "ListAccounts"` does not hold: the event has "ListAccounts"
2 events: 1 match, 1 do not
"#
    );
}

#[test]
fn a_test_for_machines_is_one_json_document() {
    let run = run(&["test", DENIED, "--events", "-", "--format", "json"], EVENTS);
    let answer: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(
        answer["summary"],
        serde_json::json!({"events": 2, "matching": 1, "not_matching": 1, "uncertain": 0})
    );
    let second = &answer["events"][1];
    assert_eq!((&second["matches"], &second["certain"]), (&false.into(), &true.into()));
    assert_eq!(second["conditions"][1]["decides"], true);
    let none = self::run(&["test", DENIED, "--events", "-", "--format", "json", "--show", "none"], EVENTS);
    let answer: Value = serde_json::from_str(&none.stdout).unwrap();
    assert_eq!(answer["events"], serde_json::json!([]));
}

/// An export of some columns is no proof that a field is missing.
#[test]
fn events_without_all_fields_give_no_certain_answer() {
    let csv = "eventtime,eventname,errorcode,useridentity\n2026-09-08T09:15:47Z,GetObject,AccessDenied,\n";
    let run = run(&["test", "{$.errorMessage NOT EXISTS}", "--events", "-", "--format", "json"], csv);
    let answer: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(answer["events"][0]["certain"], false, "{}", run.stdout);
    assert_eq!(answer["summary"]["uncertain"], 1);
}

#[test]
fn what_cannot_be_read_is_said_with_its_place() {
    let run = run(&["test", "{ $.a = 'x' }", "--events", "/no/such/file"], "");
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""));
    assert!(
        run.stderr.contains("column 9: single quotes") && run.stderr.contains("hint: use double quotes"),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("\n          ^"), "{}", run.stderr);
    let both = self::run(&["test", "-", "--events", "-"], EVENTS);
    assert_eq!(both.code, Some(2), "{}", both.stderr);
    let missing = self::run(&["test", "ERROR", "--events", "/no/such/file"], "");
    assert_eq!(missing.code, Some(1), "{}", missing.stderr);
    let refused = self::run(&["test", "{$.*.* = x}", "--events", "-"], EVENTS);
    assert!(refused.stderr.contains("AWS refuses this pattern"), "{}", refused.stderr);
}

#[test]
fn lint_ends_with_one_if_there_is_more_than_a_note() {
    for (pattern, code) in [
        ("{$.errorCode = x}", 0),
        ("{$.eventSource = a.b}", 0),
        ("{$.userIdentity.userName != x}", 1),
        ("{", 1),
    ] {
        let run = run(&["lint", pattern], "");
        assert_eq!(run.code, Some(code), "{pattern}: {}", run.stdout);
    }
    let json = run(&["lint", "-", "--format", "json"], "{$.userIdentity.userName != x}\n");
    let answer: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(answer["findings"][0]["code"], "drops-events-without-field");
    assert_eq!(answer["findings"][0]["part"], "$.userIdentity.userName != x");
}

#[test]
fn explain_says_what_a_condition_is_without_its_field() {
    let run = run(&["explain", "{($.a != x) || ($.a NOT EXISTS)}"], "");
    assert_eq!(
        run.stdout,
        "a JSON event matches if
  one of these holds (column 2)
    $.a is there, not null, and not the text \"x\" (column 3)
      field missing or null: does not hold
    $.a is not in the event (column 17)
      field missing: holds; null: does not hold
"
    );
    assert_eq!(self::run(&["explain", "-ERROR \"a b\""], "").code, Some(0));
}

#[test]
fn make_proves_what_it_keeps_and_drops() {
    let args =
        ["make", "--only", "denials", "--exclude-role", "ci", "--exclude-caller-validation", "--events", "-"];
    let text = run(&args, EVENTS);
    assert_eq!(text.code, Some(0), "{}", text.stderr);
    let (pattern, proof) = text.stdout.split_once("\n\n").unwrap();
    assert_eq!(
        proof,
        "of 2 events: 1 kept
  1 dropped for refusals of AWS Organizations for the kind of the account: ListAccounts by arn:aws:sts::111122223333:assumed-role/ci/run
  1 dropped for role ci: ListAccounts by arn:aws:sts::111122223333:assumed-role/ci/run
"
    );
    let again = run(&["lint", pattern], "");
    assert_eq!((again.code, again.stdout.as_str()), (Some(0), "nothing found\n"));
    let json = run(&[&args[..], &["--format", "json"]].concat(), EVENTS);
    let answer: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!((&answer["pattern"], &answer["proof"]["kept"]), (&pattern.into(), &1.into()));
}

#[test]
fn make_refuses_what_aws_would_refuse() {
    let mut args = vec!["make", "--only", "iam-changes"];
    let roles: Vec<String> = (0..9).map(|n| format!("role-number-{n}")).collect();
    args.extend(roles.iter().flat_map(|role| ["--exclude-role", role]));
    let long = run(&args, "");
    assert_eq!((long.code, long.stdout.as_str()), (Some(1), ""));
    assert!(long.stderr.contains("AWS takes 1024") && long.stderr.contains("hint: "), "{}", long.stderr);
    assert_eq!(run(&["make"], "").code, Some(2));
    assert_eq!(run(&["make", "--exclude-role", "a b"], "").code, Some(2));
}

/// What a pattern or an event says cannot command a terminal.
#[test]
fn nothing_reaches_a_terminal_that_it_would_obey() {
    let event = "{\"eventVersion\":\"1.08\",\"eventID\":\"1\",\"eventName\":\"\\u001b[31mred\",\"eventSource\":\"s3.amazonaws.com\",\"eventTime\":\"2026-09-08T09:15:47Z\",\"awsRegion\":\"x\",\"userIdentity\":{\"type\":\"\\u202e\"}}";
    for args in [
        vec!["test", "{$.eventName = \"*\u{1b}[31m*\"}", "--events", "-"],
        vec!["test", "{$.eventName = \"*\u{1b}[31m*\"}", "--events", "-", "--format", "json"],
        vec!["lint", "{$.eventName = a\u{1b}[31m}"],
        vec!["explain", "{$.eventName = \"a\u{202e}\"}"],
        vec!["explain", "{$.eventName = \u{9b}(}"],
    ] {
        let run = run(&args, event);
        let dangerous = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(
            !run.stdout.contains(dangerous) && !run.stderr.contains(dangerous),
            "{args:?}: {:?} {:?}",
            run.stdout,
            run.stderr
        );
    }
}

/// A text processor's quotes would become a part of the text: the pattern would never match.
#[test]
fn quotes_that_are_none_are_refused_with_the_right_ones() {
    for pattern in [
        "{ $.eventType = \u{201c}UpdateTrail\u{201d} }",
        "{ $.eventName = `a` }",
        "\u{201c}Access Denied\u{201d}",
    ] {
        let run = run(&["lint", pattern], "");
        assert_eq!(run.code, Some(1), "{pattern}");
        assert!(
            run.stdout.contains("is no quote") && run.stdout.contains("plain double quotes"),
            "{}",
            run.stdout
        );
    }
    let quoted = run(&["lint", "{ $.userIdentity.userName = \"\u{201c}a\u{201d}\" }"], "");
    assert_eq!(quoted.code, Some(0), "inside of quotes they are text: {}", quoted.stdout);
}

/// Which ARN stands in which field:
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html>
#[test]
fn an_arn_that_would_leave_out_nobody_is_refused() {
    for (option, name, hint) in [
        ("--exclude-role", "arn:aws:iam::111122223333:user/x", "--exclude-user"),
        ("--exclude-role", "arn:aws:sts::111122223333:assumed-role/ci/x", "role's name"),
        ("--exclude-role", "arn:aws:iam::111122223333:root", "root user"),
        ("--exclude-role", "arn:aws:s3:::bucket", "role/NAME"),
        ("--exclude-user", "arn:aws:iam::111122223333:role/x", "--exclude-role"),
        ("--exclude-user", "arn:aws:iam::111122223333:root", "root user"),
        ("--exclude-user", "root", "root user"),
        ("--exclude-user", "arn:aws:iam::111122223333:user/", "user/NAME"),
    ] {
        let run = run(&["make", "--only", "denials", option, name], "");
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{option} {name}: {}", run.stderr);
        assert!(run.stderr.contains(hint), "{option} {name}: {}", run.stderr);
    }
    for (option, name) in [
        ("--exclude-role", "arn:aws:iam::111122223333:role/team/ci"),
        ("--exclude-role", "arn:aws-cn:iam::111122223333:role/ci*"),
        ("--exclude-role", "arn:aws:iam::111122223333:role/*"),
        ("--exclude-role", "arn:aws:iam::1111*"),
        ("--exclude-user", "arn:aws:iam::111122223333:user/x"),
    ] {
        let run = run(&["make", "--only", "denials", option, name], "");
        assert_eq!(run.code, Some(0), "{option} {name}: {}", run.stderr);
    }
}

/// "This control fails if the exact metric filters prescribed by CIS are not used."
/// <https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html>
#[test]
fn a_safer_form_of_a_controls_text_comes_with_what_it_breaks() {
    let text = "{($.errorCode=\"*UnauthorizedOperation\") || ($.errorCode=\"AccessDenied*\")}";
    let json: Value = serde_json::from_str(&run(&["lint", "--format", "json", text], "").stdout).unwrap();
    let finding = &json["findings"][0];
    assert_eq!(finding["code"], "misses-denial-codes");
    assert!(finding["caution"].as_str().unwrap().contains("the control fails without it"), "{finding}");
    let own: Value = serde_json::from_str(
        &run(&["lint", "--format", "json", "{$.userIdentity.userName != x}"], "").stdout,
    )
    .unwrap();
    assert!(own["findings"][0]["caution"].is_null(), "{own}");
    let shown = run(&["lint", text], "").stdout;
    assert!(
        shown.contains("\n  but: this is the text that CloudWatch.2 of Security Hub looks for"),
        "{shown}"
    );
}

#[test]
fn hints_say_what_aws_has_for_what_other_languages_have() {
    for (pattern, hint) in [
        ("{ eventName = a }", "begins with `$.`"),
        ("{ $.eventName IN (\"a\",\"b\") }", "||"),
        ("{ $.eventName = (\"a\" || \"b\") }", "||"),
        ("{ $.eventName LIKE \"a\" }", "*text*"),
        ("{ $.eventName <> \"a\" }", "!="),
    ] {
        let run = run(&["explain", pattern], "");
        assert!(run.stderr.contains("hint: ") && run.stderr.contains(hint), "{pattern}: {}", run.stderr);
    }
}

/// Fields between spaces have names and no `$.`, and none is null.
#[test]
fn words_between_spaces_are_explained_by_their_names() {
    let run = run(&["explain", "[ip, ..., code=4*]"], "");
    assert!(run.stdout.contains("  code is ") && !run.stdout.contains("$."), "{}", run.stdout);
    assert!(!run.stdout.contains("null"), "{}", run.stdout);
}
