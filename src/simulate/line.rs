//! One line of a request file.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::PolicyCache;
use super::policies::grants;
use super::s3::S3Line;
use crate::arn::Arn;
use crate::evaluate::{Known, Organization, PolicySet};
use crate::ids::AccountId;
use crate::request::{
    Action, ContextValue, KeyState, Principal, Provenance, Request, RequestContext, Resource, Values,
};

/// A request with the policies it is to be decided against.
#[derive(Debug)]
pub struct ParsedLine {
    /// The `id`, as JSON, so that it goes back as it came.
    pub id: Value,
    /// The request.
    pub request: Request,
    /// The policies.
    pub policies: PolicySet,
}

/// Why a line could not be read.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// A request is one line.
    #[error("a line must be one whole JSON object: {0}")]
    NotAnObject(serde_json::Error),
    /// Not JSON, or not of the documented shape.
    #[error("the line cannot be read: {0}")]
    Json(#[from] serde_json::Error),
    /// A field has another shape than documented.
    #[error("`{field}` must be {expected}")]
    Shape {
        /// The field.
        field: &'static str,
        /// What it must be.
        expected: &'static str,
    },
    /// A field holds something that cannot be read.
    #[error("`{field}`: {message}")]
    Field {
        /// The field.
        field: &'static str,
        /// What is wrong.
        message: String,
    },
    /// A field that looks like a layer but is not one: ignoring it would change the answer.
    #[error("`{0}` is not a field of a request")]
    UnknownField(String),
}

impl LineError {
    pub(super) fn field(field: &'static str, error: &dyn std::error::Error) -> Self {
        Self::Field { field, message: error.to_string() }
    }
}

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(default)]
    id: Value,
    principal: Value,
    #[serde(default)]
    principal_facts: Facts,
    action: String,
    resource: Option<String>,
    resource_account: Option<String>,
    #[serde(default)]
    context: BTreeMap<String, Value>,
    context_complete: Option<bool>,
    #[serde(borrow)]
    identity_policies: Option<&'a RawValue>,
    #[serde(borrow)]
    permissions_boundary: Option<&'a RawValue>,
    #[serde(borrow)]
    session_policies: Option<&'a RawValue>,
    #[serde(borrow)]
    resource_policy: Option<&'a RawValue>,
    #[serde(borrow)]
    kms_grants: Option<&'a RawValue>,
    #[serde(borrow)]
    vpc_endpoint_policy: Option<&'a RawValue>,
    #[serde(borrow)]
    service_control_policies: Option<&'a RawValue>,
    #[serde(borrow)]
    resource_control_policies: Option<&'a RawValue>,
    s3: Option<S3Line>,
    #[serde(default, deserialize_with = "given")]
    organization: Option<Value>,
}

/// Tells a field that is `null` from one that is not there.
fn given<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

#[derive(Deserialize, Default)]
struct Facts {
    role_arn: Option<String>,
    user_arn: Option<String>,
    unique_id: Option<String>,
    tags: Option<BTreeMap<String, String>>,
    #[serde(flatten)]
    others: BTreeMap<String, Value>,
}

