//! CloudTrail events and their IAM actions.

use serde_json::{Value, json};
use why_denied::knowledge::actions::{
    ActionMapping, MappingCertainty, Need, ResourceRole, iam_actions, prefix,
};

fn needed(mapping: &ActionMapping) -> Vec<&str> {
    mapping.actions.iter().filter(|a| a.need == Need::Required).map(|a| a.action.as_str()).collect()
}

/// Pairs of real events (invictus-ir, TrailDiscover, stratus-red-team), of the S3 page on CloudTrail events and of the
/// API References.
#[test]
fn events_have_their_actions() {
    for (source, event, expected) in [
        ("s3", "ListBuckets", "s3:ListAllMyBuckets"),
        ("s3", "HeadBucket", "s3:ListBucket"),
        ("s3", "ListObjects", "s3:ListBucket"),
        ("s3", "ListObjectVersions", "s3:ListBucketVersions"),
        ("s3", "ListParts", "s3:ListMultipartUploadParts"),
        ("s3", "GetBucketLifecycle", "s3:GetLifecycleConfiguration"),
        ("s3", "DeleteBucketLifecycle", "s3:PutLifecycleConfiguration"),
        ("s3", "GetBucketEncryption", "s3:GetEncryptionConfiguration"),
        ("s3", "PutBucketCors", "s3:PutBucketCORS"),
        ("s3", "DeleteBucketTagging", "s3:PutBucketTagging"),
        ("s3", "GetAccountPublicAccessBlock", "s3:GetAccountPublicAccessBlock"),
        ("s3", "DeleteAccountPublicAccessBlock", "s3:PutAccountPublicAccessBlock"),
        ("s3", "PutBucketPolicy", "s3:PutBucketPolicy"),
        ("s3", "CompleteMultipartUpload", "s3:PutObject"),
        ("s3", "CreateSession", "s3express:CreateSession"),
        ("s3express", "HeadBucket", "s3express:CreateSession"),
        ("s3-outposts", "DeleteBucketTagging", "s3-outposts:PutBucketTagging"),
        ("lambda", "ListFunctions20150331", "lambda:ListFunctions"),
        ("lambda", "GetFunction20150331v2", "lambda:GetFunction"),
        ("lambda", "UpdateFunctionConfiguration20150331v2", "lambda:UpdateFunctionConfiguration"),
        ("lambda", "GetLayerVersionByArn20181031", "lambda:GetLayerVersion"),
        ("lambda", "Invoke", "lambda:InvokeFunction"),
        ("cloudfront", "PublishFunction2020_05_31", "cloudfront:PublishFunction"),
        ("monitoring", "PutMetricAlarm", "cloudwatch:PutMetricAlarm"),
        ("email", "VerifyEmailIdentity", "ses:VerifyEmailIdentity"),
        ("tagging", "GetResources", "tag:GetResources"),
        ("streams.dynamodb", "GetRecords", "dynamodb:GetRecords"),
        ("models.lex", "GetBots", "lex:GetBots"),
        ("opensearchservice", "DescribeDomain", "es:DescribeDomain"),
        ("elasticmapreduce", "RunJobFlow", "elasticmapreduce:RunJobFlow"),
        ("sqs", "SendMessageBatch", "sqs:SendMessage"),
        ("dynamodb", "TransactGetItems", "dynamodb:GetItem"),
        ("budgets", "DescribeBudgets", "budgets:ViewBudget"),
        ("bedrock", "Converse", "bedrock:InvokeModel"),
        ("glue", "CreatePartitionIndex", "glue:UpdateTable"),
        ("securityhub", "GetFindingsV2", "securityhub:GetFindings"),
        ("apigateway", "CreateRestApi", "apigateway:POST"),
        ("apigateway", "CreateApi", "apigateway:POST"),
        ("iam", "CreateUser", "iam:CreateUser"),
        ("IAM", "createuser", "iam:CreateUser"),
        ("ec2", "RunInstances", "ec2:RunInstances"),
        ("ec2", "GetPasswordData", "ec2:GetPasswordData"),
        ("sts", "AssumeRole", "sts:AssumeRole"),
        ("organizations", "ListAccounts", "organizations:ListAccounts"),
        ("kms", "GenerateDataKeyWithoutPlaintext", "kms:GenerateDataKeyWithoutPlaintext"),
        ("secretsmanager", "GetSecretValue", "secretsmanager:GetSecretValue"),
        ("ssm", "GetParameters", "ssm:GetParameters"),
        ("logs", "CreateLogStream", "logs:CreateLogStream"),
    ] {
        let mapping = iam_actions(&format!("{source}.amazonaws.com"), event, Some(&json!({})));
        assert_eq!(needed(&mapping), [expected], "{source} {event}");
    }
}

