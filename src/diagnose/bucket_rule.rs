//! Rules of a bucket that are no policy and that stand in no policy: who pays for requests, what is locked, and until
//! when a presigned URL may be used. Events tell of them.
//!
//! Sources: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/RequesterPaysBuckets.html>,
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html>,
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html>

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::Context;
use super::codes::FindingCode;
use super::finding::Finding;
use super::incident::Incident;
use crate::evidence::Evidence;
use crate::trail::Event;
use crate::trail::change::{ChangeKind, ChangeTarget, PolicyChange};
use crate::trail::message::MessageKind;

fn text<'e>(event: &'e Event, name: &str) -> Option<&'e str> {
    event.parameter(&[name]).and_then(Value::as_str)
}

/// The key of the object that the denied call was made on.
pub(super) fn key_of<'e>(incident: &Incident<'e>) -> Option<&'e str> {
    text(incident.event()?, "key")
}

/// A refusal that Requester Pays would explain: the bucket has it on, the caller is of another account, and the request
/// does not say that it pays. The header stands in some events only, so this stays a possibility.
pub(super) fn requester_pays(
    context: &Context<'_>,
    incident: &Incident<'_>,
    world: &Evidence,
) -> Option<Finding> {
    let event = incident.event().filter(|event| event.event_source == "s3.amazonaws.com")?;
    let bucket = text(event, "bucketName")?;
    let caller = incident.denial()?.caller.principal.as_ref()?.account();
    if caller.is_some() && caller == world.bucket_owner(bucket) {
        return None;
    }
    if event.parameter(&["x-amz-request-payer"]).is_some() {
        return None;
    }
    let last = last_change(context, event, |change| {
        matches!(&change.target, ChangeTarget::Bucket(name) if name == bucket)
            && matches!(change.kind, ChangeKind::RequestPaymentPut { .. })
    })?;
    if last.kind != (ChangeKind::RequestPaymentPut { requester: true }) {
        return None;
    }
    let text = format!(
        "perhaps not a policy: bucket {bucket} makes the requester pay (Requester Pays), and the event shows no \
         x-amz-request-payer: S3 refuses such requests of other accounts"
    );
    Some(Finding::plain(FindingCode::RequesterPays, None, text))
}

fn last_change<'c>(
    context: &'c Context<'_>,
    event: &Event,
    test: impl Fn(&PolicyChange) -> bool,
) -> Option<&'c PolicyChange> {
    let at = event.event_time?;
    let before = |change: &&PolicyChange| change.event_time.is_some_and(|time| time <= at);
    context.changes.iter().filter(before).filter(|change| test(change)).max_by_key(|change| change.event_time)
}

/// What the events tell of the lock on the object of a denied call: its mode and its end.
pub(super) fn lock(context: &Context<'_>, incident: &Incident<'_>) -> String {
    let Some(event) = incident.event() else { return String::new() };
    let (Some(bucket), Some(key)) = (text(event, "bucketName"), text(event, "key")) else {
        return String::new();
    };
    let last = last_change(context, event, |change| {
        change.kind == ChangeKind::ObjectLockPut
            && matches!(&change.target, ChangeTarget::Object { bucket: name, key: named } if name == bucket && named == key)
    });
    let document = last.and_then(|change| change.new_document.as_deref());
    let Some(lock) = document.and_then(|text| serde_json::from_str::<Value>(text).ok()) else {
        return String::new();
    };
    let field = |name: &str| lock.get(name).and_then(Value::as_str);
    match (field("Mode"), field("RetainUntilDate"), field("Status")) {
        (Some(mode), Some(until), _) => {
            let who = if mode == "COMPLIANCE" { ": nobody can delete it before" } else { "" };
            format!(" in {} mode until {until}{who}", mode.to_ascii_lowercase())
        }
        (_, _, Some(status)) => format!(" (legal hold {})", status.to_ascii_lowercase()),
        _ => String::new(),
    }
}

/// A presigned URL that was used after its time.
pub(super) fn expired(incident: &Incident<'_>) -> Option<Finding> {
    let event = incident.event().filter(|event| event.event_source == "s3.amazonaws.com")?;
    let kind = incident.denial()?.message.as_ref()?.kind;
    let end = end_of_url(event);
    let used = event.event_time?;
    let is_over = end.is_some_and(|(_, end)| used > end);
    // AWS's own words; or none at all, and the arithmetic.
    let told = kind == MessageKind::Expired || (kind == MessageKind::GenericDenied && is_over);
    if !told {
        return None;
    }
    let text = match end {
        Some((signed, end)) => format!(
            "not a policy: the presigned URL was signed at {signed} and valid until {end}; it was used at {used}"
        ),
        None => format!("not a policy: the presigned URL had expired when it was used at {used}"),
    };
    Some(Finding::plain(FindingCode::RequestExpired, None, text))
}

/// When a presigned URL was signed, and until when it may be used.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>
fn end_of_url(event: &Event) -> Option<(Timestamp, Timestamp)> {
    let signed = DateTime::strptime("%Y%m%dT%H%M%SZ", text(event, "X-Amz-Date")?).ok()?;
    let signed = signed.to_zoned(TimeZone::UTC).ok()?.timestamp();
    let seconds: i64 = match event.parameter(&["X-Amz-Expires"])? {
        Value::String(text) => text.parse().ok()?,
        Value::Number(number) => number.as_i64()?,
        _ => return None,
    };
    let end = signed.checked_add(SignedDuration::from_secs(seconds)).ok()?;
    Some((signed, end))
}
