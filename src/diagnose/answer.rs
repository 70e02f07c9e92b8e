//! One denial explained, step by step: what was evaluated, how sure that is, what was found, since when, what to do.

use super::doubt::{self, Doubts};
use super::finding::{self, Finding};
use super::incident::Incident;
use super::missing_object::{MissingObject, missing_object};
use super::replay::Past;
use super::testimony::Testimony;
use super::{
    CausalGraph, Context, Diagnosis, Examined, FindingCode, Introduction, Standing, aftermath, bucket_rule,
    graph, history, image_layer, log_bucket, observation, origin, other_caller, remedy, setting, standing,
    surface,
};
use crate::evaluate::{Decision, Evaluation, Layer};
use crate::evidence::{Evidence, Gap};

/// What is known of one denial before anything is concluded from it.
struct Case<'a> {
    context: &'a Context<'a>,
    incident: &'a Incident<'a>,
    world: &'a Evidence,
    examined: Option<Examined>,
    doubts: Doubts,
    testimony: Option<Testimony>,
}

/// The explanation of one incident, with the world as it was.
pub(super) fn answer(context: &Context<'_>, incident: &Incident<'_>, past: &Past) -> Diagnosis {
    let (examined, doubts) = doubt::examine(context, incident, past);
    let testimony = Testimony::of(incident).map(|testimony| testimony.beside(examined.as_ref()));
    let mut case = Case { context, incident, world: &past.evidence, examined, doubts, testimony };
    let (standing, mut findings) = case.judged();
    let introduced_by = case.introduced_by(standing, &findings);
    let surface = surface::refusal(context, incident, case.world);
    findings.extend(surface.as_ref().map(surface::finding));
    let remedies = remedy::remedies(&remedy::Case {
        context,
        incident,
        examined: case.examined.as_ref(),
        standing,
        world: case.world,
        findings: &findings,
        surface: surface.as_ref(),
        introduced_by: introduced_by.as_ref(),
    });
    let (decision, denied_by) = decision(case.examined.as_ref(), standing, &findings);
    let mut diagnosis = Diagnosis {
        event_ids: incident.event_ids(),
        occurrences: incident.occurrences(),
        standing,
        decision,
        principal: incident.principal_text(),
        principal_name: incident.principal_name(),
        surface: incident.surface.clone(),
        denied: incident.denied(case.denied(standing)),
        not_checked: case.not_checked(standing, introduced_by.as_ref()),
        findings,
        denied_by,
        introduced_by,
        allowed_since: aftermath::allowed_since(context, incident),
        origin: origin::origin(context, incident),
        testimony: case.testimony,
        authorization: None,
        remedies,
        graph: CausalGraph::default(),
    };
    diagnosis.graph = graph::causal_graph(&diagnosis);
    diagnosis
}

