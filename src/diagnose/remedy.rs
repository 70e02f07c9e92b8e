//! What would help: the smallest change at each place that could make it, tried out on a copy of the evidence.

use std::sync::Arc;

use serde_json::{Value, json};

use super::codes::FindingCode;
use super::finding::{self, Finding};
use super::incident::Incident;
use super::{Examined, Standing, advice};
use crate::evaluate::{
    Compared, Decision, Evaluation, Known, Layer, LayerTrace, NamedPolicy, PolicySet, Verdict, explain,
};
use crate::evidence::Evidence;
use crate::knowledge::resource_policies::has_resource_policies;
use crate::policy::{Effect, PolicyDocument};
use crate::request::{KeyState, Principal, Request};

/// A change that would help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remedy {
    /// Who can make it.
    pub who: String,
    /// What to do.
    pub text: String,
    /// Whether evaluating again with the change allows the request.
    pub verified: bool,
    /// The layers that would still refuse.
    pub next_denied_by: Vec<Layer>,
    /// The statement to add, as JSON.
    pub statement: Option<String>,
    /// The policy that the statement can be added to, before and after.
    pub addition: Option<Addition>,
    /// Advice, or a Deny to be lifted that somebody wrote on purpose: no change to be made just so.
    pub is_advice: bool,
    /// It changes the request and no policy: a condition that the request does not meet was written on purpose.
    pub meets_condition: bool,
}

/// A policy before and after a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addition {
    /// The policy's name.
    pub policy: String,
    /// Its text.
    pub before: String,
    /// The text with the change.
    pub after: String,
}

impl Addition {
    /// A statement at the end of a policy; `None` if the policy's text is no object with statements.
    fn adding(policy: &NamedPolicy, statement: &Value) -> Option<Self> {
        let before = policy.document.text().to_owned();
        let mut value: Value = serde_json::from_str(&before).ok()?;
        let statements = value.as_object_mut()?.get_mut("Statement")?;
        match statements {
            Value::Array(list) => list.push(statement.clone()),
            Value::Object(_) => *statements = json!([statements.clone(), statement]),
            _ => return None,
        }
        Some(Self { policy: policy.name.clone(), before, after: serde_json::to_string(&value).ok()? })
    }
}

/// What remedies are worked out from.
pub(super) struct Case<'a> {
    pub incident: &'a Incident<'a>,
    pub examined: Option<&'a Examined>,
    pub standing: Standing,
    pub world: &'a Evidence,
    pub findings: &'a [Finding],
    /// The call above a hidden one, if it is refused as well.
    pub surface: Option<&'a Examined>,
}

pub(super) fn remedies(case: &Case<'_>) -> Vec<Remedy> {
    let Some(examined) = case.examined else { return Vec::new() };
    let has = |code: FindingCode| case.findings.iter().any(|finding| finding.code == code);
    if case.standing == Standing::NotAPolicy {
        return vec![advice::not_a_policy(case.incident, examined, case.findings)];
    }
    if has(FindingCode::CallerChanged) {
        return vec![advice::check_the_caller(case.incident, case.findings)];
    }
    if !matches!(case.standing, Standing::Proven | Standing::Reported) {
        return Vec::new();
    }
    let proposer = Proposer { examined, world: case.world };
    let silent = finding::identity_is_silent(examined);
    let mut remedies: Vec<Remedy> = examined
        .evaluation
        .layers
        .iter()
        .filter(|layer| layer.effect.denies() || (silent && layer.layer == Layer::Identity))
        .flat_map(|layer| proposer.for_layer(layer))
        .collect();
    for remedy in &mut remedies {
        // What is in doubt is not fixed for sure, and a hidden call is of no use while the call above is refused.
        remedy.verified &= case.standing == Standing::Proven;
        if let Some(surface) = case.surface.filter(|_| remedy.verified) {
            remedy.verified = false;
            remedy.next_denied_by = surface.evaluation.denied_by();
        }
    }
    remedies.dedup();
    remedies.sort_by_key(|remedy| (!remedy.meets_condition, !remedy.verified));
    if has(FindingCode::UnfamiliarSource) {
        remedies.insert(0, advice::check_the_key(case.incident));
    }
    remedies
}

struct Proposer<'a> {
    examined: &'a Examined,
    world: &'a Evidence,
}

