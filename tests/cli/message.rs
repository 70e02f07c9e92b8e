//! `explain --message`: what a pasted message says.
//!
//! The messages are those of <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>, and
//! the last is what the AWS CLI makes of one.

use serde_json::Value;

use crate::program::{run, run_with};

const MESSAGES: &[(&str, &str)] = &[
    (
        "User: arn:aws:iam::777788889999:user/John is not authorized to perform: codecommit:ListRepositories with an explicit deny in a service control policy",
        r#"{"principal":"arn:aws:iam::777788889999:user/John","action":"codecommit:ListRepositories","resource":null,"effect":"explicit","policy_type":"scp","policy_arn":null,"authorization_id":null,"encoded":false}"#,
    ),
    (
        "User: arn:aws:iam::123456789012:user/John is not authorized to perform: secretsmanager:GetSecretValue on resource: arn:aws:secretsmanager:us-east-1:123456789012:secret:* with an explicit deny in a resource control policy",
        r#"{"action":"secretsmanager:GetSecretValue","resource":"arn:aws:secretsmanager:us-east-1:123456789012:secret:*","effect":"explicit","policy_type":"rcp"}"#,
    ),
    (
        "User: arn:aws:iam::123456789012:user/John is not authorized to perform: codecommit:ListRepositories because no VPC endpoint policy allows the codecommit:ListRepositories action",
        r#"{"action":"codecommit:ListRepositories","effect":"implicit"}"#,
    ),
    (
        "User: arn:aws:iam::123456789012:user/John is not authorized to perform: codedeploy:ListDeployments on resource: arn:aws:codedeploy:us-east-1:123456789012:deploymentgroup:* because no permissions boundary allows the codedeploy:ListDeployments action",
        r#"{"action":"codedeploy:ListDeployments","effect":"implicit","policy_type":"boundary"}"#,
    ),
    (
        "An error occurred (AccessDenied) when calling the GetObject operation: User: arn:aws:iam::111122223333:user/s3_full_access is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab because no identity-based policy allows the kms:Decrypt action",
        r#"{"principal":"arn:aws:iam::111122223333:user/s3_full_access","action":"kms:Decrypt","resource":"arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab","effect":"implicit","policy_type":"identity"}"#,
    ),
];

#[test]
fn a_message_is_taken_apart() {
    for (message, wanted) in MESSAGES {
        let json = run(["explain", "--format", "json", "--message", message]);
        let found = json.json();
        let wanted: Value = serde_json::from_str(wanted).unwrap();
        for (field, value) in wanted.as_object().unwrap() {
            assert_eq!(&found[field], value, "{field} of {message}");
        }
        assert!(!found["proves"].as_array().unwrap().is_empty() && found["leaves_open"].is_array());
        let text = run(["explain", "--message", message]);
        let action = found["action"].as_str().unwrap();
        assert!(text.stdout.starts_with(&format!("DENIED {action}")), "{}", text.stdout);
        assert!(text.stdout.contains("proves: ") && text.stdout.contains("leaves open: "), "{}", text.stdout);
        // AWS's word is testimony: it determines nothing.
        assert_eq!((json.code, text.code), (Some(3), Some(3)));
        assert_eq!(run_with(["explain", "--message", "-"], format!("{message}\n")), text, "from a pipe");
    }
}

/// EC2 hides the reason in an encoded message:
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html>
#[test]
fn an_encoded_message_comes_with_the_command_that_decodes_it() {
    let message = "You are not authorized to perform this operation. User: arn:aws:iam::111122223333:user/John is not \
                   authorized to perform: ec2:RunInstances on resource: arn:aws:ec2:us-east-1:111122223333:instance/* \
                   because no identity-based policy allows the ec2:RunInstances action. Encoded authorization failure \
                   message: uqX4WmDhBM7Yp0mCpYnyvLYJUwmAqqT2gYcX1qIbOD";
    let text = run(["explain", "--message", message]).stdout;
    let command = "aws sts decode-authorization-message --output text --encoded-message \
                   uqX4WmDhBM7Yp0mCpYnyvLYJUwmAqqT2gYcX1qIbOD\n";
    assert!(text.contains(command), "{text}");
    // What a shell would obey is not printed as part of a command.
    let hostile = run(["explain", "--message", &message.replace("uqX4", "$(x)uqX4")]).stdout;
    assert!(!hostile.contains("--encoded-message $(x)"), "{hostile}");
}

#[test]
fn a_message_that_is_none_says_nothing() {
    let found = run(["explain", "--format", "json", "--message", "the printer is on fire"]);
    assert_eq!(found.code, Some(1));
    assert!(found.stdout.is_empty(), "{}", found.stdout);
    assert!(found.stderr.contains("no message of a refused authorization"), "{}", found.stderr);
}

/// The example of the manual is what the program prints.
#[test]
fn the_manual_shows_what_is_printed() {
    let manual = include_str!("../../docs/cli.md");
    let (_, rest) = manual.split_once("$ why-denied explain --message \"").unwrap();
    let (message, rest) = rest.split_once("\"\n").unwrap();
    let (shown, _) = rest.split_once("```").unwrap();
    assert_eq!(run(["explain", "--message", message]).stdout, shown);
}

/// The network activity event of a VPC endpoint says no more than this:
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-network-events-with-cloudtrail.html>
#[test]
fn a_vpc_endpoint_policy_that_refused_is_named() {
    let text = run(["explain", "--message", "The request was denied due to a VPC endpoint policy"]).stdout;
    assert!(text.contains("proves: a VPC endpoint policy refused"), "{text}");
    assert!(!text.contains("nothing of why"), "{text}");
}
