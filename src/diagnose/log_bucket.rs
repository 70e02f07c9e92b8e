//! A service that cannot write to the log bucket it was given.
//!
//! Source: <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html>

use super::codes::FindingCode;
use super::finding::Finding;
use super::incident::Incident;
use crate::evidence::Evidence;
use crate::trail::message::MessageKind;

/// The bucket that the message names.
pub(super) fn bucket_of(incident: &Incident<'_>) -> Option<String> {
    let message = incident.denial()?.message.as_ref()?;
    if message.kind != MessageKind::LogBucket {
        return None;
    }
    let text = incident.event()?.error_message.as_deref()?;
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
        .and_then(serde_json::Value::as_str)
        .is_some_and(|arn| arn.contains(":loadbalancer/net/"));
    if event.event_source != "elasticloadbalancing.amazonaws.com" || is_network {
        return None;
    }
    let text = format!(
        "not a policy: bucket {bucket} encrypts new objects with SSE-KMS ({}), and access logs of this load balancer can be written with SSE-S3 only",
        encryption.algorithm
    );
    Some(Finding::plain(FindingCode::LogBucketEncryption, None, text))
}