/// Reads one line.
pub fn parse_line(text: &str, cache: &mut PolicyCache) -> Result<ParsedLine, LineError> {
    let text = text.trim_start_matches('\u{feff}');
    let names: BTreeMap<String, &RawValue> = serde_json::from_str(text).map_err(|error| {
        let whole = text.trim_start().starts_with('{') && !error.is_eof();
        if whole { LineError::Json(error) } else { LineError::NotAnObject(error) }
    })?;
    if let Some(name) = names.keys().find(|name| looks_like_a_layer(name)) {
        return Err(LineError::UnknownField(name.clone()));
    }
    let line: Line<'_> = serde_json::from_str(text)?;
    check_white_space(&line)?;
    let principal = principal(&line)?;
    let action = Action::parse(&line.action).map_err(|error| LineError::field("action", &error))?;
    if line.action.contains(['*', '?']) {
        return Err(LineError::Shape { field: "action", expected: "one action, without wildcards" });
    }
    let owner = match line.resource_account.as_deref() {
        None => None,
        Some(text) => {
            Some(text.parse::<AccountId>().map_err(|error| LineError::field("resource_account", &error))?)
        }
    };
    let resource = Resource::new(line.resource.as_deref().unwrap_or("*"), owner);
    check_owner(&resource)?;
    let mut request = Request { principal, action, resource, context: context(&line)? };
    if let Some(tags) = &line.principal_facts.tags {
        request.set_principal_tags(tags, &Provenance::Given);
    }
    request.derive_context();
    let policies = PolicySet { aws_managed_key: has_aws_alias(&request), ..policies(&line, cache)? };
    Ok(ParsedLine { id: line.id, request, policies })
}

/// No request of AWS has such white space; with it every comparison would fail. The key of an object can end so.
fn check_white_space(line: &Line<'_>) -> Result<(), LineError> {
    let wrong = |field| {
        Err(LineError::Field { field, message: "there is white space where AWS has none".to_owned() })
    };
    let principal = line.principal.as_str().or_else(|| line.principal.get("arn")?.as_str());
    if line.action.contains(char::is_whitespace) {
        wrong("action")
    } else if principal.is_some_and(|principal| principal.trim() != principal) {
        wrong("principal")
    } else if line.resource.as_deref().is_some_and(|resource| resource.trim_start() != resource) {
        wrong("resource")
    } else {
        Ok(())
    }
}

/// The account in an ARN is that of the owner: one of the two is a mistake, and which it is decides on the answer.
fn check_owner(resource: &Resource) -> Result<(), LineError> {
    // What belongs to an organization carries the id of its management account, also where it is about a member.
    let arn = resource.arn().filter(|arn| arn.service() != "organizations");
    match (arn.and_then(Arn::account), resource.owner()) {
        (Some(named), Some(owner)) if named != owner => Err(LineError::Field {
            field: "resource_account",
            message: format!("the resource's ARN names account {named}"),
        }),
        _ => Ok(()),
    }
}

/// "AWS managed keys … have aliases of the form aws/SERVICE."
///
/// Source: <https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#aws-managed-key>
fn has_aws_alias(request: &Request) -> bool {
    let named = |key| match request.context.get(key) {
        KeyState::Known(values) => values.as_slice().iter().any(|alias| alias.starts_with("alias/aws/")),
        KeyState::Absent | KeyState::Unknown(_) => false,
    };
    request.action.service() == "kms" && (named("kms:resourcealiases") || named("kms:requestalias"))
}

const FIELDS: &[&str] = &[
    "id",
    "principal",
    "principal_facts",
    "action",
    "resource",
    "resource_account",
    "context",
    "context_complete",
    "identity_policies",
    "permissions_boundary",
    "session_policies",
    "resource_policy",
    "kms_grants",
    "vpc_endpoint_policy",
    "service_control_policies",
    "resource_control_policies",
    "s3",
    "organization",
];

/// A misspelt layer would be taken for one that does not exist.
fn looks_like_a_layer(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let parts =
        ["polic", "boundar", "grant", "scp", "rcp", "context", "session", "account", "organi", "resource"];
    !FIELDS.contains(&name) && parts.iter().any(|part| lower.contains(part))
}

