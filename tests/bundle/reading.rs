//! Bundles as they should be, and as they come.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;

use why_denied::bundle::{
    BundleProblem, FileTree, Listing, Loaded, MAX_FILE, MAX_PROBLEMS, Severity, example, examples, read,
};
use why_denied::evaluate::Known;
use why_denied::evidence::PolicyType;
use why_denied::ids::AccountId;

const ACCOUNT: &str = "accounts/111122223333";

/// A folder in memory.
#[derive(Clone, Default)]
struct Tree {
    files: BTreeMap<String, Vec<u8>>,
    backwards: bool,
}

impl Tree {
    fn example(name: &str) -> Self {
        let embedded = example(name).unwrap();
        let read = |file: String| (file.clone(), embedded.read(&file, u64::MAX).unwrap().into_owned());
        Self { files: embedded.list().files.into_iter().map(read).collect(), backwards: false }
    }

    /// A bundle with these files of account 111122223333, which are empty of anything else.
    fn account(files: &[(&str, &str)]) -> Self {
        let tree = Self::default().with("bundle.json", r#"{"format":1}"#);
        files.iter().fold(tree, |tree, (file, text)| tree.with(&format!("{ACCOUNT}/{file}"), text))
    }

    fn with(mut self, file: &str, text: impl AsRef<[u8]>) -> Self {
        self.files.insert(file.to_owned(), text.as_ref().to_vec());
        self
    }

    fn without(mut self, file: &str) -> Self {
        self.files.remove(file).unwrap();
        self
    }
}

impl FileTree for Tree {
    fn list(&self) -> Listing {
        let mut files: Vec<_> = self.files.keys().cloned().collect();
        if self.backwards {
            files.reverse();
        }
        Listing { files, problems: Vec::new() }
    }

    fn read(&self, file: &str, _: u64) -> io::Result<Cow<'_, [u8]>> {
        self.files
            .get(file)
            .map(|bytes| Cow::Borrowed(bytes.as_slice()))
            .ok_or(io::ErrorKind::NotFound.into())
    }
}

fn account(loaded: &Loaded) -> &why_denied::evidence::Account {
    &loaded.evidence.accounts[&AccountId::parse("111122223333").unwrap()]
}

/// Reads a bundle and compares its problems and the facts that are lost, each as `what`, one a line.
#[track_caller]
fn check(tree: &Tree, problems: &[&str], lost: &[&str]) -> Loaded {
    let loaded = read(tree);
    let found: Vec<_> = loaded.problems.iter().map(ToString::to_string).collect();
    assert_eq!(found, problems);
    let found: Vec<_> = loaded.evidence.gaps.iter().map(|gap| gap.what.as_str()).collect();
    assert_eq!(found, lost);
    loaded
}

#[test]
fn the_examples_have_no_problems() {
    assert!(examples().len() >= 12);
    for name in examples() {
        let loaded = check(&Tree::example(name), &[], &[]);
        assert!(!loaded.evidence.events.is_empty(), "{name}");
        assert!(loaded.evidence.scope.principal.is_some(), "{name}");
        assert!(!matches!(loaded.evidence.organization.0, Known::Unknown(_)), "{name}");
    }
    assert!(example("s3-kms-download/events").is_none());
}

#[test]
fn every_file_of_an_account_is_read() {
    let loaded = read(&Tree::example("s3-kms-download"));
    let account = account(&loaded);
    let bucket = &account.buckets["iam-error-test"];
    let encryption = bucket.encryption.as_ref().unwrap();
    assert_eq!(encryption.algorithm, "aws:kms");
    assert!(bucket.policy.as_ref().unwrap().statements.is_empty());
    assert!(bucket.public_access_block.unwrap().restrict_public_buckets);
    assert_eq!(bucket.object_ownership.as_deref(), Some("BucketOwnerEnforced"));
    assert!(bucket.acl.is_some());
    assert_eq!(bucket.region, None);
    let key = &account.keys["1234abcd-12ab-34cd-56ef-1234567890ab"];
    assert_eq!(key.arn.as_ref().unwrap().as_str(), encryption.key.as_deref().unwrap());
    assert_eq!((key.manager.as_deref(), key.state.as_deref()), (Some("CUSTOMER"), Some("Enabled")));
    assert!(key.grants.as_ref().unwrap().is_empty());
    assert_eq!(key.aliases.as_ref().unwrap(), &["alias/iam-error-test"]);
    assert!(account.public_access_block.is_some());
    assert!(account.resource_tags.is_none());
}

