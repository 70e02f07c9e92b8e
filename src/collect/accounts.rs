//! Which credentials are for which account.

use std::collections::{BTreeMap, BTreeSet};

use crate::aws::{Connection, OpenError, Settings, Shared};
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
    pub(super) async fn open(plan: &super::Plan, shared: &Shared) -> Result<(Self, Vec<String>), OpenError> {
        let own = Connection::open(&plan.settings, shared).await?;
        let mut accounts = Self { role: plan.account_role.clone(), ..Self::of_one(own) };
        let mut warnings = Vec::new();
        for profile in &plan.more_profiles {
            if let Some(connection) = more(&plan.settings, profile, shared, &mut warnings).await {
                accounts.by_account.entry(connection.identity().account).or_insert(connection);
            }
        }
        if let Some(profile) = &plan.org_profile {
            accounts.organization = more(&plan.settings, profile, shared, &mut warnings).await;
        }
        Ok((accounts, warnings))
    }

    /// The caller's own connection.
    pub(super) fn own(&self) -> Option<&Connection> {
        self.by_account.get(&self.own)
    }

    /// The connection that Organizations is asked with.
    pub(super) fn organization(&self) -> Option<&Connection> {
        self.organization.as_ref().or_else(|| self.own())
    }

    /// A connection of the management account; of whom the profile is, if it is not known which account that is.
    pub(super) fn management(&self, account: Option<AccountId>) -> Option<&Connection> {
        let Some(account) = account else { return self.organization.as_ref() };
        let of_profile = self.organization.as_ref().filter(|found| found.identity().account == account);
        of_profile.or_else(|| self.by_account.get(&account))
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

async fn more(
    settings: &Settings,
    profile: &str,
    shared: &Shared,
    warnings: &mut Vec<String>,
) -> Option<Connection> {
    match Box::pin(Connection::open(&settings.with_profile(profile), shared)).await {
        Ok(connection) => Some(connection),
        Err(error) => {
            warnings.push(format!("profile `{profile}` is not used: {error}"));
            None
        }
    }
}
