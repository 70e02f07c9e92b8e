//! Which credentials are for which account.

use std::collections::{BTreeMap, BTreeSet};

use crate::aws::{Connection, OpenError, Settings, Shared};
use crate::evidence::Gap;
use crate::ids::AccountId;

/// How sessions of this program are named in other accounts.
const SESSION: &str = "why-denied";

/// Connections by account.
#[derive(Debug)]
pub(super) struct Accounts {
    own: AccountId,
    by_account: BTreeMap<AccountId, Connection>,
    organization: Option<Connection>,
    role: Option<String>,
    unreachable: BTreeMap<AccountId, String>,
}

impl Accounts {
    /// The caller's own account, and no other.
    pub(super) fn of_one(own: Connection) -> Self {
        let account = own.identity().account;
        Self {
            own: account,
            by_account: BTreeMap::from([(account, own)]),
            organization: None,
            role: None,
            unreachable: BTreeMap::new(),
        }
    }

    /// Opens the connections of the profiles; the first is the caller's own, and has to work.
    /// A profile that cannot be used is a warning with its name, and a gap without it: gaps are handed on.
    pub(super) async fn open(plan: &super::Plan, shared: &Shared) -> Result<(Self, Unusable), OpenError> {
        let own = Connection::open(&plan.settings, shared).await?;
        let mut accounts = Self { role: plan.account_role.clone(), ..Self::of_one(own) };
        let mut unusable = Unusable::default();
        for profile in &plan.more_profiles {
            match more(&plan.settings, profile, shared).await {
                Ok(connection) => {
                    accounts.by_account.entry(connection.identity().account).or_insert(connection);
                }
                Err(warning) => unusable.add(warning, "the account that a further --profile is for"),
            }
        }
        if let Some(profile) = &plan.org_profile {
            match more(&plan.settings, profile, shared).await {
                Ok(connection) => accounts.organization = Some(connection),
                Err(warning) => {
                    unusable.add(warning, "what --org-profile is for: the organization and its changes");
                }
            }
        }
        Ok((accounts, unusable))
    }

    /// The caller's own connection.
    pub(super) fn own(&self) -> Option<&Connection> {
        self.by_account.get(&self.own)
    }

    /// The connection that Organizations is asked with.
    pub(super) fn organization(&self) -> Option<&Connection> {
        self.organization.as_ref().or_else(|| self.own())
    }

    /// Whether there is a profile for Organizations.
    pub(super) fn has_organization_profile(&self) -> bool {
        self.organization.is_some()
    }

    /// Connections whose event history can have changes of SCPs and RCPs: that of the management account, and of the
    /// delegated administrator whom the profile is of, since a call is logged where the caller is.
    ///
    /// Source: <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_cloudtrail-integration.html>
    pub(super) fn guardians(&self, management: Option<AccountId>) -> Vec<Connection> {
        let of_profile = self.organization.as_ref();
        let of_management = management.and_then(|account| self.by_account.get(&account));
        let is_other = |found: &&Connection| {
            of_profile.is_none_or(|of| of.identity().account != found.identity().account)
        };
        of_profile.into_iter().chain(of_management.filter(is_other)).cloned().collect()
    }

    /// All connections, the caller's own first.
    pub(super) fn all(&self) -> impl Iterator<Item = (AccountId, &Connection)> {
        let own = self.by_account.get_key_value(&self.own);
        let others = self.by_account.iter().filter(|(account, _)| **account != self.own);
        own.into_iter().chain(others).map(|(account, connection)| (*account, connection))
    }

    /// Assumes the role in those of the accounts for which there are no credentials yet.
    pub(super) async fn reach(&mut self, wanted: &BTreeSet<AccountId>) {
        for account in wanted {
            if self.by_account.contains_key(account) || self.unreachable.contains_key(account) {
                continue;
            }
            let why = match (&self.role, self.own()) {
                (Some(role), Some(own)) => {
                    let role = format!("arn:{}:iam::{account}:role/{role}", own.partition());
                    match Box::pin(own.assume(&role, SESSION)).await {
                        Ok(connection) => {
                            self.by_account.insert(*account, connection);
                            continue;
                        }
                        Err(OpenError::Identity(error)) => error.to_string(),
                        Err(error) => error.to_string(),
                    }
                }
                _ => format!("there are no credentials of account {account}"),
            };
            self.unreachable.insert(*account, why);
        }
    }

    /// The connection of an account, or why there is none.
    pub(super) fn of(&self, account: AccountId) -> Result<&Connection, String> {
        self.by_account.get(&account).ok_or_else(|| {
            let why = self.unreachable.get(&account).cloned();
            why.unwrap_or_else(|| format!("there are no credentials of account {account}"))
        })
    }
}

/// Profiles without a connection.
#[derive(Debug, Default)]
pub(super) struct Unusable {
    pub(super) warnings: Vec<String>,
    pub(super) gaps: Vec<Gap>,
}

impl Unusable {
    fn add(&mut self, warning: String, what: &str) {
        self.warnings.push(warning);
        self.gaps.push(Gap { what: what.to_owned(), why: "its credentials cannot be used".to_owned() });
    }
}

async fn more(settings: &Settings, profile: &str, shared: &Shared) -> Result<Connection, String> {
    let opened = Box::pin(Connection::open(&settings.with_profile(profile), shared)).await;
    opened.map_err(|error| format!("profile `{profile}` is not used: {error}"))
}
