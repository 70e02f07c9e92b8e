//! Whom a `Principal` or `NotPrincipal` element names, and how strongly.
//!
//! Sources: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>,
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html>

use std::collections::BTreeMap;

use super::truth::{Hinge, Truth};
use crate::arn::Arn;
use crate::ids::AccountId;
use crate::policy::{Effect, Glob, PrincipalElement, PrincipalEntry, PrincipalForm, PrincipalKind};
use crate::request::{Principal, RoleSession};

/// How a statement names the caller. The three ways are worth different things beside a permissions boundary and a
/// session policy.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html#access_policies_boundaries-eval-logic>
#[derive(Debug, Clone)]
pub(super) struct Naming {
    /// The user, the session, the service, or everyone: not limited by boundaries and session policies.
    pub direct: Truth,
    /// The role of the session, or the user behind a federated session: limited by both.
    pub role: Truth,
    /// The account: delegates to the account's identity-based policies.
    pub account: Truth,
}

impl Naming {
    pub(super) const NOBODY: Self = Self { direct: Truth::False, role: Truth::False, account: Truth::False };

    pub(super) fn direct(truth: Truth) -> Self {
        Self { direct: truth, ..Self::NOBODY }
    }

    pub(super) fn is_nobody(&self) -> bool {
        self.direct.is_false() && self.role.is_false() && self.account.is_false()
    }

    pub(super) fn any(&self) -> Truth {
        Truth::any([&self.direct, &self.role, &self.account])
    }

    pub(super) fn or(self, other: Self) -> Self {
        if other.is_nobody() {
            return self;
        }
        if self.is_nobody() {
            return other;
        }
        Self {
            direct: self.direct.or(other.direct),
            role: self.role.or(other.role),
            account: self.account.or(other.account),
        }
    }

    pub(super) fn and(self, truth: &Truth) -> Self {
        if truth.is_true() {
            return self;
        }
        Self {
            direct: self.direct.and(truth.clone()),
            role: self.role.and(truth.clone()),
            account: self.account.and(truth.clone()),
        }
    }
}

/// What the naming of a caller hangs on beside the caller itself.
#[derive(Clone, Copy)]
pub(super) struct NamingFacts<'a> {
    /// Whether the caller has a permissions boundary.
    pub bounded: &'a Truth,
    /// Which accounts the canonical user ids stand for, as far as it is known.
    pub canonical_user_ids: &'a BTreeMap<String, AccountId>,
}

/// How an element names the caller.
pub(super) fn names(
    element: &PrincipalElement,
    effect: Option<Effect>,
    principal: &Principal,
    facts: NamingFacts<'_>,
) -> Naming {
    let named = |entry: &PrincipalEntry| entry_names(entry, effect, principal, facts);
    let mut naming = element.entries.iter().map(named).fold(Naming::NOBODY, Naming::or);
    if element.incomplete {
        naming = naming.or(Naming::direct(Truth::undocumented("a principal that is no text")));
    }
    if !element.negated {
        return naming;
    }
    let exempt = exempt(element, &naming, principal);
    match effect {
        // "Any principal with a permissions boundary is always denied by NotPrincipal with Deny."
        Some(Effect::Deny) => Naming::direct(exempt.negate().or(facts.bounded.clone())),
        _ => Naming::direct(exempt.negate()),
    }
}

/// Whether `NotPrincipal` exempts the caller. The account, the role or user, and the session should all be listed;
/// AWS says that otherwise the deny might hit the level that is missing.
fn exempt(element: &PrincipalElement, naming: &Naming, principal: &Principal) -> Truth {
    if element.entries.iter().any(|entry| entry.form == PrincipalForm::Everyone) {
        return Truth::True;
    }
    let own: &[&Truth] = match principal {
        Principal::Role(_) | Principal::FederatedUser { .. } => &[&naming.role, &naming.direct],
        Principal::SomeoneIn { .. } if !naming.role.is_false() => &[&naming.role, &naming.direct],
        Principal::Root { .. } => &[],
        _ => &[&naming.direct],
    };
    let has_account = principal.account().is_some();
    let unlisted = own.iter().all(|level| level.is_false());
    if unlisted && (naming.account.is_false() || (!own.is_empty() && lists_others_of(element, principal))) {
        return Truth::False;
    }
    let account = if has_account { naming.account.clone() } else { Truth::True };
    match own.iter().map(|level| (*level).clone()).fold(account, Truth::and) {
        Truth::False => Truth::undocumented(
            "NotPrincipal that lists the caller but not its account, role and session together",
        ),
        other => other,
    }
}

