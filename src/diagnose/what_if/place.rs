//! The policy documents of the evidence by name: what an edit replaces.

use std::sync::Arc;

use crate::arn::Arn;
use crate::evaluate::{Known, Layer};
use crate::evidence::{Evidence, Iam, InlinePolicy, PolicyType};
use crate::ids::AccountId;
use crate::policy::PolicyDocument;

/// No single document is meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// There is none of that name.
    #[error("no policy in the evidence is called `{0}`")]
    Unknown(String),
    /// There are several.
    #[error("several policies in the evidence are called `{0}`")]
    Ambiguous(String),
}

/// Which elements a document has.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#access_policy-types>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentKind {
    /// Attached to a user, group or role, or a boundary of one.
    Identity,
    /// The trust policy of a role.
    Trust,
    /// A policy of another resource.
    Resource,
    /// A service control policy.
    ServiceControl,
    /// A resource control policy.
    ResourceControl,
}

/// A policy document of the evidence.
#[derive(Debug, Clone)]
pub struct Document {
    /// How answers call it.
    pub name: String,
    /// Which elements it has.
    pub kind: DocumentKind,
    /// What it says.
    pub policy: Arc<PolicyDocument>,
}

/// Where a document is kept.
enum Slot<'a> {
    Whole(&'a mut Arc<PolicyDocument>),
    /// It may not have been read; an edit fills it in.
    Optional(&'a mut Option<Arc<PolicyDocument>>),
}

/// A document with its names: the one that answers use, and others.
struct Place<'a> {
    names: Vec<String>,
    kind: DocumentKind,
    account: Option<AccountId>,
    /// The service and the name, of documents in `resource-policies/`.
    resource: Option<(String, String)>,
    slot: Slot<'a>,
}

impl Place<'_> {
    fn is(&self, name: &str) -> bool {
        let in_account = self.account.map(|account| format!(" in account {account}"));
        let plain = in_account.and_then(|ending| name.strip_suffix(&ending));
        self.names.iter().any(|own| own == name || Some(own.as_str()) == plain) || self.is_of_resource(name)
    }

    /// Answers name the policies of other resources by the resource's ARN; the evidence has its service and name.
    fn is_of_resource(&self, name: &str) -> bool {
        let arn = name.strip_prefix("resource-based policy of ").and_then(|arn| Arn::parse(arn).ok());
        arn.zip(self.resource.as_ref()).is_some_and(|(arn, (service, name))| {
            let rest = arn.resource_type().map_or(arn.resource(), |(_, rest)| rest);
            arn.service() == service
                && arn.account() == self.account
                && (rest == name || arn.resource() == name)
        })
    }

    /// Whether this is how a headline calls it: without the parts of an ARN that a reader does not need, and with the
    /// kind of policy or the place in the organization beside it.
    fn is_called(&self, name: &str) -> bool {
        let name = name.split(" in account ").next().unwrap_or(name);
        let name = name.split(" at ").next().unwrap_or(name);
        let of_kind = KINDS.iter().find_map(|layer| name.strip_prefix(layer.title())?.strip_prefix(' '));
        let bare = of_kind.unwrap_or(name);
        self.names.iter().any(|own| own == bare || shortened(own).iter().any(|short| short == bare))
            || self.resource.as_ref().is_some_and(|(_, own)| {
                let short = bare.strip_prefix("resource-based policy of ").or(of_kind);
                let short = short.map(|short| short.strip_prefix("of ").unwrap_or(short));
                short.is_some_and(|short| {
                    short == own || short.split_once(['/', ':']).is_some_and(|(_, rest)| rest == own)
                })
            })
    }
}

/// The kinds that answers put before the last part of an ARN.
const KINDS: [Layer; 7] = [
    Layer::Rcp,
    Layer::Scp,
    Layer::Identity,
    Layer::Boundary,
    Layer::Session,
    Layer::Resource,
    Layer::RoleTrust,
];

/// A name with its ARN as headlines write it: what follows the account, or the last part of that.
fn shortened(name: &str) -> Vec<String> {
    let (before, arn) = match name.rfind(' ') {
        Some(at) => name.split_at(at + 1),
        None => ("", name),
    };
    let Ok(arn) = Arn::parse(arn) else { return Vec::new() };
    let last = arn.resource().rsplit('/').next().unwrap_or_default();
    vec![format!("{before}{}", arn.resource()), format!("{before}{last}")]
}

/// The names of all policy documents, as answers write them.
pub fn policy_names(evidence: &Evidence) -> Vec<String> {
    let mut copy = super::super::replay::without_events(evidence);
    let mut names: Vec<String> =
        places(&mut copy).into_iter().filter_map(|place| place.names.into_iter().next()).collect();
    names.sort();
    names.dedup();
    names
}

/// All policy documents that were read.
pub fn documents(evidence: &Evidence) -> Vec<Document> {
    let mut copy = super::super::replay::without_events(evidence);
    let named = places(&mut copy).into_iter().filter_map(|place| {
        let policy = match place.slot {
            Slot::Whole(document) => Arc::clone(document),
            Slot::Optional(document) => document.clone()?,
        };
        Some(Document { name: place.names.into_iter().next()?, kind: place.kind, policy })
    });
    named.collect()
}