#[test]
fn the_organization_is_read_with_its_tree_and_policies() {
    let loaded = read(&Tree::example("organizations-caller-validation"));
    let Known::Known(Some(facts)) = &loaded.evidence.organization.0 else { panic!("unknown") };
    let path = facts.path_to(AccountId::parse("777788889999").unwrap());
    assert_eq!(path.unwrap(), ["r-exam", "ou-exam-w0rkload", "777788889999"]);
    assert_eq!(
        facts.enabled_types.as_ref().unwrap(),
        &[PolicyType::ServiceControl, PolicyType::ResourceControl]
    );
    assert!(facts.policies.values().all(|policy| policy.document.is_some()));
    assert_eq!(facts.delegated_administrators.as_ref().unwrap()[0].services, ["inspector2.amazonaws.com"]);
    assert!(matches!(facts.delegation_policy, Some(None)));
}

#[test]
fn the_order_of_files_does_not_matter() {
    for name in examples() {
        let tree = Tree::example(name).with(&format!("{ACCOUNT}/iam.json"), "{").with("events/x.json", "{]");
        let backwards = Tree { backwards: true, ..tree.clone() };
        assert_eq!(format!("{:?}", read(&tree)), format!("{:?}", read(&backwards)), "{name}");
    }
}

#[test]
fn what_is_not_a_bundle_says_so() {
    let nothing = check(
        &Tree::default(),
        &["this is not an evidence bundle: it has no `bundle.json` and no other file of one"],
        &["the bundle"],
    );
    assert!(nothing.fatal().is_some());
    check(
        &Tree::default().with("README.md", "").with("src/main.rs", ""),
        &["this is not an evidence bundle: it has no `bundle.json` and no other file of one"],
        &["the bundle"],
    );
}

#[test]
fn other_formats_are_not_read() {
    let check = |manifest: &str, problem: &str| {
        let loaded = check(
            &Tree::example("s3-kms-download").with("bundle.json", manifest),
            &[problem],
            &["the bundle"],
        );
        assert!(loaded.fatal().is_some());
        assert!(loaded.evidence.events.is_empty());
    };
    check(
        "{\n  \"gaps\": {\"what\": 1},\n  \"format\": 2\n}",
        "the bundle has format 2 (bundle.json:3:13), and this version reads format 1",
    );
    check("{}", "the bundle has format none (bundle.json:1:1), and this version reads format 1");
    check(
        r#"{"format":"1"}"#,
        r#"the bundle has format "1" (bundle.json:1:11), and this version reads format 1"#,
    );
}

#[test]
fn a_bundle_without_its_manifest_is_read() {
    let tree = Tree::example("s3-kms-download").without("bundle.json");
    let problem = "`bundle.json` is missing; the other files were read as format 1";
    let loaded = check(&tree, &[problem], &["what the bundle was made for"]);
    assert!(loaded.fatal().is_none());
    assert!(!loaded.evidence.events.is_empty());
}

#[test]
fn the_manifest_brings_gaps() {
    let manifest = r#"{"format":1,"since":"2026-10-06T01:00:00Z","until":1791248400,
        "gaps":[{"what":"key policy of k","why":"AccessDeniedException"}]}"#;
    let loaded = check(&Tree::default().with("bundle.json", manifest), &[], &["key policy of k"]);
    assert_eq!(loaded.evidence.gaps[0].why, "AccessDeniedException");
    assert_eq!(loaded.evidence.scope.since.unwrap().to_string(), "2026-10-06T01:00:00Z");
    assert_eq!(loaded.evidence.scope.until.unwrap().to_string(), "2026-10-06T01:00:00Z");
}

