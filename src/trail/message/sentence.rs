//! The IAM sentence: `User: P is not authorized to perform: A on resource: R because … / with …`.

use super::{DenialMessage, MessageEffect, MessageKind, PolicyType};

/// Spellings seen between principal and action, longest first.
const PHRASES: &[&str] = &[
    "is not authorized to perform",
    "is not authorised to perform",
    "are not authorized to perform",
    "not authorized to perform",
    "not authorised to perform",
    "is not allowed to execute",
];

/// Where a resource ends: the reason, or one of the sentences after it.
const ENDS: &[&str] = &[
    " because ",
    " with an explicit deny",
    " with explicit deny",
    ". encoded authorization",
    " encoded authorization failure message",
    ". go to https://",
    ", with policy arn",
];

/// The policy types as messages write them, in lower case. AWS writes `sessions policy` and `permission boundary` too.
const TYPES: &[(&str, PolicyType)] = &[
    ("identity-based polic", PolicyType::Identity),
    ("identity based polic", PolicyType::Identity),
    ("resource-based polic", PolicyType::Resource),
    ("resource based polic", PolicyType::Resource),
    ("permissions boundar", PolicyType::Boundary),
    ("permission boundar", PolicyType::Boundary),
    ("service control polic", PolicyType::Scp),
    ("resource control polic", PolicyType::Rcp),
    ("vpc endpoint polic", PolicyType::VpcEndpoint),
    ("session polic", PolicyType::Session),
    ("sessions polic", PolicyType::Session),
    ("role trust polic", PolicyType::RoleTrust),
    ("trust polic", PolicyType::RoleTrust),
];

/// A text with its lower-case form, whose byte offsets are the same.
#[derive(Clone, Copy)]
struct Part<'a> {
    text: &'a str,
    lower: &'a str,
}

impl<'a> Part<'a> {
    fn find(self, mark: &str) -> Option<usize> {
        self.lower.find(mark)
    }

    fn split(self, at: usize) -> (Self, Self) {
        let cut = |text: &'a str| text.split_at_checked(at).unwrap_or((text, ""));
        let ((text, rest), (lower, lower_rest)) = (cut(self.text), cut(self.lower));
        (Part { text, lower }, Part { text: rest, lower: lower_rest })
    }

    /// What follows a mark.
    fn after(self, mark: &str) -> Option<Self> {
        self.find(mark).map(|at| self.split(at + mark.len()).1)
    }

    fn strip(self, mark: &str) -> Option<Self> {
        self.lower.starts_with(mark).then(|| self.split(mark.len()).1)
    }

    fn trim_start(self) -> Self {
        self.split(self.text.len() - self.text.trim_start().len()).1
    }

    fn word(self) -> &'a str {
        self.text.split_whitespace().next().unwrap_or_default()
    }
}

/// Reads the IAM sentence of a message, if there is one, and the sentences that follow it.
pub(super) fn read(core: &str, message: &mut DenialMessage) {
    let lower = core.to_ascii_lowercase();
    let all = Part { text: core, lower: &lower };
    message.truncated = core.ends_with("...") || core.ends_with('…');
    read_authorization_id(all, message);
    read_encoded(all, message);
    if let Some((before, rest)) = sentence(all) {
        message.kind = MessageKind::IamSentence;
        message.principal = principal(before);
        let rest = read_action(rest, message);
        let reason = read_resource(rest, message);
        read_reason(reason, message);
    } else if let Some((before, rest)) = without_service(all) {
        message.kind = MessageKind::IamSentence;
        message.principal = principal(before);
        read_operation(rest, message);
        read_reason(rest, message);
    } else {
        message.principal = bare_principal(all);
    }
}

/// Some services name the operation without its service, or no operation at all, and give the reason all the same.
fn without_service(all: Part<'_>) -> Option<(Part<'_>, Part<'_>)> {
    let phrase =
        PHRASES.iter().chain(&["is not authorized to access"]).find(|phrase| all.find(phrase).is_some())?;
    let at = all.find(phrase)?;
    let rest = all.split(at + phrase.len()).1;
    let explains = rest.find("explicit deny").is_some()
        || rest.after("because no ").is_some_and(|reason| policy_type(reason).is_some());
    explains.then(|| (all.split(at).0, rest))
}

