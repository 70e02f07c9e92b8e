//! The policy that the program recommends allows the calls that it makes, and no others.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::collect::{narrowing, with_all_accounts};
use crate::live::Live;
use crate::program::{copy_folder, in_project, run};
use crate::server::{Fault, Logged, Rule, Server, World, iam_action};
use crate::sources;

const ACCOUNT: &str = "111122223333";
const NO_POLICY: &str = r#"{"Version":"2012-10-17","Statement":[]}"#;

/// Needs no permission: <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>.
const FREE: &str = "sts:GetCallerIdentity";

fn actions_of(server: &Server) -> BTreeSet<String> {
    server.calls().iter().map(|call| iam_action(&call.service, &call.operation)).collect()
}

/// What is called for the denials of a bundle, with credentials of every account in it.
fn called(world: World) -> BTreeSet<String> {
    let server = Server::start(world);
    let (live, args) = with_all_accounts(&server);
    collect(&server, &live, args)
}

fn collect(server: &Server, live: &Live, mut args: Vec<String>) -> BTreeSet<String> {
    args.extend(narrowing(server.world()));
    args.extend(["--out".to_owned(), live.folder("bundle").to_str().unwrap().to_owned()]);
    let mut all = vec!["collect"];
    all.extend(args.iter().map(String::as_str));
    let run = live.run(&all);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    actions_of(server)
}