/// Whether the list holds, beside the caller's account, other principals of it: then it means those.
fn lists_others_of(element: &PrincipalElement, principal: &Principal) -> bool {
    element.entries.iter().any(|entry| match &entry.form {
        PrincipalForm::User(arn)
        | PrincipalForm::Role(arn)
        | PrincipalForm::Session(arn)
        | PrincipalForm::FederatedUser(arn) => arn.account() == principal.account(),
        _ => false,
    })
}

fn entry_names(
    entry: &PrincipalEntry,
    effect: Option<Effect>,
    principal: &Principal,
    facts: NamingFacts<'_>,
) -> Naming {
    match &entry.form {
        PrincipalForm::Everyone => Naming::direct(match principal {
            Principal::Federated { .. } if effect != Some(Effect::Deny) => {
                Truth::undocumented("Principal * for a caller that only an identity provider knows")
            }
            _ => Truth::True,
        }),
        PrincipalForm::Account(account) => {
            let is_own = principal.account() == Some(*account) && !in_other_partition(&entry.text, principal);
            Naming { account: is_own.into(), ..Naming::NOBODY }
        }
        PrincipalForm::User(arn) => user(arn, principal),
        PrincipalForm::Role(arn) => role(arn, principal),
        PrincipalForm::Session(arn) => Naming::direct(session(arn, principal)),
        PrincipalForm::FederatedUser(arn) => Naming::direct(match principal {
            Principal::FederatedUser { arn: own, .. } => same_arn(own, arn),
            other => hidden(arn, other),
        }),
        PrincipalForm::UniqueId(id) => unique_id(id, principal),
        PrincipalForm::Service(name) => Naming::direct(match principal {
            Principal::Service { name: own } => service(name, own),
            _ => Truth::False,
        }),
        PrincipalForm::Federated(provider) => Naming::direct(match principal {
            Principal::Federated { provider: own } => (provider == own).into(),
            _ => Truth::False,
        }),
        PrincipalForm::CanonicalUser(id) => canonical_user(id, principal, facts.canonical_user_ids),
        PrincipalForm::Pattern(kind) => Naming::direct(patterned(*kind, &entry.text, effect, principal)),
        PrincipalForm::Unclear => Naming::direct(unclear(&entry.text, effect, principal)),
    }
}

/// Partitions have accounts of their own; an account id alone names the one in the policy's partition.
fn in_other_partition(account: &str, principal: &Principal) -> bool {
    let named = account.strip_prefix("arn:").and_then(|rest| rest.split(':').next());
    named.is_some_and(|named| principal.partition().is_some_and(|own| own != named))
}

/// ARNs compare with regard to case. Names that differ in case only cannot both exist, so AWS might treat them alike.
fn same_arn(own: &Arn, named: &Arn) -> Truth {
    if own == named {
        Truth::True
    } else if own.as_str().eq_ignore_ascii_case(named.as_str()) {
        Truth::undocumented("a principal ARN that differs in case only")
    } else {
        Truth::False
    }
}

/// The owner of the resource sees of a foreign caller no more than its account.
fn hidden(named: &Arn, principal: &Principal) -> Truth {
    match principal {
        Principal::SomeoneIn { account, .. } if named.account() == Some(*account) => {
            Truth::unknown(Hinge::Fact(format!("which principal of account {account} made the request")))
        }
        _ => Truth::False,
    }
}

fn user(named: &Arn, principal: &Principal) -> Naming {
    match principal {
        // "The user name part of the ARN is case sensitive" in the Principal element.
        Principal::User { arn, .. } => Naming::direct((arn == named).into()),
        Principal::FederatedUser { issuer: Some(issuer), .. } => {
            Naming { role: (issuer == named).into(), ..Naming::NOBODY }
        }
        Principal::FederatedUser { arn, issuer: None } if arn.account() == named.account() => {
            let hinge = Hinge::Fact("which user asked for the federated session".to_owned());
            Naming { role: Truth::unknown(hinge), ..Naming::NOBODY }
        }
        other => Naming::direct(hidden(named, other)),
    }
}

fn role(named: &Arn, principal: &Principal) -> Naming {
    let Principal::Role(own) = principal else { return Naming::direct(hidden(named, principal)) };
    let truth = match same_arn(&own.role, named) {
        _ if !own.path_known && may_be_pathless_form_of(own, named) => {
            Truth::unknown(Hinge::Fact(format!("the path of role {}", own.role_name())))
        }
        truth => truth,
    };
    Naming { role: truth, ..Naming::NOBODY }
}

/// A session ARN has no path, so a role of the same name in the account may be the one.
fn may_be_pathless_form_of(own: &RoleSession, named: &Arn) -> bool {
    own.role.account() == named.account() && named.resource().rsplit('/').next() == Some(own.role_name())
}