impl Case<'_> {
    /// How the explanation is known, and what was found, the deciding thing first.
    fn judged(&mut self) -> (Standing, Vec<Finding>) {
        let (context, incident, world) = (self.context, self.incident, self.world);
        let payer = bucket_rule::requester_pays(context, incident, world);
        let missing = self
            .examined
            .as_ref()
            .and_then(|examined| missing_object(context, incident, examined, world))
            .filter(|missing| payer.is_none() || missing.is_named());
        let possible = payer
            .or_else(|| missing.as_ref().filter(|missing| missing.is_likely()).map(MissingObject::finding));
        let other = self.other_cause(missing.as_ref());
        let examined = self.examined.as_ref();
        let mut standing = match &other {
            Some(_) => Standing::NotAPolicy,
            None => standing::standing(incident, examined, world, &self.doubts),
        };
        let mut findings = match other {
            Some(finding) => vec![finding],
            None => finding::findings(context, incident, examined, standing, self.testimony.as_ref(), world),
        };
        if standing::may_be_no_policy(standing)
            && let Some(possible) = possible.or_else(|| {
                // Where something could not be read, that is nearer than a delay.
                let allowed = self.examined.as_ref().is_some_and(Examined::is_allowed);
                allowed.then(|| aftermath::perhaps_propagation(context, incident)).flatten()
            })
        {
            standing = Standing::ByElimination;
            findings.insert(0, possible);
        }
        findings.extend(missing.filter(MissingObject::is_named).map(|missing| missing.finding()));
        findings.extend(image_layer::finding(context, incident));
        findings.extend(observation::observations(context, incident, world));
        findings.extend(aftermath::succeeded_later(context, incident));
        if self.is_refused(standing) && finding::is_missing_permission(&findings) {
            findings.extend(other_caller::caller_changed(context, incident));
        }
        (standing, findings)
    }

    /// A cause that is no policy and that no evaluation finds.
    fn other_cause(&mut self, missing: Option<&MissingObject>) -> Option<Finding> {
        let fresh = self.doubts.fresh.take();
        let delay = fresh.and_then(|fresh| aftermath::propagation(self.context, self.incident, &fresh));
        if delay.is_some() {
            self.doubts.gaps.clear();
        }
        let missing = missing.filter(|missing| missing.is_sure()).map(MissingObject::finding);
        bucket_rule::expired(self.incident)
            .or_else(|| log_bucket::finding(self.incident, self.world))
            .or(delay)
            .or(missing)
    }

    /// Whether the policies refuse the request for sure, whatever is unknown.
    fn is_refused(&self, standing: Standing) -> bool {
        let whatever_is_unknown =
            || !self.doubts.any() && self.examined.as_ref().is_some_and(Examined::is_surely_refused);
        standing == Standing::Proven || (standing == Standing::Reported && whatever_is_unknown())
    }

    /// The request that was denied. Where no policy decided, the evaluation tells nothing of which it was, and the call
    /// needed the first for sure.
    fn denied(&self, standing: Standing) -> Option<&Examined> {
        let decided = |examined: &&Examined| standing != Standing::NotAPolicy || examined.is_surely_refused();
        self.examined.as_ref().filter(decided)
    }

    fn introduced_by(&self, standing: Standing, findings: &[Finding]) -> Option<Introduction> {
        let first = findings.first()?;
        if standing == Standing::NotAPolicy || first.code == FindingCode::RequesterPays {
            return setting::introduced_by(self.context, self.incident, first);
        }
        let examined = self.examined.as_ref();
        examined
            .and_then(|examined| history::introduced_by(self.context, self.incident, examined, self.world))
            .or_else(|| setting::created_again(self.context, self.incident, first))
    }

    fn not_checked(&mut self, standing: Standing, introduced_by: Option<&Introduction>) -> Vec<Gap> {
        let examined = self.examined.as_ref();
        let mut gaps = standing::not_checked(self.incident, examined, standing, self.context.evidence);
        let policies_decide = self.is_refused(standing) || standing == Standing::Contradicted;
        if introduced_by.is_none() && policies_decide {
            gaps.extend(history::unseen_changes(self.context, self.incident));
            let by_aws = examined
                .map(|examined| history::changed_by_aws(self.context, self.incident, examined, self.world));
            gaps.extend(by_aws.into_iter().flatten());
        }
        gaps.append(&mut self.doubts.gaps);
        gaps.sort();
        gaps.dedup();
        gaps
    }
}

/// The decision and the refusing layers: what the evaluation says, or, for a refusal that is no policy, what the
/// setting that refused says.
fn decision(
    examined: Option<&Examined>,
    standing: Standing,
    findings: &[Finding],
) -> (Option<Decision>, Vec<Layer>) {
    let evaluated = examined.map(|examined| &examined.evaluation);
    match standing {
        Standing::NotAPolicy => {
            let mut layers: Vec<Layer> =
                findings.first().into_iter().filter_map(|finding| finding.layer).collect();
            if layers.is_empty() {
                layers = evaluated.map(Evaluation::denied_by).unwrap_or_default();
            }
            (Some(Decision::ImplicitDeny), layers)
        }
        // What is in doubt is not decided.
        Standing::Reported | Standing::ByElimination => {
            (None, evaluated.map(Evaluation::denied_by).unwrap_or_default())
        }
        _ => (
            evaluated.and_then(|evaluation| evaluation.verdict.decision()),
            evaluated.map(Evaluation::denied_by).unwrap_or_default(),
        ),
    }
}
