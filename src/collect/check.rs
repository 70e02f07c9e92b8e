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
use crate::request::{Action, Principal, Resource};
use crate::sources::aws::Place;
use crate::sources::aws::permissions::{Whose, logs, needs};

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

/// Reads the caller's own policies, and says what they allow: for every run, and for events in some places. The settings
/// come with the time that it may take.
pub fn check(
    settings: &(Settings, Option<Duration>),
    places: &[Place],
    watch: &mut dyn Watch,
) -> Result<Checked, CollectError> {
    watch.said("reading your policies");
    let checked = run(settings.1, |shared| async move {
        let own = Box::pin(Connection::open(&settings.0, &shared)).await?;
        permissions(own, places).await
    });
    checked.map_err(CollectError::Start).flatten()
}

async fn permissions(own: Connection, places: &[Place]) -> Result<Checked, CollectError> {
    let needed = needed(&own, places);
    let identity = own.identity().clone();
    let text = identity.arn.to_string();
    let principal = Principal::parse(&text, None).map_err(|_| OpenError::Arn(text))?;
    let accounts = Accounts::of_one(own);
    let mut manifest = Manifest::default();
    let mut draft = Draft::new(&manifest);
    let mut done = BTreeSet::new();
    for _ in 0..MOST_ROUNDS {
        let evidence = read(&draft).evidence;
        let wants = needed.iter().flat_map(|need| need.in_policies(&evidence, &principal).1);
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
    let granted = |need: &Needed| (need.call, need.in_policies(&evidence, &principal).0);
    Ok(Checked { identity, permissions: needed.iter().map(granted).collect(), gaps: manifest.gaps })
}

/// A permission that is needed.
struct Needed {
    call: &'static ReaderCall,
    action: Action,
    /// On what; empty if that is not known.
    resources: Vec<Resource>,
}

impl Needed {
    /// Whether the policies give it on everything that it is needed on, and what would have to be known to tell.
    fn in_policies(&self, evidence: &Evidence, principal: &Principal) -> (Option<bool>, BTreeSet<Want>) {
        let found: Vec<_> = self
            .resources
            .iter()
            .map(|resource| permission(evidence, principal, &self.action, resource))
            .collect();
        let granted = if found.iter().any(|one| one.granted == Some(false)) {
            Some(false)
        } else {
            (!found.is_empty() && found.iter().all(|one| one.granted == Some(true))).then_some(true)
        };
        (granted, found.into_iter().flat_map(|one| one.wants).collect())
    }
}

/// The calls that need a permission, one for each permission.
fn needed(own: &Connection, places: &[Place]) -> Vec<Needed> {
    let account = own.identity().account;
    let whose = Whose {
        partition: own.partition().to_owned(),
        region: own.region().to_owned(),
        account: account.to_string(),
    };
    let always = reader_calls::of_every_run().map(|call| (call, vec![Resource::none()]));
    let of_places = places.iter().flat_map(|place| needs(place, logs(places), &whose)).map(|need| {
        let resources = need.resources();
        (need.call, resources.iter().map(|arn| Resource::new(arn, Some(account))).collect())
    });
    let mut needed: Vec<Needed> = Vec::new();
    for (call, resources) in always.chain(of_places) {
        let Ok(action) = Action::parse(call.action) else { continue };
        let is_there = |other: &Needed| other.call.action == call.action && other.resources == resources;
        if !needed.iter().any(is_there) {
            needed.push(Needed { call, action, resources });
        }
    }
    needed
}

fn is_of_caller(want: &Want) -> bool {
    matches!(
        want,
        Want::Principal(_) | Want::Group { .. } | Want::ManagedPolicy { .. } | Want::Boundary { .. }
    )
}
