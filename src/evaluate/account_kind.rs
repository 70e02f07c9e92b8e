//! APIs that only certain kinds of accounts may call: a check that no policy can change.
//!
//! Source: <https://docs.aws.amazon.com/organizations/latest/APIReference/Welcome.html> and the page of each operation

use super::truth::{Hinge, Truth};
use super::{Known, Organization, PolicySet};
use crate::ids::AccountId;
use crate::knowledge::Certainty;
use crate::knowledge::organizations_callers::{CallerKind, callers, restrictions};
use crate::request::Request;

/// Whether the caller's account is of a kind that may call the API; `None` if the API is not restricted so.
///
/// `delegated_by_policy` tells whether the organization's resource-based delegation policy allows the call.
pub(super) fn may_call(
    request: &Request,
    policies: &PolicySet,
    delegated_by_policy: &Truth,
) -> Option<Truth> {
    let (kinds, certainty) = restriction(request)?;
    let Some(account) = request.principal.account() else { return Some(Truth::False) };
    let caller = Caller { request, account, delegated_by_policy };
    let organization = match &policies.organization {
        Known::Known(organization) => organization,
        Known::Unknown(why) => {
            return Some(Truth::unknown(Hinge::Fact(format!(
                "the organization of account {account}: {why}"
            ))));
        }
    };
    let allowed = kinds.iter().map(|kind| caller.is(*kind, organization)).fold(Truth::False, Truth::or);
    match (allowed, certainty) {
        (Truth::False, Certainty::Believed) => {
            Some(Truth::undocumented(&format!("which accounts may call {}", request.action)))
        }
        (allowed, _) => Some(allowed),
    }
}

/// The kinds of account that may call. Rows that hang on request parameters are not decided here: the parameters
/// are no part of an authorization request. What is believed of a whole service says too little of one operation.
fn restriction(request: &Request) -> Option<(&'static [CallerKind], Certainty)> {
    let action = request.action.lower();
    if let Some(rule) = callers(action) {
        return Some((&rule.kinds, rule.certainty));
    }
    restrictions(action)
        .filter(|row| row.when.as_str().is_empty())
        .find(|row| row.certainty == Certainty::Documented || row.names(action))
        .map(|row| (row.kinds.as_slice(), row.certainty))
}

struct Caller<'a> {
    request: &'a Request,
    account: AccountId,
    delegated_by_policy: &'a Truth,
}

impl Caller<'_> {
    fn is(&self, kind: CallerKind, organization: &Organization) -> Truth {
        let in_organization = organization.management_account.is_some();
        let is_management = organization.management_account == Some(self.account);
        match kind {
            CallerKind::Management => is_management.into(),
            CallerKind::DelegatedAdministrator => self.is_delegated(organization),
            CallerKind::AnyAccountInOrganization => in_organization.into(),
            CallerKind::Member => (in_organization && !is_management).into(),
            CallerKind::Standalone => (!in_organization).into(),
            CallerKind::HandshakeSender | CallerKind::HandshakeRecipient => {
                Truth::unknown(Hinge::Fact("which accounts the handshake is between".to_owned()))
            }
            CallerKind::ServiceAdministrator => {
                let what =
                    format!("which account {} knows as its administrator", self.request.action.service());
                Truth::unknown(Hinge::Fact(what))
            }
        }
    }

    /// A delegated administrator of any service may read the organization; to change it, the delegation policy has
    /// to allow it.
    ///
    /// Source: <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_delegate_policies.html>
    fn is_delegated(&self, organization: &Organization) -> Truth {
        let registered =
            organization.delegated_administrators.values().any(|ids| ids.contains(&self.account));
        let name = self.request.action.name();
        let reads = name.starts_with("list") || name.starts_with("describe") || name.starts_with("get");
        let is_organizations = self.request.action.service() == "organizations";
        Truth::from(registered && (reads || !is_organizations)).or(self.delegated_by_policy.clone())
    }
}
