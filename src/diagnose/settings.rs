//! Facts of the evidence about resources, put where the evaluator wants them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::gather::{Gatherer, last};
use super::guardrails;
use crate::evaluate::{Grant, Known, NamedPolicy, PolicySet};
use crate::evidence::{BucketWant, Evidence, Key, KeyWant, Want};
use crate::knowledge::actions::prefix;
use crate::knowledge::resource_policies;
use crate::knowledge::resource_tag_keys::resource_tag_keys;
use crate::knowledge::service_reference::{self, KeySupport};
use crate::request::{ContextValue, Provenance, Request};
use crate::trail::Event;

/// Keys of the request context that follow from the organization and from tags and aliases of the resource.
pub(super) fn complete_context(world: &Evidence, request: &mut Request) {
    guardrails::context_keys(world, request);
    resource_tags(world, request);
    boundary_of_resource(world, request);
    if request.action.service() == "kms"
        && let Some(aliases) = key_of(world, request).and_then(|key| key.aliases.clone())
    {
        let provenance = Provenance::Evidence("aliases of the key".to_owned());
        request.context.set_default("kms:ResourceAliases", ContextValue::Known(aliases.into()), provenance);
    }
}

/// Tags of the resource, where they were read.
fn resource_tags(world: &Evidence, request: &mut Request) {
    let Some(tags) = tags_of(world, request) else { return };
    let service = request.action.service().to_owned();
    let provenance = Provenance::Evidence("tags of the resource".to_owned());
    for family in resource_tag_keys(&service) {
        for (key, value) in tags {
            let name = format!("{family}{key}");
            request.context.set_default(
                &name,
                ContextValue::Known(value.as_str().into()),
                provenance.clone(),
            );
        }
        request.context.declare_family_complete(family);
    }
}

/// The permissions boundary of the user or role that is changed. A call that sets one carries its own.
///
/// Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html>
fn boundary_of_resource(world: &Evidence, request: &mut Request) {
    let (service, name) = (request.action.service(), request.action.name());
    let sets_it =
        name.starts_with("create") || name.starts_with("put") && name.ends_with("permissionsboundary");
    let has_it = service == "iam"
        && service_reference::action(service, name).is_some_and(|facts| {
            !matches!(facts.support(BOUNDARY), KeySupport::NotListed | KeySupport::Global)
        });
    if sets_it || !has_it {
        return;
    }
    let Some(boundary) = boundary_in(world, request) else { return };
    let value = match boundary {
        None => ContextValue::Absent,
        Some(arn) if arn.starts_with("arn:") => ContextValue::Known(arn.into()),
        Some(_) => ContextValue::Unknown("what it was at that moment no event shows".to_owned()),
    };
    let provenance = Provenance::Evidence("permissions boundary of the user or role".to_owned());
    request.context.set_default(BOUNDARY, value, provenance);
}

const BOUNDARY: &str = "iam:PermissionsBoundary";

/// The boundary of the user or role that a request is about, if the evidence has that user or role.
#[expect(clippy::option_option, reason = "to have no boundary is something else than not to be known")]
fn boundary_in(world: &Evidence, request: &Request) -> Option<Option<String>> {
    let arn = request.resource.arn().filter(|arn| arn.service() == "iam")?;
    let iam = world.accounts.get(&arn.account()?)?.iam.as_ref()?;
    match arn.resource_type()? {
        ("user", _) => iam.users.get(last(arn.resource())).map(|user| user.boundary.clone()),
        ("role", _) => iam.roles.get(last(arn.resource())).map(|role| role.boundary.clone()),
        _ => None,
    }
}

static NO_TAGS: BTreeMap<String, String> = BTreeMap::new();

