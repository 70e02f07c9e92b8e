//! A service that cannot write to the log bucket it was given.
//!
//! Source: <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html>

use serde_json::Value;

use super::codes::FindingCode;
use super::finding::Finding;
use super::incident::Incident;
use crate::evidence::{Evidence, Gap};
use crate::request::{Action, Principal, Request, RequestContext, Resource};
use crate::trail::Event;
use crate::trail::denial::Denial;
use crate::trail::message::MessageKind;
use crate::trail::request::{ActionBasis, Attempt};
use crate::trail::resource::ResourceGuess;

const LOAD_BALANCING: &str = "elasticloadbalancing.amazonaws.com";
const LOG_DELIVERY: &str = "logdelivery.elasticloadbalancing.amazonaws.com";

/// The write that the service tried before it accepted the bucket: a test file.
pub(super) fn test_write(event: &Event, denial: &Denial) -> Option<(Attempt, Gap)> {
    let bucket = bucket_in(event, denial).filter(|_| event.event_source == LOAD_BALANCING)?;
    let account = denial.caller.proven.account?;
    let prefix = event
        .parameter(&["attributes"])
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .find(|attribute| attribute.get("key").and_then(Value::as_str) == Some("access_logs.s3.prefix"))
        .and_then(|attribute| attribute.get("value")?.as_str())
        .filter(|prefix| !prefix.is_empty())
        .map_or(String::new(), |prefix| format!("{prefix}/"));
    let object = format!("arn:aws:s3:::{bucket}/{prefix}AWSLogs/{account}/ELBAccessLogTestFile");
    let mut request = Request {
        principal: Principal::Service { name: LOG_DELIVERY.to_owned() },
        action: Action::parse("s3:PutObject").ok()?,
        resource: Resource::new(&object, None),
        context: RequestContext::open(),
    };
    request.derive_context();
    let attempt = Attempt {
        request,
        action_basis: ActionBasis::Table,
        resource: ResourceGuess::Inferred(object, None),
        optional: false,
    };
    let doubt = Gap {
        what: format!("whether the load balancer writes to {bucket} as {LOG_DELIVERY}"),
        why: "in older Regions it writes as an account of Elastic Load Balancing".to_owned(),
    };
    Some((attempt, doubt))
}

/// The bucket that the message names.
pub(super) fn bucket_of(incident: &Incident<'_>) -> Option<String> {
    bucket_in(incident.event()?, incident.denial()?)
}

fn bucket_in(event: &Event, denial: &Denial) -> Option<String> {
    if denial.message.as_ref()?.kind != MessageKind::LogBucket {
        return None;
    }
    let text = event.error_message.as_deref()?;
    let after = text.split_once("bucket: ")?.1;
    let name = after.split([' ', ',']).next()?.trim_end_matches('.');
    (!name.is_empty()).then(|| name.to_owned())
}

/// Access logs of an Application or Classic Load Balancer can be written with SSE-S3 only.
pub(super) fn finding(incident: &Incident<'_>, world: &Evidence) -> Option<Finding> {
    let bucket = bucket_of(incident)?;
    let (_, found) = world.bucket(&bucket)?;
    let encryption = found.encryption.as_ref().filter(|found| found.algorithm.starts_with("aws:kms"))?;
    let event = incident.event()?;
    let is_network = event
        .parameter(&["loadBalancerArn"])
        .and_then(Value::as_str)
        .is_some_and(|arn| arn.contains(":loadbalancer/net/"));
    if event.event_source != LOAD_BALANCING || is_network {
        return None;
    }
    let text = format!(
        "not a policy: bucket {bucket} encrypts new objects with SSE-KMS ({}), and access logs of this load balancer can be written with SSE-S3 only",
        encryption.algorithm
    );
    Some(Finding::plain(FindingCode::LogBucketEncryption, None, text))
}
