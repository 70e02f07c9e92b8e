//! The run: events, then wants, until nothing new is wanted.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::accounts::Accounts;
use super::events::{Events, Seen};
use super::fetch::{Batch, account_of, batch, fetch, is_of_organization};
use super::history;
use super::history::OrganizationDenials;
use super::organizations::{self, Organization};
use super::sessions::{MOST_HOPS, missing};
use super::{CollectError, Collected, Plan, Watch};
use crate::aws::{Shared, run};
use crate::bundle::{Draft, Manifest, read};
use crate::diagnose::{Diagnosis, Selection, diagnose, wants};
use crate::evidence::{Evidence, Gap, Scope, Want};
use crate::ids::AccountId;
use crate::sources::aws::lookup::choice::Lookup;
use crate::sources::aws::{Caller, Live, Place, Purpose, Region, Search};
use crate::trail::change::{ChangeTarget, PolicyChange};

/// After so many rounds of asking what is wanted, something is wrong with the answers. A user leads to groups, these to
/// managed policies.
const MOST_ROUNDS: usize = 8;

/// Collects what the plan asks for. With no time left it ends with what it has.
pub fn collect(plan: &Plan, watch: &mut dyn Watch) -> Result<Collected, CollectError> {
    let collected = run(plan.timeout, |shared| async move {
        let mut work = Work::begin(plan, &shared, watch).await?;
        work.all().await?;
        work.end(&shared)
    });
    collected.map_err(CollectError::Start).flatten()
}

struct Work<'p, 'w> {
    plan: &'p Plan,
    watch: &'w mut dyn Watch,
    accounts: Accounts,
    organization: Organization,
    manifest: Manifest,
    draft: Draft,
    done: BTreeSet<Want>,
    /// Managed policies that were fetched with all their versions.
    with_versions: BTreeSet<String>,
    /// Events that are in the bundle.
    seen: Seen,
    perhaps_late: bool,
    /// Events that could not be read.
    unread: Vec<Gap>,
    warnings: Vec<String>,
}

impl<'p, 'w> Work<'p, 'w> {
    async fn begin(plan: &'p Plan, shared: &Shared, watch: &'w mut dyn Watch) -> Result<Self, CollectError> {
        watch.said("asking who you are");
        let (accounts, unusable) = Box::pin(Accounts::open(plan, shared)).await?;
        let caller = accounts.own().map(|own| own.identity().arn.to_string());
        // Who asks for one event or request asks for whoever made it.
        let by_id = !plan.event_ids.is_empty() || !plan.request_ids.is_empty();
        let own = || caller.clone().filter(|_| !by_id);
        let principal = plan.scope.principal.clone().or_else(own);
        let manifest = Manifest {
            created_at: Some(plan.now),
            created_by: caller,
            scope: Scope { principal, ..plan.scope.clone() },
            gaps: unusable.gaps,
        };
        let draft = Draft::new(&manifest);
        Ok(Self {
            plan,
            watch,
            accounts,
            organization: Organization::default(),
            manifest,
            draft,
            done: BTreeSet::new(),
            with_versions: BTreeSet::new(),
            seen: Seen::new(),
            perhaps_late: false,
            unread: Vec::new(),
            warnings: unusable.warnings,
        })
    }

    async fn all(&mut self) -> Result<(), CollectError> {
        // Cheap to clone, and then it borrows nothing.
        let Some(own) = self.accounts.own().cloned() else { return Ok(()) };
        let mut live = Live::new(&own, self.plan.now);
        self.events(&live).await?;
        let has_history = self.plan.place == Place::History;
        if has_history && let Ok(home) = Region::parse(own.home_region()) {
            let diagnoses = self.diagnose();
            let lookups = history::since(&diagnoses, &read(&self.draft).evidence, &home, self.plan.now);
            self.look_up(&mut live, lookups).await;
            self.sessions(&mut live, own.identity().account).await;
            self.policies().await;
            let diagnoses = self.diagnose();
            let lookups = history::causes(&diagnoses, &read(&self.draft).evidence, &home);
            self.look_up(&mut live, lookups).await;
            let lookups = history::counterparts(&diagnoses, &read(&self.draft).evidence);
            self.look_up(&mut live, lookups).await;
            self.organization_changes(own.identity().account).await;
        }
        self.policies().await;
        Ok(())
    }

