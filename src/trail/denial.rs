//! Which events are refused authorizations, and what they say.
//!
//! Sources: <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>,
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>

use serde_json::Value;

use super::denial_codes::{ACCOUNT_KIND, AUTHORIZATION, ROWS};
use super::event::Event;
use super::identity::{Caller, ViaService};
use super::message::{DenialMessage, MessageKind};
use crate::knowledge::actions::passed_role_parameters;
use crate::knowledge::service_reference;
use crate::request::{Action, Principal};

/// Whether a failed event is a refused authorization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DenialClass {
    /// An authorization was refused.
    Denied,
    /// The error can hide a refused authorization.
    MaybeDenied,
    /// The error is something else.
    NotDenied,
}

/// What an error code means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CodeMeaning {
    /// The authorization was refused.
    Authorization,
    /// The authorization of a call to the named service behind this one was refused.
    Downstream(&'static str),
    /// The kind of account may not call this API.
    AccountKind,
    /// The account may not use this part of the service.
    Entitlement,
    /// The state of a KMS key forbids its use.
    KeyState,
    /// The resource does not exist, or the caller may not know that it does.
    Existence,
    /// The code is used for refused authorizations and for other things.
    Perhaps,
    /// The code is used for account kinds and for other things.
    PerhapsAccountKind,
    /// The code is used for unknown credentials and for other things.
    PerhapsAuthentication,
    /// The caller was not recognised.
    Authentication,
    /// A dry run that would have succeeded.
    WouldHaveSucceeded,
    /// Something else.
    Other,
}

/// Where in the event the error stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FoundIn {
    /// In `errorCode` and `errorMessage`.
    Record,
    /// In `responseElements`, as batch operations report the errors of their parts.
    ResponseElements,
}

/// An event that was refused, or may have been.
#[derive(Debug, Clone, PartialEq)]
pub struct Denial {
    /// How sure it is that an authorization was refused; never [`DenialClass::NotDenied`].
    pub class: DenialClass,
    /// What the error code means.
    pub meaning: CodeMeaning,
    /// The error code as written.
    pub code: Option<String>,
    /// Where the error stands.
    pub found_in: FoundIn,
    /// The message, read.
    pub message: Option<DenialMessage>,
    /// The caller, completed from the message.
    pub caller: Caller,
    /// The service between the caller and this call.
    pub via_service: Option<ViaService>,
    /// The action that the message names. It wins over what the event name suggests.
    pub action_in_message: Option<Action>,
    /// The resource that the message names.
    pub resource_in_message: Option<String>,
    /// The role that the call hands to a service, where it is that role that may not do something.
    pub passed_role: Option<Principal>,
}

/// The error of an event.
struct Failure {
    code: Option<String>,
    text: Option<String>,
    found_in: FoundIn,
}

impl CodeMeaning {
    /// What a code says by itself.
    pub fn class(self) -> DenialClass {
        match self {
            Self::Authorization | Self::Downstream(_) | Self::AccountKind => DenialClass::Denied,
            Self::Entitlement
            | Self::KeyState
            | Self::Existence
            | Self::Perhaps
            | Self::PerhapsAccountKind
            | Self::PerhapsAuthentication => DenialClass::MaybeDenied,
            Self::Authentication | Self::WouldHaveSucceeded | Self::Other => DenialClass::NotDenied,
        }
    }

    /// The meaning of an error code in any of its spellings.
    pub fn of(code: &str) -> Self {
        let plain = plain_code(code);
        if let Some(row) = ROWS.iter().find(|row| row.code.eq_ignore_ascii_case(plain)) {
            return row.meaning;
        }
        let last = plain.rsplit('.').next().unwrap_or(plain);
        // `Client.InvalidVpcID.NotFound` is no code of KMS: only whole codes and known last parts count.
        if let Some(row) = ROWS.iter().find(|row| last != plain && row.code.eq_ignore_ascii_case(last)) {
            return row.meaning;
        }
        by_words(&plain.to_ascii_lowercase())
    }
}