/// One user with everything that a principal can have, denied once by every service with resource-based policies, once
/// through a VPC endpoint, and once by a bucket with ACLs in a foreign account.
fn a_bit_of_everything() -> (TempDir, World) {
    let folder = tempfile::tempdir().unwrap();
    copy_folder(&in_project("policies/examples/s3-kms-download"), folder.path());
    let account = folder.path().join("accounts").join(ACCOUNT);
    // What a tag decides leads to the tags of every resource.
    let document = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "ec2:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceTag/locked": "yes"}}},
        {"Effect": "Deny", "Action": "kms:*", "Resource": "*",
            "Condition": {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/locked"}}}]});
    write(&account.join("iam.json"), &identities(&document));
    let mut events = Vec::new();
    for (service, action, name, resource) in [
        ("sqs", "SendMessage", "orders", "arn:aws:sqs:eu-west-1:111122223333:orders"),
        ("sns", "Publish", "alarms", "arn:aws:sns:eu-west-1:111122223333:alarms"),
        (
            "secretsmanager",
            "GetSecretValue",
            "db-AbCdEf",
            "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf",
        ),
        ("ecr", "BatchGetImage", "image", "arn:aws:ecr:eu-west-1:111122223333:repository/image"),
        ("lambda", "Invoke", "resize", "arn:aws:lambda:eu-west-1:111122223333:function:resize"),
        ("s3", "ListBucket", "", "arn:aws:s3:::iam-error-test"),
        ("s3", "DeleteBucket", "", "arn:aws:s3:::iam-error-test"),
    ] {
        events.push(denied(service, action, resource, events.len()));
        if !name.is_empty() {
            write(&account.join(format!("resource-policies/{service}/{name}.json")), NO_POLICY);
        }
    }
    events.push(unknown_key(events.len()));
    events[0]["vpcEndpointId"] = "vpce-0123456789abcdef0".into();
    let endpoint = json!({"VpcEndpoints": [{"VpcEndpointId": "vpce-0123456789abcdef0", "VpcId": "vpc-1", "PolicyDocument": NO_POLICY}]});
    write(&account.join("vpc-endpoints/vpce-0123456789abcdef0.json"), &endpoint.to_string());
    let with_acls = json!({"OwnershipControls": {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}});
    let bucket = account.join("buckets/iam-error-test");
    write(&bucket.join("ownership-controls.json"), &with_acls.to_string());
    // A key by its id alone, and tags that count.
    let encryption = json!({"ServerSideEncryptionConfiguration": {"Rules": [{"ApplyServerSideEncryptionByDefault":
        {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "0987dcba-09fe-87dc-65ba-ab0987654321"}}]}});
    write(&bucket.join("encryption.json"), &encryption.to_string());
    write(&bucket.join("abac.json"), r#"{"AbacStatus": {"Status": "Enabled"}}"#);
    let tagged =
        json!([{"ResourceARN": "arn:aws:s3:::iam-error-test", "Tags": [{"Key": "locked", "Value": "no"}]}]);
    write(&account.join("resource-tags.json"), &json!({"ResourceTagMappingList": tagged}).to_string());
    write(&folder.path().join("events/others.json"), &json!({"Records": events}).to_string());
    let world = World::open(folder.path());
    (folder, world)
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn denied(service: &str, operation: &str, resource: &str, number: usize) -> Value {
    let user = "arn:aws:iam::111122223333:user/s3_full_access";
    json!({
        "eventVersion": "1.11",
        "eventID": format!("00000000-0000-4000-8000-{number:012}"),
        "eventTime": format!("2026-09-08T09:1{number}:30Z"),
        "eventSource": format!("{service}.amazonaws.com"),
        "eventName": operation,
        "awsRegion": "eu-west-1",
        "sourceIPAddress": "203.0.113.24",
        "userAgent": "aws-cli/2.0",
        "errorCode": "AccessDenied",
        "errorMessage": format!("User: {user} is not authorized to perform: {service}:{operation} on resource: {resource} because no identity-based policy allows the {service}:{operation} action"),
        "requestParameters": null,
        "responseElements": null,
        "eventType": "AwsApiCall",
        "managementEvent": true,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
        "userIdentity": {"type": "IAMUser", "principalId": "AIDAPMWIM5WQALEXAMPLE", "arn": user, "accountId": ACCOUNT,
            "accessKeyId": "AKIAIOSFODNN7EXAMPLE", "userName": "s3_full_access"}
    })
}

/// Nothing shows the key of the object: the default encryption of its bucket may tell it.
fn unknown_key(number: usize) -> Value {
    let mut event = denied("kms", "Decrypt", "", number);
    let message = event["errorMessage"].as_str().unwrap();
    event["errorMessage"] =
        message.replace("on resource: ", "on the resource associated with this ciphertext").into();
    event["requestParameters"] =
        json!({"encryptionContext": {"aws:s3:arn": "arn:aws:s3:::iam-error-test/other.csv"}});
    event
}

fn identities(document: &Value) -> String {
    let managed = format!("arn:aws:iam::{ACCOUNT}:policy/mine");
    json!({
        "UserDetailList": [{"Path": "/", "UserName": "s3_full_access", "UserId": "AIDAPMWIM5WQALEXAMPLE",
            "Arn": "arn:aws:iam::111122223333:user/s3_full_access", "CreateDate": "2026-08-31T14:20:11+00:00",
            "GroupList": ["people"], "Tags": [],
            "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": document}],
            "AttachedManagedPolicies": [{"PolicyName": "mine", "PolicyArn": managed}]}],
        "GroupDetailList": [{"Path": "/", "GroupName": "people", "GroupId": "AGPAEXAMPLE",
            "Arn": "arn:aws:iam::111122223333:group/people", "CreateDate": "2026-08-31T14:20:11+00:00",
            "GroupPolicyList": [{"PolicyName": "theirs", "PolicyDocument": document}],
            "AttachedManagedPolicies": [{"PolicyName": "mine", "PolicyArn": managed}]}],
        "RoleDetailList": [],
        "Policies": [{"PolicyName": "mine", "PolicyId": "ANPAEXAMPLE", "Arn": managed, "Path": "/", "DefaultVersionId": "v1",
            "AttachmentCount": 2, "PermissionsBoundaryUsageCount": 0, "IsAttachable": true,
            "CreateDate": "2026-08-31T14:20:11+00:00", "UpdateDate": "2026-08-31T14:20:11+00:00",
            "PolicyVersionList": [{"Document": document, "VersionId": "v1", "IsDefaultVersion": true,
                "CreateDate": "2026-08-31T14:20:11+00:00"}]}],
    })
    .to_string()
}

/// All the calls that the program makes, in all scenarios together.
fn all_called() -> &'static BTreeSet<String> {
    static CALLED: OnceLock<BTreeSet<String>> = OnceLock::new();
    CALLED.get_or_init(|| {
        let examples =
            fs::read_dir(in_project("policies/examples")).unwrap().map(|entry| entry.unwrap().path());
        let mut scenarios: Vec<Box<dyn FnOnce() -> BTreeSet<String> + Send>> = Vec::new();
        for example in examples {
            scenarios.push(Box::new(move || called(World::open(&example))));
        }
        scenarios.push(Box::new(|| {
            let (_folder, world) = a_bit_of_everything();
            called(world)
        }));
        scenarios.push(Box::new(through_a_role));
        scenarios.push(Box::new(for_an_encoded_message));
        // They mostly wait.
        let running: Vec<_> = scenarios.into_iter().map(std::thread::spawn).collect();
        running.into_iter().flat_map(|scenario| scenario.join().expect("the scenario ends well")).collect()
    })
}

