//! Which IAM action allows which API operation.
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>

/// The action that allows an operation: mostly of the same name.
pub fn iam_action(service: &str, operation: &str) -> String {
    let action = match (service, operation) {
        // https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketEncryption.html and its neighbours.
        ("s3", "GetBucketEncryption") => "GetEncryptionConfiguration",
        ("s3", "GetPublicAccessBlock") => "GetBucketPublicAccessBlock",
        ("s3control", "GetPublicAccessBlock") => "GetAccountPublicAccessBlock",
        ("s3", "HeadBucket" | "ListObjectsV2" | "ListObjects") => "ListBucket",
        ("s3", "HeadObject") => "GetObject",
        (_, operation) => operation,
    };
    let prefix = match service {
        "s3control" => "s3",
        "monitoring" => "cloudwatch",
        "tagging" => "tag",
        service => service,
    };
    format!("{prefix}:{action}")
}