/// The source of the row that gives a code its meaning, where there is one.
pub fn source_of_code(code: &str) -> Option<&'static str> {
    let plain = plain_code(code);
    ROWS.iter().find(|row| row.code.eq_ignore_ascii_case(plain)).map(|row| row.source)
}

fn by_words(lower: &str) -> CodeMeaning {
    let has = |parts: &[&str]| parts.iter().any(|part| lower.contains(part));
    if has(ACCOUNT_KIND) {
        return CodeMeaning::AccountKind;
    }
    if !has(AUTHORIZATION) {
        return CodeMeaning::Other;
    }
    if lower.starts_with("kms") { CodeMeaning::Downstream("kms") } else { CodeMeaning::Authorization }
}

/// The code without its decoration: `com.amazonaws.x#`, `Client.`, `Exception`, `Fault`, `Error`.
fn plain_code(code: &str) -> &str {
    let code = code.rsplit('#').next().unwrap_or(code).trim();
    let code =
        ["Client.", "Server.", "aws:"].iter().find_map(|prefix| code.strip_prefix(prefix)).unwrap_or(code);
    let code =
        ["Exception", "Fault", "Error"].iter().find_map(|ending| code.strip_suffix(ending)).unwrap_or(code);
    // `AuthorizationErrorException` has two endings.
    code.strip_suffix("Error").unwrap_or(code)
}

/// The class of an event, or `None` if it did not fail.
pub fn classify(event: &Event) -> Option<DenialClass> {
    let failure = failure_of(event)?;
    let message = failure.text.as_deref().map(DenialMessage::parse);
    Some(judge(event, &failure, message.as_ref()).0)
}

impl Denial {
    /// The denial that an event is, if it is one or may be one.
    pub fn from_event(event: &Event) -> Option<Self> {
        let failure = failure_of(event)?;
        let message = failure.text.as_deref().map(DenialMessage::parse).map(|message| placed(event, message));
        let (class, meaning) = judge(event, &failure, message.as_ref());
        if class == DenialClass::NotDenied {
            return None;
        }
        let named = |field: fn(&DenialMessage) -> Option<&String>| message.as_ref().and_then(field);
        let action = named(|message| message.action.as_ref())
            .and_then(|text| Action::parse(text).ok())
            .map(in_aws_spelling);
        let passed_role = message.as_ref().and_then(|message| passed_role(event, message));
        Some(Self {
            passed_role,
            class,
            meaning,
            code: failure.code,
            found_in: failure.found_in,
            caller: Caller::of(event, named(|message| message.principal.as_ref()).map(String::as_str)),
            via_service: ViaService::of(event),
            action_in_message: action,
            resource_in_message: named(|message| message.resource.as_ref()).cloned(),
            message,
        })
    }

    /// The principal that the message names, if it is another than the one that the record names: one and the same
    /// request has one caller.
    pub fn other_caller_in_message(&self) -> Option<&str> {
        let named = self.message.as_ref()?.principal.as_deref()?;
        let named_arn = Principal::parse(named, None).ok()?;
        let recorded = self.caller.principal.as_ref()?;
        let differs = match (named_arn.account(), recorded.account()) {
            (Some(named), Some(recorded)) => named != recorded,
            _ => false,
        };
        differs.then_some(named)
    }
}

/// Some services write their actions otherwise than IAM does: `SNS:Publish`, `sqs:receivemessage`.
fn in_aws_spelling(action: Action) -> Action {
    let known = service_reference::action(action.service(), action.name());
    let text = known.map(|facts| format!("{}:{}", action.service(), facts.name));
    text.and_then(|text| Action::parse(&text).ok()).unwrap_or(action)
}

