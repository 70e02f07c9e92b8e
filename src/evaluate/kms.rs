//! What is particular to KMS keys: the key policy must allow, an account may delegate, grants may allow instead.
//!
//! Sources: <https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html>,
//! <https://docs.aws.amazon.com/kms/latest/developerguide/grants.html>

use std::collections::BTreeMap;

use super::policies::Said;
use super::principal::{self, Naming};
use super::relation::Relation;
use super::statement::Subject;
use super::truth::{Hinge, Truth};
use super::{Grant, Known, PolicySet};
use crate::knowledge::kms::{AuthorizedBy, kms_action};
use crate::policy::{PrincipalElement, PrincipalEntry, Span};
use crate::request::{ContextValue, KeyState, Request, RequestContext};

/// Whether the request is about a KMS key, so that nothing is allowed unless the key policy or a grant says so.
/// Operations on an alias are authorized twice, on the alias by IAM policies and on the key as here.
pub(super) fn is_about_a_key(request: &Request) -> bool {
    if request.action.service() != "kms" {
        return false;
    }
    let iam_only =
        kms_action(request.action.lower()).is_some_and(|row| row.authorized_by == AuthorizedBy::IamOnly);
    let on_alias = request
        .resource
        .arn()
        .is_some_and(|arn| arn.resource_type().is_some_and(|(kind, _)| kind == "alias"));
    !iam_only && !on_alias
}

/// Whether the operation can be called on a key of another account at all.
///
/// Source: the "Cross-account use" line of each operation,
/// <https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html>
pub(super) fn works_across_accounts(request: &Request) -> Truth {
    match kms_action(request.action.lower()).map(|row| row.cross_account) {
        Some(Some(works)) => works.into(),
        _ => Truth::undocumented(&format!("whether {} works on a key of another account", request.action)),
    }
}

/// The operations that take an encryption context, and so the only ones whose grants can be constrained by it.
///
/// Source: <https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html>
fn takes_encryption_context(name: &str) -> Truth {
    match name {
        "decrypt"
        | "encrypt"
        | "generatedatakey"
        | "generatedatakeywithoutplaintext"
        | "generatedatakeypair"
        | "generatedatakeypairwithoutplaintext"
        | "reencryptfrom"
        | "reencryptto" => Truth::True,
        "creategrant" => Truth::undocumented("the constraints of a grant that allows CreateGrant"),
        _ => Truth::False,
    }
}

/// A grant that allows the request.
pub(super) struct Granted {
    pub naming: Naming,
    /// The grants that apply for sure.
    pub applying: Vec<String>,
}

/// Whether a grant allows the operation to the caller.
pub(super) fn granted(policies: &PolicySet, subject: Subject<'_>) -> Granted {
    let mut granted = Granted { naming: Naming::NOBODY, applying: Vec::new() };
    let grants = match &policies.grants {
        Known::Known(grants) => grants,
        Known::Unknown(why) => {
            let hinge = || Truth::unknown(Hinge::Layer { layer: super::Layer::KmsGrant, why: why.clone() });
            granted.naming = Naming { direct: hinge(), role: hinge(), account: Truth::False };
            return granted;
        }
    };
    for grant in grants {
        let naming = allows(grant, subject);
        if naming.any().is_true() {
            granted.applying.push(grant.name.clone().unwrap_or_else(|| grant.id.clone()));
        }
        granted.naming = granted.naming.or(naming);
    }
    granted
}

fn allows(grant: &Grant, subject: Subject<'_>) -> Naming {
    let request = subject.request;
    let is_for_key = is_for_key(grant, request);
    if is_for_key.is_false() {
        return Naming::NOBODY;
    }
    let named = |principal: &str| {
        let kind = if principal.starts_with("arn:") { "AWS" } else { "Service" };
        let entries = vec![PrincipalEntry::new(kind, principal, Span::default())];
        let element = PrincipalElement { negated: false, entries, span: Span::default(), incomplete: false };
        principal::names(&element, None, &request.principal, subject.facts)
    };
    let mut naming = Naming::NOBODY;
    if grant.operations.iter().any(|name| name.eq_ignore_ascii_case(request.action.name())) {
        naming = named(&grant.grantee).and(&constraints(grant, request));
    }
    if request.action.is("kms:RetireGrant")
        && let Some(retiring) = &grant.retiring
    {
        naming = naming.or(named(retiring));
    }
    naming.and(&is_for_key)
}

