//! Bundles that are made in memory.

use serde_json::{Value, json};
use why_denied::arn::Arn;
use why_denied::bundle::{BucketFact, Draft, DraftError, IamList, KeyFact, Manifest, read};
use why_denied::evidence::{Account, Gap, Scope};
use why_denied::ids::AccountId;

const KEY: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";
const NONE: &str = r#"{"Version":"2012-10-17","Statement":[]}"#;

fn id() -> AccountId {
    AccountId::parse("111122223333").unwrap()
}

fn draft() -> Draft {
    Draft::new(&Manifest::default())
}

/// What is read of the account, from a draft without problems.
#[track_caller]
fn account(draft: &Draft) -> Account {
    let mut loaded = read(draft);
    assert!(loaded.problems.is_empty(), "{:?}", loaded.problems);
    loaded.evidence.accounts.remove(&id()).unwrap()
}

fn user(name: &str, policy: &Value) -> Value {
    json!({
        "Arn": format!("arn:aws:iam::111122223333:user/{name}"),
        "UserName": name,
        "UserPolicyList": [{"PolicyName": "p", "PolicyDocument": policy}],
    })
}

#[test]
fn the_manifest_is_read_as_it_was_set() {
    let scope = Scope {
        principal: Some("alice".to_owned()),
        since: Some("2026-11-01T00:00:00Z".parse().unwrap()),
        until: None,
    };
    let gaps = vec![Gap { what: "key policy of k".to_owned(), why: "AccessDeniedException".to_owned() }];
    let created_at = Some("2026-11-02T10:00:00Z".parse().unwrap());
    let created_by = Some("a test".to_owned());
    let loaded =
        read(&Draft::new(&Manifest { created_at, created_by, scope: scope.clone(), gaps: gaps.clone() }));
    assert!(loaded.problems.is_empty());
    assert_eq!(loaded.evidence.scope, scope);
    assert_eq!(loaded.evidence.gaps, gaps);
}

#[test]
fn principals_come_one_at_a_time_and_each_counts_once() {
    let mut draft = draft();
    draft.add_iam(id(), IamList::Users, user("alice", &json!("%7B%22Statement%22%3A%5B%5D%7D"))).unwrap();
    draft.add_iam(id(), IamList::Users, user("bob", &json!({"Statement": []}))).unwrap();
    // Text in a string stays what it was: places in it are told to people.
    let later = "{\n  \"Statement\" : []\n}";
    draft.add_iam(id(), IamList::Users, user("alice", &json!(later))).unwrap();
    let role = json!({"Arn": "arn:aws:iam::111122223333:role/r", "RoleName": "r"});
    draft.add_iam(id(), IamList::Roles, role).unwrap();
    let iam = account(&draft).iam.unwrap();
    assert_eq!(iam.users.keys().collect::<Vec<_>>(), ["alice", "bob"]);
    assert_eq!(iam.users["alice"].inline[0].document.text(), later);
    assert!(iam.roles.contains_key("r"));
    let nameless = draft.add_iam(id(), IamList::Users, json!({"UserName": "c"}));
    assert!(matches!(nameless, Err(DraftError::NoArn)));
}

#[test]
fn principals_are_added_to_what_was_read_before() {
    let mut draft = draft();
    draft
        .set_iam(id(), &json!({"UserDetailList": [user("alice", &json!(NONE))], "RoleDetailList": []}))
        .unwrap();
    draft.add_iam(id(), IamList::Users, user("alice", &json!("{\"Statement\": []}"))).unwrap();
    draft.add_iam(id(), IamList::Users, user("bob", &json!(NONE))).unwrap();
    let iam = account(&draft).iam.unwrap();
    assert_eq!(iam.users.keys().collect::<Vec<_>>(), ["alice", "bob"]);
    assert_eq!(iam.users["alice"].inline[0].document.text(), "{\"Statement\": []}");
    draft.set_iam(id(), &json!({"UserDetailList": 5})).unwrap();
    let refused = draft.add_iam(id(), IamList::Users, user("bob", &json!(NONE))).unwrap_err().to_string();
    assert!(refused.starts_with("`accounts/111122223333/iam.json` is not what"), "{refused}");
}

