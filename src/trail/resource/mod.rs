//! The resource of a denied request: from the message, the event's resources, or the request parameters.

mod placeholders;

use serde_json::Value;

use super::event::Event;
use crate::arn::Arn;
use crate::ids::AccountId;
use crate::knowledge::actions::ResourceRole;
use crate::knowledge::arn_placeholders;
use crate::knowledge::service_reference::{self, ActionFacts};
use crate::request::Action;
use placeholders::{fill, nested, placeholders};

/// Where a resource was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResourceGuess {
    /// AWS's message names it.
    Message(String, Option<AccountId>),
    /// The event lists it.
    Listed(String, Option<AccountId>),
    /// It was built from the request parameters.
    Built(String, Option<AccountId>),
    /// A name of an IAM resource, as an ARN without the path, which the event does not show.
    Named(String, Option<AccountId>),
    /// The event does not show it, and something else does.
    Inferred(String, Option<AccountId>),
    /// The action is authorized on no particular resource.
    NotUsed,
    /// The event does not show it.
    NotShown,
}

impl ResourceGuess {
    /// The resource as an ARN or `*`.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Message(text, _)
            | Self::Listed(text, _)
            | Self::Built(text, _)
            | Self::Named(text, _)
            | Self::Inferred(text, _) => Some(text),
            Self::NotUsed => Some("*"),
            Self::NotShown => None,
        }
    }

    /// The owner, where the event tells.
    pub fn owner(&self) -> Option<AccountId> {
        match self {
            Self::Message(_, owner)
            | Self::Listed(_, owner)
            | Self::Built(_, owner)
            | Self::Named(_, owner)
            | Self::Inferred(_, owner) => *owner,
            Self::NotUsed | Self::NotShown => None,
        }
    }
}

/// The resource that an action of an event is checked against. `in_message` is what AWS's message says after
/// `on resource:`.
pub fn resource_of(
    event: &Event,
    action: &Action,
    role: ResourceRole,
    in_message: Option<&str>,
) -> ResourceGuess {
    if let Some(guess) = in_message.and_then(|text| from_message(event, action, text)) {
        return guess;
    }
    let types = service_reference::has_resource_types(action.service(), action.name());
    if types == Some(false) {
        return ResourceGuess::NotUsed;
    }
    listed(event, action, role).or_else(|| built(event, action, role)).unwrap_or(ResourceGuess::NotShown)
}

/// Every resource that an action on several resources is checked on, where the message names none: what cannot be
/// told stands once as not shown.
///
/// Source: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/iam-policies-ec2-console.html>
pub fn resources_of_several(event: &Event, action: &Action) -> Vec<ResourceGuess> {
    let facts = service_reference::action(action.service(), action.name());
    let (Some(facts), Some(parameters)) = (facts, event.request_parameters.as_ref()) else {
        return Vec::new();
    };
    let required: Vec<_> = facts.resource_types.iter().filter(|kind| kind.required).collect();
    if action.service() != "ec2" || required.len() < 2 {
        return Vec::new();
    }
    let mut values = placeholders(event, action, parameters, ResourceRole::Subject);
    nested(parameters, &mut values);
    let types = service_reference::resource_types(action.service());
    let guess = |wanted: &str| {
        let kind = types.iter().find(|kind| kind.name == wanted)?;
        let mut values = values.clone();
        if let Some(placeholder) = arn_placeholders::of_created(action.service(), wanted) {
            values.entry(placeholder.to_owned()).or_insert_with(|| "*".to_owned());
        }
        let arn = fill(kind.arn_format, &values)?;
        let owner = event_account(event).filter(|_| wanted != "image");
        Some(ResourceGuess::Built(arn, owner))
    };
    let mut guesses: Vec<ResourceGuess> =
        required.iter().map(|kind| guess(kind.name).unwrap_or(ResourceGuess::NotShown)).collect();
    let before = guesses.len();
    guesses.retain(|guess| *guess != ResourceGuess::NotShown);
    if guesses.len() < before {
        guesses.push(ResourceGuess::NotShown);
    }
    guesses
}

