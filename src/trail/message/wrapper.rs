//! What SDKs and the AWS CLI write around a message.

/// The facts in the text around a message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wrapper {
    /// The error code, for example `AccessDenied`.
    pub error_code: Option<String>,
    /// The API operation that was called, for example `GetObject`.
    pub operation: Option<String>,
    /// The request id, which CloudTrail has as `requestID`.
    pub request_id: Option<String>,
}

/// Tails of the AWS SDKs: Java 1 and 2, Go 1, Ruby, JSON and XML error bodies.
const TAILS: &[&str] = &[
    " (service: ",
    " status code: ",
    " (request id",
    ", request id: ",
    "</message>",
    "\",\"",
    "\", \"",
    "\"}",
    "\" }",
];

/// Splits a text into the wrapper and the message inside.
pub(super) fn unwrap(text: &str) -> (Wrapper, &str) {
    let mut wrapper = Wrapper { request_id: request_id(text), ..Wrapper::default() };
    let core = head(text, &mut wrapper);
    (wrapper, tail(core))
}

fn head<'a>(text: &'a str, wrapper: &mut Wrapper) -> &'a str {
    // AWS CLI, boto3: `An error occurred (CODE) when calling the OPERATION operation: …`
    if let Some((code, rest)) = after(text, "An error occurred (").and_then(|rest| rest.split_once(')'))
        && let Some((operation, rest)) =
            after(rest, "when calling the ").and_then(|rest| rest.split_once(" operation"))
    {
        wrapper.error_code = Some(code.to_owned());
        wrapper.operation = Some(operation.to_owned());
        // botocore counts its attempts here: ` (reached max retries: 4)`.
        let rest =
            rest.trim_start().strip_prefix("(reached").and_then(|rest| after(rest, ")")).unwrap_or(rest);
        return rest.trim_start_matches(':').trim_start();
    }
    // Go 2, Rust, Terraform: `operation error S3: GetObject, https response error …, api error CODE: …`
    if let Some((code, core)) = after(text, "api error ").and_then(|rest| rest.split_once(": ")) {
        wrapper.error_code = Some(code.to_owned());
        wrapper.operation = operation_error(text);
        return core;
    }
    // XML and JSON bodies of the REST APIs.
    if let Some(core) = after(text, "<Message>") {
        let code = after(text, "<Code>").and_then(|rest| rest.split_once('<'));
        wrapper.error_code = code.map(|(code, _)| code.to_owned());
        return core;
    }
    if let Some(core) =
        ["\"message\":", "\"Message\":", "\"errorMessage\":"].iter().find_map(|key| after(text, key))
    {
        return core.trim_start().trim_start_matches('"');
    }
    // Auto Scaling: `API: ec2:RunInstances You are not authorized …`
    if let Some((operation, rest)) = after(text, "API: ").and_then(|rest| rest.split_once(' '))
        && operation.split_once(':').is_some_and(|(service, name)| is_plain(service) && is_plain(name))
    {
        wrapper.operation = Some(operation.to_owned());
        return rest;
    }
    leading_code(text, wrapper)
}

fn is_plain(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// `AccessDeniedException: User: …`, the form of the JavaScript, PHP and Go 1 SDKs.
fn leading_code<'a>(text: &'a str, wrapper: &mut Wrapper) -> &'a str {
    let Some((code, rest)) = text.split_once(": ") else {
        return text;
    };
    let code_like = code.chars().all(|c| c.is_ascii_alphanumeric() || c == '.')
        && ["Denied", "Unauthorized", "Forbidden", "Exception", "NotAuthorized"]
            .iter()
            .any(|word| code.contains(word));
    if !code_like {
        return text;
    }
    wrapper.error_code = Some(code.to_owned());
    rest
}

fn operation_error(text: &str) -> Option<String> {
    let (_, rest) = after(text, "operation error ")?.split_once(": ")?;
    let end = rest.find([',', ' ', ':']).unwrap_or(rest.len());
    rest.get(..end).map(str::to_owned)
}

fn tail(core: &str) -> &str {
    let lower = core.to_ascii_lowercase();
    // The first characters are the message whatever they look like.
    let cut = TAILS.iter().filter_map(|tail| lower.find(tail)).filter(|at| *at > 0).min();
    core.get(..cut.unwrap_or(core.len())).unwrap_or(core).trim()
}

fn request_id(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let marks = ["requestid: ", "request id: ", "<requestid>", "request_id: "];
    let (mark, at) = marks.iter().find_map(|mark| lower.find(mark).map(|at| (mark, at)))?;
    let rest = text.get(at + mark.len()..)?;
    let id: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    (!id.is_empty()).then_some(id)
}

fn after<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    text.split_once(mark).map(|(_, rest)| rest)
}