impl Proposer<'_> {
    fn for_layer(&self, layer: &LayerTrace) -> Vec<Remedy> {
        if layer.applying(Effect::Deny).next().is_some() {
            return layer
                .applying(Effect::Deny)
                .filter_map(|statement| self.lift(layer, statement))
                .collect();
        }
        let mut remedies: Vec<Remedy> = meet_condition(layer).into_iter().collect();
        let by_condition = !remedies.is_empty();
        let from = remedies.len();
        match layer.layer {
            Layer::Identity => {
                remedies.extend(self.allow_in_identity());
                // In one account a key policy that names the caller is enough.
                if self.request().action.service() == "kms" && self.same_account() {
                    remedies.extend(self.allow_in_resource());
                }
            }
            Layer::Resource | Layer::RoleTrust => remedies.extend(self.allow_in_resource()),
            Layer::Boundary => remedies.extend(self.extend_boundary()),
            Layer::Session => remedies.push(self.allow_in_session()),
            Layer::Scp => remedies.extend(self.allow_in_scp(layer.target.as_deref())),
            Layer::VpcEndpoint => remedies.extend(self.allow_in_endpoint()),
            _ => {}
        }
        // Where an Allow exists and asks for something, allowing without it would take the condition away.
        remedies.iter_mut().skip(from).for_each(|remedy| remedy.is_advice |= by_condition);
        remedies
    }

    fn request(&self) -> &Request {
        &self.examined.request
    }

    fn same_account(&self) -> bool {
        self.request().resource.owner().is_none_or(|owner| self.request().principal.account() == Some(owner))
    }

    /// Evaluates again with changed policies.
    fn tried(&self, policies: &PolicySet, who: String, text: String, statement: Option<&Value>) -> Remedy {
        let evaluation = explain(self.request(), policies);
        let verified = evaluation.verdict == Verdict::Determined(Decision::Allowed);
        Remedy {
            who,
            text,
            verified,
            next_denied_by: if verified { Vec::new() } else { Evaluation::denied_by(&evaluation) },
            statement: statement.and_then(|statement| serde_json::to_string(statement).ok()),
            addition: None,
            is_advice: false,
            meets_condition: false,
        }
    }

    /// The denied request as a statement, no wider than the request: a star in the name of an object is a star.
    fn statement(&self, resource: &str) -> Value {
        let resource = &if resource == "*" { resource.to_owned() } else { escaped(resource) };
        let mut statement =
            json!({ "Effect": "Allow", "Action": self.request().action.to_string(), "Resource": resource });
        if let KeyState::Known(values) = self.request().context.get("kms:viaservice")
            && let (Value::Object(map), Some(service)) = (&mut statement, values.as_slice().first())
        {
            map.insert("Condition".to_owned(), json!({ "StringEquals": { "kms:ViaService": service } }));
        }
        statement
    }

    /// The principal as a resource-based policy should name it: a role, not one of its sessions.
    fn principal_arn(&self) -> Option<String> {
        self.request().principal.principal_arn().map(ToString::to_string)
    }

    fn identity_holder(&self) -> String {
        match &self.request().principal {
            Principal::User { .. } => format!("user {}", self.request().principal.short_name()),
            Principal::Role(session) => match permission_set(session.role_name()) {
                Some(set) => format!("permission set {set} (IAM Identity Center)"),
                None => format!("role {}", session.role_name()),
            },
            other => other.short_name(),
        }
    }

    fn account_administrator(&self) -> String {
        self.request().principal.account().map_or_else(
            || "an administrator".to_owned(),
            |account| format!("an IAM administrator of account {account}"),
        )
    }

    /// Nobody can change the policies of a service-linked role.
    ///
    /// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html>
    fn allow_in_identity(&self) -> Option<Remedy> {
        if matches!(&self.request().principal, Principal::Role(session) if session.is_service_linked() != Some(false))
        {
            return None;
        }
        let statement = self.statement(self.request().resource.as_str());
        let mut policies = self.examined.policies.clone();
        if let Known::Known(list) = &mut policies.identity {
            list.push(NamedPolicy::new("remedy", document(&statement)));
        }
        let text = format!(
            "allow {} on {} in an identity-based policy of {}",
            self.request().action,
            self.request().resource,
            self.identity_holder()
        );
        let addition = self.own_policy().and_then(|policy| Addition::adding(policy, &statement));
        Some(Remedy {
            addition,
            ..self.tried(&policies, self.account_administrator(), text, Some(&statement))
        })
    }

    /// The policy of the caller's own account with the nearest statement: what AWS manages cannot be edited.
    fn own_policy(&self) -> Option<&NamedPolicy> {
        let identity = self.examined.evaluation.layers.iter().find(|layer| layer.layer == Layer::Identity)?;
        let nearest = identity.near_misses(Effect::Allow).into_iter().next()?;
        let Known::Known(list) = &self.examined.policies.identity else { return None };
        list.get(nearest.policy_index).filter(|policy| !policy.name.contains(":iam::aws:policy/"))
    }

    fn allow_in_resource(&self) -> Option<Remedy> {
        let principal = self.principal_arn()?;
        let is_key = self.request().action.service() == "kms";
        let is_trust = self.examined.evaluation.layers.iter().any(|layer| layer.layer == Layer::RoleTrust);
        let resource = if is_key { "*" } else { self.request().resource.as_str() };
        let mut statement = self.statement(resource);
        if let Value::Object(map) = &mut statement {
            map.insert("Principal".to_owned(), json!({ "AWS": principal }));
            if is_trust {
                map.remove("Resource");
            }
        }
        // Of a service without resource-based policies there is none to change.
        let arn = self.request().resource.arn()?;
        if !is_key && !is_trust && !has_resource_policies(arn.service(), arn.resource()) {
            return None;
        }
        let Known::Known(known) = &self.examined.policies.resource else { return None };
        let name = known.as_ref().map_or_else(
            || format!("the resource-based policy of {}", self.request().resource),
            |policy| policy.name.clone(),
        );
        let extended = extended(known.as_ref().map(|policy| policy.document.as_ref()), &statement);
        let mut policies = self.examined.policies.clone();
        policies.resource =
            Known::Known(Some(NamedPolicy { name: name.clone(), document: Arc::new(extended) }));
        let addition = known.as_ref().and_then(|policy| Addition::adding(policy, &statement));
        let text = format!("allow {} to {principal} in the {name}", self.request().action);
        let text = text.replace("the the ", "the ");
        let owner = self.request().resource.owner().or_else(|| self.request().principal.account());
        let what = if is_key {
            "key"
        } else if is_trust {
            "role"
        } else {
            "resource"
        };
        let who = owner.map_or_else(
            || format!("the owner of the {what}"),
            |owner| format!("whoever administers the {what} in account {owner}"),
        );
        Some(Remedy { addition, ..self.tried(&policies, who, text, Some(&statement)) })
    }

    fn extend_boundary(&self) -> Option<Remedy> {
        let Known::Known(Some(boundary)) = &self.examined.policies.boundary else { return None };
        let statement = self.statement(self.request().resource.as_str());
        let mut policies = self.examined.policies.clone();
        let document = Arc::new(extended(Some(&boundary.document), &statement));
        policies.boundary = Known::Known(Some(NamedPolicy { name: boundary.name.clone(), document }));
        let addition = Addition::adding(boundary, &statement);
        let text = format!("allow {} in the permissions boundary {}", self.request().action, boundary.name);
        Some(Remedy {
            addition,
            ..self.tried(&policies, self.account_administrator(), text, Some(&statement))
        })
    }

    fn allow_in_session(&self) -> Remedy {
        let statement = self.statement(self.request().resource.as_str());
        let mut policies = self.examined.policies.clone();
        if let Known::Known(list) = &mut policies.session {
            list.push(NamedPolicy::new("remedy", document(&statement)));
        }
        let text = format!("pass a session policy that allows {}, or none", self.request().action);
        self.tried(&policies, "whoever asks for the session".to_owned(), text, Some(&statement))
    }

    fn allow_in_scp(&self, target: Option<&str>) -> Option<Remedy> {
        let statement = self.statement(self.request().resource.as_str());
        let mut policies = self.examined.policies.clone();
        let Known::Known(Some(levels)) = &mut policies.scps else { return None };
        let level = levels.iter_mut().find(|level| Some(level.target.as_str()) == target)?;
        let Known::Known(list) = &mut level.policies else { return None };
        list.push(NamedPolicy::new("remedy", document(&statement)));
        let text = format!(
            "attach to {} a service control policy that allows {}",
            target.unwrap_or_default(),
            self.request().action
        );
        Some(self.tried(&policies, self.organization_administrator(), text, Some(&statement)))
    }

    fn allow_in_endpoint(&self) -> Option<Remedy> {
        let Known::Known(Some(endpoint)) = &self.examined.policies.vpc_endpoint else { return None };
        let mut statement = self.statement(self.request().resource.as_str());
        if let (Value::Object(map), Some(principal)) = (&mut statement, self.principal_arn()) {
            map.insert("Principal".to_owned(), json!({ "AWS": principal }));
        }
        let mut policies = self.examined.policies.clone();
        let document = Arc::new(extended(Some(&endpoint.document), &statement));
        policies.vpc_endpoint = Known::Known(Some(NamedPolicy { name: endpoint.name.clone(), document }));
        let addition = Addition::adding(endpoint, &statement);
        let text = format!("allow {} in the {}", self.request().action, endpoint.name);
        let who = "the owner of the VPC endpoint".to_owned();
        Some(Remedy { addition, ..self.tried(&policies, who, text, Some(&statement)) })
    }

    fn organization_administrator(&self) -> String {
        let management = match &self.world.organization.0 {
            Known::Known(Some(facts)) => facts.management_account,
            _ => None,
        };
        management.map_or_else(
            || "the administrators of the organization".to_owned(),
            |account| format!("the administrators of the organization (management account {account})"),
        )
    }

    /// A Deny was written on purpose: its owner decides. What would still refuse without it is worth knowing.
    fn lift(&self, layer: &LayerTrace, statement: &crate::evaluate::StatementTrace) -> Option<Remedy> {
        let mut policies = self.examined.policies.clone();
        let policy = policy_mut(&mut policies, layer, statement.policy_index)?;
        let mut statements = policy.document.statements.clone();
        statements.retain(|other| other.index != statement.index);
        policy.document = Arc::new(policy.document.with_statements(statements));
        let who = match layer.layer {
            Layer::Scp | Layer::Rcp => self.organization_administrator(),
            Layer::Resource | Layer::RoleTrust | Layer::VpcEndpoint => {
                format!("the owner of the {}", layer.layer.title())
            }
            _ => self.account_administrator(),
        };
        let mut text = format!(
            "ask the owner of {} whether this request should be exempt from statement {}, a Deny \
             that somebody wrote on purpose",
            statement.policy, statement.label
        );
        if let Some(special) = finding::with_advice(&statement.policy) {
            special.advice.clone_into(&mut text);
        }
        Some(Remedy { is_advice: true, ..self.tried(&policies, who, text, None) })
    }
}

