//! `simulate`: one request, files of requests, standard input.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::program::{Run, run, run_with};

const ALLOW: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Read","Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}"#;
const DENY: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Sid":"Never","Effect":"Deny","Action":"*","Resource":"*"}]}"#;
const FROM_OFFICE: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Office","Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}]}"#;

struct Policies(tempfile::TempDir);

impl Policies {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

fn one(more: &[&str]) -> Run {
    let request = [
        "simulate",
        "--principal",
        "arn:aws:iam::111122223333:user/u",
        "--action",
        "s3:GetObject",
        "--resource",
        "arn:aws:s3:::b/k",
        "--resource-account",
        "111122223333",
    ];
    run(request.iter().chain(more))
}

#[test]
fn the_exit_code_is_the_decision() {
    let policies = Policies::new();
    let allow = policies.file("allow.json", ALLOW);
    let deny = policies.file("deny.json", DENY);
    let office = policies.file("office.json", FROM_OFFICE);
    let [allow, deny, office] = [&allow, &deny, &office].map(|path| path.to_str().unwrap());
    let scp = format!("r-ab12={deny}");
    for (args, code, decision) in [
        (vec!["--identity-policy", allow], 0, "Allowed"),
        (vec![], 4, "ImplicitDeny"),
        (vec!["--identity-policy", allow, "--identity-policy", deny], 4, "ExplicitDeny"),
        (vec!["--identity-policy", allow, "--scp", &scp], 4, "ExplicitDeny"),
        (vec!["--identity-policy", office], 3, "Undetermined"),
        (vec!["--identity-policy", office, "--context-complete"], 4, "ImplicitDeny"),
        (vec!["--identity-policy", office, "--context", "aws:SourceIp=203.0.113.7"], 0, "Allowed"),
        (vec!["--identity-policy", office, "--context", "aws:SourceIp=192.0.2.1"], 4, "ImplicitDeny"),
    ] {
        let text = one(&args);
        assert_eq!(text.code, Some(code), "{args:?}: {}{}", text.stdout, text.stderr);
        assert!(text.stdout.starts_with(decision), "{args:?}: {}", text.stdout);
        let json = one(&[args.as_slice(), &["--format", "json"]].concat());
        assert_eq!((json.code, &json.json()["decision"]), (Some(code), &json!(decision)), "{args:?}");
    }
}

#[test]
fn an_undetermined_answer_names_what_it_hinges_on() {
    let policies = Policies::new();
    let office = policies.file("office.json", FROM_OFFICE);
    let answer = one(&["--format", "json", "--identity-policy", office.to_str().unwrap()]).json();
    let hinges = answer["hinges_on"].as_array().unwrap();
    assert!(hinges.iter().any(|hinge| hinge.as_str().unwrap().contains("aws:SourceIp")), "{hinges:?}");
}

fn request(id: &Value, policy: &str) -> String {
    let policy: Value = serde_json::from_str(policy).unwrap();
    let request = json!({
        "id": id, "principal": "arn:aws:iam::111122223333:user/u", "action": "s3:GetObject",
        "resource": "arn:aws:s3:::b/k", "resource_account": "111122223333", "context_complete": true,
        "identity_policies": [policy],
    });
    request.to_string()
}

fn answers(run: &Run) -> Vec<Value> {
    run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_broken_line_is_answered_with_an_error_and_the_others_go_on() {
    let lines = [
        request(&json!("one"), ALLOW),
        "{\"id\":\"two\",".to_owned(),
        String::new(),
        r#"{"id":3,"principal":"arn:aws:iam::111122223333:user/u","action":"s3:GetObject","identity_polices":[]}"#.to_owned(),
        request(&json!(["four"]), DENY),
    ];
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), lines.join("\n")).unwrap();
    let run = run(["simulate", "--requests", file.path().to_str().unwrap()]);
    let answers = answers(&run);
    assert_eq!(answers.len(), 4, "{}", run.stdout);
    assert_eq!((&answers[0]["id"], &answers[0]["decision"]), (&json!("one"), &json!("Allowed")));
    assert!(answers[1]["error"].is_string() && answers[1].get("decision").is_none(), "{}", answers[1]);
    let misspelt = answers[2]["error"].as_str().unwrap();
    assert!(answers[2]["id"] == 3 && misspelt.contains("identity_polices"), "{misspelt}");
    assert_eq!((&answers[3]["id"], &answers[3]["decision"]), (&json!(["four"]), &json!("ExplicitDeny")));
    assert_eq!(run.code, Some(1));
    assert_eq!(run_with(["simulate", "--requests", "-"], lines.join("\n")), run, "from standard input");
}