/// The class and the meaning of a failure. The message can say more than the code, and sign-in is no authorization.
fn judge(event: &Event, failure: &Failure, message: Option<&DenialMessage>) -> (DenialClass, CodeMeaning) {
    let meaning = failure.code.as_deref().map_or(CodeMeaning::Other, CodeMeaning::of);
    if event.event_source == "signin.amazonaws.com" {
        return judge_sign_in(event);
    }
    let kind = message.map_or(MessageKind::Unrecognized, |message| message.kind);
    let class = match (meaning, kind) {
        (CodeMeaning::Authentication | CodeMeaning::WouldHaveSucceeded, _) => DenialClass::NotDenied,
        (_, MessageKind::IamSentence | MessageKind::CallerValidation | MessageKind::KmsThreeHypotheses) => {
            DenialClass::Denied
        }
        (_, MessageKind::AclsDisabled | MessageKind::LogBucket | MessageKind::PassedRoleLacks) => {
            DenialClass::Denied
        }
        (CodeMeaning::Other, _) if kind.tells_a_denial() => DenialClass::MaybeDenied,
        _ => meaning.class(),
    };
    let meaning = if kind == MessageKind::CallerValidation { CodeMeaning::AccountKind } else { meaning };
    (class, meaning)
}

/// The role of which a message says that it may not do something: the one that it names, or the one that is passed.
fn passed_role(event: &Event, message: &DenialMessage) -> Option<Principal> {
    if message.kind != MessageKind::PassedRoleLacks {
        return None;
    }
    let parameters = event.request_parameters.as_ref().and_then(Value::as_object);
    let is_role = |name: &String| {
        passed_role_parameters().iter().any(|known| known.parameter.eq_ignore_ascii_case(name))
    };
    let passed =
        parameters.into_iter().flatten().find(|(name, _)| is_role(name)).and_then(|(_, role)| role.as_str());
    let arn = message.principal.as_deref().or(passed)?;
    Principal::parse(arn, None).ok().filter(|principal| matches!(principal, Principal::Role(_)))
}

/// A failed sign-in is authentication; a failed role switch is `sts:AssumeRole`.
///
/// Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html>
fn judge_sign_in(event: &Event) -> (DenialClass, CodeMeaning) {
    if event.event_name == "SwitchRole" {
        (DenialClass::MaybeDenied, CodeMeaning::Perhaps)
    } else {
        (DenialClass::NotDenied, CodeMeaning::Authentication)
    }
}

/// "You don't have permissions to access this resource." means the account's kind only where Organizations says it.
fn placed(event: &Event, mut message: DenialMessage) -> DenialMessage {
    let sentence = event.error_message.as_deref().unwrap_or_default();
    if message.kind == MessageKind::CallerValidation
        && sentence.contains("have permissions to access this resource")
        && event.event_source != "organizations.amazonaws.com"
    {
        message.kind = MessageKind::GenericDenied;
        message.effect = super::message::MessageEffect::Unknown;
    }
    message
}

fn failure_of(event: &Event) -> Option<Failure> {
    if event.failed() {
        let (code, text) = (event.error_code.clone(), event.error_message.clone());
        return Some(Failure { code, text, found_in: FoundIn::Record });
    }
    let elements = event.response_elements.as_ref()?;
    if event.event_source == "signin.amazonaws.com" {
        let failed = elements.get(&event.event_name).and_then(Value::as_str) == Some("Failure");
        return failed.then_some(Failure { code: None, text: None, found_in: FoundIn::ResponseElements });
    }
    nested_failure(elements, 5)
}

/// The first refused part of a batch: an object with an error code that means a refusal.
fn nested_failure(value: &Value, depth: usize) -> Option<Failure> {
    let deeper = depth.checked_sub(1)?;
    match value {
        Value::Array(items) => items.iter().find_map(|item| nested_failure(item, deeper)),
        Value::Object(map) => {
            let text = |names: [&str; 4]| names.iter().find_map(|name| map.get(*name)?.as_str());
            let code = text(["errorCode", "ErrorCode", "code", "Code"]);
            if let Some(code) = code.filter(|code| CodeMeaning::of(code).class() == DenialClass::Denied) {
                let message = text(["errorMessage", "ErrorMessage", "message", "Message"]);
                return Some(Failure {
                    code: Some(code.to_owned()),
                    text: message.map(str::to_owned),
                    found_in: FoundIn::ResponseElements,
                });
            }
            map.values().find_map(|inner| nested_failure(inner, deeper))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