fn policy_mut<'p>(
    policies: &'p mut PolicySet,
    layer: &LayerTrace,
    index: usize,
) -> Option<&'p mut NamedPolicy> {
    fn at(list: &mut Known<Vec<NamedPolicy>>, index: usize) -> Option<&mut NamedPolicy> {
        match list {
            Known::Known(list) => list.get_mut(index),
            Known::Unknown(_) => None,
        }
    }
    fn one(policy: &mut Known<Option<NamedPolicy>>) -> Option<&mut NamedPolicy> {
        match policy {
            Known::Known(policy) => policy.as_mut(),
            Known::Unknown(_) => None,
        }
    }
    match layer.layer {
        Layer::Identity => at(&mut policies.identity, index),
        Layer::Session => at(&mut policies.session, index),
        Layer::Boundary => one(&mut policies.boundary),
        Layer::Resource | Layer::RoleTrust => one(&mut policies.resource),
        Layer::VpcEndpoint => one(&mut policies.vpc_endpoint),
        Layer::Scp | Layer::Rcp => {
            let levels = if layer.layer == Layer::Scp { &mut policies.scps } else { &mut policies.rcps };
            let Known::Known(Some(levels)) = levels else { return None };
            let level = levels.iter_mut().find(|level| Some(&level.target) == layer.target.as_ref())?;
            at(&mut level.policies, index)
        }
        _ => None,
    }
}

