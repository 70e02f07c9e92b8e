//! Facts of the evidence about resources and the organization, put where the evaluator wants them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::gather::{Gatherer, last};
use crate::evaluate::{
    Acls, BlockPublicAccess, Grant, Known, Level, NamedPolicy, ObjectOwner, Organization, PolicySet, S3Facts,
};
use crate::evidence::{BucketWant, Evidence, Key, KeyWant, OrganizationFacts, PolicyType, Want};
use crate::ids::AccountId;
use crate::knowledge::actions::prefix;
use crate::knowledge::resource_policies;
use crate::request::{ContextValue, Principal, Provenance, Request};
use crate::trail::Event;

/// Keys of the request context that follow from the organization and from tags and aliases of the resource.
pub(super) fn complete_context(world: &Evidence, request: &mut Request) {
    organization_keys(world, request);
    resource_tags(world, request);
    if request.action.service() == "kms"
        && let Some(aliases) = key_of(world, request).and_then(|key| key.aliases.clone())
    {
        let provenance = Provenance::Evidence("aliases of the key".to_owned());
        request.context.set_default("kms:ResourceAliases", ContextValue::Known(aliases.into()), provenance);
    }
}

fn organization_keys(world: &Evidence, request: &mut Request) {
    let Known::Known(organization) = &world.organization.0 else { return };
    let state = |account: Option<AccountId>| match organization {
        None if account.is_some_and(|account| world.accounts.contains_key(&account)) => {
            Some(ContextValue::Absent)
        }
        None => None,
        Some(facts) => match account {
            Some(account) if facts.has(account) => facts.id.clone().map(|id| ContextValue::Known(id.into())),
            // It is outside this organization, and may be in another.
            Some(_) => Some(ContextValue::AbsentOrOther {
                example: "o-(another)".to_owned(),
                why: "the account is outside this organization, and may be in another".to_owned(),
            }),
            None => None,
        },
    };
    let provenance = Provenance::Evidence("organization.json".to_owned());
    // Who signs in with a token or an assertion is no principal of an account yet.
    let principal = match request.principal {
        Principal::Federated { .. } => Some(ContextValue::Absent),
        _ => state(request.principal.account()),
    };
    if let Some(value) = principal {
        request.context.set_default("aws:PrincipalOrgID", value, provenance.clone());
    }
    let owner =
        if request.resource.is_none() { request.principal.account() } else { request.resource.owner() };
    if let Some(value) = state(owner) {
        request.context.set_default("aws:ResourceOrgID", value, provenance);
    }
}

