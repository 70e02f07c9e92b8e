//! Which of the permissions that this program needs the caller has.
//!
//! The caller's own policies are read and evaluated, so that nothing is tried out and no further permission is needed:
//! see `docs/decisions/0016-permissions-are-evaluated.md`.

use std::collections::BTreeSet;
use std::time::Duration;

use super::accounts::Accounts;
use super::fetch::{account_of, batch, fetch};
use super::{CollectError, Watch};
use crate::aws::{CallerIdentity, Connection, OpenError, Settings, run};
use crate::bundle::{Draft, Manifest, read};
use crate::diagnose::permission;
use crate::evidence::{Evidence, Gap, Want};
use crate::knowledge::reader_calls::{self, ReaderCall};
use crate::request::{Action, Principal};

/// A user leads to groups, these to managed policies.
const MOST_ROUNDS: usize = 4;

/// The caller's permissions.
#[derive(Debug)]
pub struct Checked {
    /// The caller.
    pub identity: CallerIdentity,
    /// What is needed, and whether the caller has it; `None` if that cannot be told.
    pub permissions: Vec<(&'static ReaderCall, Option<bool>)>,
    /// What could not be read of the caller's policies.
    pub gaps: Vec<Gap>,
}

/// Reads the caller's own policies, and says what they allow. The settings come with the time that it may take.
pub fn check(
    settings: &(Settings, Option<Duration>),
    watch: &mut dyn Watch,
) -> Result<Checked, CollectError> {
    watch.said("reading your policies");
    let checked = run(settings.1, |shared| async move {
        let own = Box::pin(Connection::open(&settings.0, &shared)).await?;
        permissions(own).await
    });
    checked.map_err(CollectError::Start).flatten()
}

async fn permissions(own: Connection) -> Result<Checked, CollectError> {
    let identity = own.identity().clone();
    let text = identity.arn.to_string();
    let principal = Principal::parse(&text, None).map_err(|_| OpenError::Arn(text))?;
    let accounts = Accounts::of_one(own);
    let mut manifest = Manifest::default();
    let mut draft = Draft::new(&manifest);
    let mut done = BTreeSet::new();
    for _ in 0..MOST_ROUNDS {
        let evidence = read(&draft).evidence;
        let wants = needed().flat_map(|(_, action)| permission(&evidence, &principal, &action).wants);
        let mut batch = batch(wants.filter(is_of_caller).collect());
        batch.retain(|want, _| account_of(want) == Some(identity.account) && done.insert(want.clone()));
        if batch.is_empty() {
            break;
        }
        for (what, brought) in fetch(&accounts, &batch, &BTreeSet::new()).await {
            manifest.gaps.extend(brought.into(&mut draft, &what));
        }
    }
    let evidence: Evidence = read(&draft).evidence;
    let granted = |(call, action): (_, Action)| (call, permission(&evidence, &principal, &action).granted);
    Ok(Checked { identity, permissions: needed().map(granted).collect(), gaps: manifest.gaps })
}

/// The calls that need a permission, one for each permission.
fn needed() -> impl Iterator<Item = (&'static ReaderCall, Action)> {
    reader_calls::all().iter().filter_map(|call| Some((call, Action::parse(call.action).ok()?)))
}

fn is_of_caller(want: &Want) -> bool {
    matches!(
        want,
        Want::Principal(_) | Want::Group { .. } | Want::ManagedPolicy { .. } | Want::Boundary { .. }
    )
}