fn principal(line: &Line<'_>) -> Result<Principal, LineError> {
    let error = |error: crate::request::PrincipalError| LineError::field("principal", &error);
    let arn = |text: &Option<String>, field| match text {
        None => Ok(None),
        Some(text) => Arn::parse(text).map(Some).map_err(|error| LineError::field(field, &error)),
    };
    let facts = &line.principal_facts;
    let role_arn = arn(&facts.role_arn, "principal_facts.role_arn")?;
    let mut principal = match &line.principal {
        Value::String(text) if is_provider(text) && vouches_for_caller(&line.action) => {
            Principal::Federated { provider: text.clone() }
        }
        Value::String(text) => Principal::parse(text, role_arn.as_ref()).map_err(error)?,
        Value::Object(map) => {
            match (map.get("type").and_then(Value::as_str), map.get("arn").or(map.get("name"))) {
                (Some("Anonymous"), _) => Principal::Anonymous,
                (_, Some(Value::String(text))) => Principal::parse(text, role_arn.as_ref()).map_err(error)?,
                _ => {
                    return Err(LineError::Shape {
                        field: "principal",
                        expected: "an ARN, a service principal or {\"type\":\"Anonymous\"}",
                    });
                }
            }
        }
        _ => {
            return Err(LineError::Shape {
                field: "principal",
                expected: "an ARN, a service principal or {\"type\":\"Anonymous\"}",
            });
        }
    };
    check_facts(&principal, facts, role_arn.as_ref())?;
    match &mut principal {
        Principal::Role(session) => {
            session.unique_id.clone_from(&facts.unique_id);
            // Whoever declares a request complete and names no path says that there is none, unless AWS gives roles of
            // this name a path.
            session.path_known |= line.context_complete == Some(true) && !session.is_named_by_aws();
        }
        Principal::User { unique_id, .. } => unique_id.clone_from(&facts.unique_id),
        Principal::FederatedUser { issuer, .. } => {
            *issuer = arn(&facts.user_arn, "principal_facts.user_arn")?;
        }
        _ => {}
    }
    Ok(principal)
}

/// The identity providers that have a name and no ARN.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>
fn is_provider(name: &str) -> bool {
    ["cognito-identity.amazonaws.com", "www.amazon.com", "graph.facebook.com", "accounts.google.com"]
        .contains(&name)
}

/// Whether the action is one of those that an identity provider's user calls. Amazon Cognito is a service as well, and
/// assumes roles as one.
fn vouches_for_caller(action: &str) -> bool {
    ["sts:AssumeRoleWithWebIdentity", "sts:TagSession", "sts:SetSourceIdentity"]
        .iter()
        .any(|name| name.eq_ignore_ascii_case(action))
}

/// Facts that contradict the principal would make another caller of it.
fn check_facts(principal: &Principal, facts: &Facts, role_arn: Option<&Arn>) -> Result<(), LineError> {
    let wrong = |field, message: &str| Err(LineError::Field { field, message: message.to_owned() });
    let is_arn = principal.principal_arn().is_some();
    if let Some(what) = principal.principal_arn().and_then(|arn| not_whole(principal, arn)) {
        return wrong("principal", what);
    }
    if is_arn && principal.account().is_none() && !principal.is_origin_access_identity() {
        return wrong("principal", "the ARN has no account id of 12 digits");
    }
    if let Some(name) = facts.others.keys().find(|name| looks_like_a_fact(name)) {
        return Err(LineError::UnknownField(format!("principal_facts.{name}")));
    }
    let Some(role) = role_arn else { return Ok(()) };
    let Principal::Role(session) = principal else {
        return wrong("principal_facts.role_arn", "the principal is no session of a role");
    };
    let Some(own) = &session.session else { return Ok(()) };
    let assumed = own.resource().split('/').nth(1).unwrap_or_default();
    let named = role.resource().rsplit('/').next().unwrap_or_default();
    if named != assumed || role.account() != own.account() {
        return wrong("principal_facts.role_arn", "this is another role than that of the session");
    }
    Ok(())
}

/// What is wrong with an ARN that is that of no user, role or session.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns>
fn not_whole(principal: &Principal, arn: &Arn) -> Option<&'static str> {
    let session = match principal {
        Principal::Role(role) => role.session.as_ref(),
        _ => None,
    };
    if session.is_some_and(|arn| arn.resource().split('/').filter(|part| !part.is_empty()).count() != 3) {
        Some("the ARN of a session ends with the names of the role and of the session")
    } else if !arn.region().is_empty() {
        Some("the ARN of a principal has no Region")
    } else {
        None
    }
}

