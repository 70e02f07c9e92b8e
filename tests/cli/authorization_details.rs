//! `explain --authorization-details`: AWS's Access Troubleshooter as testimony.
//!
//! The shape is that of <https://docs.aws.amazon.com/iam-toolbox/latest/APIReference/API_GetRequestAuthorizationDetails.html>,
//! the message that of
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied-authorization-id.html>.

use std::path::Path;

use serde_json::{Value, json};

use crate::program::{Run, in_project, run, run_with};

const JOB: &str = "arn:aws:glue:ap-northeast-1:123456789012:job/hourly-export";
const CALLER: &str = "arn:aws:iam::123456789012:user/batch-export";
const QUARANTINE: &str = "arn:aws:iam::123456789012:policy/quarantine-exports";
const EXAMPLE: &str = "job-stopped-after-policy-change";

/// One evaluation of `glue:StartJobRun` with one check.
fn details(check: &str, effect: &str, policy: &str, statement: &str) -> Value {
    json!({
        "requestContext": {"aws:PrincipalArn": CALLER, "aws:CurrentTime": "2026-10-06T04:30:03Z"},
        "evaluations": [{"action": "glue:StartJobRun", "resource": JOB, "context": {}, "evaluatedEffect": effect,
            "checks": [{"checkType": check, "evaluatedEffect": effect, "relevantPolicyTypes": ["IDENTITY_BASED_POLICY"],
                "matchedPolicies": [{"uri": policy, "matchedStatements": [{"sid": statement, "evaluatedEffect": "DENY"}]}]}]}],
        "policies": [{"type": "IDENTITY_BASED_POLICY", "inline": false, "uri": policy, "attachedTo": [{"arn": CALLER}]}],
    })
}

fn explain(place: &[&str], details: &Value) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("details.json");
    std::fs::write(&file, details.to_string()).unwrap();
    let with = ["--authorization-details", file.to_str().unwrap()];
    run([&["explain"][..], place, &with].concat())
}

fn first(run: &Run) -> Value {
    run.json()["diagnoses"][0].clone()
}

#[test]
fn details_that_say_the_same_agree() {
    let same = details("PRINCIPAL", "EXPLICIT_DENY", QUARANTINE, "DenyStartingExports");
    let found = explain(&["--example", EXAMPLE, "--format", "json"], &same);
    let diagnosis = first(&found);
    assert_eq!(diagnosis["authorization_details"]["agreement"], "agrees", "{}", found.stdout);
    assert_eq!(diagnosis["authorization_details"]["contradictions"], json!([]));
    assert_eq!((found.code, found.stderr.as_str()), (Some(0), ""));
    let text = explain(&["--example", EXAMPLE], &same).stdout;
    assert!(
        text.contains("AWS's authorization details") && text.contains("PRINCIPAL: EXPLICIT_DENY"),
        "{text}"
    );
}

/// What AWS says otherwise is said, and the verdict stays.
#[test]
fn a_contradiction_is_said_and_changes_no_verdict() {
    let alone = run(["explain", "--example", EXAMPLE, "--format", "json"]);
    let boundary = "arn:aws:iam::123456789012:policy/boundary";
    for (said, wanted) in [
        (
            details("PERMISSIONS_BOUNDARY", "EXPLICIT_DENY", boundary, "No"),
            "a permissions boundary refuses it",
        ),
        (details("PRINCIPAL", "IMPLICIT_DENY", QUARANTINE, ""), "AWS says IMPLICIT_DENY"),
        (details("PRINCIPAL", "ALLOW", QUARANTINE, ""), "AWS says that glue:StartJobRun was allowed"),
        (
            details("PRINCIPAL", "EXPLICIT_DENY", "arn:aws:iam::123456789012:policy/other", "No"),
            "arn:aws:iam::123456789012:policy/other denies it",
        ),
    ] {
        let found = explain(&["--example", EXAMPLE, "--format", "json"], &said);
        let diagnosis = first(&found);
        assert_eq!(diagnosis["authorization_details"]["agreement"], "contradicts", "{wanted}");
        let contradictions = diagnosis["authorization_details"]["contradictions"].to_string();
        assert!(contradictions.contains(wanted), "{contradictions}");
        for field in ["decision", "standing", "findings", "denied_by"] {
            assert_eq!(diagnosis[field], first(&alone)[field], "{field}");
        }
        let text = explain(&["--example", EXAMPLE], &said).stdout;
        assert!(text.contains("Contradicts the answer above"), "{text}");
    }
}

