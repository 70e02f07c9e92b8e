//! 403 instead of 404: S3 does not tell a caller without `s3:ListBucket` that an object does not exist.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>

use super::codes::FindingCode;
use super::finding::Finding;
use super::incident::Incident;
use super::{Context, Examined};
use crate::arn::Arn;
use crate::evaluate::{Decision, Verdict};
use crate::evidence::Evidence;
use crate::request::{Action, Request, RequestContext, Resource};

/// Calls that S3 answers so.
const READS: &[&str] = &["s3:getobject", "s3:getobjectversion", "s3:getobjectattributes"];

/// An object that was read although it is not there.
pub(super) struct MissingObject {
    bucket: String,
    object: String,
    /// AWS's message named `s3:ListBucket`.
    named: bool,
}

/// Whether the denial is explained by an object that does not exist: the object may be read, the bucket not listed.
pub(super) fn missing_object(
    context: &Context<'_>,
    incident: &Incident<'_>,
    examined: &Examined,
    world: &Evidence,
) -> Option<MissingObject> {
    let event = incident.event().filter(|event| event.event_source == "s3.amazonaws.com")?;
    let reads = READS.contains(&examined.request.action.lower());
    let named = !reads && examined.request.action.is("s3:ListBucket") && is_object_read(&event.event_name);
    let object = if reads {
        examined.request.resource.as_str().to_owned()
    } else {
        incident.surface.resource.clone().filter(|_| named)?
    };
    let arn = Arn::parse(&object).ok()?;
    let bucket = arn.resource().split('/').next()?.to_owned();
    if named {
        return Some(MissingObject { bucket, object, named });
    }
    if examined.evaluation.verdict != Verdict::Determined(Decision::Allowed) {
        return None;
    }
    let request = Request {
        principal: examined.request.principal.clone(),
        action: Action::parse("s3:ListBucket").ok()?,
        resource: Resource::new(&format!("arn:{}:s3:::{bucket}", arn.partition()), None),
        context: RequestContext::open(),
    };
    let listing = context.examine_request(incident, request, world);
    let refused = matches!(
        listing.evaluation.verdict,
        Verdict::Determined(Decision::ImplicitDeny | Decision::ExplicitDeny)
    );
    refused.then_some(MissingObject { bucket, object, named })
}

fn is_object_read(event_name: &str) -> bool {
    matches!(event_name, "GetObject" | "HeadObject" | "GetObjectAttributes")
}

impl MissingObject {
    /// Whether AWS's message names `s3:ListBucket`, so that the evaluation explains the denial by itself.
    pub(super) fn is_named(&self) -> bool {
        self.named
    }

    /// What was found.
    pub(super) fn finding(&self) -> Finding {
        let text = format!(
            "not a policy about the object: {} does not exist, and without s3:ListBucket on {} S3 answers 403 instead of 404",
            self.object, self.bucket
        );
        Finding::plain(FindingCode::S3MissingObject, None, text)
    }
}