/// An Allow that fails by its conditions only: the first thing to try is to meet them.
fn meet_condition(layer: &LayerTrace) -> Option<Remedy> {
    let nearest = layer.near_misses(Effect::Allow).into_iter().next()?;
    let mut wanted = Vec::new();
    for failed in nearest.failed() {
        let Compared::Condition { operator, key, wanted: values, .. } = &failed.compared else {
            return None;
        };
        wanted.push(format!("{key} ({operator} {})", values.join(" or ")));
    }
    Some(Remedy {
        who: "whoever makes the request".to_owned(),
        text: format!(
            "meet the condition of statement {} of {}: {}",
            nearest.label,
            nearest.policy,
            wanted.join(", ")
        ),
        verified: false,
        next_denied_by: Vec::new(),
        statement: None,
        addition: None,
        is_advice: true,
        meets_condition: true,
    })
}

/// The name of the permission set behind a role of IAM Identity Center.
///
/// Source: <https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html>
fn permission_set(role: &str) -> Option<&str> {
    role.strip_prefix("AWSReservedSSO_")?.rsplit_once('_').map(|(name, _)| name)
}

/// Wildcards and variables in a name, written so that they stand for themselves.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-specialchars>
fn escaped(resource: &str) -> String {
    resource.replace('$', "${$}").replace('*', "${*}").replace('?', "${?}")
}

fn document(statement: &Value) -> PolicyDocument {
    PolicyDocument::parse(json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string())
}

/// A document with one more statement.
fn extended(base: Option<&PolicyDocument>, statement: &Value) -> PolicyDocument {
    let added = document(statement);
    let Some(base) = base else { return added };
    let mut statements = base.statements.clone();
    let next = statements.len();
    statements.extend(added.statements.into_iter().map(|mut statement| {
        statement.index = next;
        statement
    }));
    base.with_statements(statements)
}
