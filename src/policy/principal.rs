//! `Principal` and `NotPrincipal`.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>

use super::Span;
use crate::arn::Arn;
use crate::ids::AccountId;

/// `Principal` or `NotPrincipal` with its entries.
#[derive(Debug, Clone)]
pub struct PrincipalElement {
    /// `NotPrincipal`: everybody but the entries.
    pub negated: bool,
    /// The entries of all types; they are alternatives.
    pub entries: Vec<PrincipalEntry>,
    /// The whole element's value.
    pub span: Span,
    /// A part of the value could not be read, so that more may be named than the entries say.
    pub incomplete: bool,
}

/// One principal.
#[derive(Debug, Clone)]
pub struct PrincipalEntry {
    /// As written.
    pub text: String,
    /// Where it stands.
    pub span: Span,
    /// Whom it names.
    pub form: PrincipalForm,
}

/// Whom an entry names. The form decides what an Allow is worth beside boundaries and session policies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrincipalForm {
    /// `"*"` or `{"AWS": "*"}`.
    Everyone,
    /// An account, written as its id or as the ARN of its root: the account may delegate to its identities.
    Account(AccountId),
    /// An IAM user.
    User(Arn),
    /// A role, and with it every session of the role.
    Role(Arn),
    /// One session of a role.
    Session(Arn),
    /// A `GetFederationToken` session.
    FederatedUser(Arn),
    /// `AROA…` or `AIDA…`: the principal of that id, which a deleted principal's ARN turns into.
    UniqueId(String),
    /// An AWS service.
    Service(String),
    /// An identity provider.
    Federated(String),
    /// An S3 canonical user id.
    CanonicalUser(String),
    /// A service, identity provider or canonical user with a wildcard, for which AWS documents no meaning.
    Pattern(PrincipalKind),
    /// Nothing that can be understood.
    Unclear,
}

/// The members of a `Principal` map beside `AWS`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrincipalKind {
    /// `Service`
    Service,
    /// `Federated`
    Federated,
    /// `CanonicalUser`
    CanonicalUser,
}

impl PrincipalElement {
    /// An element that stands in the statement twice: which one counts is not known.
    pub(super) fn forget(&mut self) {
        self.entries.clear();
        self.negated = false;
        self.incomplete = true;
    }

    /// Whether this is `Principal: *` in one of its spellings.
    pub fn is_everyone(&self) -> bool {
        !self.negated && self.entries.iter().any(|entry| entry.form == PrincipalForm::Everyone)
    }
}

impl PrincipalEntry {
    /// Reads one value of the map's member `kind` (`AWS`, `Service`, `Federated`, `CanonicalUser`).
    pub fn new(kind: &str, text: &str, span: Span) -> Self {
        let form = match kind {
            "AWS" => aws(text),
            "Service" if is_pattern(text) => PrincipalForm::Pattern(PrincipalKind::Service),
            "Federated" if is_pattern(text) => PrincipalForm::Pattern(PrincipalKind::Federated),
            "CanonicalUser" if is_pattern(text) => PrincipalForm::Pattern(PrincipalKind::CanonicalUser),
            "Service" => PrincipalForm::Service(text.to_owned()),
            "Federated" => PrincipalForm::Federated(text.to_owned()),
            "CanonicalUser" => PrincipalForm::CanonicalUser(text.to_owned()),
            _ => PrincipalForm::Unclear,
        };
        Self { text: text.to_owned(), span, form }
    }

    /// `"Principal": "*"`.
    pub fn everyone(span: Span) -> Self {
        Self { text: "*".to_owned(), span, form: PrincipalForm::Everyone }
    }
}

fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?'])
}

fn aws(text: &str) -> PrincipalForm {
    if text == "*" {
        return PrincipalForm::Everyone;
    }
    if text.trim() != text {
        return PrincipalForm::Unclear;
    }
    if let Some(account) = AccountId::parse(text) {
        return PrincipalForm::Account(account);
    }
    if is_unique_id(text) {
        return PrincipalForm::UniqueId(text.to_owned());
    }
    let Ok(arn) = Arn::parse(text) else { return PrincipalForm::Unclear };
    // "You cannot use a wildcard to match part of a principal name or ARN."
    if is_pattern(text) {
        return PrincipalForm::Unclear;
    }
    match (arn.service(), arn.resource_type(), arn.account()) {
        ("iam", None, Some(account)) if arn.resource() == "root" => PrincipalForm::Account(account),
        ("iam", Some(("user", _)), _) => PrincipalForm::User(arn),
        ("iam", Some(("role", _)), _) => PrincipalForm::Role(arn),
        ("sts", Some(("assumed-role", _)), _) => PrincipalForm::Session(arn),
        ("sts", Some(("federated-user", _)), _) => PrincipalForm::FederatedUser(arn),
        _ => PrincipalForm::Unclear,
    }
}

/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids>
fn is_unique_id(text: &str) -> bool {
    text.len() >= 16
        && (text.starts_with("AROA") || text.starts_with("AIDA"))
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b':' || b == b'-' || b == b'_')
}
