//! From an HTTP request to a call: which operation of which service, where, and who calls.

use serde_json::{Map, Value};

use super::http::{self, Request};
use super::reply::{Protocol, Refusal};
use super::services::{rest, s3};
use super::world::{Caller, World};

/// A call of an API operation. The input is the JSON of the request, or the fields of a query or of a path.
#[derive(Debug, Clone)]
pub struct Call {
    pub service: String,
    pub operation: String,
    pub protocol: Protocol,
    pub region: String,
    pub caller: Caller,
    pub input: Map<String, Value>,
}

/// A call as the tests see it afterwards.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Logged {
    pub service: String,
    pub operation: String,
    pub region: String,
    pub account: String,
    pub status: u16,
}

/// What the `Authorization` header says, of which the signature is not checked.
struct Signed {
    access_key: String,
    region: String,
    service: String,
}

impl Call {
    /// A member of the input as text; empty if it is not there.
    pub fn text(&self, name: &str) -> &str {
        self.input.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// A number, whether it came as JSON or as text.
    pub fn number(&self, name: &str) -> Option<usize> {
        let value = self.input.get(name)?;
        value
            .as_u64()
            .map(|number| usize::try_from(number).unwrap_or(usize::MAX))
            .or_else(|| value.as_str()?.parse().ok())
    }

    pub fn account(&self) -> &str {
        &self.caller.account
    }

    /// AWS's refusal of this call, in the words of its service.
    pub fn denied(&self, resource: &str) -> Refusal {
        let action = super::iam_action(&self.service, &self.operation);
        let on = if resource.is_empty() { String::new() } else { format!(" on resource: {resource}") };
        let message = format!(
            "User: {} is not authorized to perform: {action}{on} because no identity-based policy allows the {action} action",
            self.caller.arn
        );
        match (self.protocol, self.service.as_str()) {
            (_, "organizations") => Refusal::new(
                400,
                "AccessDeniedException",
                "You don't have permissions to access this resource.",
            ),
            (Protocol::Json, _) => Refusal::new(400, "AccessDeniedException", message),
            (Protocol::RestJson, _) => Refusal::new(403, "AccessDeniedException", message),
            (Protocol::Query, "sns") => Refusal::new(403, "AuthorizationError", message),
            (Protocol::Query | Protocol::S3, _) => Refusal::new(403, "AccessDenied", message),
            (Protocol::Ec2, _) => Refusal::new(
                403,
                "UnauthorizedOperation",
                format!("You are not authorized to perform this operation. {message}"),
            ),
        }
    }
}

/// The call in a request, or the refusal of one that nobody signed or somebody unknown.
pub fn read(request: &Request, world: &World) -> Result<Call, (Protocol, Refusal)> {
    let signed = signature(request);
    let protocol = protocol(request, signed.as_ref());
    let signed = signed.ok_or_else(|| {
        (protocol, Refusal::new(403, "MissingAuthenticationToken", "Request is missing Authentication Token"))
    })?;
    let caller =
        world.caller(&signed.access_key, request.header("x-amz-security-token")).ok_or_else(|| {
            let message = "The security token included in the request is invalid.";
            let code = match protocol {
                Protocol::Json | Protocol::RestJson => "UnrecognizedClientException",
                Protocol::Ec2 => "AuthFailure",
                Protocol::S3 => "InvalidAccessKeyId",
                Protocol::Query => "InvalidClientTokenId",
            };
            (protocol, Refusal::new(403, code, message))
        })?;
    let (service, operation, input) = operation(request, protocol, &signed.service);
    Ok(Call { service, operation, protocol, region: signed.region, caller, input })
}

fn signature(request: &Request) -> Option<Signed> {
    let header = request.header("authorization");
    let credential = match header.split_once("Credential=") {
        Some((_, rest)) => rest.split(',').next()?.to_owned(),
        None => request.query.get("X-Amz-Credential")?.clone(),
    };
    let mut parts = credential.split('/');
    let access_key = parts.next()?.to_owned();
    let region = parts.nth(1)?.to_owned();
    Some(Signed { access_key, region, service: parts.next()?.to_owned() })
}

fn protocol(request: &Request, signed: Option<&Signed>) -> Protocol {
    let form = request.header("content-type").starts_with("application/x-www-form-urlencoded");
    match signed.map(|signed| signed.service.as_str()) {
        _ if !request.header("x-amz-target").is_empty() => Protocol::Json,
        Some("ec2") => Protocol::Ec2,
        Some("lambda" | "account" | "access-analyzer") => Protocol::RestJson,
        _ if form => Protocol::Query,
        _ => Protocol::S3,
    }
}

fn operation(request: &Request, protocol: Protocol, service: &str) -> (String, String, Map<String, Value>) {
    match protocol {
        Protocol::Json => {
            let target = request.header("x-amz-target");
            let operation = target.rsplit('.').next().unwrap_or_default();
            let input = serde_json::from_slice(&request.body).unwrap_or_default();
            (service.to_owned(), operation.to_owned(), input)
        }
        Protocol::Query | Protocol::Ec2 => {
            let mut input = fields(http::form(&String::from_utf8_lossy(&request.body)));
            input.extend(fields(request.query.clone()));
            let operation = input.get("Action").and_then(Value::as_str).unwrap_or_default().to_owned();
            (service.to_owned(), operation, input)
        }
        Protocol::S3 => s3::operation(request),
        Protocol::RestJson => rest::operation(request, service),
    }
}

/// Text fields as an input.
pub fn fields(fields: impl IntoIterator<Item = (String, String)>) -> Map<String, Value> {
    fields.into_iter().map(|(name, value)| (name, Value::String(value))).collect()
}