fn from_message(event: &Event, action: &Action, text: &str) -> Option<ResourceGuess> {
    if text == "*" {
        return Some(ResourceGuess::NotUsed);
    }
    if Arn::parse(text).is_ok() {
        return Some(ResourceGuess::Message(text.to_owned(), owner_listed(event, text)));
    }
    let account = event_account(event)?;
    // IAM names its resources as `role NAME`, `policy ARN`, `instance profile NAME`.
    let (kind, name) = text.rsplit_once(' ')?;
    if Arn::parse(name).is_ok() {
        return Some(ResourceGuess::Message(name.to_owned(), owner_listed(event, name)));
    }
    let resource_type = match kind {
        "user" | "role" | "group" | "policy" => kind,
        "instance profile" => "instance-profile",
        _ => return None,
    };
    (action.service() == "iam").then(|| {
        let arn = format!("arn:{}:iam::{account}:{resource_type}/{name}", partition(event));
        ResourceGuess::Named(arn, Some(account))
    })
}

/// The entry of `resources` that the action can be checked against.
fn listed(event: &Event, action: &Action, role: ResourceRole) -> Option<ResourceGuess> {
    if role != ResourceRole::Subject {
        return None;
    }
    let wanted = service_reference::action(action.service(), action.name())?;
    event.resources.iter().find_map(|entry| {
        let arn = entry.arn.as_deref().filter(|arn| Arn::parse(arn).is_ok())?;
        is_resource_of(wanted, action.service(), arn)
            .then(|| ResourceGuess::Listed(arn.to_owned(), entry_owner(entry.account_id.as_deref())))
    })
}

/// Whether an ARN names a resource of a type that the action is checked on. An Application Load Balancer is of the type
/// `loadbalancer/app/`, and actions are on a `loadbalancer`.
///
/// Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html>
fn is_resource_of(action: &ActionFacts, service: &str, arn: &str) -> bool {
    let kinds = service_reference::resource_types_of(service, arn);
    let is_of = |kind: &str, wanted: &str| {
        kind.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    kinds.iter().any(|kind| action.resource_types.iter().any(|wanted| is_of(kind.name, wanted.name)))
}

fn entry_owner(text: Option<&str>) -> Option<AccountId> {
    text.and_then(AccountId::parse)
}

fn owner_listed(event: &Event, arn: &str) -> Option<AccountId> {
    let entry = event.resources.iter().find(|entry| {
        entry.arn.as_deref().is_some_and(|listed| listed == arn || arn.starts_with(&format!("{listed}/")))
    });
    entry.and_then(|entry| entry_owner(entry.account_id.as_deref()))
}

fn event_account(event: &Event) -> Option<AccountId> {
    event.recipient_account().or_else(|| event.user_identity.account_id.as_deref().and_then(AccountId::parse))
}

fn partition(event: &Event) -> String {
    let arn = event.user_identity.arn.as_deref().and_then(|arn| Arn::parse(arn).ok());
    arn.map_or_else(|| "aws".to_owned(), |arn| arn.partition().to_owned())
}

/// Fills the ARN format of the action's resource type from the request parameters, where that is no guess.
fn built(event: &Event, action: &Action, role: ResourceRole) -> Option<ResourceGuess> {
    let parameters = event.request_parameters.as_ref()?;
    if let Some(arn) = given_arn(parameters, action, role) {
        let owner = owner_listed(event, &arn);
        return Some(ResourceGuess::Built(arn, owner));
    }
    let facts = service_reference::action(action.service(), action.name())?;
    let mut required = facts.resource_types.iter().filter(|kind| kind.required);
    if required.next().is_some() && required.next().is_some() {
        // The action is checked on several resources; which of them was denied, the event does not show.
        return None;
    }
    let values = placeholders(event, action, parameters, role);
    let types = service_reference::resource_types(action.service());
    let arn = facts.resource_types.iter().find_map(|wanted| {
        let sure = arn_placeholders::is_sure(action.service(), wanted.name);
        let kind = types.iter().find(|kind| sure && kind.name == wanted.name)?;
        fill(kind.arn_format, &values)
    })?;
    let owner = owner_listed(event, &arn);
    if action.service() == "iam" {
        return Some(ResourceGuess::Named(arn, owner));
    }
    Some(ResourceGuess::Built(arn, owner))
}

/// A parameter that is itself an ARN of a resource of the action.
fn given_arn(parameters: &Value, action: &Action, role: ResourceRole) -> Option<String> {
    let wanted = service_reference::action(action.service(), action.name())?;
    let object = parameters.as_object()?;
    // A request that names two resources, such as ReEncrypt, does not tell here which of them is meant.
    if matches!(role, ResourceRole::Source | ResourceRole::Destination) {
        return None;
    }
    let passes_role = role == ResourceRole::PassedRole;
    object.values().filter_map(Value::as_str).find_map(|text| {
        Arn::parse(text).ok()?;
        let fits = is_resource_of(wanted, action.service(), text);
        (fits || (passes_role && text.contains(":role/"))).then(|| text.to_owned())
    })
}
