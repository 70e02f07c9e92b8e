//! The decision, in the order in which AWS describes it.
//!
//! Sources: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>,
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html>

use std::collections::BTreeSet;

use super::guardrails::{self, Guardrail};
use super::kms::{self, Granted};
use super::policies::{Said, evaluate, evaluate_known};
use super::principal::{self, Naming};
use super::relation::{Relation, ResourceRole};
use super::statement::{Grammar, Subject};
use super::truth::{Hinge, Truth};
use super::verdict::{Decision, Verdict};
use super::{Evaluation, Known, Layer, NamedPolicy, PolicySet, account_kind, acl, credentials, report, s3};
use crate::knowledge::operation_rules::OperationRule;
use crate::knowledge::permissionless::Permissionless;
use crate::knowledge::{self, Certainty};
use crate::request::{Principal, Request};

/// Decides a request and explains the decision with a trace of every layer, statement and element.
pub fn explain(request: &Request, policies: &PolicySet) -> Evaluation {
    let layers = Layers::evaluate::<true>(request, policies);
    match permissionless(request) {
        Some(fact) => report::permissionless(layers, request, fact),
        None => report::evaluation(layers.verdict(), layers),
    }
}

/// Decides a request without a trace: the same evaluation, which stops looking at a statement once it cannot apply.
pub fn decide(request: &Request, policies: &PolicySet) -> Verdict {
    if let Some(fact) = permissionless(request) {
        let no_endpoint = matches!(policies.vpc_endpoint, Known::Known(None));
        if no_endpoint && ignores_policies(fact) && credentials::can_call(request).is_true() {
            return Verdict::Determined(Decision::Allowed);
        }
        let layers = Layers::evaluate::<false>(request, policies);
        return permissionless_verdict(request, fact, &layers);
    }
    Layers::evaluate::<false>(request, policies).verdict()
}

/// The row of an action that needs no permission, in a request that can be made at all.
fn permissionless(request: &Request) -> Option<&'static Permissionless> {
    let has_credentials = matches!(
        request.principal,
        Principal::User { .. } | Principal::Root { .. } | Principal::SomeoneIn { .. }
    );
    knowledge::permissionless::permissionless(request.action.lower()).filter(|_| {
        let can_call = credentials::can_call(request);
        can_call.is_true() || (has_credentials && can_call.is_unknown())
    })
}

/// Whether AWS says that even an explicit deny is without effect.
pub(super) fn ignores_policies(fact: &Permissionless) -> bool {
    fact.deny_ignored == Some(true) && fact.certainty == Certainty::Documented
}

/// Allowed for sure only where AWS says that policies play no part.
pub(super) fn permissionless_verdict(
    request: &Request,
    fact: &Permissionless,
    layers: &Layers<'_>,
) -> Verdict {
    if ignores_policies(fact) {
        let (refused, passes) = through_endpoint(request, layers);
        return Verdict::new(refused, passes.and(layers.credentials.clone()));
    }
    let evaluated = layers.verdict();
    if evaluated == Verdict::Determined(Decision::Allowed) {
        return evaluated;
    }
    let hinge = Hinge::Undocumented(match fact.certainty {
        Certainty::Documented => {
            format!("whether policies can deny {}, which needs no permission", request.action)
        }
        Certainty::Observed | Certainty::Believed => format!("whether {} needs a permission", request.action),
    });
    let possible =
        BTreeSet::from([Decision::Allowed, evaluated.decision().unwrap_or(Decision::ImplicitDeny)]);
    Verdict::Undetermined { possible, hinges_on: vec![hinge] }
}

/// Whether the policy of a VPC endpoint refuses a call that needs no permission, and whether it lets it pass. That policies
/// play no part is said of the caller's, and not of this one.
fn through_endpoint(request: &Request, layers: &Layers<'_>) -> (Truth, Truth) {
    let doubt = || {
        Truth::undocumented(&format!(
            "whether the policy of a VPC endpoint can refuse {}, which needs no permission",
            request.action
        ))
    };
    match &layers.vpc_endpoint {
        None => (Truth::False, Truth::True),
        Some(said) => (said.deny.clone().and(doubt()), said.allow.any().or(doubt())),
    }
}

