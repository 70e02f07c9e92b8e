//! Bundles without the names in them, which give the same answers.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::{Value, json};
use why_denied::bundle::{
    Draft, FileTree, Folder, IamList, Manifest, Redacted, RedactionKey, example, examples, read, redact,
};
use why_denied::diagnose::{Diagnosis, Selection, diagnose};
use why_denied::ids::AccountId;
use why_denied::trail::message::DenialMessage;

fn key(number: u8) -> RedactionKey {
    RedactionKey::new([number; 32])
}

fn answers(tree: &dyn FileTree) -> Vec<String> {
    let loaded = read(tree);
    let scope = loaded.evidence.scope.clone();
    let diagnoses = diagnose(&loaded.evidence, &Selection { scope, ..Selection::default() });
    let mut answers: Vec<String> = diagnoses.iter().map(answer).collect();
    answers.sort();
    answers
}

/// What must not depend on names.
fn answer(diagnosis: &Diagnosis) -> String {
    let codes: Vec<_> = diagnosis.findings.iter().map(|finding| finding.code).collect();
    format!(
        "{} {:?} {:?} {:?} {:?} {codes:?} introduced {} verified {} of {} origin {} testimony {} events {}",
        diagnosis.denied.action,
        diagnosis.occurrences.first,
        diagnosis.standing,
        diagnosis.decision,
        diagnosis.denied_by,
        diagnosis.introduced_by.is_some(),
        diagnosis.remedies.iter().filter(|remedy| remedy.verified).count(),
        diagnosis.remedies.len(),
        diagnosis.origin.is_some(),
        diagnosis.testimony.is_some(),
        diagnosis.event_ids.len(),
    )
}

/// Everything in a bundle: the names of its files too, apart from those that the format gives.
fn whole_text(draft: &Draft) -> String {
    let name = |file: &str| file.replace("/keys/", "/").replace("/buckets/", "/");
    let text = |file: &str| String::from_utf8_lossy(&draft.bytes(file).unwrap()).into_owned();
    draft.paths().iter().flat_map(|file| [name(file), text(file)]).collect::<Vec<_>>().join("\n")
}

/// The bundles that there are, and how each is called.
fn bundles() -> Vec<(String, Draft)> {
    let mut bundles: Vec<_> = examples()
        .into_iter()
        .map(|name| (name.to_owned(), Draft::copy(&example(name).unwrap()).0))
        .collect();
    let catalogue = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/catalogue"));
    for entry in walkdir::WalkDir::new(catalogue).into_iter().filter_map(Result::ok) {
        if entry.file_name() == "bundle.json" {
            let folder = entry.path().parent().unwrap();
            bundles.push((folder.display().to_string(), Draft::copy(&Folder::new(folder)).0));
        }
    }
    bundles
}

#[test]
fn a_redacted_bundle_gives_the_same_answers() {
    for (name, bundle) in bundles() {
        let before = answers(&bundle);
        for number in 1..3 {
            let Redacted { draft, problems } = redact(&bundle, &key(number));
            assert!(problems.is_empty(), "{name}: {problems:?}");
            assert_eq!(answers(&draft), before, "{name} with key {number}");
        }
    }
}

/// The members of what the CLI prints and of events that hold names.
const NAMES: &[&str] = &[
    "UserName",
    "userName",
    "RoleName",
    "roleName",
    "GroupName",
    "PolicyName",
    "UserId",
    "RoleId",
    "GroupId",
    "principalId",
    "accessKeyId",
    "accountId",
    "recipientAccountId",
    "eventID",
    "requestID",
    "Sid",
    "roleSessionName",
    "bucketName",
    "aliasName",
    "keyId",
    "KeyId",
    "MasterAccountId",
    "MasterAccountEmail",
    "Email",
    "Id",
    "Name",
    "sourceIdentity",
    "x-amz-id-2",
    "userId",
    "jobName",
    "principal",
];

/// AWS's own names, in these members.
fn is_aws(name: &str) -> bool {
    let managed =
        ["AmazonS3FullAccess", "AdministratorAccess", "ReadOnlyAccess", "p-FullAWSAccess", "FullAWSAccess"];
    // A service's name is in its actions.
    if why_denied::knowledge::service_reference::service(name).is_some() {
        return true;
    }
    // The root of an organization is called so by AWS, and so is the type of a root user; a unit or a
    // statement can be called like a category of events or a member.
    name.ends_with(".amazonaws.com")
        || name.starts_with("AWSServiceRoleFor")
        || ["Root", "Management", "Data", "Tags"].contains(&name)
        || managed.contains(&name)
        || name.contains("RCPFullAWSAccess")
}