/// The key is in another account, into which a role lets the caller look.
fn through_a_role() -> BTreeSet<String> {
    let folder = tempfile::tempdir().unwrap();
    copy_folder(&in_project("policies/examples/s3-kms-download"), folder.path());
    let accounts = folder.path().join("accounts");
    fs::create_dir_all(accounts.join("444455556666")).unwrap();
    fs::rename(accounts.join(ACCOUNT).join("keys"), accounts.join("444455556666/keys")).unwrap();
    for entry in
        walkdir::WalkDir::new(folder.path()).into_iter().flatten().filter(|entry| entry.file_type().is_file())
    {
        let text = fs::read_to_string(entry.path()).unwrap();
        fs::write(entry.path(), text.replace("kms:eu-west-1:111122223333", "kms:eu-west-1:444455556666"))
            .unwrap();
    }
    let mut world = World::open(folder.path());
    world.assumable.insert("arn:aws:iam::444455556666:role/reader".to_owned());
    let server = Server::start(world);
    let called =
        collect(&server, &Live::new(&server), vec!["--account-role".to_owned(), "reader".to_owned()]);
    let policy = server.calls().into_iter().find(|call| call.operation == "GetKeyPolicy");
    assert_eq!(policy.map(|call| (call.account, call.status)), Some(("444455556666".to_owned(), 200)));
    called
}

fn for_an_encoded_message() -> BTreeSet<String> {
    let mut world = World::example("s3-kms-download");
    let encoded = format!("{}_", "aQ9Zk1".repeat(40));
    world.decoded.insert(encoded.clone(), json!({"allowed": false, "explicitDeny": false}).to_string());
    let server = Server::start(world);
    let message = format!(
        "An error occurred (UnauthorizedOperation) when calling the RunInstances operation: You are not authorized to perform this operation. Encoded authorization failure message: {encoded}"
    );
    Live::new(&server).run(&["explain", "--message", &message]);
    actions_of(&server)
}