/// Tags of the resource, where they were read.
fn resource_tags(world: &Evidence, request: &mut Request) {
    let Some(tags) = tags_of(world, request) else { return };
    let provenance = Provenance::Evidence("tags of the resource".to_owned());
    for (key, value) in tags {
        let name = format!("aws:ResourceTag/{key}");
        request.context.set_default(&name, ContextValue::Known(value.as_str().into()), provenance.clone());
    }
    request.context.declare_family_complete("aws:ResourceTag/");
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

    fn delegation_policy(&mut self) -> Known<Option<NamedPolicy>> {
        match &self.world.organization.0 {
            Known::Known(None) => Known::Known(None),
            Known::Known(Some(facts)) => match facts.delegation_policy.clone() {
                Some(None) => Known::Known(None),
                Some(Some(document)) => Known::Known(Some(NamedPolicy {
                    name: "organization delegation policy".to_owned(),
                    document,
                })),
                None => self.wanted(Want::DelegationPolicy),
            },
            Known::Unknown(_) => self.wanted(Want::DelegationPolicy),
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

    pub(super) fn organization(&mut self, request: &Request) -> Known<Organization> {
        match &self.world.organization.0 {
            Known::Unknown(why) => Known::Unknown(why.clone()),
            Known::Known(None) => Known::default(),
            Known::Known(Some(facts)) => match &facts.delegated_administrators {
                None => {
                    if request.action.service() == "organizations" {
                        self.wants.insert(Want::DelegatedAdministrators);
                    }
                    Known::Unknown("its delegated administrators were not read".to_owned())
                }
                Some(list) => {
                    let mut by_service: BTreeMap<String, BTreeSet<AccountId>> = BTreeMap::new();
                    for administrator in list {
                        let services = administrator.services.iter().cloned();
                        let fallback = administrator.services.is_empty().then(String::new);
                        for service in services.chain(fallback) {
                            by_service.entry(service).or_default().insert(administrator.account);
                        }
                    }
                    Known::Known(Organization {
                        management_account: facts.management_account,
                        delegated_administrators: by_service,
                    })
                }
            },
        }
    }

    pub(super) fn scps(&mut self, request: &Request) -> Known<Option<Vec<Level>>> {
        let Some(account) = request.principal.account() else { return Known::default() };
        if matches!(request.principal, Principal::Service { .. }) {
            return Known::default();
        }
        self.levels(PolicyType::ServiceControl, account)
    }

    pub(super) fn rcps(&mut self, request: &Request) -> Known<Option<Vec<Level>>> {
        if !crate::knowledge::rcp_services::supports_rcp(request.action.service()) {
            return Known::default();
        }
        let owner =
            if request.resource.is_none() { request.principal.account() } else { request.resource.owner() };
        match owner {
            Some(account) => self.levels(PolicyType::ResourceControl, account),
            None => match &self.world.organization.0 {
                Known::Known(None) => Known::default(),
                _ => self.missing(format!(
                    "resource control policies of the account that owns {}",
                    request.resource
                )),
            },
        }
    }

    fn levels(&mut self, kind: PolicyType, account: AccountId) -> Known<Option<Vec<Level>>> {
        let facts = match &self.world.organization.0 {
            Known::Known(None) => return Known::default(),
            Known::Known(Some(facts)) => facts,
            Known::Unknown(_) => return self.wanted(Want::Guardrails { kind, account }),
        };
        if facts.management_account == Some(account) {
            return Known::default();
        }
        if !facts.has(account) && !facts.attachments.contains_key(&account.to_string()) {
            // An account that the organization does not list is outside of it.
            return Known::default();
        }
        match &facts.enabled_types {
            Some(types) if !types.contains(&kind) => return Known::default(),
            Some(_) => {}
            None => {
                return self.missing(format!(
                    "which policy types the organization of account {account} has enabled"
                ));
            }
        }
        let Some(path) = facts.path_to(account) else {
            return self.missing(format!("the place of account {account} in the organization"));
        };
        Known::Known(Some(path.into_iter().map(|target| self.level(facts, kind, target)).collect()))
    }

    fn level(&mut self, facts: &OrganizationFacts, kind: PolicyType, target: String) -> Level {
        let Some(ids) = facts.attachments.get(&target) else {
            let policies = self.wanted(Want::Attachments(target.clone()));
            return Level { target, policies };
        };
        let mut policies = Vec::new();
        for id in ids {
            match facts.policies.get(id) {
                Some(policy) if policy.kind != kind => {}
                Some(policy) => {
                    let name = policy.arn.clone().unwrap_or_else(|| id.clone());
                    match &policy.document {
                        Some(document) => policies.push(NamedPolicy { name, document: Arc::clone(document) }),
                        None => {
                            let want = Want::OrganizationPolicy(id.clone());
                            policies.push(self.unread(want, name, "its document is not in the evidence"));
                        }
                    }
                }
                None => {
                    let want = Want::OrganizationPolicy(id.clone());
                    policies.push(self.unread(want, id.clone(), "it is not in the evidence"));
                }
            }
        }
        Level { target, policies: Known::Known(policies) }
    }

    pub(super) fn s3_facts(&mut self, request: &Request) -> S3Facts {
        let Some(arn) = request.resource.arn().filter(|arn| arn.service() == "s3") else {
            return S3Facts::default();
        };
        let bucket = arn.resource().split('/').next().unwrap_or_default().to_owned();
        self.want_s3(&bucket, request.resource.owner());
        let block_public_access = match self.world.bucket(&bucket) {
            Some((owner, found)) => {
                let account = self.world.accounts.get(&owner).and_then(|account| account.public_access_block);
                match (found.public_access_block, account) {
                    (Some(bucket), Some(account)) => Known::Known(strictest(bucket, account)),
                    (Some(all), None) if all == ALL_ON => Known::Known(all),
                    (None, Some(all)) if all == ALL_ON => Known::Known(all),
                    _ => Known::Unknown(format!("S3 Block Public Access of bucket {bucket} and its account")),
                }
            }
            None => Known::Unknown(format!("S3 Block Public Access of bucket {bucket}")),
        };
        let ownership = self.world.bucket(&bucket).and_then(|(_, found)| found.object_ownership.clone());
        // "When ACLs are disabled, the bucket owner owns every object in the bucket."
        let object_owner = match ownership.as_deref() {
            Some("BucketOwnerEnforced") => ObjectOwner::BucketOwner,
            _ => ObjectOwner::Unknown(format!("which account owns the object in bucket {bucket}")),
        };
        S3Facts { block_public_access, object_owner, acls: self.acls(&bucket, ownership.as_deref()) }
    }

    /// What is looked at beside the bucket policy. None of it is a gap in itself: Block Public Access matters for few
    /// requests, and ACLs are off in most buckets.
    fn want_s3(&mut self, bucket: &str, owner: Option<AccountId>) {
        let found = self.world.bucket(bucket);
        let owner = found.map(|(owner, _)| owner).or(owner);
        let bucket_facts = found.map(|(_, bucket)| bucket);
        let mut want = |fact| {
            self.wants.insert(Want::Bucket { name: bucket.to_owned(), owner, fact });
        };
        if bucket_facts.is_none_or(|bucket| bucket.public_access_block.is_none()) {
            want(BucketWant::PublicAccess);
        }
        let ownership = bucket_facts.and_then(|bucket| bucket.object_ownership.as_deref());
        if ownership.is_none() {
            want(BucketWant::Ownership);
        }
        let has_acl = bucket_facts.is_some_and(|bucket| bucket.acl.is_some());
        if !has_acl && matches!(ownership, Some("BucketOwnerPreferred" | "ObjectWriter")) {
            want(BucketWant::Acl);
        }
        if let Some(owner) = owner
            && self.world.accounts.get(&owner).is_none_or(|account| account.public_access_block.is_none())
        {
            self.wants.insert(Want::AccountPublicAccess(owner));
        }
    }

    /// The bucket's ACL, where it was read and ACLs are on. An object's ACL has no place in the evidence.
    fn acls(&self, bucket: &str, ownership: Option<&str>) -> Acls {
        let on = matches!(ownership, Some("BucketOwnerPreferred" | "ObjectWriter"));
        let list = self.world.bucket(bucket).and_then(|(_, found)| found.acl.clone());
        Acls { bucket: Known::Known(list.filter(|_| on)), ..Acls::default() }
    }
}

const ALL_ON: BlockPublicAccess = BlockPublicAccess {
    block_public_acls: true,
    ignore_public_acls: true,
    block_public_policy: true,
    restrict_public_buckets: true,
};

/// "S3 applies the most restrictive combination of the bucket-level and account-level settings."
fn strictest(left: BlockPublicAccess, right: BlockPublicAccess) -> BlockPublicAccess {
    BlockPublicAccess {
        block_public_acls: left.block_public_acls || right.block_public_acls,
        ignore_public_acls: left.ignore_public_acls || right.ignore_public_acls,
        block_public_policy: left.block_public_policy || right.block_public_policy,
        restrict_public_buckets: left.restrict_public_buckets || right.restrict_public_buckets,
    }
}