/// Those of users and roles come with the principals themselves; those of a bucket count only where that is enabled.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/buckets-tagging-enable-abac.html>
fn tags_of<'w>(world: &'w Evidence, request: &Request) -> Option<&'w BTreeMap<String, String>> {
    let account = world.accounts.get(&request.resource.owner()?)?;
    let arn = request.resource.arn()?;
    if arn.service() == "s3" && !account.buckets.get(arn.resource())?.abac? {
        return Some(&NO_TAGS);
    }
    let listed = account.resource_tags.as_ref().and_then(|by_arn| by_arn.get(arn.as_str()));
    listed.or_else(|| {
        let iam = account.iam.as_ref().filter(|_| arn.service() == "iam")?;
        match arn.resource_type()? {
            ("user", _) => iam.users.get(last(arn.resource()))?.tags.as_ref(),
            ("role", _) => iam.roles.get(last(arn.resource()))?.tags.as_ref(),
            _ => None,
        }
    })
}

/// The aliases of the key, where one of the policies asks for them and nobody has read them.
///
/// Source: <https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-resource-aliases>
pub(super) fn aliases_wanted(world: &Evidence, request: &Request, policies: &PolicySet) -> Option<Want> {
    let arn =
        request.resource.arn().filter(|arn| arn.service() == "kms" && arn.resource().starts_with("key/"))?;
    let asked = policies.named().any(|policy| policy.document.mentions("ResourceAliases"));
    let is_known = key_of(world, request).is_some_and(|key| key.aliases.is_some());
    (asked && !is_known).then(|| Want::Key { arn: arn.clone(), fact: KeyWant::Aliases })
}

/// The tags that one of the policies asks for, and that nobody has read.
///
/// Objects have tags of their own, for which there is another key.
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html>
pub(super) fn tags_wanted(
    world: &Evidence,
    event: Option<&Event>,
    request: &Request,
    policies: &PolicySet,
) -> Option<Want> {
    let arn = request.resource.arn().filter(|arn| !arn.as_str().contains(['*', '?']))?;
    let is_object = arn.service() == "s3" && arn.resource().contains('/');
    let asked = policies.named().any(|policy| policy.document.mentions("ResourceTag"));
    if is_object || !asked || tags_of(world, request).is_some() {
        return None;
    }
    if arn.service() == "iam" {
        let is_principal = matches!(arn.resource_type(), Some(("user" | "role", _)));
        return is_principal.then(|| Want::Principal(arn.clone()));
    }
    let bucket = world.bucket(arn.resource()).filter(|_| arn.service() == "s3");
    if arn.service() == "s3" && bucket.is_none_or(|(_, bucket)| bucket.abac.is_none()) {
        let (name, owner) = (arn.resource().to_owned(), request.resource.owner());
        return Some(Want::Bucket { name, owner, fact: BucketWant::Abac });
    }
    let region = event.and_then(|event| event.aws_region.clone());
    Some(Want::ResourceTags { arn: arn.clone(), owner: request.resource.owner()?, region })
}

fn key_of<'w>(world: &'w Evidence, request: &Request) -> Option<&'w Key> {
    let arn = request.resource.arn().filter(|arn| arn.service() == "kms")?;
    world.accounts.get(&arn.account()?)?.keys.get(last(arn.resource()))
}