#[test]
fn parameters_decide_between_alternatives() {
    for (source, event, parameters, expected) in [
        ("s3", "GetObject", json!({"bucketName": "b", "key": "k"}), "s3:GetObject"),
        ("s3", "GetObject", json!({"versionId": "3"}), "s3:GetObjectVersion"),
        (
            "s3",
            "GetObjectAttributes",
            json!({"versionId": "3"}),
            "s3:GetObjectVersion s3:GetObjectVersionAttributes",
        ),
        (
            "s3",
            "DeleteObject",
            json!({"x-amz-bypass-governance-retention": "true"}),
            "s3:DeleteObject s3:BypassGovernanceRetention",
        ),
        ("s3", "PutObject", json!({"x-amz-acl": "private"}), "s3:PutObject s3:PutObjectAcl"),
        (
            "s3",
            "CopyObject",
            json!({"x-amz-copy-source": "b/k?versionId=3"}),
            "s3:PutObject s3:GetObjectVersion",
        ),
        ("s3", "CopyObject", json!({"x-amz-copy-source": "b/k"}), "s3:PutObject s3:GetObject"),
        ("s3", "PutPublicAccessBlock", json!({"bucketName": "b"}), "s3:PutBucketPublicAccessBlock"),
        ("s3", "PutPublicAccessBlock", json!({"accountId": "1"}), "s3:PutAccountPublicAccessBlock"),
        (
            "s3",
            "PutBucketReplication",
            json!({"bucketName": "b"}),
            "s3:PutReplicationConfiguration iam:PassRole",
        ),
        (
            "sts",
            "AssumeRole",
            json!({"tags": [{"key": "a"}], "sourceIdentity": "x"}),
            "sts:AssumeRole sts:TagSession sts:SetSourceIdentity",
        ),
        (
            "dynamodb",
            "ExecuteStatement",
            json!({"statement": "insert into t value {}"}),
            "dynamodb:PartiQLInsert",
        ),
        (
            "dynamodb",
            "TransactWriteItems",
            json!({"transactItems": [{"put": {}}, {"delete": {}}]}),
            "dynamodb:PutItem dynamodb:DeleteItem",
        ),
        ("kms", "ReEncrypt", json!({}), "kms:ReEncryptFrom kms:ReEncryptTo"),
    ] {
        let mapping = iam_actions(&format!("{source}.amazonaws.com"), event, Some(&parameters));
        assert_eq!(needed(&mapping).join(" "), expected, "{event} {parameters}");
    }
}

/// Half of all denied events have `requestParameters: null`: then every alternative is named, and none is certain.
#[test]
fn without_parameters_nothing_is_ruled_out() {
    for parameters in [None, Some(&Value::Null)] {
        let read = iam_actions("s3.amazonaws.com", "GetObject", parameters);
        let names: Vec<_> = read.actions.iter().map(|a| (a.action.as_str(), a.need)).collect();
        assert_eq!(names, [("s3:GetObject", Need::OneOf), ("s3:GetObjectVersion", Need::OneOf)]);
        let assume = iam_actions("sts.amazonaws.com", "AssumeRole", parameters);
        assert_eq!(needed(&assume), ["sts:AssumeRole"]);
        assert!(assume.actions.iter().any(|a| a.action == "sts:TagSession" && a.need == Need::Possible));
    }
}

#[test]
fn copies_tell_what_is_read_and_what_is_written() {
    let copy = iam_actions("s3.amazonaws.com", "CopyObject", Some(&json!({"x-amz-copy-source": "b/k"})));
    let role = |name: &str| copy.actions.iter().find(|a| a.action == name).map(|a| a.role);
    assert_eq!(role("s3:PutObject"), Some(ResourceRole::Destination));
    assert_eq!(role("s3:GetObject"), Some(ResourceRole::Source));
}

#[test]
fn api_gateway_calls_are_methods_on_paths() {
    let stage = |parameters: Value| iam_actions("apigateway.amazonaws.com", "GetStage", Some(&parameters));
    let path = |mapping: &ActionMapping| mapping.actions.first().and_then(|a| a.resource).unwrap().to_owned();
    let rest = stage(json!({"restApiId": "a", "stageName": "s"}));
    assert_eq!(
        path(&rest),
        "arn:${Partition}:apigateway:${Region}::/restapis/${restapi_id}/stages/${stage_name}"
    );
    assert!(path(&stage(json!({"apiId": "a"}))).contains("/v2/apis/"));
    // The parameters are of neither form: both paths stay possible.
    assert_eq!(stage(json!({"x": 1})).actions.len(), 2);
}

#[test]
fn some_events_stand_for_no_action() {
    for (source, event) in
        [("signin", "ConsoleLogin"), ("sts", "GetCallerIdentity"), ("kms", "RotateKey"), ("s3", "JobCreated")]
    {
        let mapping = iam_actions(&format!("{source}.amazonaws.com"), event, None);
        assert!(matches!(mapping.certainty, MappingCertainty::NoIamAction(_)), "{event}");
        assert!(mapping.actions.is_empty());
    }
}

#[test]
fn certainty_tells_a_known_action_from_a_guess() {
    assert_eq!(iam_actions("iam.amazonaws.com", "CreateUser", None).certainty, MappingCertainty::Rule);
    assert_eq!(iam_actions("s3.amazonaws.com", "ListBuckets", None).certainty, MappingCertainty::Documented);
    let new = iam_actions("brandnew.amazonaws.com", "DoItV2", None);
    assert_eq!((needed(&new), new.certainty), (vec!["brandnew:DoItV2"], MappingCertainty::Assumed));
    for (source, event) in
        [("", ""), ("s3", ""), ("lambda.amazonaws.com", "é20150331"), ("cloudfront", "äöü2020_05_31")]
    {
        assert_eq!(iam_actions(source, event, None).actions.len(), 1, "{source} {event}");
    }
}

#[test]
fn prefixes_are_found_for_every_partition() {
    assert_eq!(prefix("monitoring.amazonaws.com"), "cloudwatch");
    assert_eq!(prefix("Monitoring.amazonaws.com.cn"), "cloudwatch");
    assert_eq!(prefix("ec2.amazonaws.com"), "ec2");
    assert_eq!(prefix("runtime.sagemaker.amazonaws.com"), "runtime");
}
