//! Image layers of Amazon ECR. ECR keeps them in a bucket of its own and hands out addresses that it has signed itself,
//! so the download through a VPC endpoint for S3 is made by a principal that the account has never seen.
//!
//! Source: <https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html#ecr-setting-up-s3-gateway>

use jiff::{SignedDuration, Timestamp};

use super::Context;
use super::codes::FindingCode;
use super::finding::Finding;
use super::incident::Incident;
use super::remedy::Remedy;
use crate::evaluate::Layer;
use crate::request::Principal;
use crate::trail::Event;

/// A layer is downloaded this soon after its address was handed out.
const DOWNLOAD: SignedDuration = SignedDuration::from_secs(60);

/// The call that hands out the address of a layer.
const HAND_OUT: (&str, &str) = ("ecr.amazonaws.com", "GetDownloadUrlForLayer");

/// The call to ECR whose layer was not let through, if the denial is the download of one.
fn handed_out<'c>(context: &'c Context<'_>, incident: &Incident<'_>) -> Option<&'c Event> {
    let denied = incident.event().filter(|event| is_refused_download(event))?;
    let caller = incident.denial()?.caller.principal.as_ref()?;
    let is_foreign = matches!(caller, Principal::SomeoneIn { account, .. }
        if denied.recipient_account().is_some_and(|own| own != *account));
    let at = denied.event_time.filter(|_| is_foreign)?;
    hand_outs(context).find(|event| {
        event.source_ip_address == denied.source_ip_address
            && event.aws_region == denied.aws_region
            && event.event_time.is_some_and(|time| time <= at && at.duration_since(time) <= DOWNLOAD)
    })
}

fn is_refused_download(event: &Event) -> bool {
    event.event_source == "s3.amazonaws.com"
        && event.event_name == "GetObject"
        && event.error_code.as_deref() == Some("VpceAccessDenied")
        && event.source_ip_address.is_some()
}

fn hand_outs<'c>(context: &'c Context<'_>) -> impl Iterator<Item = &'c Event> {
    context.evidence.events.iter().filter(|event| {
        (event.event_source.as_str(), event.event_name.as_str()) == HAND_OUT && event.error_code.is_none()
    })
}

/// Whether a layer for the same role was handed out before a moment, and no download through an endpoint was refused
/// after that.
pub(super) fn came_through(context: &Context<'_>, incident: &Incident<'_>, before: Timestamp) -> bool {
    let Some(now) = handed_out(context, incident) else { return false };
    let role = |event: &Event| event.user_identity.session_issuer().and_then(|issuer| issuer.arn.clone());
    let was_refused = |from: Timestamp| {
        context.evidence.events.iter().any(|event| {
            is_refused_download(event)
                && event.event_time.is_some_and(|time| time >= from && time.duration_since(from) <= DOWNLOAD)
        })
    };
    hand_outs(context)
        .filter(|event| {
            event.aws_region == now.aws_region && role(event).is_some() && role(event) == role(now)
        })
        .filter_map(|event| event.event_time)
        .any(|time| time.checked_add(DOWNLOAD).is_ok_and(|end| end < before) && !was_refused(time))
}

/// The objects that the endpoint has to let through.
fn layers(region: &str) -> String {
    format!("arn:aws:s3:::prod-{region}-starport-layer-bucket/*")
}

/// What the download probably was.
pub(super) fn finding(context: &Context<'_>, incident: &Incident<'_>) -> Option<Finding> {
    let event = handed_out(context, incident)?;
    let region = event.aws_region.as_deref()?;
    let by = event.user_identity.arn.as_deref().unwrap_or("somebody");
    let time = event.event_time?;
    let text = format!(
        "probably an image layer of Amazon ECR: at {time} GetDownloadUrlForLayer by {by} came from the same address, \
         and ECR itself signs the download of {}",
        layers(region)
    );
    Some(Finding::plain(FindingCode::EcrImageLayer, Some(Layer::VpcEndpoint), text))
}

/// What lets the layers through.
pub(super) fn remedy(incident: &Incident<'_>) -> Option<Remedy> {
    let event = incident.event()?;
    let endpoint = event.vpc_endpoint_id.as_deref()?;
    let layers = layers(event.aws_region.as_deref()?);
    let statement = serde_json::json!({
        "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": layers,
    });
    Some(Remedy {
        statement: serde_json::to_string(&statement).ok(),
        is_advice: false,
        is_open: true,
        ..Remedy::advice(
            "the owner of the VPC endpoint",
            format!("allow s3:GetObject on {layers} in the policy of VPC endpoint {endpoint}"),
        )
    })
}
