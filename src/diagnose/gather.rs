//! The policies that apply to a request, out of the evidence. What is not there is unknown, never empty.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

use super::settings;
use crate::arn::Arn;
use crate::evaluate::{Known, NamedPolicy, PolicySet};
use crate::evidence::{Account, AttachedPolicy, Evidence, Gap, Iam, InlinePolicy, Want};
use crate::ids::AccountId;
use crate::policy::PolicyDocument;
use crate::request::{Principal, Provenance, Request, Resource, RoleSession};
use crate::trail::Event;
use crate::trail::identity::Caller;
use crate::trail::session::{SessionIndex, SessionIssue};

/// A request completed with the facts of the evidence, and its policies.
pub(crate) struct Gathered {
    pub request: Request,
    pub policies: PolicySet,
    pub gaps: Vec<Gap>,
    /// What is not there and could be had; also what is no gap, because most requests go without it.
    pub wants: BTreeSet<Want>,
}

/// Collects what applies to a request.
pub(crate) fn gather(
    world: &Evidence,
    sessions: &SessionIndex,
    event: Option<&Event>,
    mut request: Request,
) -> Gathered {
    let at = event.and_then(|event| event.event_time);
    let mut gatherer = Gatherer { world, gaps: Vec::new(), wants: BTreeSet::new(), at };
    gatherer.own_resource(&mut request);
    gatherer.complete_context(sessions, event, &mut request);
    let policies = gatherer.policies(sessions, event, &request);
    gatherer.wants.extend(settings::tags_wanted(world, event, &request, &policies));
    gatherer.wants.extend(settings::aliases_wanted(world, &request, &policies));
    Gathered { request, policies, gaps: gatherer.gaps, wants: gatherer.wants }
}

/// What has to be fetched to know the path of a user or role. The policies of a group do not show its path.
fn with_path(arn: &Arn) -> Option<Want> {
    matches!(arn.resource_type(), Some(("role" | "user", _))).then(|| Want::Principal(arn.clone()))
}

pub(super) struct Gatherer<'a> {
    pub world: &'a Evidence,
    pub gaps: Vec<Gap>,
    pub wants: BTreeSet<Want>,
    /// The moment of the call.
    at: Option<Timestamp>,
}

impl<'a> Gatherer<'a> {
    pub(super) fn gap(&mut self, what: impl Into<String>, why: impl Into<String>) -> String {
        let gap = Gap { what: what.into(), why: why.into() };
        let text = format!("{}: not read", gap.what);
        if !self.gaps.contains(&gap) {
            self.gaps.push(gap);
        }
        text
    }

    /// A fact that nobody can fetch, or for which there is no single place.
    pub(super) fn missing<T>(&mut self, what: impl Into<String>) -> Known<T> {
        let what = what.into();
        let why = self.why(&what, "it is not in the evidence");
        Known::Unknown(self.gap(what, why))
    }

    /// A fact that could be fetched.
    pub(super) fn wanted<T>(&mut self, want: Want) -> Known<T> {
        let unknown = self.missing(want.to_string());
        self.wants.insert(want);
        unknown
    }

    /// Why the fact is missing, if the evidence says so.
    fn why(&self, what: &str, otherwise: &str) -> String {
        let gap = self.world.gaps.iter().find(|gap| gap.what == what);
        gap.map_or_else(|| otherwise.to_owned(), |gap| gap.why.clone())
    }

    /// The document of a policy that is known to be there, where its text is not known.
    pub(super) fn unread(&mut self, want: Want, name: String, otherwise: &str) -> NamedPolicy {
        let what = want.to_string();
        let why = self.why(&what, otherwise);
        self.gap(what, why);
        self.wants.insert(want);
        unread(name)
    }

    /// The owner of a bucket and the path of a role or user are not in what the event shows.
    fn own_resource(&mut self, request: &mut Request) {
        let Some(arn) = request.resource.arn() else { return };
        let name = arn.resource().split('/').next().unwrap_or_default();
        if arn.service() == "s3" && request.resource.owner().is_none() {
            request.resource = Resource::new(request.resource.as_str(), self.world.bucket_owner(name));
        } else if !request.resource.path_known() {
            let account = arn.account().and_then(|account| self.world.accounts.get(&account));
            let iam = account.and_then(|account| account.iam.as_ref());
            let found = iam.and_then(|iam| match arn.resource_type() {
                Some(("role", name)) => iam.roles.get(name).map(|role| role.arn.clone()),
                Some(("user", name)) => iam.users.get(name).map(|user| user.arn.clone()),
                Some(("group", name)) => iam.groups.get(name).map(|group| group.arn.clone()),
                _ => None,
            });
            let owner = request.resource.owner();
            if found.is_none() {
                self.wants.extend(with_path(arn));
            }
            request.resource = match found {
                Some(found) => Resource::new(found.as_str(), owner),
                None => Resource::new(&format!("{} (its path is not known)", arn.resource()), owner),
            };
        }
    }