/// Every layer, evaluated, before they are put together.
pub(super) struct Layers<'a> {
    pub relation: Relation,
    pub rcp: Guardrail<'a>,
    pub scp: Guardrail<'a>,
    pub vpc_endpoint: Option<Said>,
    pub resource: Said,
    pub grants: Option<Granted>,
    /// What the access control list of the bucket or the object grants.
    pub acl: Option<Naming>,
    pub identity: Said,
    pub boundary: Option<Said>,
    pub session: Option<Said>,
    /// Whether credentials of this kind can call the operation.
    pub credentials: Truth,
    /// What S3 Block Public Access refuses.
    pub public_access: s3::PublicAccess,
    /// Whether the owner of the object leaves the decision to the bucket owner's policies.
    pub ownership: Option<Truth>,
    /// Whether an account of this kind may call.
    pub account_kind: Option<Truth>,
}

impl<'a> Layers<'a> {
    pub(super) fn evaluate<const FULL: bool>(request: &Request, policies: &'a PolicySet) -> Self {
        let bounded = match &policies.boundary {
            Known::Known(boundary) => Truth::from(boundary.is_some()),
            Known::Unknown(why) => Truth::unknown(Hinge::Layer { layer: Layer::Boundary, why: why.clone() }),
        };
        let facts =
            principal::NamingFacts { bounded: &bounded, canonical_user_ids: &policies.s3.acls.accounts };
        let subject = Subject { request, facts };
        let relation = Relation::of(request);
        let resource = resource::<FULL>(&relation, policies, subject);
        let delegated =
            if request.action.service() == "organizations" { resource.allow.any() } else { Truth::False };
        Self {
            rcp: guardrails::rcps::<FULL>(policies, subject),
            scp: guardrails::scps::<FULL>(policies, subject),
            vpc_endpoint: optional::<FULL>(
                Layer::VpcEndpoint,
                &policies.vpc_endpoint,
                Grammar::Endpoint,
                subject,
            ),
            grants: relation.about_key.then(|| kms::granted(policies, subject)),
            acl: acl::granted(request, policies).or_else(|| s3::granted_to_writer(request, policies)),
            identity: identity::<FULL>(policies, subject),
            boundary: optional::<FULL>(Layer::Boundary, &policies.boundary, Grammar::Identity, subject),
            session: session::<FULL>(policies, subject),
            credentials: credentials::can_call(request),
            public_access: s3::public_access(request, policies),
            ownership: s3::ownership_allows(request, policies),
            account_kind: account_kind::may_call(request, policies, &delegated),
            resource,
            relation,
        }
    }

    /// Step 1: an explicit deny in any policy ends the evaluation.
    pub(super) fn denied(&self) -> Truth {
        let given =
            [&self.vpc_endpoint, &self.boundary, &self.session].into_iter().filter_map(Option::as_ref);
        let own = [&self.rcp.deny(), &self.scp.deny(), &self.resource.deny, &self.identity.deny];
        Truth::any(own.into_iter().chain(given.map(|said| &said.deny)))
    }

    /// Steps 2 to 7: everything that has to allow does.
    pub(super) fn allowed(&self) -> Truth {
        let endpoint = self.vpc_endpoint.as_ref().map_or(Truth::True, |said| said.allow.any());
        let guards = [&self.rcp.allow(), &self.scp.allow(), &endpoint];
        let facts = [&self.account_kind, &self.ownership].into_iter().filter_map(Option::as_ref);
        let settings = [&self.credentials, &self.public_access.refused().negate()];
        Truth::all(guards.into_iter().chain(facts).chain(settings)).and(self.granted())
    }

    pub(super) fn verdict(&self) -> Verdict {
        Verdict::new(self.denied(), self.allowed())
    }