#[test]
fn a_broken_file_costs_one_fact_and_not_the_rest() {
    let what = "IAM users, groups, roles and managed policies of account 111122223333";
    let iam = format!("{ACCOUNT}/iam.json");
    let loaded = check(
        &Tree::example("s3-kms-download").with(&iam, "{\n \"RoleDetailList\": [,]\n}"),
        &["invalid JSON at accounts/111122223333/iam.json:2:21: expected value"],
        &[what],
    );
    assert!(account(&loaded).iam.is_none());
    assert_eq!(account(&loaded).buckets.len(), 1);
    check(
        &Tree::example("s3-kms-download").with(&iam, "{\"Users\":[]}"),
        &["`RoleDetailList` is missing at accounts/111122223333/iam.json:1:1"],
        &[what],
    );
    check(
        &Tree::example("s3-kms-download").with(&iam, b"\xff\xfe{\x00".as_slice()),
        &["the text at accounts/111122223333/iam.json:1:1 is not UTF-8"],
        &[what],
    );
}

#[test]
fn an_entry_that_cannot_be_read_is_unknown_as_a_whole() {
    let iam = r#"{"UserDetailList":[
        {"Arn":"arn:aws:iam::111122223333:user/a","UserName":"a","UserPolicyList":[{"PolicyName":"p"}]},
        {"Arn":"arn:aws:iam::111122223333:user/b","UserName":"b"},
        {"Arn":"arn:aws:iam::444455556666:user/c","UserName":"c"},
        {"Arn":"user/d","UserName":"d"},
        5]}"#;
    let loaded = read(&Tree::account(&[("iam.json", iam)]));
    let gaps: Vec<_> = loaded.evidence.gaps.iter().map(|gap| gap.what.as_str()).collect();
    let expected = [
        "user arn:aws:iam::111122223333:user/a",
        "user arn:aws:iam::444455556666:user/c",
        "user in account 111122223333",
        "user user/d",
    ];
    assert_eq!(gaps, expected);
    let places: Vec<_> = loaded.problems.iter().map(ToString::to_string).collect();
    assert!(places[0].starts_with("unexpected content at accounts/111122223333/iam.json:2:"), "{places:?}");
    assert!(places[0].ends_with("missing field `PolicyDocument`"), "{places:?}");
    assert_eq!(
        places[3],
        "unexpected content at accounts/111122223333/iam.json:6:9: invalid type: integer `5`, expected a user as `aws iam` prints it"
    );
    let users: Vec<_> = account(&loaded).iam.as_ref().unwrap().users.keys().collect();
    assert_eq!(users, ["b"]);
}

#[test]
fn a_broken_policy_is_reported_at_its_place() {
    let iam = r#"{"RoleDetailList":[
        {"Arn":"arn:aws:iam::111122223333:role/r","RoleName":"r","RolePolicyList":[
            {"PolicyName":"p","PolicyDocument":{"Statement":[
                {"Effect":"Allow","Action":"s3","Resource":"*"}]}},
            {"PolicyName":"q","PolicyDocument":{"Version":"2012-10-17"}}]}]}"#;
    let loaded = check(
        &Tree::account(&[("iam.json", iam)]),
        &[
            "the role r inline policy p at accounts/111122223333/iam.json:4:44: `s3` is not an action (service:Name, or `*`)",
            "the role r inline policy q at accounts/111122223333/iam.json:5:48 cannot be understood: `Statement` is missing",
        ],
        &["role r inline policy q"],
    );
    let severities: Vec<_> = loaded.problems.iter().map(BundleProblem::severity).collect();
    assert_eq!(severities, [Severity::Warning, Severity::Error]);
    let role = &account(&loaded).iam.as_ref().unwrap().roles["r"];
    assert_eq!(role.inline.len(), 2);
    assert!(role.inline[1].document.unreadable);
    assert!(role.trust.is_none());
}

