//! The folder of a bucket: what `aws s3api get-…` prints.

use serde::Deserialize;

use super::account::public_access_block;
use super::reader::Reader;
use super::shape::Given;
use super::text::Text;
use super::{BundleProblem, document};
use crate::evidence::{Bucket, BucketEncryption};

/// Reads one file of the bucket's folder.
pub(super) fn read(reader: &mut Reader<'_>, bucket: &mut Bucket, name: &str, file: &str, inner: &str) {
    let of = |fact: &str| format!("{fact} of bucket {name}");
    match inner {
        "policy.json" => bucket.policy = document::file(reader, file, &format!("bucket policy of {name}")),
        "encryption.json" => bucket.encryption = reader.fact(file, &of("default encryption"), encryption),
        "public-access-block.json" => {
            bucket.public_access_block =
                reader.fact(file, &of("S3 Block Public Access"), public_access_block);
        }
        "ownership-controls.json" => {
            bucket.object_ownership = reader.fact(file, &of("S3 Object Ownership"), ownership);
        }
        "acl.json" => bucket.acl = reader.fact(file, &of("ACL"), |text| text.parse()),
        "location.json" => bucket.region = reader.fact(file, &of("region"), location),
        "abac.json" => bucket.abac = reader.fact(file, &of("access by tags"), abac),
        _ => {}
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "what `aws s3api get-bucket-encryption` prints")]
struct Encryption {
    server_side_encryption_configuration: EncryptionRules,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "an object with `Rules`")]
struct EncryptionRules {
    rules: Vec<EncryptionRule>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "an encryption rule")]
struct EncryptionRule {
    apply_server_side_encryption_by_default: Option<ByDefault>,
    bucket_key_enabled: Option<bool>,
    blocked_encryption_types: Option<Blocked>,
}

#[derive(Deserialize)]
#[serde(expecting = "an object with `SSEAlgorithm`")]
struct ByDefault {
    #[serde(rename = "SSEAlgorithm")]
    algorithm: String,
    #[serde(rename = "KMSMasterKeyID")]
    key: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "an object with `EncryptionType`")]
struct Blocked {
    encryption_type: Option<Vec<String>>,
}

/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ServerSideEncryptionRule.html>
fn encryption(text: &Text) -> Result<BucketEncryption, BundleProblem> {
    let rules = text.parse::<Encryption>()?.server_side_encryption_configuration.rules;
    let mut found = None;
    let mut blocked = Vec::new();
    for rule in rules {
        blocked.extend(
            rule.blocked_encryption_types.and_then(|types| types.encryption_type).unwrap_or_default(),
        );
        let default = rule.apply_server_side_encryption_by_default;
        found = found.or(default.map(|default| (default, rule.bucket_key_enabled)));
    }
    let field = "ApplyServerSideEncryptionByDefault";
    let (default, bucket_key) = found.ok_or_else(|| BundleProblem::Missing { place: text.start(), field })?;
    // NONE stands for an empty list.
    blocked.retain(|kind| kind != "NONE");
    Ok(BucketEncryption {
        algorithm: default.algorithm,
        key: default.key,
        bucket_key: bucket_key.unwrap_or_default(),
        blocked,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "what `aws s3api get-bucket-ownership-controls` prints")]
struct Ownership {
    ownership_controls: OwnershipRules,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "an object with `Rules`")]
struct OwnershipRules {
    rules: Vec<OwnershipRule>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "a rule with `ObjectOwnership`")]
struct OwnershipRule {
    object_ownership: String,
}

fn ownership(text: &Text) -> Result<String, BundleProblem> {
    let rule = text.parse::<Ownership>()?.ownership_controls.rules.into_iter().next();
    let missing = || BundleProblem::Missing { place: text.start(), field: "ObjectOwnership" };
    rule.map(|rule| rule.object_ownership).ok_or_else(missing)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "what `aws s3api get-bucket-location` prints")]
struct Location {
    #[serde(default)]
    location_constraint: Given<String>,
}

/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html> (null is us-east-1, and the
/// oldest buckets of eu-west-1 say EU)
fn location(text: &Text) -> Result<String, BundleProblem> {
    let region = match text.parse::<Location>()?.location_constraint {
        Given::Absent => {
            return Err(BundleProblem::Missing { place: text.start(), field: "LocationConstraint" });
        }
        Given::Null => String::new(),
        Given::Value(region) => region,
    };
    Ok(match region.as_str() {
        "" => "us-east-1".to_owned(),
        "EU" => "eu-west-1".to_owned(),
        _ => region,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "what `aws s3api get-bucket-abac` prints")]
struct Abac {
    abac_status: AbacStatus,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "an object with `Status`")]
struct AbacStatus {
    status: Option<String>,
}

/// It is disabled until somebody enables it.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/buckets-tagging-enable-abac.html>
fn abac(text: &Text) -> Result<bool, BundleProblem> {
    Ok(text.parse::<Abac>()?.abac_status.status.as_deref() == Some("Enabled"))
}