    /// Whether identity and resource side together grant the request.
    pub(super) fn granted(&self) -> Truth {
        if self.relation.retires_grant {
            let in_partition = self.relation.works_across_accounts.clone();
            return in_partition.and(self.granted_in_one_account());
        }
        match &self.relation.same_account {
            Truth::True => self.granted_in_one_account(),
            Truth::False => self.granted_across_accounts(),
            unknown @ Truth::Unknown(_) => {
                // Whose resource it is does not matter where both ways lead to the same answer.
                match (self.granted_in_one_account(), self.granted_across_accounts()) {
                    (Truth::True, Truth::True) => Truth::True,
                    (Truth::False, Truth::False) => Truth::False,
                    (same, across) => {
                        let hinges = |truth: Truth| if truth.is_unknown() { truth } else { Truth::True };
                        unknown.clone().and(hinges(same)).and(hinges(across))
                    }
                }
            }
        }
    }

    /// What the resource side allows, KMS grants and access control lists included.
    pub(super) fn resource_allow(&self) -> Naming {
        let policy = self.resource.allow.clone();
        match (&self.grants, &self.acl) {
            (Some(granted), _) => granted.naming.clone().or(policy),
            (None, Some(acl)) => acl.clone().or(policy),
            (None, None) => policy,
        }
    }

    /// The boundary and the session policies, which limit what is not granted to the session itself.
    pub(super) fn within_limits(&self) -> Truth {
        let limit = |said: &Option<Said>| said.as_ref().map_or(Truth::True, |said| said.allow.any());
        limit(&self.boundary).and(limit(&self.session))
    }

    fn granted_in_one_account(&self) -> Truth {
        let resource = self.resource_allow();
        let limits = self.within_limits();
        let by_resource = resource.direct.or(resource.role.and(limits.clone()));
        let by_identity = self.identity.allow.any().and(limits);
        match self.relation.resource {
            ResourceRole::Optional => by_resource.or(by_identity),
            // A KMS key or a role: the account's identities decide only if the resource says so.
            ResourceRole::KmsKey | ResourceRole::RoleTrust => {
                by_resource.or(by_identity.and(resource.account))
            }
            ResourceRole::BesideIdentity => {
                let other = "the auth policy of the service network, or of the service, beside the one given";
                by_identity
                    .and(self.resource_allow().any())
                    .and(Truth::unknown(Hinge::Fact(other.to_owned())))
            }
            ResourceRole::Sole => self.resource_allow().any(),
        }
    }

    fn granted_across_accounts(&self) -> Truth {
        let works = self.relation.works_across_accounts.clone();
        match self.relation.resource {
            ResourceRole::Sole => return works.and(self.resource_allow().any()),
            ResourceRole::BesideIdentity => return works.and(self.granted_in_one_account()),
            ResourceRole::Optional | ResourceRole::KmsKey | ResourceRole::RoleTrust => {}
        }
        works.and(self.identity.allow.any()).and(self.within_limits()).and(self.resource_allow().any())
    }
}

fn identity<const FULL: bool>(policies: &PolicySet, subject: Subject<'_>) -> Said {
    let mut said = evaluate_known::<FULL>(Layer::Identity, &policies.identity, Grammar::Identity, subject);
    // "… with the exception of the AWS account root user, which has full access."
    if matches!(subject.request.principal, Principal::Root { .. }) {
        said.allow = Naming::direct(Truth::True);
    }
    if manages_own_password(subject.request) {
        let setting = "whether the account lets its users change their own password";
        said.allow = said.allow.or(Naming::direct(Truth::unknown(Hinge::Fact(setting.to_owned()))));
    }
    said
}

/// What the password policy of an account may allow to all its users, whatever their policies say.
fn manages_own_password(request: &Request) -> bool {
    let Principal::User { arn, .. } = &request.principal else { return false };
    let of_another =
        request.resource.arn().is_some_and(|user| user.resource().starts_with("user/") && user != arn);
    !of_another && OperationRule::OwnPassword.holds_for(request.action.lower())
}

fn optional<const FULL: bool>(
    layer: Layer,
    policy: &Known<Option<NamedPolicy>>,
    grammar: Grammar,
    subject: Subject<'_>,
) -> Option<Said> {
    match policy {
        Known::Known(None) => None,
        Known::Known(Some(policy)) => {
            Some(evaluate::<FULL>(layer, std::slice::from_ref(policy), grammar, subject))
        }
        Known::Unknown(why) => Some(Said::unknown(layer, why)),
    }
}

