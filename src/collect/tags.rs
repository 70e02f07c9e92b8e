//! Tags of resources, by the one API that knows those of all services: see
//! `docs/decisions/0037-tags-by-the-tagging-api.md`.

use serde_json::{Value, json};

use super::put::Brought;
use crate::arn::Arn;
use crate::aws::{CallError, Connection, Json, Service};
use crate::ids::AccountId;

const TAGGING: Service =
    Service { id: "Resource Groups Tagging API", signing_name: "tagging", host: "tagging" };
const JSON: Json = Json { target: "ResourceGroupsTaggingAPI_20170126", version: "1.1" };

/// The tags of a resource.
///
/// Source: <https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html>
pub(super) async fn fetch(
    connection: &Connection,
    account: AccountId,
    arn: &Arn,
    region: Option<&str>,
) -> Result<Brought, CallError> {
    let region = [arn.region(), region.unwrap_or_default(), connection.region()]
        .into_iter()
        .find(|region| !region.is_empty())
        .unwrap_or_default();
    let input = json!({ "ResourceARNList": [arn.as_str()] });
    let answer = connection.json(TAGGING, JSON, "GetResources", region, &input).await?;
    let not_understood = |why: &str| CallError::not_understood("tag:GetResources", region, why);
    let Some(listed) = answer.get("ResourceTagMappingList").and_then(Value::as_array) else {
        return Err(not_understood("it has no `ResourceTagMappingList`"));
    };
    let is_it = |resource: &&Value| resource.get("ResourceARN").and_then(Value::as_str) == Some(arn.as_str());
    let tags = match listed.iter().find(is_it) {
        Some(resource) => resource.get("Tags").cloned().unwrap_or_else(|| json!([])),
        None if is_listed_once_tagged(arn) => json!([]),
        None => return Err(not_understood("it does not list the resource, which may have no tags")),
    };
    let arn = arn.to_string();
    Ok(Brought::put(move |draft| draft.add_resource_tags(account, &arn, &tags)))
}

/// Whether a resource that has tags is surely listed under this ARN, so that one that is not listed has none. A resource
/// that never had a tag is not listed.
///
/// Source: <https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html>
fn is_listed_once_tagged(arn: &Arn) -> bool {
    let resource = arn.resource();
    match arn.service() {
        "s3" => !resource.contains('/'),
        "kms" => resource.starts_with("key/"),
        // The name ends with six letters that AWS adds; a name without them is not the whole ARN.
        "secretsmanager" => resource.rsplit('-').next().is_some_and(|end| end.len() == 6),
        "sqs" | "sns" => !resource.contains([':', '/']),
        // Behind a second colon stands a version or an alias, which has no tags of its own.
        "lambda" => resource.starts_with("function:") && resource.matches(':').count() == 1,
        "dynamodb" => resource.starts_with("table/") && resource.matches('/').count() == 1,
        "ecr" => resource.starts_with("repository/"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_arn_of_a_known_kind_says_that_there_are_no_tags() {
        let known = |rest: &str| is_listed_once_tagged(&Arn::parse(&format!("arn:aws:{rest}")).unwrap());
        for arn in [
            "s3:::amzn-s3-demo-bucket",
            "kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            "secretsmanager:eu-west-1:111122223333:secret:atlas/db-AbCdEf",
            "sqs:eu-west-1:111122223333:orders",
            "lambda:eu-west-1:111122223333:function:resize",
        ] {
            assert!(known(arn), "{arn}");
        }
        for arn in [
            "s3:::amzn-s3-demo-bucket/key",
            "kms:eu-west-1:111122223333:alias/app",
            "secretsmanager:eu-west-1:111122223333:secret:atlas/db",
            "lambda:eu-west-1:111122223333:function:resize:live",
            "glue:eu-west-1:111122223333:job/hourly",
        ] {
            assert!(!known(arn), "{arn}");
        }
    }
}
