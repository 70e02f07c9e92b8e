//! Changes of resource-based policies in services that have little else to change.

use super::ChangeKind as K;
use super::ChangeTarget as T;
use super::parameters::{Parameters, document};
use super::{Change, Document};

pub(super) fn read(service: &str, name: &str, call: Parameters<'_>) -> Option<Change> {
    match service {
        "sqs" => sqs(name, call),
        "sns" => sns(name, call),
        "lambda" => lambda(name, call),
        "secretsmanager" => secrets(name, call),
        "ecr" => ecr(name, call),
        _ => None,
    }
}

/// A policy inside an attribute map: empty text removes it.
fn attribute(call: Parameters<'_>, target: T) -> Option<Change> {
    let policy = call.event.parameter(&["attributes", "Policy"])?;
    match document(policy) {
        Document::Absent => Change::new(target, K::ResourcePolicyDeleted),
        policy => Change::with(target, K::ResourcePolicyPut, policy),
    }
}

fn label(call: Parameters<'_>, target: T, kind: impl Fn(String) -> K) -> Option<Change> {
    Change::new(target, kind(call.text("label")?))
}

/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-logging-using-cloudtrail.html>
fn sqs(name: &str, call: Parameters<'_>) -> Option<Change> {
    let queue = || call.text("queueUrl").map(T::Queue);
    match name {
        "SetQueueAttributes" => attribute(call, queue()?),
        "CreateQueue" => attribute(call, T::Queue(call.answer(&["queueUrl"])?)),
        "AddPermission" => label(call, queue()?, |statement| K::PermissionAdded { statement }),
        "RemovePermission" => label(call, queue()?, |statement| K::PermissionRemoved { statement }),
        _ => None,
    }
}

/// <https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html>
fn sns(name: &str, call: Parameters<'_>) -> Option<Change> {
    let topic = || call.text("topicArn").map(T::Topic);
    match name {
        "SetTopicAttributes" if call.text("attributeName")? == "Policy" => {
            Change::with(topic()?, K::ResourcePolicyPut, call.document("attributeValue"))
        }
        "CreateTopic" => attribute(call, T::Topic(call.answer(&["topicArn"])?)),
        "AddPermission" => label(call, topic()?, |statement| K::PermissionAdded { statement }),
        "RemovePermission" => label(call, topic()?, |statement| K::PermissionRemoved { statement }),
        _ => None,
    }
}

/// Lambda puts the date of its API into the names: `AddPermission20150331v2`.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html>
fn lambda(name: &str, call: Parameters<'_>) -> Option<Change> {
    let function = || call.text("functionName").map(T::Function);
    let statement = || call.text("statementId");
    let plain = name.split("20").next().unwrap_or(name);
    match plain {
        "AddPermission" => {
            let added = call.event.response(&["statement"]).map_or(Document::Absent, document);
            Change::with(function()?, K::PermissionAdded { statement: statement()? }, added)
        }
        "RemovePermission" => Change::new(function()?, K::PermissionRemoved { statement: statement()? }),
        _ => None,
    }
}

/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutResourcePolicy.html>
fn secrets(name: &str, call: Parameters<'_>) -> Option<Change> {
    let secret = || call.text("secretId").or_else(|| call.answer(&["aRN"])).map(T::Secret);
    match name {
        "PutResourcePolicy" => Change::with(secret()?, K::ResourcePolicyPut, call.document("resourcePolicy")),
        "DeleteResourcePolicy" => Change::new(secret()?, K::ResourcePolicyDeleted),
        _ => None,
    }
}

/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_SetRepositoryPolicy.html>
fn ecr(name: &str, call: Parameters<'_>) -> Option<Change> {
    let repository = || call.text("repositoryName").map(T::Repository);
    match name {
        "SetRepositoryPolicy" => {
            Change::with(repository()?, K::ResourcePolicyPut, call.document("policyText"))
        }
        "DeleteRepositoryPolicy" => Change::new(repository()?, K::ResourcePolicyDeleted),
        _ => None,
    }
}