/// Which of the two is meant decides on the answer, so none is given.
#[test]
fn a_line_that_contradicts_itself_names_the_field() {
    let line = |field: &str, value: Value| {
        let mut line: Value = serde_json::from_str(&request(&json!(1), ALLOW)).unwrap();
        line[field] = value;
        line
    };
    let mut other_account = line("resource", json!("arn:aws:sqs:eu-west-1:111122223333:q"));
    other_account["resource_account"] = json!("444455556666");
    for (line, said) in [
        (other_account, "`resource_account`: the resource's ARN names account 111122223333"),
        (line("action", json!("s3:GetObject ")), "`action`: there is white space where AWS has none"),
        (line("resource", json!(" arn:aws:s3:::b/k")), "`resource`: there is white space where AWS has none"),
        (
            line("principal", json!("arn:aws:iam::111122223333:user/u ")),
            "`principal`: there is white space where AWS has none",
        ),
        (
            line("principal", json!({ "arn": " arn:aws:iam::111122223333:user/u" })),
            "`principal`: there is white space where AWS has none",
        ),
        (
            line("principal", json!("arn:aws:sts::111122223333:assumed-role/r")),
            "`principal`: the ARN of a session ends with the names of the role and of the session",
        ),
        (
            line("principal", json!("arn:aws:iam:eu-west-1:111122223333:user/u")),
            "`principal`: the ARN of a principal has no Region",
        ),
        (
            line("context", json!({ "aws:SourceIp": "203.0.113.7", "AWS:SourceIP": "203.0.113.8" })),
            "`context`: `aws:SourceIp` is written twice, in two spellings",
        ),
    ] {
        let run = run_with(["simulate", "--requests", "-"], line.to_string());
        assert_eq!(answers(&run)[0]["error"], said, "{line}");
    }
}

#[test]
fn an_answer_says_which_layer_and_which_statement() {
    let run = run_with(["simulate", "--requests", "-"], request(&json!(1), DENY));
    let answer = &answers(&run)[0];
    assert_eq!(run.code, Some(0));
    assert_eq!(answer["denied_by"], json!(["identity"]));
    let layers = answer["layers"].as_array().unwrap();
    let identity = layers.iter().find(|layer| layer["layer"] == "identity").unwrap();
    assert_eq!(identity["result"], "EXPLICIT_DENY");
    assert_eq!(identity["matched_statements"][0]["statement"], "Never");
}

/// The same requests in another order get the same answers.
#[test]
fn the_order_of_the_lines_does_not_matter() {
    let lines: Vec<String> = [ALLOW, DENY, FROM_OFFICE]
        .iter()
        .cycle()
        .take(50)
        .enumerate()
        .map(|(number, policy)| request(&json!(number), policy))
        .collect();
    let backwards: Vec<String> = lines.iter().rev().cloned().collect();
    let run = run_with(["simulate", "--requests", "-"], lines.join("\n"));
    let mut reversed = answers(&run_with(["simulate", "--requests", "-"], backwards.join("\n")));
    reversed.reverse();
    assert_eq!(answers(&run), reversed);
}

#[test]
fn the_rate_is_measured_over_all_requests() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), request(&json!(1), ALLOW) + "\n" + &request(&json!(2), DENY)).unwrap();
    let run = run(["simulate", "--requests", file.path().to_str().unwrap(), "--bench", "10"]);
    let rate = run.json();
    assert_eq!(run.stdout.lines().count(), 1);
    assert_eq!(rate["decided"], 20);
    assert_eq!((&rate["Allowed"], &rate["ExplicitDeny"]), (&json!(10), &json!(10)));
    assert!(rate["per_second"].as_f64().unwrap() > 0.0);
}

/// The reference lists what AWS has: a name that it has not is a typing error or is newer, so the decision stays.
#[test]
fn an_action_that_aws_does_not_list_is_named_beside_the_decision() {
    let policies = Policies::new();
    let all = policies.file(
        "all.json",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#,
    );
    let simulated = |action: &str| {
        let all = all.to_str().unwrap();
        run([
            "simulate",
            "--principal",
            "arn:aws:iam::111122223333:user/u",
            "--action",
            action,
            "--resource",
            "arn:aws:s3:::b/k",
            "--resource-account",
            "111122223333",
            "--identity-policy",
            all,
            "--format",
            "json",
        ])
    };
    let wrong = simulated("s3:GetObjekt");
    assert_eq!((wrong.code, &wrong.json()["decision"]), (Some(0), &json!("Allowed")), "{}", wrong.stderr);
    assert!(wrong.stderr.contains("has no action `s3:GetObjekt`"), "{}", wrong.stderr);
    assert!(wrong.json()["warning"].as_str().unwrap().contains("s3:GetObjekt"), "{}", wrong.stdout);
    let right = simulated("s3:GetObject");
    assert!(
        right.stderr.is_empty() && right.json().get("warning").is_none(),
        "{}{}",
        right.stdout,
        right.stderr
    );
}