    /// Tags of the principal and the resource, organization ids, alias names: facts that the event does not show.
    fn complete_context(&mut self, sessions: &SessionIndex, event: Option<&Event>, request: &mut Request) {
        let issue = issue(sessions, event);
        if let Some(mut tags) = self.principal_tags(&request.principal) {
            if let Some(issue) = issue {
                tags.extend(issue.inherited_tags.clone());
                tags.extend(issue.tags.clone());
            }
            // The tags of a session can only be known with the event that issued it.
            if issue.is_some()
                || !matches!(request.principal, Principal::Role(RoleSession { session: Some(_), .. }))
            {
                request.set_principal_tags(&tags, &Provenance::Evidence("tags of the principal".to_owned()));
            }
        }
        settings::complete_context(self.world, request);
        request.derive_context();
    }

    fn principal_tags(&self, principal: &Principal) -> Option<std::collections::BTreeMap<String, String>> {
        let iam = self.iam(principal.account()?)?;
        match principal {
            Principal::User { arn, .. } => {
                iam.users.get(last(arn.resource())).and_then(|user| user.tags.clone())
            }
            Principal::Role(session) => iam.roles.get(session.role_name()).and_then(|role| role.tags.clone()),
            Principal::Root { .. } => Some(std::collections::BTreeMap::new()),
            _ => None,
        }
    }