fn names(value: &Value, found: &mut BTreeSet<String>, managed: &str) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(text) if NAMES.contains(&name.as_str()) && text.len() > 3 => {
                        let own = !is_aws(text) && !managed.contains(&format!("/{text}\""));
                        found.extend(own.then(|| text.clone()));
                    }
                    _ => names(value, found, managed),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| names(item, found, managed)),
        _ => {}
    }
}

#[test]
fn no_name_is_left() {
    for (name, bundle) in bundles() {
        let text = whole_text(&bundle);
        let managed: String = text.lines().filter(|line| line.contains(":iam::aws:policy/")).collect();
        let mut known = BTreeSet::new();
        for file in bundle.paths() {
            if let Ok(value) = serde_json::from_slice(&bundle.bytes(&file).unwrap()) {
                names(&value, &mut known, &managed);
            }
            known.extend(file.split('/').filter(|part| AccountId::parse(part).is_some()).map(str::to_owned));
        }
        let digits = text.split(|letter: char| !letter.is_ascii_digit());
        known.extend(digits.filter(|digits| digits.len() == 12).map(str::to_owned));
        known.extend(["203.0.113.", "Mozilla", "example.com"].map(str::to_owned));
        assert!(known.len() > 20, "{name}: {known:?}");
        let redacted = whole_text(&redact(&bundle, &key(9)).draft);
        let left: Vec<_> = known.iter().filter(|name| has_word(&redacted, name)).collect();
        assert!(left.is_empty(), "{name}: {left:?}");
    }
}

/// Whether the text has this name, and not only a longer word with it: `management` is not in `managementEvent`.
fn has_word(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + name.len()..].chars().next();
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
}

fn id() -> AccountId {
    AccountId::parse("111122223333").unwrap()
}

