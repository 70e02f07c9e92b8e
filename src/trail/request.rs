//! From a denied event to the authorization request or requests that stood behind it.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>

use super::context;
use super::denial::Denial;
use super::event::Event;
use super::message::MessageKind;
use super::resource::{ResourceGuess, resource_of, resources_of_several};
use crate::knowledge::actions::{MappedAction, MappingCertainty, Need, ResourceRole, iam_actions};
use crate::request::{Action, Principal, Request, RequestContext, Resource};

/// How sure it is that an action is the one that was authorized.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActionBasis {
    /// AWS's message names it.
    Message,
    /// A table row maps the event to it.
    Table,
    /// The event's name was taken for it.
    Assumed,
}

/// The call as its caller made it: the API operation in the words of IAM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The action, or `service:EventName` where there is no IAM action.
    pub action: String,
    /// The resource, if it can be told.
    pub resource: Option<String>,
}

/// A request that was authorized, or may have been.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// The request, with everything that the event shows of its context.
    pub request: Request,
    /// How the action is known.
    pub action_basis: ActionBasis,
    /// How the resource is known.
    pub resource: ResourceGuess,
    /// The event stands for several requests of which not all need to have been made.
    pub optional: bool,
}

/// What a denied event tells of the requests behind it.
#[derive(Debug, Clone)]
pub struct Reconstruction {
    /// The call that the event records.
    pub surface: Call,
    /// The requests of which one was denied; the one that AWS's message names stands alone.
    pub attempts: Vec<Attempt>,
    /// Why there is no request to evaluate, if there is none.
    pub why_none: Option<String>,
}

/// Reconstructs the requests behind a denial.
pub fn reconstruct(event: &Event, denial: &Denial) -> Reconstruction {
    let mapping = iam_actions(&event.event_source, &event.event_name, event.request_parameters.as_ref());
    let mut surface = surface(event, &mapping.actions);
    if denial.message.as_ref().is_some_and(|message| message.kind == MessageKind::PassedRoleLacks) {
        let known = denial.passed_role.clone().zip(denial.action_in_message.as_ref());
        let attempts: Vec<Attempt> =
            known.into_iter().map(|(role, action)| of_passed_role(role, action)).collect();
        let why = "the event does not show which role may not do it".to_owned();
        let why_none = attempts.is_empty().then_some(why);
        return Reconstruction { surface, attempts, why_none };
    }
    let Some(principal) = denial.caller.principal.clone() else {
        let why = "the event does not show who made the call".to_owned();
        return Reconstruction { surface, attempts: Vec::new(), why_none: Some(why) };
    };
    if let Some(action) = &denial.action_in_message {
        let role = mapping
            .actions
            .iter()
            .find(|mapped| action.is(&mapped.action))
            .map_or(ResourceRole::Subject, |mapped| mapped.role);
        let guess = resource_of(event, action, role, denial.resource_in_message.as_deref());
        // A part of a transaction is no call behind the first part.
        if mapping.actions.iter().any(|mapped| mapped.when.is_of_part() && action.is(&mapped.action)) {
            surface = Call { action: action.to_string(), resource: guess.text().map(str::to_owned) };
        }
        let attempt = attempt(event, principal, action.clone(), guess, ActionBasis::Message, false);
        return Reconstruction { surface, attempts: vec![attempt], why_none: None };
    }
    let basis = match mapping.certainty {
        MappingCertainty::Documented | MappingCertainty::Rule => ActionBasis::Table,
        MappingCertainty::Assumed => ActionBasis::Assumed,
        MappingCertainty::NoIamAction(why) => {
            return Reconstruction { surface, attempts: Vec::new(), why_none: Some(why.to_owned()) };
        }
    };
    let attempts = mapping
        .actions
        .iter()
        .filter_map(|mapped| Some((mapped, Action::parse(&mapped.action).ok()?)))
        .flat_map(|(mapped, action)| {
            let guess = resource_of(event, &action, mapped.role, denial.resource_in_message.as_deref());
            let mut guesses = vec![guess];
            if guesses == [ResourceGuess::NotShown] {
                let several = resources_of_several(event, &action);
                guesses = if several.is_empty() { guesses } else { several };
            }
            let optional = mapped.need != Need::Required;
            let principal = principal.clone();
            guesses
                .into_iter()
                .map(move |guess| attempt(event, principal.clone(), action.clone(), guess, basis, optional))
        })
        .collect();
    Reconstruction { surface, attempts, why_none: None }
}

/// What a service was to do as the role that the call hands to it. Nothing of that call is in the event.
fn of_passed_role(principal: Principal, action: &Action) -> Attempt {
    let resource = Resource::new(Resource::NOT_SHOWN, None);
    let mut request =
        Request { principal, action: action.clone(), resource, context: RequestContext::open() };
    request.derive_context();
    Attempt {
        request,
        action_basis: ActionBasis::Message,
        resource: ResourceGuess::NotShown,
        optional: false,
    }
}

/// The request of a successful event, for comparison with a denied one.
pub fn requests_of(event: &Event, principal: &Principal) -> Vec<Request> {
    let mapping = iam_actions(&event.event_source, &event.event_name, event.request_parameters.as_ref());
    mapping
        .actions
        .iter()
        .filter(|mapped| mapped.need == Need::Required)
        .filter_map(|mapped| {
            let action = Action::parse(&mapped.action).ok()?;
            let guess = resource_of(event, &action, mapped.role, None);
            Some(attempt(event, principal.clone(), action, guess, ActionBasis::Table, false).request)
        })
        .collect()
}

fn surface(event: &Event, actions: &[MappedAction]) -> Call {
    let fallback = || {
        let service = event.event_source.split('.').next().unwrap_or_default();
        format!("{service}:{}", event.event_name)
    };
    let first = actions.iter().find(|mapped| mapped.role == ResourceRole::Subject).or(actions.first());
    let text = first.map_or_else(fallback, |mapped| mapped.action.clone());
    let resource = Action::parse(&text)
        .ok()
        .map(|action| resource_of(event, &action, ResourceRole::Subject, None))
        .and_then(|guess| guess.text().map(str::to_owned));
    Call { action: text, resource }
}

fn attempt(
    event: &Event,
    principal: Principal,
    action: Action,
    guess: ResourceGuess,
    action_basis: ActionBasis,
    optional: bool,
) -> Attempt {
    let text = guess.text().unwrap_or(Resource::NOT_SHOWN);
    let resource = match guess {
        ResourceGuess::Named(..) => Resource::without_path(text, guess.owner()),
        _ => Resource::new(text, guess.owner()),
    };
    let mut request = Request { principal, action, resource, context: RequestContext::open() };
    context::fill(event, &mut request);
    request.derive_context();
    Attempt { request, action_basis, resource: guess, optional }
}