/// Whether a name means one policy document, before anybody writes an edit of it.
pub fn check_policy_name(evidence: &Evidence, policy: &str) -> Result<(), EditError> {
    let mut copy = super::super::replay::without_events(evidence);
    the_one(&mut copy, policy).map(|_| ())
}

/// Replaces one document.
pub(super) fn replace(
    world: &mut Evidence,
    policy: &str,
    document: &Arc<PolicyDocument>,
) -> Result<(), EditError> {
    match the_one(world, policy)?.slot {
        Slot::Whole(slot) => *slot = Arc::clone(document),
        Slot::Optional(slot) => *slot = Some(Arc::clone(document)),
    }
    Ok(())
}

fn the_one<'a>(world: &'a mut Evidence, policy: &str) -> Result<Place<'a>, EditError> {
    let mut all = places(world);
    // A short name counts only where no policy has the whole one.
    let has_whole = all.iter().any(|place| place.is(policy));
    all.retain(|place| if has_whole { place.is(policy) } else { place.is_called(policy) });
    let mut meant = all;
    match meant.pop() {
        None => Err(EditError::Unknown(policy.to_owned())),
        Some(_) if !meant.is_empty() => Err(EditError::Ambiguous(policy.to_owned())),
        Some(place) => Ok(place),
    }
}

fn places(world: &mut Evidence) -> Vec<Place<'_>> {
    let mut places = Vec::new();
    for (id, account) in &mut world.accounts {
        let folder = format!("accounts/{id}");
        let mut add = |names: Vec<String>, slot| {
            let kind = DocumentKind::Resource;
            places.push(Place { names, kind, account: Some(*id), resource: None, slot });
        };
        for (name, bucket) in &mut account.buckets {
            let names =
                vec![format!("bucket policy of {name}"), format!("{folder}/buckets/{name}/policy.json")];
            add(names, Slot::Optional(&mut bucket.policy));
        }
        for (key_id, key) in &mut account.keys {
            let arn = key.arn.as_ref().map(|arn| format!("key policy of {arn}"));
            let short = format!("key policy of {key_id}");
            let mut names: Vec<String> = arn.into_iter().chain([short]).collect();
            names.push(format!("{folder}/keys/{key_id}/policy.json"));
            add(names, Slot::Optional(&mut key.policy));
        }
        for (endpoint_id, endpoint) in &mut account.vpc_endpoints {
            let names = vec![format!("policy of VPC endpoint {endpoint_id}")];
            add(names, Slot::Optional(&mut endpoint.policy));
        }
        for ((service, name), document) in &mut account.resource_policies {
            let names = vec![
                format!("resource-based policy of {service} {name}"),
                format!("{folder}/resource-policies/{service}/{name}.json"),
            ];
            let resource = Some((service.clone(), name.clone()));
            let (kind, slot) = (DocumentKind::Resource, Slot::Whole(document));
            places.push(Place { names, kind, account: Some(*id), resource, slot });
        }
        if let Some(iam) = &mut account.iam {
            in_iam(iam, *id, &mut places);
        }
    }
    if let Known::Known(Some(facts)) = &mut world.organization.0 {
        for (id, policy) in &mut facts.policies {
            let mut names: Vec<String> = policy.arn.iter().cloned().collect();
            names.extend([id.clone(), format!("organization/policies/{id}.json")]);
            let slot = Slot::Optional(&mut policy.document);
            let kind = match policy.kind {
                PolicyType::ServiceControl => DocumentKind::ServiceControl,
                PolicyType::ResourceControl => DocumentKind::ResourceControl,
            };
            places.push(Place { names, kind, account: None, resource: None, slot });
        }
    }
    places
}

fn inline<'a>(
    holder: &str,
    account: AccountId,
    policies: &'a mut [InlinePolicy],
) -> impl Iterator<Item = Place<'a>> {
    policies.iter_mut().map(move |policy| Place {
        names: vec![format!("{holder} inline policy {}", policy.name)],
        kind: DocumentKind::Identity,
        account: Some(account),
        resource: None,
        slot: Slot::Whole(&mut policy.document),
    })
}

fn in_iam<'a>(iam: &'a mut Iam, account: AccountId, places: &mut Vec<Place<'a>>) {
    for (name, user) in &mut iam.users {
        places.extend(inline(&format!("user {name}"), account, &mut user.inline));
    }
    for (name, group) in &mut iam.groups {
        places.extend(inline(&format!("group {name}"), account, &mut group.inline));
    }
    for (name, role) in &mut iam.roles {
        places.extend(inline(&format!("role {name}"), account, &mut role.inline));
        let names = vec![format!("trust policy of role {name}")];
        let slot = Slot::Optional(&mut role.trust);
        let kind = DocumentKind::Trust;
        places.push(Place { names, kind, account: Some(account), resource: None, slot });
    }
    for (arn, policy) in &mut iam.policies {
        let default = policy.default_version.clone();
        let in_force = |id: &str, is_default: bool| default.as_deref().map_or(is_default, |set| set == id);
        let version = policy.versions.iter_mut().find(|version| in_force(&version.id, version.is_default));
        places.extend(version.map(|version| Place {
            names: vec![arn.clone()],
            kind: DocumentKind::Identity,
            account: Some(account),
            resource: None,
            slot: Slot::Whole(&mut version.document),
        }));
    }
}