/// A bundle in which a user is denied reading an object, apart from what these policies say.
fn bundle(user: &str, statement: &Value, resource: &str) -> Draft {
    let arn = format!("arn:aws:iam::111122223333:user/{user}");
    let mut draft = Draft::new(&Manifest::default());
    draft.set_organization(&json!({"Organization": null})).unwrap();
    let entry = json!({
        "Arn": arn, "UserName": user, "UserId": "AIDAEXAMPLEALICE", "GroupList": [],
        "AttachedManagedPolicies": [{"PolicyName": "ReadOnlyAccess", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}],
        "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}],
    });
    draft.add_iam(id(), IamList::Users, entry).unwrap();
    let all = r#"{"Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}"#;
    let managed = json!({
        "Arn": "arn:aws:iam::aws:policy/ReadOnlyAccess", "PolicyName": "ReadOnlyAccess", "DefaultVersionId": "v1",
        "PolicyVersionList": [{"VersionId": "v1", "IsDefaultVersion": true, "Document": all}],
    });
    draft.add_iam(id(), IamList::Policies, managed).unwrap();
    let (bucket, object) = resource.split_once('/').unwrap();
    draft.set_bucket_policy(id(), bucket, r#"{"Version":"2012-10-17","Statement":[]}"#).unwrap();
    let event = json!({
        "eventVersion": "1.11", "eventID": "3c9f4a52-6f0e-4b8e-9a35-0d3b7f1c2e11",
        "eventTime": "2026-11-02T09:00:00Z", "eventSource": "s3.amazonaws.com", "eventName": "GetObject",
        "awsRegion": "eu-west-1", "sourceIPAddress": "203.0.113.7", "userAgent": "aws-cli/2.31.4 md/acme",
        "errorCode": "AccessDenied",
        "errorMessage": format!("User: {arn} is not authorized to perform: s3:GetObject on resource: \
            \"arn:aws:s3:::{resource}\" with an explicit deny in an identity-based policy"),
        "requestParameters": {"bucketName": bucket, "key": object}, "responseElements": null,
        "recipientAccountId": "111122223333",
        "resources": [{"type": "AWS::S3::Object", "ARN": format!("arn:aws:s3:::{resource}")},
            {"type": "AWS::S3::Bucket", "accountId": "111122223333", "ARN": format!("arn:aws:s3:::{bucket}")}],
        "userIdentity": {"type": "IAMUser", "principalId": "AIDAEXAMPLEALICE", "arn": arn,
            "accountId": "111122223333", "accessKeyId": "AKIAIOSFODNN7EXAMPLE", "userName": user},
    });
    draft.add_event("eu-west-1", &event.to_string()).unwrap();
    draft
}

const DENIED: &str = " Some(ExplicitDeny) [Identity] ";
/// Nothing that was read denies it, and the message says that something did.
const OPEN: &str = " None [] ";

/// The decision before, which the redacted bundle has to give too.
#[track_caller]
fn check(user: &str, statement: &Value, resource: &str, decision: &str) {
    let bundle = bundle(user, statement, resource);
    let before = answers(&bundle);
    assert_eq!(before.len(), 1);
    assert!(before[0].contains(decision), "{} is not {decision}", before[0]);
    for number in 1..6 {
        let redacted = redact(&bundle, &key(number)).draft;
        assert_eq!(answers(&redacted), before, "{statement} on {resource}\n{}", whole_text(&redacted));
    }
}

#[test]
fn patterns_match_what_they_matched() {
    for (pattern, resource, matches) in [
        ("arn:aws:s3:::acme-*", "acme-reports/a.csv", true),
        ("arn:aws:s3:::acme-*", "acmereports/a.csv", false),
        ("arn:aws:s3:::acme-rep*", "acme-reports/a.csv", true),
        ("arn:aws:s3:::acme-rep*", "acme-rapports/a.csv", false),
        ("arn:aws:s3:::*-prod/*", "acme-prod/a.csv", true),
        ("arn:aws:s3:::*-prod/*", "acme-test/a.csv", false),
        ("arn:aws:s3:::*prod/*", "acmeprod/a.csv", true),
        ("arn:aws:s3:::*prod/*", "acmetest/a.csv", false),
        ("arn:aws:s3:::*/*eport*", "acme/MyReports.csv", true),
        ("arn:aws:s3:::a?me/*", "acme/a.csv", true),
        ("arn:aws:s3:::a?me/*", "alpe/a.csv", false),
        ("arn:aws:s3:::acme/${aws:username}/*", "acme/alice/a.csv", true),
        ("arn:aws:s3:::acme/${aws:username}/*", "acme/bob/a.csv", false),
        ("arn:aws:s3:::acme/x${aws:username}y/*", "acme/xalicey/a.csv", true),
        ("arn:aws:s3:::acme/2026-*", "acme/2026-08-sales.csv", true),
        ("*", "acme/a.csv", true),
    ] {
        let statement = json!({"Sid": "a", "Effect": "Deny", "Action": "s3:GetObject", "Resource": pattern});
        check("alice", &statement, resource, if matches { DENIED } else { OPEN });
    }
}

#[test]
fn conditions_hold_as_they_held() {
    for (condition, holds) in [
        (json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}), true),
        (json!({"IpAddress": {"aws:SourceIp": ["203.0.112.0/24", "198.51.100.0/24"]}}), false),
        (json!({"NotIpAddress": {"aws:SourceIp": "203.0.0.0/16"}}), false),
        (json!({"StringEquals": {"aws:username": "alice"}}), true),
        (json!({"StringEqualsIgnoreCase": {"aws:username": "ALICE"}}), true),
        (json!({"StringLike": {"aws:username": "al*"}}), true),
        (json!({"StringLike": {"aws:username": "*bob*"}}), false),
        (json!({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}), true),
        (json!({"StringLike": {"aws:RequestedRegion": "us-*"}}), false),
        (json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/al*"}}), true),
        (json!({"StringEquals": {"aws:PrincipalAccount": "111122223333"}}), true),
        (json!({"StringNotLike": {"aws:userid": "AIDAEXAMPLE*"}}), false),
        (json!({"StringLike": {"aws:UserAgent": "*aws-cli*"}}), true),
        (json!({"DateGreaterThan": {"aws:CurrentTime": "2026-11-01T00:00:00Z"}}), true),
        (json!({"NumericLessThan": {"aws:EpochTime": "1000"}}), false),
        (json!({"StringEquals": {"aws:PrincipalType": "User"}}), true),
        (json!({"Bool": {"aws:ViaAWSService": "true"}}), false),
    ] {
        let statement =
            json!({"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": condition.clone()});
        check("alice", &statement, "acme/a.csv", if holds { DENIED } else { OPEN });
    }
}

