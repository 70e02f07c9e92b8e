//! The events that change an authorization: what the trail reads and what a live run looks up are one list.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use why_denied::knowledge::change_events::{Cause, ChangeEvent, Tells, all};
use why_denied::sources::aws::Region;
use why_denied::sources::aws::lookup::choice::Lookup;
use why_denied::sources::aws::lookup::history::{Denied, causes, organization, since};
use why_denied::trail::Event;
use why_denied::trail::change::PolicyChange;

/// Every parameter that some reader needs, in the spelling of CloudTrail.
const PARAMETERS: &str = r#"{
        "userName": "u", "roleName": "r", "groupName": "g", "policyName": "p", "policyArn": "arn:aws:iam::111122223333:policy/p",
        "policyDocument": "{}", "versionId": "v2", "setAsDefault": true, "permissionsBoundary": "arn:aws:iam::111122223333:policy/b",
        "newUserName": "n", "newGroupName": "n", "openIDConnectProviderArn": "arn:aws:iam::111122223333:oidc-provider/e",
        "policyId": "p-example1", "targetId": "ou-ab12-11111111", "sourceParentId": "r-ab12", "destinationParentId": "ou-ab12-11111111",
        "accountId": "111122223333", "rootId": "r-ab12", "policyType": "SERVICE_CONTROL_POLICY", "servicePrincipal": "x.amazonaws.com",
        "content": "{}", "keyId": "1234abcd-12ab-34cd-56ef-1234567890ab", "policy": "{}", "grantId": "0123", "aliasName": "alias/a",
        "targetKeyId": "1234abcd-12ab-34cd-56ef-1234567890ab", "bucketName": "b", "key": "k", "name": "n",
        "routeTableId": "rtb-1", "destinationCidrBlock": "0.0.0.0/0", "associationId": "rtbassoc-1",
        "VpcEndpointId": "vpce-1", "vpcEndpointIdSet": {"items": [{"vpcEndpointId": "vpce-1"}]},
        "principal": {"dataLakePrincipalIdentifier": "arn:aws:iam::111122223333:role/r"}, "permissions": ["SELECT"],
        "resource": {"database": {"name": "d"}}, "entries": [{"resource": {"database": {"name": "d"}}}],
        "queueUrl": "https://sqs.eu-west-1.amazonaws.com/111122223333/q", "label": "l", "attributes": {"Policy": "{}"},
        "topicArn": "arn:aws:sns:eu-west-1:111122223333:t", "attributeName": "Policy", "attributeValue": "{}",
        "functionName": "f", "layerName": "l", "statementId": "s", "secretId": "s", "repositoryName": "r",
        "tags": [{"key": "k", "value": "v"}], "tagKeys": ["k"], "RequestPaymentConfiguration": {"Payer": "Requester"}
    }"#;

fn parameters(row: &ChangeEvent) -> Value {
    let mut all: Value = serde_json::from_str(PARAMETERS).unwrap();
    // Names that mean something else elsewhere.
    for name in [
        "resourceArn",
        "backupVaultName",
        "domain",
        "repository",
        "fileSystemId",
        "domainName",
        "destinationName",
        "resourceIdentifier",
        "accessPolicies",
    ] {
        if row.event_source != "lakeformation" {
            all[name] = "arn:aws:example:eu-west-1:111122223333:thing/t".into();
        }
    }
    if row.event_source != "lakeformation" {
        all.as_object_mut().unwrap().remove("resource");
    }
    all
}

fn event(row: &ChangeEvent) -> Event {
    let source = if row.event_source == "*" { "glue" } else { row.event_source };
    let text = json!({
        "eventSource": format!("{source}.amazonaws.com"), "eventName": row.event_name, "recipientAccountId": "111122223333",
        "awsRegion": "eu-west-1", "requestParameters": parameters(row),
        "responseElements": {"role": {"roleName": "r"}, "policy": {"policySummary": {"id": "p-example1"}}, "queueUrl": "q", "topicArn": "t",
            "vpcEndpoint": {"vpcEndpointId": "vpce-1"}, "replicaKeyMetadata": {"arn": "arn:aws:kms:us-west-2:111122223333:key/k"}},
        "serviceEventDetails": {"createAccountStatus": {"accountId": "111122223333"}},
    });
    Event::from_json(&text.to_string()).unwrap()
}

