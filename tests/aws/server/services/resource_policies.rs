//! Resource-based policies of the services that have one call for it: the files in `resource-policies`.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use super::super::call::Call;
use super::super::reply::{Answer, Body, Refusal};
use super::super::world::{World, is_no_policy};
use super::super::xml::{element, wrapped};

/// What stays as it is in the name of a file.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

pub fn answer(world: &World, call: &Call) -> Answer {
    let operation = format!("{}:{}", call.service, call.operation);
    let name = match operation.as_str() {
        "sqs:GetQueueUrl" => {
            let name = call.text("QueueName");
            let url = format!("https://sqs.{}.amazonaws.com/{}/{name}", call.region, call.account());
            return Ok(Body::Json(json!({"QueueUrl": url})));
        }
        "sqs:GetQueueAttributes" => call.text("QueueUrl").rsplit('/').next(),
        "sns:GetTopicAttributes" => call.text("TopicArn").rsplit(':').next(),
        "secretsmanager:GetResourcePolicy" => call.text("SecretId").rsplit(':').next(),
        "ecr:GetRepositoryPolicy" => Some(call.text("repositoryName")),
        "lambda:GetPolicy" => call.text("FunctionName").rsplit(':').next(),
        "dynamodb:GetResourcePolicy" => call.text("ResourceArn").split_once('/').map(|(_, name)| name),
        _ => return Err(super::unknown_operation(call)),
    };
    let name = name.unwrap_or_default();
    let file = utf8_percent_encode(name, ENCODED);
    let path = format!("accounts/{}/resource-policies/{}/{file}.json", call.account(), call.service);
    let policy = world.policy(&path).ok_or_else(|| call.denied(name))?;
    let policy = (!is_no_policy(&policy)).then_some(policy);
    match call.service.as_str() {
        "sqs" => Ok(Body::Json(
            policy.map_or_else(|| json!({}), |policy| json!({"Attributes": {"Policy": policy}})),
        )),
        "sns" => Ok(Body::Xml(topic(call.text("TopicArn"), policy.as_deref()))),
        "secretsmanager" => {
            let arn = call.text("SecretId");
            let plain = json!({"ARN": arn, "Name": name});
            Ok(Body::Json(
                policy.map_or(plain, |policy| json!({"ARN": arn, "Name": name, "ResourcePolicy": policy})),
            ))
        }
        "ecr" => {
            let policy = policy.ok_or_else(|| missing("RepositoryPolicyNotFoundException"))?;
            Ok(Body::Json(
                json!({"registryId": call.account(), "repositoryName": name, "policyText": policy}),
            ))
        }
        "lambda" => {
            let policy = policy.ok_or_else(|| missing_rest("ResourceNotFoundException"))?;
            Ok(Body::Json(json!({"Policy": policy, "RevisionId": "5e1f0000-0000-4000-8000-000000000000"})))
        }
        _ => {
            let policy = policy.ok_or_else(|| missing("PolicyNotFoundException"))?;
            Ok(Body::Json(json!({"Policy": policy, "RevisionId": "1"})))
        }
    }
}

fn missing(code: &str) -> Refusal {
    Refusal::new(400, code, "The resource has no policy.")
}

fn missing_rest(code: &str) -> Refusal {
    Refusal::new(404, code, "The resource you requested does not exist.")
}

/// A topic has more attributes than its policy.
fn topic(arn: &str, policy: Option<&str>) -> String {
    let entry = |key: &str, value: &str| {
        wrapped("entry", &format!("{}{}", element("key", key), element("value", value)))
    };
    let policy = policy.map(|policy| entry("Policy", policy)).unwrap_or_default();
    wrapped("Attributes", &format!("{}{policy}", entry("TopicArn", arn)))
}