#[test]
fn users_that_are_called_like_words_of_aws_s_are_renamed() {
    for user in ["policy", "user", "s3", "eu-west-1", "GetObject", "root", "lambda", "ReadOnlyAccess2"] {
        let statement = json!({
            "Effect": "Deny", "Action": "s3:GetObject", "Resource": "*",
            "Condition": {"ArnEquals": {"aws:PrincipalArn": format!("arn:aws:iam::111122223333:user/{user}")}},
        });
        let bundle = bundle(user, &statement, "acme/a.csv");
        let redacted = redact(&bundle, &key(1)).draft;
        assert_eq!(answers(&redacted), answers(&bundle), "{user}");
        assert!(!whole_text(&redacted).contains(&format!("user/{user}\"")), "{user}");
    }
}

#[test]
fn a_damaged_bundle_stays_damaged_and_says_nothing() {
    let mut bundle = Draft::new(&Manifest::default());
    bundle.set_bucket_policy(id(), "acme", "{\"Statement\": [ not JSON about alice").unwrap();
    bundle.set_key_policy(id(), "k1", "{\"Version\": 5, \"Statement\": {\"Effect\": \"alice\"}}").unwrap();
    bundle
        .set_iam(
            id(),
            &json!({"UserDetailList": ["alice", 5, {"Arn": "alice"}], "x": {"alice@example.com": 1}}),
        )
        .unwrap();
    let Redacted { draft, problems } = redact(&bundle, &key(1));
    assert_eq!(problems.len(), 1, "{problems:?}");
    let text = whole_text(&draft);
    for name in ["alice", "acme", "111122223333", "example"] {
        assert!(!text.contains(name), "{name}: {text}");
    }
    let gaps = read(&draft).evidence.gaps;
    assert!(
        gaps.iter().any(|gap| gap.why == "it could not be read when the bundle was redacted"),
        "{gaps:?}"
    );
}

/// Every known form of AWS's message still says what it said.
#[test]
fn messages_stay_messages() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/trail/data/denial_messages.jsonl");
    let text = std::fs::read_to_string(path).unwrap();
    for line in text.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        // There is no service of this name.
        let message = line["message"].as_str().unwrap().replace("widgets:", "sqs:");
        let mut bundle = Draft::new(&Manifest::default());
        let event = json!({"eventVersion": "1.11", "eventSource": "s3.amazonaws.com", "eventName": "GetObject",
            "errorCode": "AccessDenied", "errorMessage": message});
        bundle.add_event("a", &event.to_string()).unwrap();
        let redacted = read(&redact(&bundle, &key(3)).draft).evidence.events.remove(0);
        let (before, after) =
            (DenialMessage::parse(&message), DenialMessage::parse(redacted.error_message.as_ref().unwrap()));
        let said = |message: &DenialMessage| {
            let DenialMessage {
                kind, effect, policy_type, action, encoded, truncated, transitive_via, ..
            } = message;
            let named = [&message.principal, &message.resource, &message.policy_arn].map(Option::is_some);
            format!(
                "{kind:?} {effect:?} {policy_type:?} {action:?} {encoded} {truncated} {transitive_via:?} {named:?}"
            )
        };
        assert_eq!(said(&after), said(&before), "{message}\n{:?}", redacted.error_message);
    }
}

/// One word of megabytes must not take minutes.
#[test]
fn endless_words_end() {
    let mut bundle = Draft::new(&Manifest::default());
    let event = json!({"eventVersion": "1.11", "eventSource": "s3.amazonaws.com", "eventName": "GetObject",
        "requestParameters": {"key": "x1Y".repeat(1 << 20)}});
    bundle.add_event("a", &event.to_string()).unwrap();
    let redacted = whole_text(&redact(&bundle, &key(1)).draft);
    assert!(redacted.len() > 3 << 20);
    assert!(!redacted.contains("x1Yx1Y"));
}

#[test]
fn the_key_decides() {
    let bundle = Draft::copy(&example("role-session-identity").unwrap()).0;
    let text = |number| whole_text(&redact(&bundle, &key(number)).draft);
    assert_eq!(text(1), text(1));
    assert_ne!(text(1), text(2));
}
