//! Policies are read now, the denial was then: changes are undone, newest first.

mod earlier;
mod iam;
mod organization;
mod resource;

use jiff::Timestamp;

use crate::evidence::{Evidence, Gap};
use crate::trail::change::{ChangeKind, ChangeTarget, PolicyChange};
use earlier::Earlier;

/// The world as it was at a moment.
pub(crate) struct Past {
    /// The evidence without its events.
    pub evidence: Evidence,
    /// The same, with attachments kept whose beginning is not sure: attaching what is attached already succeeds too.
    pub with_doubtful: Option<Evidence>,
    /// What cannot be known of that moment.
    pub gaps: Vec<Gap>,
}

/// What undoing a change did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Undo {
    /// The state before is restored, or is marked as unknown.
    Done,
    /// The state before is assumed: the change may have changed nothing.
    Doubtful,
    /// The change concerns nothing that is in the evidence.
    NotConcerned,
}

/// One world that is rolled back, so that denials asked about from the latest to the earliest share the work.
pub(crate) struct Rewind<'a> {
    past: Past,
    /// Changes that are not undone yet, the latest last.
    left: Vec<&'a PolicyChange>,
    changes: &'a [PolicyChange],
}

impl<'a> Rewind<'a> {
    /// Starts with the world as it was read.
    pub(crate) fn new(evidence: &Evidence, changes: &'a [PolicyChange]) -> Self {
        let past = Past { evidence: without_events(evidence), with_doubtful: None, gaps: Vec::new() };
        let mut left: Vec<&PolicyChange> =
            changes.iter().filter(|change| change.event_time.is_some()).collect();
        left.sort_by_key(|change| change.event_time);
        Self { past, left, changes }
    }

    /// The world as of a moment, which must not be later than the one asked for before.
    pub(crate) fn to(&mut self, at: Option<Timestamp>) -> &Past {
        self.past.gaps.clear();
        let Some(at) = at else {
            self.past.gaps.push(Gap {
                what: "the policies at the moment of the denial".to_owned(),
                why: "the event has no time; these are the policies as they were read".to_owned(),
            });
            return &self.past;
        };
        while let Some(change) = self.left.pop_if(|change| change.event_time.is_some_and(|time| time > at)) {
            self.undo(change);
        }
        &self.past
    }

    fn undo(&mut self, change: &PolicyChange) {
        let may_be_doubtful =
            matches!(change.kind, ChangeKind::PolicyAttached { .. } | ChangeKind::MemberAdded { .. });
        let past = &mut self.past;
        let before = (may_be_doubtful && past.with_doubtful.is_none()).then(|| past.evidence.clone());
        let undone = undo(&mut past.evidence, change, self.changes);
        match (undone, before, &mut past.with_doubtful) {
            (Undo::Doubtful, Some(before), doubtful) => *doubtful = Some(before),
            // The first doubtful change has kept a world in which this one stays as well.
            (Undo::Doubtful, None, _) => {}
            (_, _, Some(doubtful)) => {
                undo(doubtful, change, self.changes);
            }
            _ => {}
        }
    }
}

pub(crate) fn without_events(evidence: &Evidence) -> Evidence {
    Evidence {
        scope: evidence.scope.clone(),
        events: Vec::new(),
        organization: evidence.organization.clone(),
        accounts: evidence.accounts.clone(),
        gaps: evidence.gaps.clone(),
    }
}

/// Takes the only other version that a managed policy has for its default before a change of it. Another one may have
/// been, and been deleted since.
pub(crate) fn assume_only_other_version(world: &mut Evidence, change: &PolicyChange) -> bool {
    let account = change.account.and_then(|account| world.accounts.get_mut(&account));
    account.and_then(|account| account.iam.as_mut()).is_some_and(|iam| iam::only_other_version(iam, change))
}

/// Undoes one change. What is not understood is not ignored: the fact it may have changed becomes unknown.
pub(crate) fn undo(world: &mut Evidence, change: &PolicyChange, history: &[PolicyChange]) -> Undo {
    let earlier = Earlier::new(change, history);
    match &change.target {
        ChangeTarget::User(_)
        | ChangeTarget::Role(_)
        | ChangeTarget::Group(_)
        | ChangeTarget::ManagedPolicy(_) => {
            let account = change.account.and_then(|account| world.accounts.get_mut(&account));
            match account.and_then(|account| account.iam.as_mut()) {
                Some(iam) => iam::undo(iam, change, &earlier),
                None => Undo::NotConcerned,
            }
        }
        ChangeTarget::OrganizationTarget(_)
        | ChangeTarget::OrganizationPolicy(_)
        | ChangeTarget::OrganizationDelegation => organization::undo(world, &earlier),
        _ => resource::undo(world, &earlier),
    }
}