#[test]
fn documents_come_as_objects_and_as_strings() {
    let document = r#"{"Version": "2012-10-17", "Statement": [{"Sid": "A b", "Effect": "Deny", "Action": "*", "Resource": "*"}]}"#;
    let encoded = document.replace('{', "%7B").replace('"', "%22").replace(' ', "%20");
    let quoted = serde_json::to_string(document).unwrap();
    for given in [document.to_owned(), quoted.clone(), format!("\"{encoded}\"")] {
        let iam = format!(
            r#"{{"Policies":[{{"PolicyName":"p","Arn":"arn:aws:iam::111122223333:policy/p","DefaultVersionId":"v2",
            "PolicyVersionList":[{{"VersionId":"v2","IsDefaultVersion":true,"Document":{given}}}]}}]}}"#
        );
        let loaded = check(&Tree::account(&[("iam.json", &iam)]), &[], &[]);
        let policies = &account(&loaded).iam.as_ref().unwrap().policies;
        let found = policies["arn:aws:iam::111122223333:policy/p"].default_document().unwrap();
        assert_eq!(found.text(), document);
    }
    // A percent sign in a plain document is its own.
    let plain = r#"{"Statement":[{"Effect":"Deny","Action":"*","Resource":"arn:aws:s3:::b/a%2Fb"}]}"#;
    let printed = format!("{{\"Policy\": {}}}\n", serde_json::to_string(plain).unwrap());
    let given = Tree::account(&[
        ("buckets/b/policy.json", printed.as_str()),
        ("keys/k/policy.json", &printed),
        ("resource-policies/sns/t.json", &format!("\u{feff}{plain}\n")),
    ]);
    let loaded = check(&given, &[], &[]);
    let found = account(&loaded);
    assert_eq!(found.buckets["b"].policy.as_ref().unwrap().text(), plain);
    assert_eq!(found.keys["k"].policy.as_ref().unwrap().text(), plain);
    assert_eq!(found.resource_policies[&("sns".to_owned(), "t".to_owned())].text(), plain);
}

#[test]
fn a_missing_file_is_a_fact_that_was_not_read() {
    let key = "1234abcd-12ab-34cd-56ef-1234567890ab";
    let tree = Tree::example("s3-kms-download").without(&format!("{ACCOUNT}/keys/{key}/policy.json"));
    let loaded = check(&tree, &[], &[]);
    assert!(account(&loaded).keys[key].policy.is_none());
    let loaded = check(&Tree::account(&[("buckets/b/notes.txt", "mine")]), &[], &[]);
    assert!(account(&loaded).buckets["b"].policy.is_none());
}

#[test]
fn an_empty_policy_file_is_not_an_empty_policy() {
    let problem = "the bucket policy of b at accounts/111122223333/buckets/b/policy.json:1:1 cannot be understood: \
        the policy is not valid JSON: EOF while parsing a value (line 1, column 0)";
    let loaded = read(&Tree::account(&[("buckets/b/policy.json", "")]));
    assert!(account(&loaded).buckets["b"].policy.as_ref().unwrap().unreadable);
    let found = loaded.problems[0].to_string();
    assert!(found.starts_with(&problem[..100]), "{found}");
    assert_eq!(loaded.evidence.gaps[0].what, "bucket policy of b");
}

