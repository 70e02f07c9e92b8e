//! AWS GovCloud and AWS China: other ARNs, other Regions, and another place for IAM.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>

use std::fs;

use tempfile::TempDir;

use crate::live::Live;
use crate::program::in_project;
use crate::server::{Server, World};

/// The story of the download in another partition.
fn moved(partition: &str, region: &str) -> (TempDir, World) {
    let folder = tempfile::tempdir().unwrap();
    let from = in_project("policies/examples/s3-kms-download");
    for entry in
        walkdir::WalkDir::new(&from).into_iter().flatten().filter(|entry| entry.file_type().is_file())
    {
        let target = folder.path().join(entry.path().strip_prefix(&from).unwrap());
        let target = target.to_str().unwrap().replace("eu-west-1", region);
        let text = fs::read_to_string(entry.path()).unwrap();
        let text = text.replace("arn:aws:", &format!("arn:{partition}:")).replace("eu-west-1", region);
        fs::create_dir_all(std::path::Path::new(&target).parent().unwrap()).unwrap();
        fs::write(target, text).unwrap();
    }
    let mut world = World::open(folder.path()).happening_now();
    region.clone_into(&mut world.region);
    world.regions = vec![region.to_owned()];
    (folder, world)
}

fn check(partition: &str, region: &str) {
    let (_folder, world) = moved(partition, region);
    let server = Server::start(world);
    let mut live = Live::new(&server);
    let run = live.variable("AWS_REGION", region).run(&["--format", "json"]);
    let diagnosis = &run.json()["diagnoses"][0];
    assert_eq!(diagnosis["denied"]["action"], "kms:Decrypt", "{}", run.stderr);
    assert_eq!(diagnosis["decision"], "ImplicitDeny", "{}", run.stderr);
    let principal = format!("arn:{partition}:iam::111122223333:user/s3_full_access");
    assert_eq!(diagnosis["principal"], principal.as_str());
    // A Region of another partition would be asked with credentials that it does not know.
    let prefix = &region[..=region.find('-').unwrap()];
    for call in server.calls() {
        assert!(call.region.starts_with(prefix), "{call:?}");
    }
}

#[test]
fn gov_cloud() {
    check("aws-us-gov", "us-gov-west-1");
}

#[test]
fn china() {
    check("aws-cn", "cn-north-1");
}