    fn diagnose(&self) -> Vec<Diagnosis> {
        let evidence = read(&self.draft).evidence;
        diagnose(&evidence, &selection(self.plan, &self.manifest.scope, &evidence))
    }

    async fn events(&mut self, live: &Live<'_>) -> Result<(), CollectError> {
        let search = search(self.plan, &self.manifest.scope)?;
        let mut receiver = Events::new(&mut self.draft, self.watch, &mut self.seen);
        let outcome = Box::pin(live.read(&self.plan.place, &search, self.plan.wait, &mut receiver)).await;
        self.unread.extend(outcome.gaps);
        self.perhaps_late = outcome.perhaps_late;
        self.warnings.append(&mut receiver.problems);
        self.save();
        Ok(())
    }

    /// Reads who changed SCPs and RCPs, where there are credentials of those who can have done it.
    async fn organization_changes(&mut self, own: AccountId) {
        let management = self.organization.management_account();
        let guardians = self.accounts.guardians(management);
        for guardian in &guardians {
            let Ok(region) = Region::parse(organizations::region(guardian)) else { continue };
            // SCPs do not restrict the management account itself.
            // Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
            let only = if guardian.identity().account == own {
                OrganizationDenials::ByGuardrails
            } else {
                OrganizationDenials::All
            };
            let mut live = Live::new(guardian, self.plan.now);
            // A policy that was updated leads to the event that has its text before.
            for _ in 0..2 {
                let evidence = read(&self.draft).evidence;
                let lookups = history::organization(&self.diagnose(), &evidence, &region, only);
                self.look_up(&mut live, lookups).await;
            }
        }
        let is_there = |account| guardians.iter().any(|guardian| guardian.identity().account == account);
        if let Some(account) = management.filter(|account| !is_there(*account))
            && history::may_be_of_guardrails(&self.diagnose())
        {
            self.manifest.gaps.push(Gap {
                what: "who changed SCPs and RCPs".to_owned(),
                why: format!(
                    "only the management account {account} has these events: give a profile of it with --org-profile"
                ),
            });
            self.save();
        }
    }

    /// Looks up who issued a session, or changed something.
    async fn look_up(&mut self, live: &mut Live<'_>, lookups: Vec<Lookup>) {
        let mut receiver = Events::new(&mut self.draft, self.watch, &mut self.seen);
        let outcome = Box::pin(live.look_up(lookups, &mut receiver)).await;
        self.unread.extend(outcome.gaps);
        self.warnings.append(&mut receiver.problems);
        self.save();
    }

    /// Follows the sessions back to whoever asked for the first, wherever that was.
    async fn sessions(&mut self, live: &mut Live<'_>, own: AccountId) {
        for _ in 0..MOST_HOPS {
            let diagnoses = self.diagnose();
            let missing = missing(&diagnoses, &read(&self.draft).evidence);
            let before = self.seen.len();
            for missing in &missing {
                if missing.account == own {
                    let regions = match &missing.region {
                        Some(region) => vec![region.clone()],
                        None => live.regions().await,
                    };
                    self.look_up(live, vec![missing.lookup(regions)]).await;
                } else if let Ok(connection) = self.accounts.of(missing.account).cloned() {
                    let mut there = Live::new(&connection, self.plan.now);
                    let regions = match &missing.region {
                        Some(region) => vec![region.clone()],
                        None => there.regions().await,
                    };
                    self.look_up(&mut there, vec![missing.lookup(regions)]).await;
                }
            }
            if self.seen.len() == before {
                break;
            }
        }
    }