#[test]
fn every_fact_has_its_file() {
    let mut draft = draft();
    let location = json!({"LocationConstraint": "eu-west-1"});
    let endpoint = json!({"VpcEndpoints": [{"VpcEndpointId": "vpce-1", "VpcId": "vpc-1"}]});
    let tags = json!({"ResourceTagMappingList": [{"ResourceARN": "arn:x", "Tags": []}]});
    let secret = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:atlas/db-AbCdEf";
    let organization = json!({"Organization": null});
    let block = json!({"PublicAccessBlockConfiguration": {}});
    draft.set_bucket(id(), "reports", BucketFact::Location, &location).unwrap();
    draft.set_bucket_policy(id(), "reports", NONE).unwrap();
    draft.set_key(id(), KEY, KeyFact::Grants, &json!({"Grants": []})).unwrap();
    draft.set_key_policy(id(), KEY, NONE).unwrap();
    draft.set_vpc_endpoint(id(), "vpce-1", &endpoint).unwrap();
    draft.set_resource_tags(id(), &tags).unwrap();
    draft.set_public_access_block(id(), &block).unwrap();
    draft.set_resource_policy(id(), &Arn::parse(secret).unwrap(), NONE).unwrap();
    draft.set_organization(&organization).unwrap();
    let account = account(&draft);
    assert_eq!(account.buckets["reports"].region.as_deref(), Some("eu-west-1"));
    assert_eq!(account.buckets["reports"].policy.as_ref().unwrap().text(), NONE);
    assert_eq!(account.keys[KEY].policy.as_ref().unwrap().text(), NONE);
    assert!(account.keys[KEY].grants.is_some());
    assert_eq!(account.vpc_endpoints["vpce-1"].vpc.as_deref(), Some("vpc-1"));
    assert!(account.resource_tags.unwrap().contains_key("arn:x"));
    assert!(account.public_access_block.is_some());
    let secret = ("secretsmanager".to_owned(), "atlas/db-AbCdEf".to_owned());
    assert_eq!(account.resource_policies[&secret].text(), NONE);
}

#[test]
fn names_that_lead_out_of_the_bundle_are_refused() {
    let hostile = ["", ".", "..", "../x", "a/b", "a\\b", "C:", "a\0b", "a b", "ключ", &"x".repeat(256)];
    for name in hostile {
        let mut draft = draft();
        let refused = [
            draft.set_bucket_policy(id(), name, NONE),
            draft.set_bucket(id(), name, BucketFact::Acl, &json!({})),
            draft.set_key_policy(id(), name, NONE),
            draft.set_key(id(), name, KeyFact::Metadata, &json!({})),
            draft.set_vpc_endpoint(id(), name, &json!({})),
            draft.set_organization_policy(name, NONE),
            draft.add_event(name, "{}"),
        ];
        for answer in refused {
            assert!(matches!(answer, Err(DraftError::Name(_))), "{name}: {answer:?}");
        }
        assert_eq!(draft.paths(), ["bundle.json"], "{name}");
    }
}

#[test]
fn the_name_of_a_resource_cannot_lead_anywhere() {
    for name in ["../../x", "a\\b", "..", ".", "a:b", "C:\\x", "ключ", "a%2fb"] {
        let mut draft = draft();
        let arn =
            Arn::parse(&format!("arn:aws:secretsmanager:eu-west-1:111122223333:secret:{name}")).unwrap();
        draft.set_resource_policy(id(), &arn, NONE).unwrap();
        let path = draft.paths().into_iter().find(|path| path.starts_with("accounts/")).unwrap();
        assert_eq!(path.split('/').count(), 5, "{path}");
        assert!(account(&draft).resource_policies.contains_key(&("secretsmanager".into(), name.into())));
    }
}

#[test]
fn of_two_resources_with_one_place_neither_policy_is_kept() {
    let mut draft = draft();
    let queue = |region: &str| Arn::parse(&format!("arn:aws:sqs:{region}:111122223333:orders")).unwrap();
    draft.set_resource_policy(id(), &queue("eu-west-1"), NONE).unwrap();
    draft.set_resource_policy(id(), &queue("eu-west-1"), NONE).unwrap();
    for region in ["us-east-1", "eu-west-1"] {
        let refused = draft.set_resource_policy(id(), &queue(region), NONE);
        assert!(matches!(refused, Err(DraftError::SameName { .. })));
        assert_eq!(draft.paths(), ["bundle.json"]);
    }
}

fn event(id: &str) -> String {
    json!({
        "eventVersion": "1.11",
        "eventID": id,
        "eventTime": "2026-11-02T09:00:00Z",
        "eventSource": "sqs.amazonaws.com",
        "eventName": "SendMessage",
    })
    .to_string()
}

#[test]
fn events_are_one_a_line() {
    let mut draft = draft();
    draft.add_event("eu-west-1", &event("a").replace(',', ",\r\n")).unwrap();
    draft.add_event("eu-west-1", &event("b")).unwrap();
    draft.add_event("us-east-1", &event("c")).unwrap();
    for damaged in ["", "[]", "{", "{} {}", "5"] {
        assert!(matches!(draft.add_event("eu-west-1", damaged), Err(DraftError::Event(_))), "{damaged}");
    }
    assert_eq!(draft.paths(), ["bundle.json", "events/eu-west-1-0001.jsonl", "events/us-east-1-0001.jsonl"]);
    let loaded = read(&draft);
    assert!(loaded.problems.is_empty(), "{:?}", loaded.problems);
    let ids: Vec<_> = loaded.evidence.events.iter().map(|event| event.event_id.clone().unwrap()).collect();
    assert_eq!(ids, ["a", "b", "c"]);
}

#[test]
fn many_events_are_several_files() {
    let mut draft = draft();
    let long = "x".repeat(1 << 20);
    for number in 0..40 {
        let event = event(&number.to_string()).replace("SendMessage", &long);
        draft.add_event("eu-west-1", &event).unwrap();
    }
    assert_eq!(draft.paths().len(), 4, "{:?}", draft.paths());
    assert_eq!(read(&draft).evidence.events.len(), 40);
}