/// A session without session policies is not limited by any, except a federated user's, which then has no rights.
///
/// Source: <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html>
fn session<const FULL: bool>(policies: &PolicySet, subject: Subject<'_>) -> Option<Said> {
    match (&policies.session, &subject.request.principal) {
        (Known::Known(list), Principal::FederatedUser { .. }) if list.is_empty() => Some(Said::nothing()),
        (Known::Known(list), Principal::Root { .. })
            if list.is_empty() && credentials::is_assumed_root(subject.request) =>
        {
            // "The identity based policy that scopes the session to the privileged tasks that can be performed."
            // https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html
            let why = "a session of AssumeRoot is limited by its task policy, and none was given";
            Some(Said::unknown_allow(Layer::Session, why))
        }
        (Known::Known(list), _) if list.is_empty() => None,
        (known, _) => Some(evaluate_known::<FULL>(Layer::Session, known, Grammar::WithoutPrincipal, subject)),
    }
}

fn resource<const FULL: bool>(relation: &Relation, policies: &PolicySet, subject: Subject<'_>) -> Said {
    let layer = relation.resource_layer();
    // The trust policy of a role decides who assumes it, and nothing else of IAM.
    if subject.request.action.service() == "iam" {
        return Said::nothing();
    }
    let grammar = if layer == Layer::RoleTrust { Grammar::Trust } else { Grammar::WithPrincipal };
    let said = match &policies.resource {
        Known::Known(Some(policy)) => evaluate::<FULL>(layer, std::slice::from_ref(policy), grammar, subject),
        Known::Known(None) => match relation.resource {
            ResourceRole::KmsKey => {
                Said::unknown_allow(layer, "every KMS key has a key policy, and none was given")
            }
            ResourceRole::RoleTrust => {
                Said::unknown_allow(layer, "every role has a trust policy, and none was given")
            }
            ResourceRole::BesideIdentity => Said::unknown_allow(
                layer,
                "a service without an auth policy lets everyone in, or nobody, as its auth type says",
            ),
            ResourceRole::Optional | ResourceRole::Sole => without_policy(subject.request, relation, layer),
        },
        Known::Unknown(why) => Said::unknown(layer, why),
    };
    if relation.retires_grant {
        return kms::key_policy_for_retiring(said, relation);
    }
    if s3::through_access_point(subject.request) {
        return s3::behind_access_point(said, subject.request);
    }
    let spared = root_keeps_it(subject.request, relation);
    Said { deny: said.deny.and(spared.negate()), ..said }
}

/// Whether no policy of the resource can keep the root user of its account from the operation.
fn root_keeps_it(request: &Request, relation: &Relation) -> Truth {
    let is_root = match request.principal {
        Principal::Root { .. } => Truth::True,
        // Of such a caller nothing but the account is seen: it may be the root user.
        Principal::SomeoneIn { unique_id: None, .. } => {
            Truth::unknown(Hinge::Fact("which kind of credentials made the request".to_owned()))
        }
        _ => return Truth::False,
    };
    if !OperationRule::KeptByRoot.holds_for(request.action.lower()) {
        return Truth::False;
    }
    relation.same_account.clone().and(is_root)
}

/// A resource that has no policy.
fn without_policy(request: &Request, relation: &Relation, layer: Layer) -> Said {
    let anonymous = matches!(request.principal, Principal::Anonymous);
    if anonymous && OperationRule::OpenToAnonymous.holds_for(request.action.lower()) {
        return Said::unknown_allow(
            layer,
            "an API without a policy lets everyone call methods without authorization",
        );
    }
    if OperationRule::OpenWithoutPolicy.holds_for(request.action.lower()) {
        return Said::unknown_allow(
            layer,
            "a file system without a policy lets every client in that reaches a mount target",
        );
    }
    if relation.may_be_shared(request) {
        return Said::unknown_allow(
            layer,
            "whether the account of the resource shares it, with AWS RAM or by a setting of the service",
        );
    }
    Said::nothing()
}
