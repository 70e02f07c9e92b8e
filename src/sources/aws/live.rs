//! Reading a place in AWS: once, or until something is found.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::OnceCell;
use tokio::time::{Instant, sleep};

use super::logs;
use super::lookup::choice::{self, Attribute, Lookup};
use super::lookup::{self, Paces};
use super::once::Once;
use super::place::Place;
use super::receiver::{Outcome, Receiver, Step};
use super::s3::Trail;
use super::search::{Purpose, Region, Search};
use super::sql;
use crate::aws::{Connection, Regions};
use crate::sources::Options;

/// How often it is looked again for what is not delivered yet: events come in batches, every few minutes.
const AGAIN: Duration = Duration::from_secs(20);

/// Reads places over one connection.
#[derive(Debug)]
pub struct Live<'c> {
    connection: &'c Connection,
    paces: Paces,
    /// What time it was at `began`: the library has no clock of its own.
    then: Timestamp,
    began: Instant,
    /// What was looked up behind denials.
    asked: BTreeSet<(Option<Attribute>, Region)>,
    /// Those of the account, once they were asked for.
    enabled: OnceCell<Regions>,
}

impl<'c> Live<'c> {
    /// Over a connection; `now` is now.
    pub fn new(connection: &'c Connection, now: Timestamp) -> Self {
        Self {
            connection,
            paces: Paces::new(),
            then: now,
            began: Instant::now(),
            asked: BTreeSet::new(),
            enabled: OnceCell::new(),
        }
    }

    fn now(&self) -> Timestamp {
        let passed = SignedDuration::try_from(self.began.elapsed()).unwrap_or(SignedDuration::ZERO);
        self.then.checked_add(passed).unwrap_or(self.then)
    }

    /// Reads a place. With `wait`, it is read again and again until the receiver has found something or the time is
    /// over; a window that is open at its end then grows.
    pub async fn read(
        &self,
        place: &Place,
        search: &Search,
        wait: Option<Duration>,
        receiver: &mut dyn Receiver,
    ) -> Outcome {
        let only_denials_hint = search.purpose == Purpose::Denials;
        let options = Options { only_denials_hint };
        let mut once = Once::new(receiver, options);
        let open = search.until >= self.then;
        let mut search = search.clone();
        loop {
            let mut outcome = self.once(place, &search, &mut once, options).await;
            outcome.events = once.events;
            let fresh = search.is_fresh(self.now());
            if once.has_found() || !fresh || wait.is_none_or(|wait| self.began.elapsed() >= wait) {
                outcome.perhaps_late = fresh && !once.has_found();
                return outcome;
            }
            once.step(&Step::Waiting);
            let left = wait.unwrap_or_default().saturating_sub(self.began.elapsed());
            if let Err(spent) = self.connection.shared().budget.run(sleep(AGAIN.min(left))).await {
                outcome.gap("events that were not delivered yet", spent);
                outcome.perhaps_late = true;
                return outcome;
            }
            if open {
                search.until = self.now();
            }
        }
    }

    async fn once(&self, place: &Place, search: &Search, once: &mut Once<'_>, options: Options) -> Outcome {
        match place {
            Place::History => self.history(search, once).await,
            Place::Trail(address) => match Trail::open(self.connection, address, search).await {
                Ok(trail) => trail.read(once, options).await,
                Err(error) => {
                    let mut outcome = Outcome::default();
                    outcome.gap(format!("events in log files below {address}"), error);
                    outcome
                }
            },
            Place::Athena(table) => sql::read_athena(self.connection, table, search, once).await,
            Place::Lake(store) => sql::read_lake(self.connection, store, search, once).await,
            Place::LogGroup(group) => logs::read(self.connection, group, search, once).await,
        }
    }

    async fn enabled(&self) -> &Regions {
        self.enabled.get_or_init(|| self.connection.enabled_regions()).await
    }

    /// The Regions of the account.
    pub async fn regions(&self) -> Vec<Region> {
        self.enabled().await.names.iter().filter_map(|name| Region::parse(name).ok()).collect()
    }

    async fn history(&self, search: &Search, once: &mut Once<'_>) -> Outcome {
        let mut missing = Outcome::default();
        let regions = if search.regions.is_empty() {
            if let Some(error) = &self.enabled().await.incomplete {
                missing.gap("events of Regions beyond those that every account has", error);
            }
            self.regions().await
        } else {
            search.regions.clone()
        };
        let home = Region::parse(self.connection.home_region()).ok();
        let (lookup, cut) = choice::lookup(search, &regions, home.as_ref(), self.now());
        if cut {
            missing.gap(
                format!("events before {}", lookup.since),
                "the event history has the last 90 days; older events are in a trail, if there is one",
            );
        }
        let mut outcome = lookup::read(self.connection, &self.paces, &lookup, once).await;
        outcome.gaps.splice(0..0, missing.gaps);
        outcome
    }

    /// Looks up in the event history what stands behind denials: who issued the sessions, and what was changed. The
    /// same is never asked twice in a run.
    pub async fn look_up(&mut self, lookups: Vec<Lookup>, receiver: &mut dyn Receiver) -> Outcome {
        let mut outcome = Outcome::default();
        let mut once = Once::new(receiver, Options::default());
        for lookup in choice::merged(lookups) {
            if let Some(spent) = self.connection.shared().budget.spent() {
                outcome.gap("who changed what before and after the denial", spent);
                break;
            }
            // The event history has no more than 90 days, and denials share what decides them.
            let (now, oldest) =
                (self.now(), self.now().checked_sub(choice::HISTORY).unwrap_or(Timestamp::MIN));
            let Lookup { attribute, since, until, mut regions } = lookup;
            regions.retain(|region| self.asked.insert((attribute.clone(), region.clone())));
            if regions.is_empty() {
                continue;
            }
            let (since, until) = (since.clamp(oldest, now), until.min(now));
            let lookup = Lookup { attribute, since, until, regions };
            let found = lookup::read(self.connection, &self.paces, &lookup, &mut once).await;
            outcome.gaps.extend(found.gaps);
        }
        outcome.gaps.sort();
        outcome.gaps.dedup();
        outcome.events = once.events;
        outcome
    }
}
