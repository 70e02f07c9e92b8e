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
use crate::knowledge::s3;
use crate::request::{Action, Request, RequestContext, Resource};
use crate::trail::Event;

/// An object that was read although it is not there.
pub(super) struct MissingObject {
    bucket: String,
    object: String,
    /// How that is known.
    known: Known,
}

/// How it is known that an object is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    /// AWS's message named `s3:ListBucket`, so that the evaluation explains the denial by itself.
    Named,
    /// The events show that it was deleted before, or written for the first time after.
    Seen,
    /// Nothing else is known that could have refused the call.
    Likely,
}

/// Whether the denial is explained by an object that does not exist: the object may be read, the bucket not listed.
pub(super) fn missing_object(
    context: &Context<'_>,
    incident: &Incident<'_>,
    examined: &Examined,
    world: &Evidence,
) -> Option<MissingObject> {
    let event = incident.event().filter(|event| event.event_source == "s3.amazonaws.com")?;
    let reads = s3::is_told_404(examined.request.action.lower());
    let named = !reads && examined.request.action.is("s3:ListBucket") && s3::reads_object(&event.event_name);
    let object = if reads {
        examined.request.resource.as_str().to_owned()
    } else {
        incident.surface.resource.clone().filter(|_| named)?
    };
    let arn = Arn::parse(&object).ok()?;
    let bucket = arn.resource().split('/').next()?.to_owned();
    if named {
        return Some(MissingObject { bucket, object, known: Known::Named });
    }
    if examined.evaluation.verdict != Verdict::Determined(Decision::Allowed) {
        return None;
    }
    let known = match traces(context, event) {
        Traces::WasThere => return None,
        Traces::WasNotThere => Known::Seen,
        Traces::None => Known::Likely,
    };
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
    refused.then_some(MissingObject { bucket, object, known })
}

/// What the events tell of an object around a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Traces {
    WasThere,
    WasNotThere,
    None,
}

fn traces(context: &Context<'_>, denied: &Event) -> Traces {
    let place = |event: &Event| {
        let text =
            |name: &str| event.parameter(&[name]).and_then(serde_json::Value::as_str).map(str::to_owned);
        text("bucketName").zip(text("key"))
    };
    let touched = || {
        context.evidence.events.iter().filter(|event| {
            event.event_source == denied.event_source
                && event.error_code.is_none()
                && place(event).is_some()
                && place(event) == place(denied)
        })
    };
    let before = touched().filter(|event| event.event_time < denied.event_time);
    let after = touched().filter(|event| event.event_time > denied.event_time);
    match before.max_by_key(|event| event.event_time) {
        // One version that is gone says nothing about the others.
        Some(last) if last.event_name == "DeleteObject" && last.parameter(&["versionId"]).is_some() => {
            Traces::None
        }
        Some(last) if last.event_name == "DeleteObject" => Traces::WasNotThere,
        Some(_) => Traces::WasThere,
        None => match after.min_by_key(|event| event.event_time) {
            Some(first) if s3::writes_object(&first.event_name) => Traces::WasNotThere,
            _ => Traces::None,
        },
    }
}

impl MissingObject {
    /// Whether AWS's message names `s3:ListBucket`, so that the evaluation explains the denial by itself.
    pub(super) fn is_named(&self) -> bool {
        self.known == Known::Named
    }

    /// Whether events show that the object was not there.
    pub(super) fn is_sure(&self) -> bool {
        self.known == Known::Seen
    }

    /// Whether nothing shows it, and nothing else explains the denial.
    pub(super) fn is_likely(&self) -> bool {
        self.known == Known::Likely
    }

    /// What was found.
    pub(super) fn finding(&self) -> Finding {
        let (about, verb) = match self.known {
            Known::Likely => ("perhaps not a policy", "may not exist: it may be read"),
            _ => ("not a policy about the object", "does not exist"),
        };
        let text = format!(
            "{about}: {} {verb}, and without s3:ListBucket on {} S3 answers 403 instead of 404",
            self.object, self.bucket
        );
        Finding::plain(FindingCode::S3MissingObject, None, text)
    }
}