/// A misspelt fact would be taken for one that was not given.
fn looks_like_a_fact(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    ["tag", "role", "user", "unique", "arn"].iter().any(|part| lower.contains(part))
}

fn context(line: &Line<'_>) -> Result<RequestContext, LineError> {
    let complete = line.context_complete == Some(true);
    let mut context = if complete { RequestContext::complete() } else { RequestContext::open() };
    let mut seen = BTreeSet::new();
    for (key, value) in &line.context {
        if !seen.insert(key.to_ascii_lowercase()) {
            let message = format!("`{key}` is written twice, in two spellings");
            return Err(LineError::Field { field: "context", message });
        }
        let value = match value {
            Value::Null => ContextValue::Absent,
            Value::Array(items) => {
                let items: Option<Vec<String>> = items.iter().map(scalar).collect();
                ContextValue::Known(Values::Many(items.ok_or(LineError::Shape {
                    field: "context",
                    expected: "a map of keys to strings, numbers, booleans or arrays of them",
                })?))
            }
            other => ContextValue::Known(Values::One(scalar(other).ok_or(LineError::Shape {
                field: "context",
                expected: "a map of keys to strings, numbers, booleans or arrays of them",
            })?)),
        };
        context.set(key, value, Provenance::Given);
    }
    Ok(context)
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}

fn policies(line: &Line<'_>, cache: &mut PolicyCache) -> Result<PolicySet, LineError> {
    Ok(PolicySet {
        identity: cache.list(line.identity_policies, "identity policy", "identity_policies")?,
        boundary: cache.one(line.permissions_boundary, "permissions boundary", "permissions_boundary")?,
        session: cache.list(line.session_policies, "session policy", "session_policies")?,
        resource: cache.one(line.resource_policy, "resource policy", "resource_policy")?,
        grants: grants(line.kms_grants)?,
        vpc_endpoint: cache.one(line.vpc_endpoint_policy, "VPC endpoint policy", "vpc_endpoint_policy")?,
        scps: cache.levels(line.service_control_policies, "SCP", "service_control_policies")?,
        rcps: cache.levels(line.resource_control_policies, "RCP", "resource_control_policies")?,
        organization: organization(line.organization.as_ref())?,
        s3: line.s3.as_ref().map(S3Line::facts).transpose()?.unwrap_or_default(),
        aws_managed_key: false,
    })
}

/// `null` is "in no organization"; a line without the field says nothing about it.
fn organization(value: Option<&Value>) -> Result<Known<Organization>, LineError> {
    let account = |value: &Value| value.as_str().and_then(AccountId::parse);
    let shape = || LineError::Shape {
        field: "organization",
        expected: "null or {\"management_account\", \"delegated_administrators\"}",
    };
    match value {
        None => Ok(Known::Unknown("the request does not say".to_owned())),
        Some(Value::Null) => Ok(Known::default()),
        Some(Value::String(text)) if text == "unknown" => Ok(Known::Unknown("given as unknown".to_owned())),
        Some(Value::Object(map)) => {
            let management = match map.get("management_account") {
                None | Some(Value::Null) => None,
                Some(value) => Some(account(value).ok_or_else(shape)?),
            };
            let mut delegated = BTreeMap::new();
            if let Some(services) = map.get("delegated_administrators") {
                for (service, accounts) in services.as_object().ok_or_else(shape)? {
                    let accounts: Option<BTreeSet<AccountId>> =
                        accounts.as_array().ok_or_else(shape)?.iter().map(account).collect();
                    delegated.insert(service.clone(), accounts.ok_or_else(shape)?);
                }
            }
            Ok(Known::Known(Organization {
                management_account: management,
                delegated_administrators: delegated,
            }))
        }
        Some(_) => Err(shape()),
    }
}
