//! How the single statements of the policies read the denied request.

use super::super::{Selection, finding};
use super::probe::with_denial;
use crate::evaluate::{Compared, ElementTrace, LayerTrace, StatementTrace};
use crate::evidence::Evidence;
use crate::policy::{Effect, Element};

/// One statement of a policy that is asked about the denied request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The policy.
    pub policy: String,
    /// The `Sid`, or `#` and the number.
    pub statement: String,
    /// What it does where it applies.
    pub effect: Option<Effect>,
    /// Whether it applies; `None` if that hangs on something.
    pub applies: Option<bool>,
    /// The elements that do not match, in words.
    pub misses: Vec<String>,
    /// What is written in the statement.
    content: Vec<String>,
}

impl Reading {
    /// Whether both are the same statement of the same policy, wherever in it they stand.
    pub fn is_same(&self, other: &Self) -> bool {
        (&self.policy, self.effect, &self.content) == (&other.policy, other.effect, &other.content)
    }
}

/// All statements that are asked about the denied request, in a copy of the evidence that may be edited.
pub fn readings(evidence: &Evidence, selection: &Selection, world: &Evidence) -> Vec<Reading> {
    let found = with_denial(evidence, selection, |context, incident, request| {
        let examined = context.examine_request(incident, request.clone(), world);
        examined.evaluation.layers.iter().flat_map(of_layer).collect()
    });
    found.unwrap_or_default()
}

fn of_layer(layer: &LayerTrace) -> impl Iterator<Item = Reading> {
    layer.statements.iter().map(|statement| Reading {
        policy: finding::describe(layer.layer, &statement.policy),
        statement: statement.label.clone(),
        effect: statement.effect,
        applies: match () {
            () if statement.applies.is_true() => Some(true),
            () if statement.applies.is_false() => Some(false),
            () => None,
        },
        misses: statement.failed().map(miss).collect(),
        content: content(statement),
    })
}

/// Why an element does not match, for whoever has just written it.
fn miss(failed: &ElementTrace) -> String {
    match (&failed.compared, failed.element) {
        (Compared::Patterns { got, wanted }, Element::Action | Element::NotAction) => {
            format!("its {} is {}, and the request is {got}", failed.element, finding::list(wanted))
        }
        (Compared::Patterns { got, wanted }, Element::Principal | Element::NotPrincipal) => {
            let role = got.split_once(":assumed-role/").and_then(|(_, session)| session.split('/').next());
            let role = role.map_or(String::new(), |role| format!(", a session of the role {role}"));
            format!("its {} is {}, and the caller is {got}{role}", failed.element, finding::list(wanted))
        }
        _ => finding::miss_text(failed),
    }
}

fn content(statement: &StatementTrace) -> Vec<String> {
    let written = statement.elements.iter().map(|element| match &element.compared {
        Compared::Patterns { wanted, .. } => format!("{} {wanted:?}", element.element),
        Compared::Condition { operator, key, wanted, .. } => format!("{operator} {key} {wanted:?}"),
    });
    written.collect()
}