/// Events alone determine nothing; AWS's details then name the policy, as AWS's word.
#[test]
fn where_nothing_is_determined_the_policy_is_named_as_the_word_of_aws() {
    let events = in_project("policies/examples").join(EXAMPLE).join("events");
    let place = ["--events", events.to_str().unwrap(), "--principal", CALLER, "--format", "json"];
    let scp = "arn:aws:organizations::777788889999:policy/o-exampleorg/service_control_policy/p-examplescp";
    let mut said = details("SERVICE_CONTROL_POLICY", "EXPLICIT_DENY", scp, "DenyGlue");
    said["evaluations"][0]["checks"][0]["targetArn"] =
        "arn:aws:organizations::777788889999:ou/o-exampleorg/ou-ab12-11111111".into();
    let found = explain(&place, &said);
    let diagnosis = first(&found);
    assert_eq!(diagnosis["decision"], "Undetermined", "{}", found.stdout);
    assert_eq!(diagnosis["authorization_details"]["agreement"], "not-compared");
    let finding = &diagnosis["findings"][0];
    assert_eq!(finding["policy"], scp, "{finding}");
    assert_eq!((&finding["statement"], &finding["layer"]), (&json!("DenyGlue"), &json!("scp")));
    assert!(finding["text"].as_str().unwrap().starts_with("AWS's authorization details say: "), "{finding}");
    assert_eq!(found.code, Some(3));
}

#[test]
fn details_of_another_request_are_not_used() {
    let of_another = |change: &dyn Fn(&mut Value)| {
        let mut said = details("PRINCIPAL", "EXPLICIT_DENY", QUARANTINE, "DenyStartingExports");
        change(&mut said);
        explain(&["--example", EXAMPLE, "--format", "json"], &said)
    };
    let others: [&dyn Fn(&mut Value); 4] = [
        &|said| said["requestContext"]["aws:PrincipalArn"] = "arn:aws:iam::123456789012:user/alice".into(),
        &|said| said["requestContext"]["aws:CurrentTime"] = "2026-10-07T04:30:03Z".into(),
        &|said| said["evaluations"][0]["action"] = "glue:GetJobRun".into(),
        &|said| said["evaluations"][0]["resource"] = format!("{JOB}-2").into(),
    ];
    for change in others {
        let found = of_another(change);
        assert_eq!(first(&found)["authorization_details"], Value::Null, "{}", found.stdout);
        assert!(found.stderr.contains("no denial that was asked for is that request"), "{}", found.stderr);
    }
}

/// The message of the user guide.
const MESSAGE: &str = "User: arn:aws:iam::123456789012:user/janedoe is not authorized to perform: iam:CreateInstanceProfile on \
    resource: arn:aws:iam::123456789012:instance-profile/my-instance-profile with an explicit deny in an identity-based policy: \
    arn:aws:iam::123456789012:policy/ExampleDenyPolicy. Go to \
    https://us-east-1.console.aws.amazon.com/iam/home?region=us-east-1#/authorization-details/EXAMPLE1a2b3c4d5e6f7g8h9i0j for \
    complete details, or call the GetRequestAuthorizationDetails API with the following authorization id: \
    EXAMPLE1a2b3c4d5e6f7g8h9i0j";

fn of_message() -> Value {
    json!({
        "requestContext": {"aws:PrincipalArn": "arn:aws:iam::123456789012:user/janedoe"},
        "evaluations": [{"action": "iam:CreateInstanceProfile", "evaluatedEffect": "EXPLICIT_DENY",
            "resource": "arn:aws:iam::123456789012:instance-profile/my-instance-profile",
            "checks": [{"checkType": "PRINCIPAL", "evaluatedEffect": "EXPLICIT_DENY", "matchedPolicies": [{
                "uri": "arn:aws:iam::123456789012:policy/ExampleDenyPolicy",
                "matchedStatements": [{"sid": "DenyProfiles", "evaluatedEffect": "DENY"}]}]}]}],
        "policies": [{"type": "IDENTITY_BASED_POLICY", "inline": false,
            "uri": "arn:aws:iam::123456789012:policy/ExampleDenyPolicy",
            "attachedTo": [{"arn": "arn:aws:iam::123456789012:user/janedoe"}]}],
    })
}