#[test]
fn every_event_of_the_list_is_read_as_a_change() {
    let unread: Vec<String> = all()
        .iter()
        .filter(|row| PolicyChange::from_event(&event(row)).is_none())
        .map(|row| format!("{} {}", row.event_source, row.event_name))
        .collect();
    assert!(unread.is_empty(), "{unread:?}");
}

/// The names that a reader of `trail` knows: texts in capitals between quotation marks before `=>` or `|`.
#[test]
fn the_readers_know_no_event_that_is_not_in_the_list() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/trail/change");
    let listed: BTreeSet<&str> = all().iter().map(|row| row.event_name.split("20").next().unwrap()).collect();
    let mut known = BTreeSet::new();
    for file in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let text = std::fs::read_to_string(&file).unwrap();
        if file.ends_with("tests.rs") {
            continue;
        }
        for (at, _) in text.match_indices('"') {
            let word: String = text[at + 1..].chars().take_while(char::is_ascii_alphanumeric).collect();
            let after = text[at + 1 + word.len()..].strip_prefix('"').unwrap_or_default().trim_start();
            let is_compared = text[..at].ends_with("== ");
            let is_arm = !is_compared
                && (after.starts_with("=>") || after.starts_with('|') || after.starts_with("if "));
            if is_arm && word.starts_with(|first: char| first.is_ascii_uppercase()) {
                known.insert(word);
            }
        }
    }
    assert!(known.len() > 80, "{known:?}");
    let missing: Vec<&String> = known.iter().filter(|name| !listed.contains(name.as_str())).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

const CAUSES: [Cause; 19] = [
    Cause::IdentityRemoved,
    Cause::IdentityAdded,
    Cause::InlineWritten,
    Cause::ManagedPolicy,
    Cause::Boundary,
    Cause::Trust,
    Cause::CreatedAgain,
    Cause::Guardrail,
    Cause::Delegation,
    Cause::ResourcePolicy,
    Cause::PublicAccess,
    Cause::Ownership,
    Cause::Encryption,
    Cause::BucketRule,
    Cause::KeyState,
    Cause::VpcEndpoint,
    Cause::DataPermissions,
    Cause::PrincipalAttributes,
    Cause::ResourceAttributes,
];

/// What is looked up by name for calls of a service, by users and roles, whatever the cause.
fn looked_up(service: &str) -> BTreeSet<String> {
    let region = |name: &str| Region::parse(name).unwrap();
    let home = region("us-east-1");
    let mut lookups: Vec<Lookup> = Vec::new();
    for by_role in [false, true] {
        let denied = Denied {
            time: "2026-09-10T12:00:00Z".parse().unwrap(),
            region: Some(region("eu-west-1")),
            session_key: None,
            by_role,
            in_groups: true,
            through_endpoint: true,
            service: service.to_owned(),
        };
        lookups.extend(since(&denied, &home, "2026-10-10T12:00:00Z".parse().unwrap()));
        lookups.extend(causes(&denied, &home, &CAUSES));
        lookups.extend(organization(&denied, &home, true));
    }
    lookups.into_iter().filter_map(|lookup| Some(lookup.attribute?.value().to_owned())).collect()
}

#[test]
fn what_the_trail_understands_is_what_a_live_run_looks_up() {
    let services: BTreeSet<&str> = all().iter().map(|row| row.service).chain(["organizations"]).collect();
    let found: BTreeSet<String> = services.iter().flat_map(|service| looked_up(service)).collect();
    let is_wanted = |row: &&ChangeEvent| row.tells != Tells::Nothing || !row.causes.is_empty();
    let wanted: BTreeSet<String> =
        all().iter().filter(is_wanted).map(|row| row.event_name.to_owned()).collect();
    assert_eq!(found, wanted);
}