/// The operation after `perform:`.
fn read_operation(rest: Part<'_>, message: &mut DenialMessage) {
    let Some(rest) = rest.strip(":") else { return };
    let name = rest.trim_start().word();
    if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        message.wrapper.operation.get_or_insert_with(|| name.to_owned());
    }
}

/// Splits at the phrase that is followed by an action. EC2 puts a general sentence with the same words before it.
fn sentence(all: Part<'_>) -> Option<(Part<'_>, Part<'_>)> {
    PHRASES.iter().find_map(|phrase| {
        let places = all.lower.match_indices(phrase).map(|(at, _)| at);
        let splits = places.map(|at| (all.split(at).0, all.split(at + phrase.len()).1));
        splits.into_iter().find(|(_, rest)| action_word(*rest).is_some())
    })
}

fn principal(before: Part<'_>) -> Option<String> {
    let text = before.text.trim_end();
    let lower = before.lower.get(..text.len())?;
    let marks = ["user: ", "user `", "principal: ", "principal ["];
    let start = marks.iter().filter_map(|mark| lower.rfind(mark).map(|at| at + mark.len())).max();
    let named = match start {
        Some(start) => text.get(start..)?,
        None => text.split_whitespace().next_back().filter(|word| looks_like_principal(word))?,
    };
    let named = named.trim().trim_matches(['"', '\'', '[', ']']);
    (!named.is_empty() && !named.contains(' ')).then(|| named.to_owned())
}

/// `events.amazonaws.com is not authorized to access the key …`
fn bare_principal(all: Part<'_>) -> Option<String> {
    let at = all.find(" is not authorized to ")?;
    principal(all.split(at).0)
}

fn looks_like_principal(word: &str) -> bool {
    word.starts_with("arn:") || word.ends_with(".amazonaws.com") || word == "anonymous"
}

fn action_word(rest: Part<'_>) -> Option<&str> {
    let rest = rest.strip(":").unwrap_or(rest).trim_start();
    let word = rest.word().trim_matches(['"', '\'', '`', '[', ']', '.', ',', ';']);
    let (service, name) = word.split_once(':')?;
    let plain = |text: &str| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'*' | b'_'))
    };
    (plain(service) && plain(name)).then_some(word)
}

fn read_action<'a>(rest: Part<'a>, message: &mut DenialMessage) -> Part<'a> {
    let Some(action) = action_word(rest) else {
        return rest;
    };
    let end = rest.text.find(action).map_or(rest.text.len(), |at| at + action.len());
    let (_, after) = rest.split(end);
    let cut = message.truncated && after.text.trim_matches(['.', '…']).is_empty();
    message.action = (!cut).then(|| action.to_owned());
    let quotes = after.text.len() - after.text.trim_start_matches([']', '"', '\'', '`']).len();
    after.split(quotes).1
}

/// Reads the resource and returns what follows it.
fn read_resource<'a>(rest: Part<'a>, message: &mut DenialMessage) -> Part<'a> {
    let Some(named) = rest.trim_start().strip("on ") else {
        return rest;
    };
    let marks = ["resource: ", "resources: ", "resource "];
    let named = marks.iter().find_map(|mark| named.strip(mark)).unwrap_or(named).trim_start();
    // Amazon SES puts names between a backtick and an apostrophe.
    let named = named.strip("`").unwrap_or(named);
    if let Some(quoted) = named.strip("\"") {
        return read_quoted(quoted, message);
    }
    let end = ENDS.iter().filter_map(|mark| named.find(mark)).min();
    let (resource, after) = named.split(end.unwrap_or(named.text.len()));
    // A resource that was cut off would pass for another one.
    let cut = message.truncated && end.is_none();
    let resource = resource.text.trim().trim_end_matches(['.', ',', '\'', '"']);
    message.resource = (!cut && !resource.is_empty()).then(|| resource.to_owned());
    after
}