fn session(named: &Arn, principal: &Principal) -> Truth {
    match principal {
        Principal::Role(RoleSession { session: Some(own), .. }) => same_arn(own, named),
        Principal::Role(own @ RoleSession { session: None, .. })
            if named.account() == own.role.account()
                && named.resource().split('/').nth(1) == Some(own.role_name()) =>
        {
            Truth::unknown(Hinge::Fact(format!("which session of role {} made the request", own.role_name())))
        }
        other => hidden(named, other),
    }
}

/// AWS shows a bare unique id only for a principal that is deleted, and that one calls no more. A caller with that
/// id can only be one that was still there when the policy was read.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles>
fn unique_id(named: &str, principal: &Principal) -> Naming {
    let is_named = |own: &Option<String>| {
        let without_session = |id: &str| id.split(':').next().unwrap_or_default().to_owned();
        Truth::from(own.as_ref().is_some_and(|own| without_session(own) == without_session(named)))
    };
    match principal {
        // A hidden caller with the id of a role is a session of it.
        Principal::SomeoneIn { unique_id, .. } if named.starts_with("AROA") => {
            Naming { role: is_named(unique_id), ..Naming::NOBODY }
        }
        Principal::User { unique_id, .. } | Principal::SomeoneIn { unique_id, .. } => {
            Naming::direct(is_named(unique_id))
        }
        Principal::Role(own) => Naming { role: is_named(&own.unique_id), ..Naming::NOBODY },
        _ => Naming::NOBODY,
    }
}

/// Some services have regional names such as `logs.eu-west-1.amazonaws.com`; whether they stand for each other
/// depends on the service.
fn service(named: &str, own: &str) -> Truth {
    if named.eq_ignore_ascii_case(own) {
        return Truth::True;
    }
    if named.trim() != named && named.trim().eq_ignore_ascii_case(own) {
        return Truth::undocumented(&format!("the service principal {named}, with white space around it"));
    }
    let first = |name: &str| name.split('.').next().map(str::to_ascii_lowercase);
    if first(named) == first(own) && named.split('.').count() != own.split('.').count() {
        return Truth::undocumented(&format!(
            "whether the service principals {named} and {own} are the same"
        ));
    }
    Truth::False
}

/// An account's canonical user id has 64 hexadecimal digits; a CloudFront origin access identity has more. "Amazon S3
/// might change the canonical ID to the corresponding AWS account ID … both of these IDs identify the same account."
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-bucket-user-policy-specifying-principal-intro.html>
fn canonical_user(id: &str, principal: &Principal, accounts: &BTreeMap<String, AccountId>) -> Naming {
    let Some(own) = principal.account().filter(|_| id.len() == 64) else { return Naming::NOBODY };
    match accounts.get(id) {
        Some(account) => Naming { account: (*account == own).into(), ..Naming::NOBODY },
        // An account has one such id.
        None if accounts.values().any(|account| *account == own) => Naming::NOBODY,
        None => Naming::direct(Truth::unknown(Hinge::Fact(format!("whose canonical user id {id} is")))),
    }
}

/// A wildcard among services, identity providers or canonical users: it allows nobody, and may deny those it seems to
/// name.
fn patterned(kind: PrincipalKind, text: &str, effect: Option<Effect>, principal: &Principal) -> Truth {
    let pattern = Glob::new(text);
    let (kind, seems_named) = match (kind, principal) {
        (PrincipalKind::Service, Principal::Service { name }) => ("Service", pattern.matches(name)),
        (PrincipalKind::Federated, Principal::Federated { provider }) => {
            ("Federated", pattern.matches(provider))
        }
        // Which canonical user id the account of the caller has is not known.
        (PrincipalKind::CanonicalUser, principal) => ("CanonicalUser", principal.account().is_some()),
        _ => return Truth::False,
    };
    if effect != Some(Effect::Allow) && seems_named {
        Truth::undocumented(&format!("the {kind} principal {text}"))
    } else {
        Truth::False
    }
}

/// "You cannot use a wildcard to match part of a principal name or ARN": such a policy is refused today. An old one
/// allows nobody by it; what a Deny does to the callers that it seems to name is not known.
fn unclear(text: &str, effect: Option<Effect>, principal: &Principal) -> Truth {
    let pattern = Glob::new(text.trim());
    let arn = principal.principal_arn().map(|arn| arn.as_str().to_owned());
    let account = principal.account().map(|account| account.to_string());
    let root =
        account.as_ref().map(|id| format!("arn:{}:iam::{id}:root", principal.partition().unwrap_or("aws")));
    let names = [Some(principal.to_string()), arn, account, root];
    // Whether AWS refuses white space around a name, or takes it off, it does not say.
    let may_count = effect != Some(Effect::Allow) || text.trim() != text;
    if may_count && names.iter().flatten().any(|name| pattern.matches(name)) {
        Truth::undocumented(&format!("the principal {text}"))
    } else {
        Truth::False
    }
}
