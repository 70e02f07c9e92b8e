//! The call above a hidden one: it must be allowed as well, or no change for the hidden call helps.

use super::codes::FindingCode;
use super::finding::Finding;
use super::incident::{COLD_START, Incident};
use super::{Context, Examined};
use crate::evaluate::{Decision, Verdict};
use crate::evidence::Evidence;
use crate::request::{Action, Request, RequestContext, Resource};

/// The call above, if it is surely refused too.
pub(super) fn refusal(context: &Context<'_>, incident: &Incident<'_>, world: &Evidence) -> Option<Examined> {
    let attempt = incident.attempts.first()?;
    let action = Action::parse(&incident.surface.action).ok()?;
    // Whoever invoked the function is somebody else, and is not known.
    if action == attempt.request.action || incident.surface.action == COLD_START {
        return None;
    }
    let resource = Resource::new(incident.surface.resource.as_deref()?, None);
    // Of the context of the call above nothing is known: its event is not there, or is not this one.
    let principal = attempt.request.principal.clone();
    let request = Request { principal, action, resource, context: RequestContext::open() };
    let examined = context.examine_request(incident, request, world);
    let refused = matches!(
        examined.evaluation.verdict,
        Verdict::Determined(Decision::ExplicitDeny | Decision::ImplicitDeny)
    );
    refused.then_some(examined)
}

/// That the call above is refused too.
pub(super) fn finding(examined: &Examined) -> Finding {
    let layers: Vec<&str> = examined.evaluation.denied_by().iter().map(|layer| layer.title()).collect();
    let text = format!("{} itself is refused as well, by: {}", examined.request.action, layers.join(", "));
    Finding::plain(FindingCode::SurfaceRefused, examined.evaluation.denied_by().first().copied(), text)
}