    fn account(&self, account: AccountId) -> Option<&'a Account> {
        self.world.accounts.get(&account)
    }

    fn iam(&self, account: AccountId) -> Option<&'a Iam> {
        self.account(account)?.iam.as_ref()
    }

    fn policies(&mut self, sessions: &SessionIndex, event: Option<&Event>, request: &Request) -> PolicySet {
        let (identity, boundary) = self.principal_policies(&request.principal);
        PolicySet {
            identity,
            boundary,
            session: self.session_policies(sessions, event, &request.principal),
            resource: self.resource_policy(request),
            grants: self.grants(request),
            vpc_endpoint: self.vpc_endpoint(event, request),
            scps: self.scps(request),
            rcps: self.rcps(request),
            organization: self.organization(request),
            s3: self.s3_facts(request),
            aws_managed_key: self.is_aws_managed_key(request),
        }
    }

    fn principal_policies(
        &mut self,
        principal: &Principal,
    ) -> (Known<Vec<NamedPolicy>>, Known<Option<NamedPolicy>>) {
        let what = || format!("IAM policies of {principal}");
        match principal {
            Principal::Root { .. }
            | Principal::Service { .. }
            | Principal::Anonymous
            | Principal::Federated { .. } => (Known::default(), Known::default()),
            Principal::SomeoneIn { .. } => (self.missing(what()), self.missing(what())),
            Principal::User { arn, unique_id } => {
                let iam = arn.account().and_then(|account| self.iam(account));
                let user = iam.and_then(|iam| iam.users.get(last(arn.resource())).map(|user| (iam, user)));
                let Some((iam, user)) = user else {
                    let want = Want::Principal(arn.clone());
                    return (self.wanted(want.clone()), self.wanted(want));
                };
                if let Some(why) = self.made_anew(unique_id.as_deref(), user.id.as_deref(), user.created) {
                    let text = self.gap(what(), why);
                    return (Known::Unknown(text.clone()), Known::Unknown(text));
                }
                let boundary = self.boundary(iam, arn.account(), user.boundary.as_deref());
                (self.user_policies(iam, user), boundary)
            }
            Principal::FederatedUser { issuer, .. } => match issuer.clone() {
                Some(issuer) if issuer.resource() != "root" => {
                    self.principal_policies(&Principal::User { arn: issuer, unique_id: None })
                }
                Some(_) => (Known::default(), Known::default()),
                None => (self.missing(what()), self.missing(what())),
            },
            Principal::Role(session) => self.role_policies(session),
        }
    }

    /// Whether the principal in the evidence is another one of the same name: its id differs, or it was created after
    /// the call.
    ///
    /// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids>
    fn made_anew(
        &self,
        called_as: Option<&str>,
        now: Option<&str>,
        created: Option<Timestamp>,
    ) -> Option<String> {
        let called_as = called_as.map(|id| id.split(':').next().unwrap_or(id));
        if let (Some(called_as), Some(now)) = (called_as, now)
            && called_as != now
        {
            return Some(format!(
                "it was deleted and created again: the caller was {called_as}, now it is {now}"
            ));
        }
        let (created, at) = created.zip(self.at)?;
        (created > at).then(|| format!("it was created at {created}, after the call"))
    }

    fn role_policies(
        &mut self,
        session: &RoleSession,
    ) -> (Known<Vec<NamedPolicy>>, Known<Option<NamedPolicy>>) {
        let what = || format!("IAM policies of {}", session.role);
        let iam = session.role.account().and_then(|account| self.iam(account));
        let Some((iam, role)) =
            iam.and_then(|iam| iam.roles.get(session.role_name()).map(|role| (iam, role)))
        else {
            let want = Want::Principal(session.role.clone());
            return (self.wanted(want.clone()), self.wanted(want));
        };
        if let Some(why) = self.made_anew(session.unique_id.as_deref(), role.id.as_deref(), role.created) {
            let text = self.gap(what(), why);
            return (Known::Unknown(text.clone()), Known::Unknown(text));
        }
        let mut policies = inline(&format!("role {}", session.role_name()), &role.inline);
        policies.extend(self.attached(iam, role.arn.account(), &role.attached));
        (Known::Known(policies), self.boundary(iam, role.arn.account(), role.boundary.as_deref()))
    }

    fn user_policies(&mut self, iam: &'a Iam, user: &crate::evidence::User) -> Known<Vec<NamedPolicy>> {
        let account = user.arn.account();
        let mut policies = inline(&format!("user {}", last(user.arn.resource())), &user.inline);
        policies.extend(self.attached(iam, account, &user.attached));
        for name in &user.groups {
            match iam.groups.get(name) {
                Some(group) => {
                    policies.extend(inline(&format!("group {name}"), &group.inline));
                    policies.extend(self.attached(iam, account, &group.attached));
                }
                None => {
                    let what = format!("policies of group {name}");
                    policies.push(match account {
                        Some(account) => {
                            let want = Want::Group { account, name: name.clone() };
                            self.unread(want, what, "it is not in the evidence")
                        }
                        None => unread(what),
                    });
                }
            }
        }
        Known::Known(policies)
    }

    fn attached(
        &mut self,
        iam: &Iam,
        account: Option<AccountId>,
        attached: &[AttachedPolicy],
    ) -> Vec<NamedPolicy> {
        let mut policies = Vec::new();
        for AttachedPolicy { arn, .. } in attached {
            let document = iam.policies.get(arn).and_then(|found| found.default_document());
            policies.push(match (document, account) {
                (Some(document), _) => NamedPolicy { name: arn.clone(), document: Arc::clone(document) },
                (None, Some(account)) => {
                    let want = Want::ManagedPolicy { account, arn: arn.clone() };
                    self.unread(want, arn.clone(), "its document is not in the evidence")
                }
                (None, None) => unread(arn.clone()),
            });
        }
        policies
    }

    fn boundary(
        &mut self,
        iam: &Iam,
        account: Option<AccountId>,
        arn: Option<&str>,
    ) -> Known<Option<NamedPolicy>> {
        let Some(arn) = arn else { return Known::Known(None) };
        match (iam.policies.get(arn).and_then(|found| found.default_document()), account) {
            (Some(document), _) => {
                Known::Known(Some(NamedPolicy { name: arn.to_owned(), document: Arc::clone(document) }))
            }
            (None, Some(account)) => self.wanted(Want::Boundary { account, arn: arn.to_owned() }),
            (None, None) => self.missing(format!("permissions boundary {arn}")),
        }
    }

    fn session_policies(
        &mut self,
        sessions: &SessionIndex,
        event: Option<&Event>,
        principal: &Principal,
    ) -> Known<Vec<NamedPolicy>> {
        let assumed_root = event
            .and_then(|event| event.user_identity.session_context.as_ref())
            .is_some_and(|session| session.assumed_root == Some(true));
        if assumed_root {
            return self.missing("the task policy of the AssumeRoot session");
        }
        let is_session = matches!(
            principal,
            Principal::Role(RoleSession { session: Some(_), .. }) | Principal::FederatedUser { .. }
        );
        if !is_session {
            return Known::default();
        }
        let Some(issue) = issue(sessions, event) else {
            let access_key = event.and_then(|event| event.user_identity.access_key_id.clone());
            return self.wanted(Want::Session { principal: principal.to_string(), access_key });
        };
        let mut policies = Vec::new();
        if let Some(text) = &issue.session_policy {
            policies.push(NamedPolicy::new("session policy", PolicyDocument::parse(text.as_str())));
        }
        let account = principal.account();
        let iam = account.and_then(|account| self.iam(account));
        for arn in &issue.policy_arns {
            let attached = [AttachedPolicy { name: arn.clone(), arn: arn.clone() }];
            match iam {
                Some(iam) => policies.extend(self.attached(iam, account, &attached)),
                None => policies.push(unread(arn.clone())),
            }
        }
        Known::Known(policies)
    }
}

/// The STS event that issued the caller's session.
pub(super) fn issue<'s>(sessions: &'s SessionIndex, event: Option<&Event>) -> Option<&'s SessionIssue> {
    let event = event?;
    sessions.issue_of(&Caller::of(event, None), event.event_time)
}

fn inline(owner: &str, policies: &[InlinePolicy]) -> Vec<NamedPolicy> {
    policies
        .iter()
        .map(|policy| NamedPolicy {
            name: format!("{owner} inline policy {}", policy.name),
            document: Arc::clone(&policy.document),
        })
        .collect()
}

/// A policy that is known to be there and whose text is not known.
fn unread(name: String) -> NamedPolicy {
    NamedPolicy::new(name, PolicyDocument::unread())
}

pub(super) fn last(resource: &str) -> &str {
    resource.rsplit('/').next().unwrap_or(resource)
}