    async fn policies(&mut self) {
        for _ in 0..MOST_ROUNDS {
            let evidence = read(&self.draft).evidence;
            let selection = selection(self.plan, &self.manifest.scope, &evidence);
            let changed = changed_policies(&evidence);
            let mut batch = batch(wants(&evidence, &selection));
            batch.retain(|want, _| !self.done.contains(want));
            batch.extend(self.earlier_versions(&evidence, &changed));
            if batch.is_empty() {
                break;
            }
            self.watch.said("reading policies");
            self.done.extend(batch.keys().cloned());
            self.with_versions.extend(changed.iter().cloned());
            let accounts: BTreeSet<_> = batch.keys().filter_map(account_of).collect();
            self.accounts.reach(&accounts).await;
            let of_organization: Vec<Want> =
                batch.keys().filter(|want| is_of_organization(want)).cloned().collect();
            let organization = async {
                match self.accounts.organization() {
                    Some(connection) if !of_organization.is_empty() => {
                        self.organization.learn(connection, &of_organization).await
                    }
                    _ => Vec::new(),
                }
            };
            let (brought, gaps) = tokio::join!(fetch(&self.accounts, &batch, &changed), organization);
            let gaps: Vec<Gap> = gaps.into_iter().map(|gap| self.with_advice(gap)).collect();
            self.manifest.gaps.extend(gaps);
            for (what, brought) in brought {
                self.manifest.gaps.extend(brought.into(&mut self.draft, &what));
            }
            if let Some(brought) = self.organization.brought() {
                self.manifest.gaps.extend(brought.into(&mut self.draft, "the organization"));
            }
            self.save();
        }
    }

    /// Says what to pass where Organizations refuses a member account.
    fn with_advice(&self, gap: Gap) -> Gap {
        if self.accounts.has_organization_profile() || !gap.why.starts_with("AccessDenied") {
            return gap;
        }
        let advice = "the management account and delegated administrators may read it: give a profile with --org-profile";
        Gap { why: format!("{} ({advice})", gap.why), ..gap }
    }

    /// Managed policies that are there with their text of now, and turn out to have been changed.
    fn earlier_versions(&self, evidence: &Evidence, changed: &BTreeSet<String>) -> Batch {
        let accounts =
            evidence.accounts.iter().filter_map(|(account, facts)| Some((*account, facts.iam.as_ref()?)));
        let wants = accounts.flat_map(|(account, iam)| {
            let new = changed.iter().filter(|arn| !self.with_versions.contains(*arn));
            let there = new.filter(|arn| iam.policies.contains_key(*arn));
            there.map(move |arn| Want::ManagedPolicy { account, arn: arn.clone() })
        });
        batch(wants.collect())
    }

    fn save(&mut self) {
        self.manifest.gaps.extend(self.unread.iter().cloned());
        self.manifest.gaps.sort();
        self.manifest.gaps.dedup();
        self.draft.set_manifest(&self.manifest);
    }

    fn end(self, shared: &Shared) -> Result<Collected, CollectError> {
        let identity = self.accounts.own().map(|own| own.identity().clone());
        let identity = identity.ok_or(crate::aws::OpenError::NoCredentials { profile: None })?;
        Ok(Collected {
            draft: self.draft,
            identity,
            calls: shared.recorder.calls(),
            perhaps_late: self.perhaps_late,
            unread: self.unread,
            warnings: self.warnings,
        })
    }
}

fn selection(plan: &Plan, scope: &Scope, evidence: &Evidence) -> Selection {
    Selection { scope: scope.clone(), event_ids: evidence.asked_for(&plan.event_ids, &plan.request_ids) }
}

fn search(plan: &Plan, scope: &Scope) -> Result<Search, CollectError> {
    let caller: Option<Caller> = scope.principal.as_deref().map(str::parse).transpose()?;
    // Several ids are no narrower than the window.
    let only = |ids: &[String]| if let [id] = ids { Some(id.clone()) } else { None };
    let mut accounts = plan.accounts.clone();
    if accounts.is_empty() {
        accounts.extend(caller.as_ref().and_then(Caller::account));
    }
    Ok(Search {
        caller,
        since: scope.since.unwrap_or(Timestamp::MIN),
        until: scope.until.unwrap_or(plan.now),
        accounts,
        regions: plan.regions.clone(),
        event_id: only(&plan.event_ids),
        request_id: only(&plan.request_ids),
        purpose: Purpose::Explanation,
    })
}

/// Managed policies that were changed: their earlier versions are needed to undo that.
fn changed_policies(evidence: &Evidence) -> BTreeSet<String> {
    let changes = evidence.events.iter().filter_map(PolicyChange::from_event);
    changes
        .filter_map(|change| match change.target {
            ChangeTarget::ManagedPolicy(arn) => Some(arn),
            _ => None,
        })
        .collect()
}