/// "Permission to retire a grant is determined primarily by the grant", and kms:RetireGrant "is not effective in a
/// key policy": the account of the key delegates with IAM policies alone.
///
/// Source: <https://docs.aws.amazon.com/kms/latest/developerguide/grant-delete.html>
pub(super) fn key_policy_for_retiring(said: Said, relation: &Relation) -> Said {
    let deny = match said.deny {
        Truth::True => Truth::undocumented("a Deny of kms:RetireGrant in a key policy"),
        other => other,
    };
    let allow = Naming { account: relation.same_account.clone(), ..Naming::NOBODY };
    Said { allow, deny, ..said }
}

/// A grant is for one key, named by its id or its ARN.
fn is_for_key(grant: &Grant, request: &Request) -> Truth {
    let Some(key) = &grant.key else { return Truth::True };
    let id = |text: &str| text.rsplit('/').next().unwrap_or_default().to_owned();
    match request.resource.arn() {
        Some(arn) if key.starts_with("arn:") => (arn.as_str() == key).into(),
        Some(arn) => (id(arn.resource()) == id(key)).into(),
        None if request.resource.is_none() => {
            Truth::unknown(Hinge::Fact("which key the request is about".to_owned()))
        }
        None => (id(request.resource.as_str()) == id(key)).into(),
    }
}

/// "`EncryptionContextSubset`: the request must include these pairs; `EncryptionContextEquals`: these pairs exactly."
fn constraints(grant: &Grant, request: &Request) -> Truth {
    // "KMS does not enforce grant constraints on operations that take no encryption context, such as DescribeKey."
    let constrained = takes_encryption_context(request.action.name());
    let mut truth = Truth::True;
    if let Some(pairs) = &grant.context_subset {
        truth = truth.and(includes(pairs, &request.context));
    }
    if let Some(pairs) = &grant.context_equals {
        truth = truth.and(includes(pairs, &request.context)).and(no_other_pairs(pairs, &request.context));
    }
    truth = constrained.negate().or(truth);
    // "However, it does not apply to RetireGrant operation", unlike to DescribeKey and all others.
    // https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html
    if let Some(arn) = &grant.source_arn
        && !request.action.is("kms:RetireGrant")
    {
        truth = truth.and(match request.context.get("aws:sourcearn") {
            KeyState::Known(values) => values.as_slice().iter().any(|value| value == arn).into(),
            KeyState::Absent => Truth::False,
            KeyState::Unknown(why) => {
                Truth::unknown(Hinge::ContextKey { key: "aws:SourceArn".to_owned(), why: why.to_owned() })
            }
        });
    }
    truth
}

const PAIR: &str = "kms:encryptioncontext:";

/// Keys of constraints compare without regard to case, values with regard to it.
fn includes(pairs: &BTreeMap<String, String>, context: &RequestContext) -> Truth {
    let pair = |(key, wanted): (&String, &String)| {
        let name = format!("{PAIR}{}", key.to_ascii_lowercase());
        match context.get(&name) {
            KeyState::Known(values) => values.as_slice().iter().any(|value| value == wanted).into(),
            KeyState::Absent => Truth::False,
            KeyState::Unknown(why) => Truth::unknown(Hinge::ContextKey {
                key: format!("kms:EncryptionContext:{key}"),
                why: why.to_owned(),
            }),
        }
    };
    pairs.iter().map(pair).fold(Truth::True, Truth::and)
}

fn no_other_pairs(pairs: &BTreeMap<String, String>, context: &RequestContext) -> Truth {
    let expected = |key: &str| pairs.keys().any(|wanted| wanted.eq_ignore_ascii_case(key));
    let mut none = Truth::True;
    for entry in context.entries() {
        let lower = entry.name.to_ascii_lowercase();
        if lower.strip_prefix(PAIR).is_none_or(expected) {
            continue;
        }
        none = none.and(match &entry.value {
            ContextValue::Known(_) => Truth::False,
            ContextValue::Absent => Truth::True,
            ContextValue::Unknown(why) | ContextValue::AbsentOrOther { why, .. } => {
                Truth::unknown(Hinge::ContextKey { key: entry.name.clone(), why: why.clone() })
            }
        });
    }
    none.and(match context.get(&format!("{PAIR}any-other-pair")) {
        KeyState::Unknown(why) => Truth::unknown(Hinge::ContextKey {
            key: "kms:EncryptionContextKeys".to_owned(),
            why: why.to_owned(),
        }),
        KeyState::Absent | KeyState::Known(_) => Truth::True,
    })
}
