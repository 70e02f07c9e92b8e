//! Changes of resource-based policies in services that have little else to change.

use super::ChangeKind as K;
use super::ChangeTarget as T;
use super::parameters::{Parameters, document};
use super::{Change, Document};
use crate::arn::Arn;
use crate::knowledge::resource_policy_events::{Written, resource_policy_event};

pub(super) fn read(service: &str, name: &str, call: Parameters<'_>) -> Option<Change> {
    match service {
        "sqs" => sqs(name, call),
        "sns" => sns(name, call),
        "lambda" => lambda(name, call),
        "secretsmanager" => secrets(name, call),
        "ecr" => ecr(name, call),
        _ => None,
    }
    .or_else(|| in_table(service, name, call))
}

/// What a table row says of the operation.
fn in_table(service: &str, name: &str, call: Parameters<'_>) -> Option<Change> {
    let row = resource_policy_event(service, name)?;
    let named = |parameter: &str| (!parameter.is_empty()).then(|| call.named_text(parameter)).flatten();
    let resource =
        named(row.resource).or_else(|| (!row.fallback.is_empty()).then(|| row.fallback.to_owned()))?;
    let target = T::PolicyOf { service: row.arn_service.to_owned(), name: without_type(&resource) };
    let policy = call.named(row.document).map_or(Document::Absent, document);
    let kind = match row.change {
        Written::PutIfGiven if policy == Document::Absent => return None,
        Written::Put | Written::PutIfGiven => K::ResourcePolicyPut,
        Written::Deleted => K::ResourcePolicyDeleted,
        Written::Added => K::PermissionAdded { statement: named(row.statement).unwrap_or_default() },
        Written::Removed => K::PermissionRemoved { statement: named(row.statement).unwrap_or_default() },
    };
    Change::with(target, kind, policy)
}

/// An ARN's resource without its type, as bundles name their files; a name stays as it is.
fn without_type(resource: &str) -> String {
    let Ok(arn) = Arn::parse(resource) else { return resource.to_owned() };
    arn.resource_type().map_or(arn.resource(), |(_, name)| name).to_owned()
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
    let function = || call.text("functionName").or_else(|| call.text("layerName")).map(T::Function);
    let statement = || call.text("statementId");
    let plain = name.split("20").next().unwrap_or(name);
    match plain {
        "AddPermission" | "AddLayerVersionPermission" => {
            let added = call.event.response(&["statement"]).map_or(Document::Absent, document);
            Change::with(function()?, K::PermissionAdded { statement: statement()? }, added)
        }
        "RemovePermission" | "RemoveLayerVersionPermission" => {
            Change::new(function()?, K::PermissionRemoved { statement: statement()? })
        }
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
