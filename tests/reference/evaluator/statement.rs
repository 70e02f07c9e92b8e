//! Statements and policies.

use super::Modelled;
use super::condition::{any_of, condition_matches};
use super::pattern::{Incomplete, action_matches, resource_matches};
use super::principal::{Named, not_principal_denies, principal_names};
use super::request::Request;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyKind {
    /// Attached to the caller: identity-based policy or permissions boundary.
    Attached,
    Session,
    ServiceControl,
    ResourceControl,
    VpcEndpoint,
    Resource,
    RoleTrust,
}

/// What the matching statements of one or more policies say.
#[derive(Debug, Default)]
pub struct Found {
    /// A Deny statement matches.
    pub denies: bool,
    /// The ways in which matching Allow statements name the caller; empty if none matches.
    pub allows: BTreeSet<Named>,
}

impl Found {
    pub fn allow(&self) -> bool {
        !self.allows.is_empty()
    }

    fn add(&mut self, other: Found) {
        self.denies |= other.denies;
        self.allows.extend(other.allows);
    }
}

/// IAM User Guide, `access_policies`, "JSON policy document structure": OR across the policies.
pub fn read_policies(policies: &[Value], kind: PolicyKind, request: &Request) -> Modelled<Found> {
    let mut found = Found::default();
    for policy in policies {
        found.add(read_policy(policy, kind, request)?);
    }
    Ok(found)
}

/// A bare document, or an object of `name` and `document`. OR across the statements.
pub fn read_policy(policy: &Value, kind: PolicyKind, request: &Request) -> Modelled<Found> {
    let document = document_of(policy)?;
    let variables_on = variables_are_on(document)?;
    let mut found = Found::default();
    for statement in statements_of(document)? {
        let allow = is_allow(statement)?;
        let named = statement_names(statement, kind, allow, variables_on, request)?;
        if named.is_empty() {
            continue;
        }
        match allow {
            true => found.allows.extend(named),
            false => found.denies = true,
        }
    }
    Ok(found)
}

pub fn document_of(policy: &Value) -> Modelled<&Map<String, Value>> {
    let document = policy.get("document").unwrap_or(policy);
    document.as_object().ok_or_else(|| "a policy that is not a JSON object".to_owned())
}

/// IAM User Guide, `reference_policies_elements_version`: without Version, the version is 2008-10-17, and only
/// 2012-10-17 has policy variables.
pub fn variables_are_on(document: &Map<String, Value>) -> Modelled<bool> {
    match document.get("Version") {
        None => Ok(false),
        Some(Value::String(text)) if text == "2008-10-17" => Ok(false),
        Some(Value::String(text)) if text == "2012-10-17" => Ok(true),
        Some(_) => Err("a policy of an unknown Version".to_owned()),
    }
}

/// `reference_policies_elements_statement`: one statement or a list of statements.
pub fn statements_of(document: &Map<String, Value>) -> Modelled<Vec<&Map<String, Value>>> {
    let statements: Option<Vec<_>> = match document.get("Statement") {
        Some(Value::Object(one)) => Some(vec![one]),
        Some(Value::Array(items)) => items.iter().map(Value::as_object).collect(),
        _ => None,
    };
    statements.ok_or_else(|| "a policy without statements".to_owned())
}

/// `reference_policies_elements_effect`: "Valid values are Allow and Deny. The Effect value is case sensitive."
pub fn is_allow(statement: &Map<String, Value>) -> Modelled<bool> {
    match statement.get("Effect").and_then(Value::as_str) {
        Some("Allow") => Ok(true),
        Some("Deny") => Ok(false),
        _ => Err("a statement without a valid Effect".to_owned()),
    }
}

/// The ways in which a statement matches the request; none if it does not. A statement matches if its principal,
/// action, resource and condition all match. An element that is not modelled does not matter if another one fails.
fn statement_names(
    statement: &Map<String, Value>,
    kind: PolicyKind,
    allow: bool,
    variables_on: bool,
    request: &Request,
) -> Modelled<BTreeSet<Named>> {
    let elements = [
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    ];
    if let Some(other) = statement.keys().find(|key| !elements.contains(&key.as_str())) {
        return Err(format!("a statement with the element {other:?}"));
    }
    let action = action_element_matches(statement, kind, request);
    let resource = resource_element_matches(statement, kind, variables_on, request);
    let condition = match statement.get("Condition") {
        None => Ok(true),
        Some(condition) => condition_matches(condition, variables_on, &request.context),
    };
    let named = principal_element_names(statement, kind, allow, request);
    if matches!(action, Ok(false))
        || matches!(resource, Ok(false))
        || matches!(condition, Ok(false))
        || named.as_ref().is_ok_and(|named| named.is_empty())
    {
        return Ok(BTreeSet::new());
    }
    action?;
    resource?;
    condition?;
    named
}

