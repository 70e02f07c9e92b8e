//! From what is wanted to who is asked for it.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::{BoxFuture, FutureExt as _, join_all};

use super::accounts::Accounts;
use super::put::Brought;
use super::{ec2, iam, kms, resource_policies, s3, tags};
use crate::arn::Arn;
use crate::aws::CallError;
use crate::evidence::{BucketWant, Want};
use crate::ids::AccountId;

/// What is fetched in one go, with all the wants that it serves.
pub(super) type Batch = BTreeMap<Want, BTreeSet<Want>>;

/// Puts together the wants that one fetch serves: a role has its trust policy with it, and the document of a boundary
/// is that of a managed policy.
pub(super) fn batch(wants: BTreeSet<Want>) -> Batch {
    let mut batch = Batch::new();
    for want in wants {
        let served_by = match &want {
            Want::Trust(arn) | Want::Principal(arn) => Want::Principal(without_path(arn)),
            Want::Boundary { account, arn } => Want::ManagedPolicy { account: *account, arn: arn.clone() },
            other => other.clone(),
        };
        batch.entry(served_by).or_default().insert(want);
    }
    batch
}

/// Events show the ARN of a role with its path or without it; the name is unique in the account.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html>
fn without_path(arn: &Arn) -> Arn {
    let (kind, rest) = arn.resource_type().unwrap_or(("", arn.resource()));
    let name = rest.rsplit('/').next().unwrap_or(rest);
    let text = format!("arn:{}:iam::{}:{kind}/{name}", arn.partition(), arn.account_text());
    Arn::parse(&text).unwrap_or_else(|_| arn.clone())
}

/// The account whose credentials a fetch needs; `None` if whoever is there may try.
pub(super) fn account_of(want: &Want) -> Option<AccountId> {
    match want {
        Want::Principal(arn) | Want::Trust(arn) | Want::ResourcePolicy(arn) => arn.account(),
        Want::Key { arn, .. } => arn.account(),
        Want::Group { account, .. }
        | Want::ManagedPolicy { account, .. }
        | Want::Boundary { account, .. } => Some(*account),
        Want::AccountPublicAccess(account) => Some(*account),
        Want::Bucket { owner, .. } => *owner,
        Want::ResourceTags { owner, .. } => Some(*owner),
        Want::VpcEndpoint { account, .. } => *account,
        _ => None,
    }
}

/// Whether Organizations is asked for it.
pub(super) fn is_of_organization(want: &Want) -> bool {
    matches!(want, Want::Guardrails { .. } | Want::DelegatedAdministrators | Want::DelegationPolicy)
}

/// Fetches everything in the batch, side by side.
pub(super) async fn fetch(
    accounts: &Accounts,
    batch: &Batch,
    changed: &BTreeSet<String>,
) -> Vec<(String, Brought)> {
    let fetches = batch.iter().map(|(want, served)| async move {
        let brought = match one(accounts, want, changed).await {
            Ok(brought) => brought,
            Err(why) => served
                .iter()
                .fold(Brought::default(), |all, want| all.and(Brought::gap(want.to_string(), why.clone()))),
        };
        (want.to_string(), brought)
    });
    join_all(fetches).await
}

fn one<'a>(
    accounts: &'a Accounts,
    want: &'a Want,
    changed: &'a BTreeSet<String>,
) -> BoxFuture<'a, Result<Brought, String>> {
    async move {
        if let Want::Bucket { name, owner: None, fact } = want {
            return bucket(accounts, name, *fact).await;
        }
        if let Want::ResourcePolicy(arn) = want
            && !resource_policies::is_supported(arn.service())
        {
            return Err(format!("resource-based policies of {} are not fetched", arn.service()));
        }
        let own = || accounts.own().map(|own| own.identity().account);
        let Some(account) = account_of(want).or_else(own) else {
            return Err("the account is not known".to_owned());
        };
        let connection = accounts.of(account)?;
        let fetched = match want {
            Want::Principal(arn) => iam::principal(connection, account, arn).await,
            Want::Group { name, .. } => iam::group(connection, account, name).await,
            Want::ManagedPolicy { arn, .. } => {
                iam::managed_policy(connection, account, arn, changed.contains(arn)).await
            }
            Want::Bucket { name, fact, .. } => s3::fetch(connection, account, name, *fact).await,
            Want::AccountPublicAccess(_) => s3::account_public_access(connection, account).await,
            Want::Key { arn, fact } => kms::fetch(connection, account, arn, *fact).await,
            Want::VpcEndpoint { id, region, .. } => {
                let region = region.as_deref().unwrap_or(connection.region());
                ec2::vpc_endpoint(connection, account, id, region).await
            }
            Want::ResourcePolicy(arn) => resource_policies::fetch(connection, account, arn).await,
            Want::ResourceTags { arn, region, .. } => {
                tags::fetch(connection, account, arn, region.as_deref()).await
            }
            // These have been asked for elsewhere, or stand for a larger one.
            _ => Ok(Brought::default()),
        };
        fetched.map_err(|error| error.to_string())
    }
    .boxed()
}

/// Whose a bucket is, nothing says. S3 answers to its owner only, so whoever is answered is the owner.
async fn bucket(accounts: &Accounts, name: &str, fact: BucketWant) -> Result<Brought, String> {
    let mut refused: Option<CallError> = None;
    for (account, connection) in accounts.all() {
        match s3::fetch(connection, account, name, fact).await {
            Ok(brought) => return Ok(brought),
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    Err(refused.map_or_else(|| "nobody could be asked".to_owned(), |error| error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arn(text: &str) -> Arn {
        Arn::parse(text).unwrap()
    }

    #[test]
    fn one_fetch_serves_all_that_it_answers() {
        let account = AccountId::parse("111122223333").unwrap();
        let role = arn("arn:aws:iam::111122223333:role/team/app");
        let policy = "arn:aws:iam::111122223333:policy/p".to_owned();
        let wants = BTreeSet::from([
            Want::Principal(arn("arn:aws:iam::111122223333:role/app")),
            Want::Trust(role),
            Want::Boundary { account, arn: policy.clone() },
            Want::ManagedPolicy { account, arn: policy.clone() },
        ]);
        let batch = batch(wants.clone());
        let fetched: Vec<&Want> = batch.keys().collect();
        let expected = [
            Want::Principal(arn("arn:aws:iam::111122223333:role/app")),
            Want::ManagedPolicy { account, arn: policy },
        ];
        assert_eq!(fetched, expected.iter().collect::<Vec<_>>());
        assert_eq!(batch.into_values().flatten().collect::<BTreeSet<_>>(), wants);
    }
}
