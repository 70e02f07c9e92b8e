//! Resource-based policies of services of which nothing else is asked.

use serde_json::{Value, json};

use super::put::Brought;
use super::region_of;
use crate::arn::Arn;
use crate::aws::{CallError, Connection, Json, Message, Service, encoded, query_message};
use crate::ids::AccountId;

const SQS: Service = Service { id: "SQS", signing_name: "sqs", host: "sqs" };
const SNS: Service = Service { id: "SNS", signing_name: "sns", host: "sns" };
const LAMBDA: Service = Service { id: "Lambda", signing_name: "lambda", host: "lambda" };
const SECRETS: Service =
    Service { id: "Secrets Manager", signing_name: "secretsmanager", host: "secretsmanager" };
const ECR: Service = Service { id: "ECR", signing_name: "ecr", host: "api.ecr" };

/// A policy that allows and denies nothing, which stands for having none.
const NONE: &str = r#"{"Version":"2012-10-17","Statement":[]}"#;

/// Whether policies of this service can be fetched.
pub(super) fn is_supported(service: &str) -> bool {
    ["sqs", "sns", "lambda", "secretsmanager", "ecr"].contains(&service)
}

/// The policy of a queue, topic, function, secret or repository.
pub(super) async fn fetch(
    connection: &Connection,
    account: AccountId,
    arn: &Arn,
) -> Result<Brought, CallError> {
    let region = region_of(arn, connection);
    let policy = match arn.service() {
        "sqs" => queue(connection, arn, region).await,
        "sns" => topic(connection, arn, region).await,
        "lambda" => function(connection, arn, region).await,
        "secretsmanager" => secret(connection, arn, region).await,
        _ => repository(connection, arn, region).await,
    };
    // A policy that is not there is an answer; a resource that is not there is none.
    let policy = match policy {
        Ok(policy) => policy.filter(|policy| !policy.is_empty()).unwrap_or_else(|| NONE.to_owned()),
        Err(error) => return Err(error),
    };
    let arn = arn.clone();
    Ok(Brought::put(move |draft| draft.set_resource_policy(account, &arn, &policy)))
}

fn text(value: &Value, path: &[&str]) -> Option<String> {
    path.iter().try_fold(value, |value, field| value.get(field))?.as_str().map(str::to_owned)
}

/// Source: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html>
async fn queue(connection: &Connection, arn: &Arn, region: &str) -> Result<Option<String>, CallError> {
    const JSON: Json = Json { target: "AmazonSQS", version: "1.0" };
    let suffix = crate::knowledge::regions::partition_of(region).dns_suffix;
    let account = arn.account().map(|account| account.to_string()).unwrap_or_default();
    // Only the path of the address counts: the request goes to the service's own endpoint.
    let url = format!("https://sqs.{region}.{suffix}/{account}/{}", arn.resource());
    let input = json!({ "QueueUrl": url, "AttributeNames": ["Policy"] });
    let answer = connection.json(SQS, JSON, "GetQueueAttributes", region, &input).await?;
    Ok(text(&answer, &["Attributes", "Policy"]))
}

/// Source: <https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html>
async fn topic(connection: &Connection, arn: &Arn, region: &str) -> Result<Option<String>, CallError> {
    let message = query_message("GetTopicAttributes", "2010-03-31", &[("TopicArn", arn.as_str())]);
    let xml = connection.send(SNS, "GetTopicAttributes", region, message).await?;
    let not_understood = |why: &str| CallError::not_understood("sns:GetTopicAttributes", region, why);
    let document = roxmltree::Document::parse(&xml).map_err(|error| not_understood(&error.to_string()))?;
    let child = |entry: roxmltree::Node<'_, '_>, name: &str| {
        entry.children().find(|node| node.tag_name().name() == name)?.text().map(str::to_owned)
    };
    let entries = document.descendants().filter(|node| node.tag_name().name() == "entry");
    let attributes: Vec<_> = entries.map(|entry| (child(entry, "key"), child(entry, "value"))).collect();
    if attributes.is_empty() {
        return Err(not_understood("it has no attributes"));
    }
    Ok(attributes.into_iter().find(|(key, _)| key.as_deref() == Some("Policy")).and_then(|(_, value)| value))
}

/// Source: <https://docs.aws.amazon.com/lambda/latest/api/API_GetPolicy.html>
async fn function(connection: &Connection, arn: &Arn, region: &str) -> Result<Option<String>, CallError> {
    let message = Message {
        method: "GET",
        path: format!("/2015-03-31/functions/{}/policy", encoded(arn.as_str())),
        headers: Vec::new(),
        body: String::new(),
    };
    match connection.send(LAMBDA, "GetPolicy", region, message).await {
        Ok(answer) => {
            let answer: Value = serde_json::from_str(&answer)
                .map_err(|error| CallError::not_understood("lambda:GetPolicy", region, &error.to_string()))?;
            Ok(text(&answer, &["Policy"]))
        }
        // The function and its policy share this code. Whoever was refused a function that is gone was refused as if
        // it had no policy.
        Err(error) if error.code() == Some("ResourceNotFoundException") => Ok(None),
        Err(error) => Err(error),
    }
}

/// Source: <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetResourcePolicy.html>
async fn secret(connection: &Connection, arn: &Arn, region: &str) -> Result<Option<String>, CallError> {
    const JSON: Json = Json { target: "secretsmanager", version: "1.1" };
    let input = json!({ "SecretId": arn.as_str() });
    let answer = connection.json(SECRETS, JSON, "GetResourcePolicy", region, &input).await?;
    Ok(text(&answer, &["ResourcePolicy"]))
}

/// Source: <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetRepositoryPolicy.html>
async fn repository(connection: &Connection, arn: &Arn, region: &str) -> Result<Option<String>, CallError> {
    const JSON: Json = Json { target: "AmazonEC2ContainerRegistry_V20150921", version: "1.1" };
    let name = arn.resource().strip_prefix("repository/").unwrap_or(arn.resource());
    let registry = arn.account().map(|account| account.to_string());
    let input = json!({ "registryId": registry, "repositoryName": name });
    match connection.json(ECR, JSON, "GetRepositoryPolicy", region, &input).await {
        Ok(answer) => Ok(text(&answer, &["policyText"])),
        Err(error) if error.code() == Some("RepositoryPolicyNotFoundException") => Ok(None),
        Err(error) => Err(error),
    }
}