/// `reference_policies_elements_action` and `reference_policies_elements_notaction`: exactly one of the two. NotAction
/// "matches everything except the specified list of actions".
fn action_element_matches(
    statement: &Map<String, Value>,
    kind: PolicyKind,
    request: &Request,
) -> Modelled<bool> {
    let listed = |patterns: &Value| {
        any_of(texts(patterns)?.into_iter().map(|text| action_matches(text, &request.action)))
    };
    match (statement.get("Action"), statement.get("NotAction")) {
        (Some(patterns), None) => listed(patterns),
        // Organizations User Guide, `orgs_manage_policies_rcps_syntax`: NotAction is not supported in RCPs.
        (None, Some(_)) if kind == PolicyKind::ResourceControl => Err("NotAction in an RCP".to_owned()),
        (None, Some(patterns)) => Ok(!listed(patterns)?),
        _ => Err("a statement that does not have one of Action and NotAction".to_owned()),
    }
}

/// `reference_policies_elements_resource` and `reference_policies_elements_notresource`: exactly one of the two.
/// A role trust policy has neither (`id_roles_terms-and-concepts`, "Trust policy": the resource is the role itself).
fn resource_element_matches(
    statement: &Map<String, Value>,
    kind: PolicyKind,
    variables_on: bool,
    request: &Request,
) -> Modelled<bool> {
    // `access_policies_boundaries`: a boundary is an identity-based policy in another place.
    let incomplete = match kind {
        PolicyKind::Attached => Incomplete::Completed,
        _ => Incomplete::Undocumented,
    };
    let listed = |patterns: &Value| {
        any_of(
            texts(patterns)?
                .into_iter()
                .map(|text| resource_matches(text, incomplete, variables_on, request)),
        )
    };
    match (statement.get("Resource"), statement.get("NotResource")) {
        (None, None) if kind == PolicyKind::RoleTrust => Ok(true),
        // ECR User Guide, `repository-policy-examples`: the policy is about the repository, and has no Resource.
        (None, None) if kind == PolicyKind::Resource && request.service == "ecr" => Ok(true),
        _ if kind == PolicyKind::RoleTrust => Err("a role trust policy with a resource".to_owned()),
        (Some(patterns), None) => listed(patterns),
        (None, Some(patterns)) => Ok(!listed(patterns)?),
        _ => Err("a statement that does not have one of Resource and NotResource".to_owned()),
    }
}

/// `reference_policies_elements_principal`: "You must use the Principal element in resource-based policies", and "You
/// cannot use the Principal element in an identity-based policy".
fn principal_element_names(
    statement: &Map<String, Value>,
    kind: PolicyKind,
    allow: bool,
    request: &Request,
) -> Modelled<BTreeSet<Named>> {
    let has_principal = matches!(
        kind,
        PolicyKind::ResourceControl | PolicyKind::VpcEndpoint | PolicyKind::Resource | PolicyKind::RoleTrust
    );
    match (statement.get("Principal"), statement.get("NotPrincipal")) {
        (None, None) if !has_principal => Ok(BTreeSet::from([Named::Attached])),
        _ if !has_principal => Err("a policy attached to the caller, or an SCP, with a principal".to_owned()),
        // Organizations User Guide, `orgs_manage_policies_rcps_syntax`: "you must specify *".
        (Some(principal), None) if kind == PolicyKind::ResourceControl && principal != "*" => {
            Err("an RCP with a principal other than *".to_owned())
        }
        (Some(principal), None) => principal_names(principal, kind, allow, request),
        // `reference_policies_elements_notprincipal`: "NotPrincipal must be used with Effect Deny"; not in role trust
        // policies, SCPs and RCPs.
        (None, Some(_)) if allow => Err("NotPrincipal with Allow".to_owned()),
        (None, Some(principal)) if matches!(kind, PolicyKind::Resource | PolicyKind::VpcEndpoint) => {
            Ok(match not_principal_denies(principal, kind, request)? {
                true => BTreeSet::from([Named::NotExempt]),
                false => BTreeSet::new(),
            })
        }
        (None, Some(_)) => Err("NotPrincipal in a role trust policy or an RCP".to_owned()),
        _ => Err("a statement that does not have one of Principal and NotPrincipal".to_owned()),
    }
}

/// One text or a list of texts.
fn texts(value: &Value) -> Modelled<Vec<&str>> {
    let texts: Option<Vec<&str>> = match value {
        Value::String(text) => Some(vec![text]),
        Value::Array(items) if !items.is_empty() => items.iter().map(Value::as_str).collect(),
        _ => None,
    };
    texts.ok_or_else(|| "an element that is neither a text nor a list of texts".to_owned())
}