fn recommended() -> BTreeSet<String> {
    let policy: Value = serde_json::from_str(&run(["permissions"]).stdout).unwrap();
    let actions = policy["Statement"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|statement| statement["Action"].as_array().unwrap());
    actions.map(|action| action.as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_calls_are_those_that_the_policy_allows() {
    let called: BTreeSet<String> = all_called().iter().filter(|action| *action != FREE).cloned().collect();
    let allowed = recommended();
    let missing: Vec<_> = called.difference(&allowed).collect();
    let needless: Vec<_> = allowed.difference(&called).collect();
    assert!(
        missing.is_empty() && needless.is_empty(),
        "not allowed: {missing:?}; never called: {needless:?}"
    );
}

/// The statements that the policy has for a place, without what Athena itself does with the caller's permissions.
fn recommended_for(place: &[&str]) -> BTreeSet<String> {
    let printed = run([&["permissions"][..], place].concat());
    let policy: Value = serde_json::from_str(&printed.stdout).unwrap();
    let statements = policy["Statement"].as_array().unwrap();
    let is_called = |statement: &&Value| {
        let sid = statement["Sid"].as_str().unwrap();
        sid != "WhyDeniedReader" && !sid.contains("Reads") && !sid.contains("Results")
    };
    assert!(statements.len() > 1, "{}", printed.stdout);
    let actions = statements.iter().filter(is_called).flat_map(|statement| {
        // What is for one place is allowed on that place.
        assert_ne!(statement["Resource"], json!(["*"]), "{statement}");
        statement["Action"].as_array().unwrap()
    });
    actions.map(|action| action.as_str().unwrap().to_owned()).collect()
}

/// Reads a place as a list, as an explanation, and so that the time is over in the middle of it.
fn called_for(
    world: impl Fn() -> World,
    place: &[&str],
    window: &[&str],
    unanswered: &str,
) -> BTreeSet<String> {
    let mut called = BTreeSet::new();
    for (command, fault) in [("denials", false), ("explain", false), ("denials", true)] {
        let server = Server::start(world());
        let timeout = if fault { &["--timeout", "3s"][..] } else { &[] };
        if fault {
            server.fault(Rule::new(Fault::Silent, "*", unanswered));
        }
        Live::new(&server).run(&[&[command][..], place, window, timeout].concat());
        called.extend(actions_of(&server));
    }
    let base = recommended();
    called.into_iter().filter(|action| action != FREE && !base.contains(action)).collect()
}

#[track_caller]
fn calls_are_allowed(world: impl Fn() -> World, place: &[&str], window: &[&str], unanswered: &str) {
    assert_eq!(called_for(world, place, window, unanswered), recommended_for(place), "{place:?}");
}

#[test]
fn a_trail_needs_what_the_policy_for_it_says() {
    let window = ["--since", "2026-09-08T08:00:00Z", "--until", "2026-09-08T12:00:00Z"];
    calls_are_allowed(sources::trail::world, &["--trail", "s3://log-bucket/trails"], &window, "GetObject");
}

#[test]
fn a_table_in_athena_needs_what_the_policy_for_it_says() {
    let place = ["--athena", "default.cloudtrail_logs", "--workgroup", "primary"];
    calls_are_allowed(sources::athena::world, &place, &["--since", "2026-09-01"], "GetQueryExecution");
}

#[test]
fn an_event_data_store_needs_what_the_policy_for_it_says() {
    let place = ["--lake", "1234abcd-12ab-34cd-56ef-1234567890ab"];
    calls_are_allowed(sources::athena::world, &place, &["--since", "2026-09-01"], "DescribeQuery");
}

#[test]
fn a_log_group_needs_what_the_policy_for_it_says() {
    let world = || World::example("s3-kms-download").happening_now();
    calls_are_allowed(world, &["--log-group", "CloudTrail/logs"], &["--since", "1h"], "FilterLogEvents");
}

/// Athena leaves results and reads log files for who asks: the policy has that where it is known.
#[test]
fn the_policy_is_as_narrow_as_what_is_known() {
    let known = [
        "permissions",
        "--athena=logs.cloudtrail",
        "--athena-output=s3://amzn-s3-demo-results/x",
        "--trail=s3://amzn-s3-demo-bucket/AWSLogs",
        "--region=us-gov-west-1",
    ];
    let printed = run(known);
    let policy: Value = serde_json::from_str(&printed.stdout).unwrap();
    let of = |sid: &str| {
        policy["Statement"].as_array().unwrap().iter().find(|one| one["Sid"] == sid).unwrap().clone()
    };
    assert_eq!(
        of("WhyDeniedTrailLogFiles")["Resource"],
        json!(["arn:aws-us-gov:s3:::amzn-s3-demo-bucket/AWSLogs/*"])
    );
    assert_eq!(of("WhyDeniedAthenaResults")["Action"], json!(["s3:GetObject", "s3:PutObject"]));
    assert_eq!(
        of("WhyDeniedAthena")["Resource"],
        json!(["arn:aws-us-gov:athena:us-gov-west-1:*:workgroup/primary"])
    );
    assert!(
        !printed.stderr.contains("Athena") && printed.stderr.contains("kms:Decrypt"),
        "{}",
        printed.stderr
    );
    let unknown = run(["permissions", "--athena=logs.cloudtrail"]);
    assert!(
        unknown.stderr.contains("--trail") && unknown.stderr.contains("--athena-output"),
        "{}",
        unknown.stderr
    );
    // Every statement has its own name, as IAM wants it.
    let sids: BTreeSet<String> =
        policy["Statement"].as_array().unwrap().iter().map(|one| one["Sid"].to_string()).collect();
    assert_eq!(sids.len(), policy["Statement"].as_array().unwrap().len());
}

/// `permissions --check` of somebody who may read IAM and one of two places.
#[test]
fn what_a_place_lacks_is_said_with_what_it_costs() {
    let folder = tempfile::tempdir().unwrap();
    copy_folder(&in_project("policies/examples/s3-kms-download"), folder.path());
    let mine = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["iam:Get*", "iam:List*", "kms:*"], "Resource": "*"},
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::amzn-s3-demo-bucket/AWSLogs/*"},
        {"Effect": "Allow", "Action": "logs:FilterLogEvents",
            "Resource": "arn:aws:logs:eu-west-1:111122223333:log-group:trail:*"}]});
    let nothing = json!({"Version": "2012-10-17", "Statement": []});
    let mut iam: Value = serde_json::from_str(&identities(&nothing)).unwrap();
    iam["UserDetailList"][0]["UserPolicyList"] = json!([{"PolicyName": "own", "PolicyDocument": mine}]);
    write(&folder.path().join("accounts").join(ACCOUNT).join("iam.json"), &iam.to_string());
    let server = Server::start(World::open(folder.path()));
    let places = ["--trail", "s3://amzn-s3-demo-bucket/AWSLogs", "--log-group", "trail"];
    let found = Live::new(&server).run(&[&["permissions", "--check"][..], &places].concat());
    let lacks = |action: &str, gives: &str| {
        found.stdout.lines().any(|line| line.trim_start().starts_with(action) && line.ends_with(gives))
    };
    assert!(lacks("s3:ListBucket", "where the bucket of the trail is"), "{}{}", found.stdout, found.stderr);
    assert!(lacks("cloudtrail:LookupEvents", "who changed what"), "{}", found.stdout);
    for has in ["logs:FilterLogEvents", "s3:GetObject "] {
        assert!(!found.stdout.contains(has), "{has}: {}", found.stdout);
    }
    assert_eq!(found.code, Some(1), "{}{}", found.stdout, found.stderr);
}

/// Every call only reads.
#[test]
fn nothing_is_ever_changed() {
    for action in all_called() {
        let operation = action.split(':').nth(1).unwrap();
        let reads =
            ["Get", "List", "Describe", "Lookup", "Decode"].iter().any(|verb| operation.starts_with(verb));
        assert!(reads || action == "sts:AssumeRole", "{action}");
    }
}

/// S3 says where a bucket is, and has to be asked there again.
#[test]
fn a_bucket_may_be_in_another_region() {
    let (folder, _) = a_bit_of_everything();
    let bucket = folder.path().join("accounts").join(ACCOUNT).join("buckets/iam-error-test");
    write(&bucket.join("location.json"), r#"{"LocationConstraint": "eu-central-1"}"#);
    let server = Server::start(World::open(folder.path()));
    let live = Live::new(&server);
    collect(&server, &live, Vec::new());
    // There is no bucket policy, which is an answer of the right Region.
    let answered = |call: &Logged| {
        call.operation == "GetBucketPolicy" && call.region == "eu-central-1" && call.status == 404
    };
    assert!(server.calls().iter().any(answered), "{:?}", server.calls());
    assert!(
        live.folder("bundle")
            .join("accounts")
            .join(ACCOUNT)
            .join("buckets/iam-error-test/policy.json")
            .exists()
    );
}