#[test]
fn settings_have_the_shape_that_the_cli_prints() {
    let loaded = check(
        &Tree::account(&[
            ("buckets/b/location.json", r#"{"LocationConstraint": null}"#),
            ("buckets/c/location.json", r#"{"LocationConstraint": "eu-west-1"}"#),
            ("buckets/d/location.json", "{}"),
            ("buckets/d/public-access-block.json", r#"{"BlockPublicAcls":true}"#),
            (
                "buckets/e/encryption.json",
                r#"{"ServerSideEncryptionConfiguration":{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"AES256"},"BucketKeyEnabled":true,"BlockedEncryptionTypes":{"EncryptionType":["SSE-C"]}}]}}"#,
            ),
            ("public-access-block.json", r#"{"PublicAccessBlockConfiguration":{}}"#),
            (
                "resource-tags.json",
                r#"{"PaginationToken":"","ResourceTagMappingList":[{"ResourceARN":"arn:x","Tags":[{"Key":"k","Value":"v"}]}]}"#,
            ),
            (
                "vpc-endpoints/vpce-1.json",
                r#"{"VpcEndpoints":[{"VpcEndpointId":"vpce-1","VpcId":"vpc-1","PolicyDocument":"{\"Statement\":[]}"}]}"#,
            ),
            ("vpc-endpoints/vpce-2.json", r#"{"VpcEndpoints":[{"VpcEndpointId":"vpce-1"}]}"#),
            (
                "keys/k/grants.json",
                r#"{"Grants":[{"GrantId":"g","Name":"","GranteePrincipal":"arn:p","Operations":["Decrypt"],"Constraints":{"EncryptionContextSubset":{"a":"b"}}}]}"#,
            ),
            ("keys/l/grants.json", r#"{"Grants":[],"NextToken":"more"}"#),
            (
                "keys/k/aliases.json",
                r#"{"Aliases":[{"AliasName":"alias/a","TargetKeyId":"k"},{"AliasName":"alias/b","TargetKeyId":"l"}]}"#,
            ),
        ]),
        &[
            "`LocationConstraint` is missing at accounts/111122223333/buckets/d/location.json:1:1",
            "unexpected content at accounts/111122223333/buckets/d/public-access-block.json:1:24: missing field `PublicAccessBlockConfiguration`",
            "the list at accounts/111122223333/keys/l/grants.json:1:1 is not complete: it says that there is another page",
            "`vpce-2` is not in what is at accounts/111122223333/vpc-endpoints/vpce-2.json:1:1",
        ],
        &[
            "S3 Block Public Access of bucket d",
            "VPC endpoint vpce-2",
            "grants of key l",
            "region of bucket d",
        ],
    );
    let account = account(&loaded);
    assert_eq!(account.buckets["b"].region.as_deref(), Some("us-east-1"));
    assert_eq!(account.buckets["c"].region.as_deref(), Some("eu-west-1"));
    assert_eq!(account.buckets["e"].encryption.as_ref().unwrap().blocked, ["SSE-C"]);
    assert!(!account.public_access_block.unwrap().block_public_acls);
    assert_eq!(account.resource_tags.as_ref().unwrap()["arn:x"]["k"], "v");
    assert_eq!(account.vpc_endpoints["vpce-1"].vpc.as_deref(), Some("vpc-1"));
    assert!(account.vpc_endpoints["vpce-1"].policy.is_some());
    let grant = &account.keys["k"].grants.as_ref().unwrap()[0];
    assert_eq!((grant.name.as_deref(), grant.grantee.as_str()), (None, "arn:p"));
    assert_eq!(grant.context_subset.as_ref().unwrap()["a"], "b");
    assert_eq!(account.keys["k"].aliases.as_ref().unwrap(), &["alias/a"]);
}

#[test]
fn an_organization_that_lost_an_entry_is_unknown() {
    let name = "organizations-caller-validation";
    let text = String::from_utf8(Tree::example(name).files["organization.json"].clone()).unwrap();
    let broken = text.replace("\"Id\": \"777788889999\"", "\"Id\": 777788889999");
    let loaded = read(&Tree::example(name).with("organization.json", &broken));
    assert!(matches!(loaded.evidence.organization.0, Known::Unknown(_)));
    assert_eq!(loaded.problems.len(), 1);
    // A member account may describe its organization and no more.
    let described = r#"{"Organization":{"Id":"o-1","MasterAccountId":"111122223333"}}"#;
    let tree = Tree::account(&[]).with("organization.json", described);
    let loaded = check(&tree, &[], &["the accounts of the organization"]);
    assert!(matches!(loaded.evidence.organization.0, Known::Unknown(_)));
    let tree = Tree::account(&[]).with("organization.json", "{}");
    check(&tree, &["`Organization` is missing at organization.json:1:1"], &["the organization"]);
}

#[test]
fn names_in_paths_are_checked() {
    check(
        &Tree::account(&[("buckets/a b/policy.json", "{}"), ("buckets/a b/acl.json", "{}")])
            .with("accounts/1111/iam.json", "{}")
            .with("accounts/1111/public-access-block.json", "{}")
            .with("organization/policies/p-1.json", "{}"),
        &[
            "the folder `accounts/1111` was not read: `1111` is not a twelve-digit account id",
            "`a b` in `accounts/111122223333/buckets/a b/acl.json` is not a name that AWS gives",
            "`a b` in `accounts/111122223333/buckets/a b/policy.json` is not a name that AWS gives",
        ],
        &[
            "what is in accounts/1111",
            "what is in accounts/111122223333/buckets/a b/acl.json",
            "what is in accounts/111122223333/buckets/a b/policy.json",
        ],
    );
}

#[test]
fn what_is_read_and_listed_has_limits() {
    let mut tree = Tree::account(&[]);
    let size = usize::try_from(MAX_FILE).unwrap() + 1;
    tree.files.insert(format!("{ACCOUNT}/resource-tags.json"), vec![0; size]);
    let problem = "`accounts/111122223333/resource-tags.json` has more than 268435456 bytes and was not read";
    check(&tree, &[problem], &["resource tags of account 111122223333"]);
    let iam = format!("{{\"UserDetailList\":[{}1]}}", "1,".repeat(MAX_PROBLEMS + 1));
    let loaded = read(&Tree::account(&[("iam.json", &iam)]));
    assert_eq!(loaded.problems.len(), MAX_PROBLEMS + 1);
    assert_eq!(loaded.problems.last().unwrap().to_string(), "there are 2 problems more");
    assert!(loaded.evidence.gaps.iter().any(|gap| gap.what == "other facts of the bundle"));
}

#[test]
fn events_are_ordered_and_kept_once() {
    let event = |id: &str, time: &str| {
        format!(
            r#"{{"eventSource":"s3.amazonaws.com","eventName":"GetObject","eventID":"{id}","eventTime":"{time}"}}"#
        )
    };
    let late = event("b", "2026-01-01T00:00:02Z");
    let early = event("a", "2026-01-01T00:00:01Z");
    let loaded = check(
        &Tree::account(&[])
            .with("events/a.json", format!("{{\"Records\":[{late},{early}]}}"))
            .with("events/b.jsonl", format!("{late}\n{early}\n"))
            .with("events/c.json", format!("{{\"Records\":[{early},"))
            .with("events/d.json", "[1]")
            .with("events/notes.md", "mine"),
        &[
            "what begins at events/c.json:1:1 never ends",
            "1 part of `events/d.json` left out: not CloudTrail events",
        ],
        &["CloudTrail events of events/c.json"],
    );
    let ids: Vec<_> = loaded.evidence.events.iter().map(|event| event.event_id.as_deref().unwrap()).collect();
    assert_eq!(ids, ["a", "b"]);
}

#[test]
fn deep_nesting_is_a_problem_and_not_a_crash() {
    let deep = format!("{{\"Grants\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    for file in [
        "iam.json",
        "buckets/b/acl.json",
        "buckets/b/policy.json",
        "keys/k/grants.json",
        "resource-tags.json",
    ] {
        let loaded = read(&Tree::account(&[(file, &deep)]).with("events/e.json", &deep));
        assert!(!loaded.problems.is_empty(), "{file}");
    }
}

#[cfg(unix)]
mod folder {
    use std::fs;
    use std::os::unix::fs::symlink;

    use why_denied::bundle::Folder;

    use super::*;

    #[test]
    fn a_folder_reads_like_the_program_s_own_copy() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/policies/examples/");
        for name in examples() {
            let on_disk = read(&Folder::new(format!("{folder}{name}")));
            assert_eq!(format!("{on_disk:?}"), format!("{:?}", read(&example(name).unwrap())), "{name}");
        }
    }

    #[test]
    fn a_folder_that_is_not_there_is_one_problem() {
        let loaded = read(&Folder::new("no/such/folder"));
        assert_eq!(loaded.problems.len(), 1);
        assert!(loaded.fatal().unwrap().to_string().starts_with("cannot list the bundle `no/such/folder`: "));
    }

    #[test]
    fn links_do_not_lead_out_of_the_bundle() {
        let folder = tempfile::tempdir().unwrap();
        let bucket = folder.path().join(ACCOUNT).join("buckets/b");
        fs::create_dir_all(&bucket).unwrap();
        fs::write(folder.path().join("bundle.json"), r#"{"format":1}"#).unwrap();
        symlink("/etc/passwd", bucket.join("policy.json")).unwrap();
        symlink("/etc", folder.path().join("events")).unwrap();
        symlink("/etc", folder.path().join("other")).unwrap();
        let loaded = read(&Folder::new(folder.path()));
        let problems: Vec<_> = loaded.problems.iter().map(ToString::to_string).collect();
        let expected = [
            "`accounts/111122223333/buckets/b/policy.json` is a symbolic link and was not followed",
            "`events` is a symbolic link and was not followed",
        ];
        assert_eq!(problems, expected);
    }
}
