//! APIs that only certain kinds of accounts may call: a check that no policy can change.
//!
//! Source: <https://docs.aws.amazon.com/organizations/latest/APIReference/Welcome.html> and the page of each operation

use super::truth::{Hinge, Truth};
use super::{Known, Organization, PolicySet};
use crate::ids::AccountId;
use crate::knowledge::{self, CallerKind};
use crate::request::Request;

/// Whether the caller's account is of a kind that may call the API; `None` if the API is not restricted so.
pub(super) fn may_call(request: &Request, policies: &PolicySet, delegated_by_policy: Truth) -> Option<Truth> {
    let kind = knowledge::caller_kind(request.action.lower())?;
    let Some(account) = request.principal.account() else { return Some(Truth::False) };
    let organization = match &policies.organization {
        Known::Known(organization) => organization,
        Known::Unknown(why) => {
            let what = format!("the organization of account {account}: {why}");
            return Some(Truth::unknown(Hinge::Fact(what)));
        }
    };
    Some(of_kind(kind, account, organization, delegated_by_policy))
}

fn of_kind(kind: CallerKind, account: AccountId, organization: &Organization, delegated_by_policy: Truth) -> Truth {
    let is_management = organization.management_account == Some(account);
    let is_delegated = organization.delegated_administrators.values().any(|accounts| accounts.contains(&account));
    let in_organization = organization.management_account.is_some();
    match kind {
        CallerKind::Management => is_management.into(),
        CallerKind::ManagementOrDelegated => Truth::from(is_management || is_delegated).or(delegated_by_policy),
        CallerKind::AnyInOrganization => in_organization.into(),
        CallerKind::Member => (in_organization && !is_management).into(),
        CallerKind::Standalone => (!in_organization).into(),
        CallerKind::HandshakeParty => {
            Truth::unknown(Hinge::Fact("which accounts the handshake is between".to_owned()))
        }
    }
}
