//! Who owns an object, as the event that wrote it tells.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html>

use super::Context;
use super::gather::Gathered;
use crate::evaluate::ObjectOwner;
use crate::evidence::Evidence;
use crate::ids::AccountId;
use crate::knowledge::s3;
use crate::trail::Event;
use crate::trail::identity::Caller;

/// The owner of the object that a request is about, where nothing else tells it.
pub(super) fn of_object(
    context: &Context<'_>,
    event: Option<&Event>,
    gathered: &Gathered,
    world: &Evidence,
) -> Option<ObjectOwner> {
    if !matches!(gathered.policies.s3.object_owner, ObjectOwner::Unknown(_)) {
        return None;
    }
    let arn = gathered.request.resource.arn().filter(|arn| arn.service() == "s3")?;
    let object = arn.resource().split_once('/')?;
    let ownership = world.bucket(object.0)?.1.object_ownership.as_deref()?;
    object_owner(&context.evidence.events, world, object, ownership, event?)
}

/// The owner of an object in a bucket whose ACLs are on, if the last event that wrote it before the denial is there.
fn object_owner(
    events: &[Event],
    evidence: &Evidence,
    object: (&str, &str),
    ownership: &str,
    denied: &Event,
) -> Option<ObjectOwner> {
    let (bucket, key) = object;
    let parameter = |event: &Event, name: &str| {
        event.parameter(&[name]).and_then(serde_json::Value::as_str).map(str::to_owned)
    };
    let wrote = |event: &&Event| {
        event.error_code.is_none()
            && s3::writes_object(&event.event_name)
            && event.event_time < denied.event_time
            && parameter(event, "bucketName").as_deref() == Some(bucket)
            && parameter(event, "key").as_deref() == Some(key)
    };
    let last = events.iter().filter(wrote).max_by_key(|event| event.event_time)?;
    let writer: AccountId = Caller::of(last, None).principal?.account()?;
    let owner = evidence.bucket_owner(bucket)?;
    let gives_control = parameter(last, "x-amz-acl").as_deref() == Some("bucket-owner-full-control");
    match ownership {
        // "… the bucket owner owns the object" if the canned ACL is sent.
        "BucketOwnerPreferred" if gives_control => Some(ObjectOwner::BucketOwner),
        "BucketOwnerPreferred" | "ObjectWriter" if writer == owner => Some(ObjectOwner::BucketOwner),
        "BucketOwnerPreferred" | "ObjectWriter" if gives_control => None,
        "BucketOwnerPreferred" | "ObjectWriter" => Some(ObjectOwner::Account(writer)),
        _ => None,
    }
}