impl Gatherer<'_> {
    pub(super) fn resource_policy(&mut self, request: &Request) -> Known<Option<NamedPolicy>> {
        if request.action.service() == "organizations" {
            return self.delegation_policy();
        }
        let Some(arn) = request.resource.arn() else {
            return match (request.resource.is_none(), request.action.service()) {
                (true, _) => Known::Known(None),
                // Users, groups and roles have no resource-based policies but the trust policy, which STS reads.
                (false, service) if service == "iam" || !resource_policies::in_service(service) => {
                    Known::Known(None)
                }
                (false, _) => self.missing(format!("resource-based policy of {}", request.resource)),
            };
        };
        let name = last(arn.resource()).to_owned();
        match arn.service() {
            "s3" => {
                let bucket = arn.resource().split('/').next().unwrap_or_default().to_owned();
                let found = self.world.bucket(&bucket).and_then(|(_, bucket)| bucket.policy.clone());
                let owner = request.resource.owner();
                self.named(found, Want::Bucket { name: bucket, owner, fact: BucketWant::Policy })
            }
            "kms" if arn.resource().starts_with("alias/") => Known::Known(None),
            "kms" => {
                let found = key_of(self.world, request).and_then(|key| key.policy.clone());
                self.named(found, Want::Key { arn: arn.clone(), fact: KeyWant::Policy })
            }
            "iam" if arn.resource().starts_with("role/") && request.action.service() == "sts" => {
                let iam = arn.account().and_then(|account| self.world.accounts.get(&account)?.iam.as_ref());
                let found = iam.and_then(|iam| iam.roles.get(&name)).and_then(|role| role.trust.clone());
                self.named(found, Want::Trust(arn.clone()))
            }
            "iam" => Known::Known(None),
            service => {
                let resource = arn.resource_type().map_or(arn.resource(), |(_, rest)| rest);
                // Some services have no type word in their ARNs: the resource is the name.
                let names = [resource.to_owned(), arn.resource().to_owned()];
                let account = arn.account().and_then(|account| self.world.accounts.get(&account));
                let found = names.iter().find_map(|name| {
                    account?.resource_policies.get(&(service.to_owned(), name.clone())).cloned()
                });
                if found.is_none() && !resource_policies::has_resource_policies(service, arn.resource()) {
                    return Known::Known(None);
                }
                self.named(found, Want::ResourcePolicy(arn.clone()))
            }
        }
    }

    fn named(
        &mut self,
        document: Option<Arc<crate::policy::PolicyDocument>>,
        want: Want,
    ) -> Known<Option<NamedPolicy>> {
        match document {
            // A document without statements stands for "known to have none".
            Some(document) if document.statements.is_empty() && !document.unreadable => Known::Known(None),
            Some(document) => Known::Known(Some(NamedPolicy { name: want.to_string(), document })),
            None => self.wanted(want),
        }
    }

    pub(super) fn grants(&mut self, request: &Request) -> Known<Vec<Grant>> {
        if request.action.service() != "kms" {
            return Known::default();
        }
        match key_of(self.world, request).and_then(|key| key.grants.clone()) {
            Some(grants) => Known::Known(grants),
            None => match request.resource.arn().filter(|arn| arn.resource().starts_with("key/")) {
                Some(arn) => self.wanted(Want::Key { arn: arn.clone(), fact: KeyWant::Grants }),
                None => self.missing(format!("grants of {}", request.resource)),
            },
        }
    }

    pub(super) fn is_aws_managed_key(&mut self, request: &Request) -> bool {
        let arn = request.resource.arn();
        if let Some(arn) = arn.filter(|arn| arn.service() == "kms" && arn.resource().starts_with("key/")) {
            let key = key_of(self.world, request);
            let mut want = |fact| {
                self.wants.insert(Want::Key { arn: arn.clone(), fact });
            };
            if key.is_none_or(|key| key.state.is_none()) {
                want(KeyWant::Metadata);
            }
        }
        key_of(self.world, request).is_some_and(|key| key.manager.as_deref() == Some("AWS"))
    }

    pub(super) fn vpc_endpoint(
        &mut self,
        event: Option<&Event>,
        request: &Request,
    ) -> Known<Option<NamedPolicy>> {
        let Some(id) = event.and_then(|event| event.vpc_endpoint_id.clone()) else { return Known::default() };
        // The endpoint is that of the called service; a call behind the call, such as iam:PassRole, passes none.
        if event.is_some_and(|event| prefix(&event.event_source) != request.action.service()) {
            return Known::default();
        }
        let found = self.world.accounts.values().find_map(|account| account.vpc_endpoints.get(&id));
        match found.and_then(|endpoint| endpoint.policy.clone()) {
            Some(document) => {
                Known::Known(Some(NamedPolicy { name: format!("policy of VPC endpoint {id}"), document }))
            }
            None => self.wanted(Want::VpcEndpoint {
                id,
                region: event.and_then(|event| event.aws_region.clone()),
                account: request.principal.account(),
            }),
        }
    }
}