#[test]
fn a_message_comes_with_the_command_that_fetches_its_details() {
    let command = "aws iam-toolbox get-request-authorization-details --authorization-id EXAMPLE1a2b3c4d5e6f7g8h9i0j \
                   --region us-east-1 --output json";
    let text = run(["explain", "--message", MESSAGE]).stdout;
    assert!(text.contains(command) && text.contains("--authorization-details FILE"), "{text}");
    let json = run(["explain", "--message", MESSAGE, "--format", "json"]).json();
    assert_eq!(json["authorization_command"], command);
}

#[test]
fn details_beside_a_message_name_the_statement() {
    let found = explain(&["--message", MESSAGE], &of_message());
    assert!(
        found.stdout.contains("DenyProfiles (DENY) of arn:aws:iam::123456789012:policy/ExampleDenyPolicy")
    );
    assert!(found.stdout.contains("nothing in them speaks against the message"), "{}", found.stdout);
    assert_eq!(found.code, Some(3));
    let mut other = of_message();
    other["evaluations"][0]["checks"][0]["checkType"] = "SESSION".into();
    let json = explain(&["--message", MESSAGE, "--format", "json"], &other).json();
    let contradictions = json["authorization_details"]["contradictions"].to_string();
    assert!(contradictions.contains("these refuse: SESSION"), "{contradictions}");
}

#[test]
fn details_alone_are_printed_and_determine_nothing() {
    let text = explain(&[], &of_message());
    assert!(text.stdout.contains("iam:CreateInstanceProfile on arn:aws:iam::123456789012:instance-profile"));
    assert_eq!((text.code, text.stderr.as_str()), (Some(3), ""));
    let json =
        run_with(["explain", "--format", "json", "--authorization-details", "-"], of_message().to_string());
    assert_eq!(json.json()["evaluations"][0]["checks"][0]["type"], "PRINCIPAL");
}

/// Somebody may send a file that is none.
#[test]
fn a_damaged_file_is_an_error_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("details.json");
    let read = |text: &[u8]| {
        std::fs::write(&file, text).unwrap();
        run(["explain", "--authorization-details", file.to_str().unwrap()])
    };
    let name = file.display().to_string();
    for (text, place) in [
        (&b"{\"requestContext\": {},\n  \"evaluations\" []}"[..], ":2:17: "),
        (b"{\"requestContext\": {},\n  \"evaluations\": [7]}", ":2:19: "),
        (b"{\n\"\xff\"}", ":2:2 is not UTF-8"),
        (b"", ":1:1: "),
    ] {
        let found = read(text);
        assert!(found.stderr.contains(&format!("{name}{place}")), "{}", found.stderr);
        assert!(found.stderr.contains("hint: give what `aws iam-toolbox"), "{}", found.stderr);
        assert_eq!((found.code, found.stdout.as_str()), (Some(1), ""));
    }
    let deep = "[".repeat(100_000);
    assert_eq!(read(format!("{{\"requestContext\": {{\"a\": {deep}").as_bytes()).code, Some(1));
    let large = read(&vec![b' '; 4 * 1024 * 1024 + 1]);
    assert!(large.stderr.contains("has more than 4194304 bytes"), "{}", large.stderr);
    let none = run(["explain", "--authorization-details", Path::new("/nonexistent").to_str().unwrap()]);
    assert!(none.stderr.contains("cannot read the authorization details `/nonexistent`"), "{}", none.stderr);
}

#[test]
fn a_terminal_obeys_nothing_in_the_file() {
    let mut hostile = details("PRINCIPAL", "EXPLICIT_DENY", QUARANTINE, "a\u{1b}[2Jb\nDENIED nothing");
    hostile["evaluations"][0]["checks"][0]["checkType"] = "PRINCIPAL\u{1b}]0;x\u{7}".into();
    for place in [&[][..], &["--example", EXAMPLE], &["--example", EXAMPLE, "--format", "json"]] {
        let found = explain(place, &hostile);
        assert!(!found.stdout.contains(['\u{1b}', '\u{7}']), "{}", found.stdout);
        assert!(!found.stdout.contains("\nDENIED nothing"), "{}", found.stdout);
    }
}