/// S3 quotes the resource, whose key can hold quotes and the words of a reason.
fn read_quoted<'a>(quoted: Part<'a>, message: &mut DenialMessage) -> Part<'a> {
    let ends = ENDS.iter().filter_map(|mark| quoted.find(&format!("\"{mark}"))).min();
    let Some(end) = ends.or_else(|| quoted.text.rfind('"')) else {
        message.resource = (!message.truncated).then(|| quoted.text.trim().to_owned());
        return quoted.split(quoted.text.len()).1;
    };
    let (resource, after) = quoted.split(end);
    message.resource = (!resource.text.is_empty()).then(|| resource.text.to_owned());
    after.split(1).1
}

fn read_reason(reason: Part<'_>, message: &mut DenialMessage) {
    if let Some(rest) = reason.after("because no ") {
        if let Some((kind, _)) = policy_type(rest)
            && !reason.lower.contains("does not exist in this region")
        {
            message.effect = MessageEffect::Implicit;
            message.policy_type = Some(kind);
        }
        return;
    }
    let Some(rest) = reason.after("explicit deny") else {
        // Web identity callers are no IAM principals: only the trust policy can have refused them.
        let federated = ["sts:assumerolewithwebidentity", "sts:assumerolewithsaml"];
        let action = message.action.as_deref().unwrap_or_default();
        if message.principal.is_none() && federated.iter().any(|name| action.eq_ignore_ascii_case(name)) {
            message.policy_type = Some(PolicyType::RoleTrust);
        }
        return;
    };
    message.effect = MessageEffect::Explicit;
    let Some((kind, rest)) = rest.trim_start().strip("in ").and_then(policy_type) else {
        return;
    };
    message.policy_type = Some(kind);
    message.policy_arn = policy_arn(rest);
    if let Some((through, rest)) = rest.after("transitively through ").and_then(policy_type) {
        message.transitive_via = Some(kind);
        message.policy_type = Some(through);
        message.policy_arn = policy_arn(rest);
    }
}

/// The policy type at the start of a text, and what follows its name.
fn policy_type(text: Part<'_>) -> Option<(PolicyType, Part<'_>)> {
    let text = text.trim_start();
    let text = ["a ", "an ", "the "].iter().find_map(|article| text.strip(article)).unwrap_or(text);
    TYPES.iter().find_map(|(name, kind)| {
        let rest = text.strip(name)?;
        let ending = rest.text.find([':', ',', '.', ' ']).unwrap_or(rest.text.len());
        Some((*kind, rest.split(ending).1))
    })
}

/// `: ARN`, `, with policy ARN: ARN`
fn policy_arn(rest: Part<'_>) -> Option<String> {
    let marks = [": ", ", with policy arn: ", " with policy arn: "];
    let rest = marks.iter().find_map(|mark| rest.strip(mark))?;
    let word = rest.word().trim_matches(['"', '\'', '.', ',']);
    word.starts_with("arn:").then(|| word.to_owned())
}

fn read_authorization_id(all: Part<'_>, message: &mut DenialMessage) {
    let id = |rest: Part<'_>| {
        let id: String = rest.text.trim_start().chars().take_while(char::is_ascii_alphanumeric).collect();
        (!id.is_empty()).then_some(id)
    };
    let stated = all.after("authorization id: ").and_then(id);
    let linked = || all.after("/authorization-details/").and_then(id);
    message.authorization_id = stated.or_else(linked);
    message.authorization_region = all.after("/iam/home?region=").and_then(|rest| {
        let region: String =
            rest.text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        (!region.is_empty()).then_some(region)
    });
}

fn read_encoded(all: Part<'_>, message: &mut DenialMessage) {
    let Some(rest) = all.after("encoded authorization failure message:") else {
        return;
    };
    message.encoded = true;
    let blob = rest.word();
    let whole = !blob.is_empty() && !blob.ends_with("...") && !blob.ends_with('…');
    message.encoded_message = whole.then(|| blob.trim_end_matches('.').to_owned());
}
