//! An Allow at each place that could make it, no wider than the denied request.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Addition, Proposer, Remedy};
use crate::diagnose::nearest::nearest_allow;
use crate::evaluate::{Known, Layer, LayerTrace, NamedPolicy};
use crate::knowledge::resource_policies::has_resource_policies;
use crate::policy::{Effect, PolicyDocument};
use crate::request::{KeyState, Principal, Resource};

impl Proposer<'_> {
    pub(super) fn for_layer(&self, layer: &LayerTrace) -> Vec<Remedy> {
        if layer.applying(Effect::Deny).next().is_some() {
            return layer
                .applying(Effect::Deny)
                .flat_map(|statement| self.exempt(layer, statement))
                .collect();
        }
        if layer.layer == Layer::Resource && self.is_of_aws_managed_key() && !self.same_account() {
            return vec![self.another_key()];
        }
        let mut remedies = self.meet_condition(layer);
        let by_condition = !remedies.is_empty();
        let from = remedies.len();
        match layer.layer {
            Layer::Identity => {
                remedies.extend(self.allow_in_identity());
                // In one account a key policy that names the caller is enough.
                if self.request().action.service() == "kms"
                    && self.same_account()
                    && !self.is_of_aws_managed_key()
                {
                    remedies.extend(self.allow_in_resource());
                }
            }
            Layer::Resource | Layer::RoleTrust => remedies.extend(self.allow_in_resource()),
            Layer::Boundary => remedies.extend(self.extend_boundary()),
            // What the kind of the credentials forbids no session policy allows.
            Layer::Session if layer.note.is_some() => {
                let text = "no policy can change this: make the call with credentials of another kind";
                remedies.push(Remedy::advice("whoever makes the request", text));
            }
            Layer::Session => remedies.push(self.allow_in_session()),
            Layer::Scp => remedies.extend(self.allow_in_scp(layer.target.as_deref())),
            Layer::VpcEndpoint => remedies.extend(self.allow_in_endpoint()),
            _ => {}
        }
        // Where an Allow exists and asks for something, allowing without it would take the condition away.
        remedies.iter_mut().skip(from).for_each(|remedy| remedy.is_advice |= by_condition);
        remedies
    }

    fn is_of_aws_managed_key(&self) -> bool {
        self.request().action.service() == "kms" && self.examined.policies.aws_managed_key
    }

    /// Nobody can change the policy of an AWS managed key, and it lets in callers of its own account only.
    ///
    /// Source: <https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#aws-managed-cmk>
    fn another_key(&self) -> Remedy {
        let text = format!(
            "encrypt with a customer managed key: {} is an AWS managed key, whose key policy lets in callers of its own \
             account only, and nobody can change it",
            self.request().resource
        );
        Remedy::advice("the owner of what is encrypted", text)
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
        // Who may make grants for AWS services need not make them for anybody else.
        // Source: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-grant-is-for-aws-resource
        if let KeyState::Known(values) = self.request().context.get("kms:grantisforawsresource")
            && values.as_slice().first().is_some_and(|value| value == "true")
            && let Value::Object(map) = &mut statement
        {
            let condition = map.entry("Condition").or_insert_with(|| json!({}));
            if let Value::Object(operators) = condition {
                operators.insert("Bool".to_owned(), json!({ "kms:GrantIsForAWSResource": "true" }));
            }
        }
        statement
    }

    /// The principal as a resource-based policy should name it: a role, not one of its sessions.
    fn principal_arn(&self) -> Option<String> {
        self.request().principal.principal_arn().map(ToString::to_string)
    }

    /// The caller as a resource-based policy names it: in words, and as a `Principal` element.
    fn named_in_resource(&self) -> Option<(String, Value)> {
        if let Principal::Service { name } = &self.request().principal {
            return Some((name.clone(), json!({ "Service": name })));
        }
        let arn = self.principal_arn()?;
        let element = json!({ "AWS": arn });
        Some((arn, element))
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

    /// Nobody can change the policies of a service-linked role.
    ///
    /// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html>
    fn allow_in_identity(&self) -> Option<Remedy> {
        if matches!(&self.request().principal, Principal::Role(session) if session.is_service_linked() != Some(false))
        {
            return None;
        }
        if self.request().resource.as_str() == Resource::NOT_SHOWN {
            let text = format!(
                "allow {} in an identity-based policy of {}; on which resource the event does not show",
                self.request().action,
                self.identity_holder()
            );
            return Some(Remedy::advice(self.account_administrator(), text));
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
            ..self.tried(&policies, self.identity_administrator(), text, Some(&statement))
        })
    }

    /// Roles of permission sets are changed in IAM Identity Center, and nowhere else.
    ///
    /// Source: <https://docs.aws.amazon.com/singlesignon/latest/userguide/permissionsetsconcept.html>
    fn identity_administrator(&self) -> String {
        match &self.request().principal {
            Principal::Role(session) if permission_set(session.role_name()).is_some() => {
                "whoever administers IAM Identity Center".to_owned()
            }
            _ => self.account_administrator(),
        }
    }

    /// The policy of the caller's own account with the nearest statement: what AWS manages cannot be edited.
    fn own_policy(&self) -> Option<&NamedPolicy> {
        let identity = self.examined.evaluation.layers.iter().find(|layer| layer.layer == Layer::Identity)?;
        let nearest = nearest_allow(identity)?;
        let Known::Known(list) = &self.examined.policies.identity else { return None };
        list.get(nearest.policy_index).filter(|policy| !policy.name.contains(":iam::aws:policy/"))
    }

    fn allow_in_resource(&self) -> Option<Remedy> {
        if let Principal::Federated { provider } = &self.request().principal {
            // Without a condition on its users, everybody whom the provider knows could come.
            let text = format!(
                "let {provider} use {} in the trust policy of {}, with a condition on who may come from there",
                self.request().action,
                self.request().resource
            );
            return Some(Remedy::advice(self.owner_of(Layer::RoleTrust), text));
        }
        let (principal, element) = self.named_in_resource()?;
        let is_key = self.request().action.service() == "kms";
        let is_trust = self.examined.evaluation.layers.iter().any(|layer| layer.layer == Layer::RoleTrust);
        let resource = if is_key { "*" } else { self.request().resource.as_str() };
        let mut statement = self.statement(resource);
        if let Value::Object(map) = &mut statement {
            map.insert("Principal".to_owned(), element);
            if is_trust {
                map.remove("Resource");
            }
            // Whoever can make a service act could use the resource through it.
            // Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
            if let (Principal::Service { .. }, Some(owner)) =
                (&self.request().principal, self.request().resource.owner())
            {
                let only = json!({ "StringEquals": { "aws:SourceAccount": owner.to_string() } });
                map.insert("Condition".to_owned(), only);
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

    /// The policy of a gateway endpoint names everyone, and who is meant by a condition; that of an interface endpoint can.
    ///
    /// Source: <https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html>
    fn allow_in_endpoint(&self) -> Option<Remedy> {
        let Known::Known(Some(endpoint)) = &self.examined.policies.vpc_endpoint else { return None };
        let caller = self.principal_arn()?;
        let mut statement = self.statement(self.request().resource.as_str());
        let map = statement.as_object_mut()?;
        map.insert("Principal".to_owned(), json!("*"));
        let condition = map.entry("Condition").or_insert_with(|| json!({})).as_object_mut()?;
        condition.insert("ArnEquals".to_owned(), json!({ "aws:PrincipalArn": caller }));
        let mut policies = self.examined.policies.clone();
        let document = Arc::new(extended(Some(&endpoint.document), &statement));
        policies.vpc_endpoint = Known::Known(Some(NamedPolicy { name: endpoint.name.clone(), document }));
        let addition = Addition::adding(endpoint, &statement);
        let text = format!("allow {} in the {}", self.request().action, endpoint.name);
        let who = "the owner of the VPC endpoint".to_owned();
        Some(Remedy { addition, ..self.tried(&policies, who, text, Some(&statement)) })
    }
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
