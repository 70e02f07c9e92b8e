//! Through boto3, which knows every service: `calls.py` makes the calls and looks at the answers.

use std::fs;
use std::process::Command;

use tempfile::TempDir;

use crate::program::{copy_folder, in_project};
use crate::python;
use crate::server::{ACCESS_KEY, Server, World};

const POLICY: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*"}]}"#;

/// The story of the download, with a resource-based policy in every service that has them.
fn world() -> (TempDir, World) {
    let folder = tempfile::tempdir().unwrap();
    copy_folder(&in_project("policies/examples/s3-kms-download"), folder.path());
    let account = folder.path().join("accounts/111122223333");
    for (service, name) in [
        ("sqs", "orders"),
        ("sns", "alarms"),
        ("secretsmanager", "atlas%2Fdb-AbCdEf"),
        ("ecr", "team%2Fimage"),
        ("lambda", "resize"),
        ("dynamodb", "table"),
    ] {
        fs::create_dir_all(account.join("resource-policies").join(service)).unwrap();
        fs::write(account.join(format!("resource-policies/{service}/{name}.json")), POLICY).unwrap();
    }
    fs::create_dir_all(account.join("vpc-endpoints")).unwrap();
    let endpoint = serde_json::json!({"VpcEndpoints": [
        {"VpcEndpointId": "vpce-0123456789abcdef0", "VpcEndpointType": "Gateway", "VpcId": "vpc-1", "PolicyDocument": POLICY}
    ]});
    fs::write(account.join("vpc-endpoints/vpce-0123456789abcdef0.json"), endpoint.to_string()).unwrap();
    let world = World::open(folder.path());
    (folder, world)
}

/// Makes the calls of a group.
fn check(group: &str, server: &Server) {
    let Some(programs) = python::environment(group) else { return };
    let output = Command::new(programs.join("python"))
        .arg(in_project("tests/aws/wire/calls.py"))
        .arg(group)
        .env("AWS_ENDPOINT_URL", server.url())
        .env("AWS_ACCESS_KEY_ID", ACCESS_KEY)
        .env("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
        .env("AWS_DEFAULT_REGION", "eu-west-1")
        .output()
        .expect("python runs");
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}");
    assert!(said.trim_end().ends_with("all as expected"), "{said}");
}

#[test]
fn boto3_understands_the_download() {
    let (_folder, world) = world();
    check("download", &Server::start(world));
}

/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_access.html>: a member sees that it
/// is in an organization, and no more; the management account and a delegated administrator see all of it.
#[test]
fn boto3_understands_an_organization() {
    let world = World::example("organizations-caller-validation");
    world.add_caller("AKIAMEMBEREXAMPLE", "arn:aws:iam::777788889999:user/somebody");
    world.add_caller("AKIAMANAGEREXAMPLE", "arn:aws:iam::111122223333:user/somebody");
    world.add_caller("AKIADELEGATEEXAMPLE", "arn:aws:iam::444455556666:user/somebody");
    check("organization", &Server::start(world));
}
