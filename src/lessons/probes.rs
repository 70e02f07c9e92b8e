//! Requests around the denied one, by which a repair is measured.

use std::collections::BTreeMap;

use super::case::Case;
use super::lesson::ProbeText;
use super::statements::Texts;
use crate::diagnose::Probe;
use crate::evidence::Evidence;
use crate::request::{Action, Principal, Request, RoleSession};

/// So many other principals are tried.
const MAX_PRINCIPALS: usize = 20;

/// A request that is tried.
pub(super) struct Tried {
    /// The request in words.
    pub says: String,
    pub probe: Probe,
    pub source: Source,
}

/// Why a request is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// The task is about it: where a good repair allows it, it is to be allowed.
    Task,
    /// It is the denied one in another session.
    Session,
    /// It is like the denied one.
    Likeness,
    /// A statement covers it.
    Policies,
}

/// The requests of the lesson, those around the denied one, and those that the policies speak of.
pub(super) fn tried(case: &Case, request: &Request, edited: &Evidence) -> Vec<Tried> {
    let from = |source| move |(says, probe)| Tried { says, probe, source };
    let mut found: Vec<Tried> = case.lesson.probes.iter().filter_map(told).collect();
    found.extend(other_session(request));
    found.extend(around(request, &case.evidence).into_iter().map(from(Source::Likeness)));
    found.extend(written(request, &case.evidence, edited).into_iter().map(from(Source::Policies)));
    // The same request is tried once, under the words that say most.
    let mut seen: Vec<String> = Vec::new();
    found.retain(|one| {
        let key = key(request, &one.probe);
        let is_new = !seen.contains(&key);
        seen.push(key);
        is_new
    });
    found
}

/// The request that a probe is, with nothing left out.
fn key(request: &Request, probe: &Probe) -> String {
    let principal = probe.principal.as_ref().unwrap_or(&request.principal);
    let action = probe.action.as_ref().unwrap_or(&request.action);
    let resource = probe.resource.clone().unwrap_or_else(|| request.resource.to_string());
    format!("{principal} {} {resource} {:?}", action.lower(), probe.context)
}

/// A probe of the lesson; `None` if it names something that is none.
fn told(text: &ProbeText) -> Option<Tried> {
    let principal = text.principal.as_deref().map(|text| Principal::parse(text, None)).transpose().ok()?;
    let action = text.action.as_deref().map(Action::parse).transpose().ok()?;
    let context: BTreeMap<_, _> = text.context.clone();
    let probe =
        Probe { principal, action, resource: text.resource.clone(), context: context.into_iter().collect() };
    Some(Tried { says: text.says.clone(), probe, source: Source::Task })
}

/// The same role without its session: what holds for one session only is lost with it.
fn other_session(request: &Request) -> Option<Tried> {
    let Principal::Role(session) = &request.principal else { return None };
    session.session.as_ref()?;
    let principal = Principal::Role(RoleSession { session: None, unique_id: None, ..session.clone() });
    let says = format!("{} in other sessions of the role {}", request.action, session.role_name());
    let probe = Probe { principal: Some(principal), ..Probe::default() };
    Some(Tried { says, probe, source: Source::Session })
}

/// What every repair could open by a star too many: other actions, other resources, other callers.
fn around(request: &Request, evidence: &Evidence) -> Vec<(String, Probe)> {
    let mut probes = Vec::new();
    let service = request.action.service();
    if let Ok(action) = Action::parse(&format!("{service}:AnotherAction")) {
        let probe = Probe { action: Some(action), ..Probe::default() };
        probes.push((format!("every other action of {service}"), probe));
    }
    if let Some(arn) = request.resource.arn() {
        let sibling = format!("{arn}-another");
        let probe = Probe { resource: Some(sibling.clone()), ..Probe::default() };
        probes.push((format!("{} on other resources, such as {sibling}", request.action), probe));
    }
    for principal in others(request, evidence) {
        let says = format!("{} by {principal}", request.action);
        probes.push((says, Probe { principal: Some(principal), ..Probe::default() }));
    }
    let anybody = Probe { principal: Some(Principal::Anonymous), ..Probe::default() };
    probes.push((format!("{} by anybody, without signing in", request.action), anybody));
    probes
}

/// What the statements of the policies cover, before and after: by the caller, and by everybody else where something was
/// changed.
fn written(request: &Request, before: &Evidence, after: &Evidence) -> Vec<(String, Probe)> {
    let texts = Texts::of(before, after);
    let own = texts.for_the_caller(request);
    let own = own.iter().filter_map(|one| Some((one.says(), one.probe(None)?)));
    let covered = texts.for_others(request);
    let mut principals = others(request, before);
    principals.extend(texts.named().into_iter().filter(|named| !is_caller(named, request)));
    let by_others = principals.iter().flat_map(|principal| {
        covered.iter().filter_map(move |one| {
            Some((format!("{} by {principal}", one.says()), one.probe(Some(principal))?))
        })
    });
    own.chain(by_others).collect()
}

/// The other users and roles of the evidence.
fn others(request: &Request, evidence: &Evidence) -> Vec<Principal> {
    let iam = evidence.accounts.values().filter_map(|account| account.iam.as_ref());
    let arns = iam.flat_map(|iam| {
        let users = iam.users.values().map(|user| &user.arn);
        users.chain(iam.roles.values().map(|role| &role.arn))
    });
    let parsed = arns.filter_map(|arn| Principal::parse(arn.as_str(), Some(arn)).ok());
    parsed.filter(|principal| !is_caller(principal, request)).take(MAX_PRINCIPALS).collect()
}

/// Whether somebody is the caller of the denied request, in whatever session.
fn is_caller(principal: &Principal, request: &Request) -> bool {
    match (principal, &request.principal) {
        (Principal::Role(one), Principal::Role(other)) => {
            one.role_name() == other.role_name() && one.role.account() == other.role.account()
        }
        (one, other) => one.short_name() == other.short_name() && one.account() == other.account(),
    }
}
