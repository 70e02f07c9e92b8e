//! What would help: the smallest change at each place that could make it, tried out on a copy of the evidence.

mod allow;
mod condition;
mod deny;
mod undo;
mod value;

use serde_json::{Value, json};

use super::codes::FindingCode;
use super::finding::{self, Finding};
use super::incident::Incident;
use super::{Context, Examined, Introduction, Standing, advice, grant, image_layer};
use crate::evaluate::{Decision, Evaluation, Known, Layer, NamedPolicy, PolicySet, Verdict, explain};
use crate::evidence::Evidence;
use crate::request::Request;

/// A change that would help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remedy {
    /// Who can make it.
    pub who: String,
    /// What to do.
    pub text: String,
    /// Whether evaluating again with the change allows the request.
    pub verified: bool,
    /// The layers that would still refuse.
    pub next_denied_by: Vec<Layer>,
    /// The statement to add, as JSON.
    pub statement: Option<String>,
    /// The policy that the statement can be added to, before and after.
    pub addition: Option<Addition>,
    /// Advice, or a Deny to be lifted that somebody wrote on purpose: no change to be made just so.
    pub is_advice: bool,
    /// What it sets out from.
    pub aim: Aim,
    /// With the change it still cannot be told whether the request is allowed, because something is not known.
    pub is_open: bool,
}

/// What a remedy sets out from. A condition was written on purpose, so meeting it comes before changing a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Aim {
    /// The condition that the request does not meet, or should not meet.
    MeetCondition,
    /// A policy that should say something else.
    ChangePolicy,
}

impl Remedy {
    /// Something to do that changes no policy of the evidence, and so cannot be tried out.
    pub(super) fn advice(who: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            who: who.into(),
            text: text.into(),
            verified: false,
            next_denied_by: Vec::new(),
            statement: None,
            addition: None,
            is_advice: true,
            aim: Aim::ChangePolicy,
            is_open: false,
        }
    }

    /// Advice on what to send, or on how to write the condition that the request does not meet.
    pub(super) fn about_condition(who: impl Into<String>, text: impl Into<String>) -> Self {
        Self { aim: Aim::MeetCondition, ..Self::advice(who, text) }
    }
}

/// A policy before and after a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addition {
    /// The policy's name.
    pub policy: String,
    /// Its text.
    pub before: String,
    /// The text with the change.
    pub after: String,
}

impl Addition {
    /// A statement at the end of a policy; `None` if the policy's text is no object with statements.
    fn adding(policy: &NamedPolicy, statement: &Value) -> Option<Self> {
        let before = policy.document.text().to_owned();
        let mut value: Value = serde_json::from_str(&before).ok()?;
        let statements = value.as_object_mut()?.get_mut("Statement")?;
        match statements {
            Value::Array(list) => list.push(statement.clone()),
            Value::Object(_) => *statements = json!([statements.clone(), statement]),
            _ => return None,
        }
        Some(Self { policy: policy.name.clone(), before, after: serde_json::to_string(&value).ok()? })
    }
}

/// What remedies are worked out from.
pub(super) struct Case<'a> {
    pub context: &'a Context<'a>,
    pub incident: &'a Incident<'a>,
    pub examined: Option<&'a Examined>,
    pub standing: Standing,
    pub world: &'a Evidence,
    pub findings: &'a [Finding],
    /// The call above a hidden one, if it is refused as well.
    pub surface: Option<&'a Examined>,
    /// The change that made the denial start.
    pub introduced_by: Option<&'a Introduction>,
}

pub(super) fn remedies(case: &Case<'_>) -> Vec<Remedy> {
    if case.findings.first().is_some_and(|finding| finding.code == FindingCode::CredentialKind) {
        return vec![advice::other_credentials(case.incident)];
    }
    let Some(examined) = case.examined else { return Vec::new() };
    let has = |code: FindingCode| case.findings.iter().any(|finding| finding.code == code);
    let may_be_no_policy = case.findings.first().is_some_and(|finding| {
        matches!(
            finding.code,
            FindingCode::RequesterPays | FindingCode::PropagationDelay | FindingCode::S3MissingObject
        )
    });
    if case.standing == Standing::NotAPolicy || may_be_no_policy {
        return vec![advice::not_a_policy(case.incident, examined, case.findings)];
    }
    if has(FindingCode::CallerChanged) {
        return vec![advice::check_the_caller(case.incident, case.findings)];
    }
    let proposer = Proposer { examined, world: case.world };
    let mut remedies = match case.standing {
        Standing::Proven | Standing::Reported => proposer.for_layers(),
        _ => Vec::new(),
    };
    if matches!(case.standing, Standing::Proven | Standing::Reported) {
        remedies.extend(proposer.take_back(case));
    }
    for remedy in &mut remedies {
        // A key that is off stays off whatever is allowed.
        remedy.is_open |= remedy.verified && has(FindingCode::KmsKeyState);
        remedy.verified &= !has(FindingCode::KmsKeyState);
        // What is in doubt is not fixed for sure, and a hidden call is of no use while the call above is refused.
        remedy.is_open |= remedy.verified && case.standing != Standing::Proven;
        remedy.verified &= case.standing == Standing::Proven;
        if let Some(surface) = case.surface.filter(|_| remedy.verified) {
            remedy.verified = false;
            remedy.next_denied_by = surface.evaluation.denied_by();
        }
    }
    if remedies.is_empty() && matches!(case.standing, Standing::Reported | Standing::ByElimination) {
        remedies.extend(case.findings.first().into_iter().flat_map(|finding| proposer.for_suspect(finding)));
    }
    remedies.extend(advice::log_group_key(case.incident));
    remedies.dedup();
    remedies.sort_by_key(|remedy| (remedy.aim, !remedy.verified));
    if has(FindingCode::EcrImageLayer) {
        remedies.splice(0..0, image_layer::remedy(case.incident));
    }
    if has(FindingCode::UnfamiliarSource) {
        remedies.insert(0, advice::check_the_key(case.incident));
    }
    remedies
}

/// Works out remedies for one request.
struct Proposer<'a> {
    examined: &'a Examined,
    world: &'a Evidence,
}

impl Proposer<'_> {
    fn for_layers(&self) -> Vec<Remedy> {
        let silent = finding::identity_is_silent(self.examined);
        let layers = self.examined.evaluation.layers.iter();
        let mut remedies: Vec<Remedy> =
            grant::near_miss(self.examined).and_then(|miss| miss.advice()).into_iter().collect();
        remedies.extend(
            layers
                .filter(|layer| layer.effect.denies() || (silent && layer.layer == Layer::Identity))
                .flat_map(|layer| self.for_layer(layer)),
        );
        remedies
    }

    fn request(&self) -> &Request {
        &self.examined.request
    }

    fn same_account(&self) -> bool {
        self.request().resource.owner().is_none_or(|owner| self.request().principal.account() == Some(owner))
    }

    /// Evaluates again with changed policies.
    fn tried(&self, policies: &PolicySet, who: String, text: String, statement: Option<&Value>) -> Remedy {
        let evaluation = explain(self.request(), policies);
        let verified = evaluation.verdict == Verdict::Determined(Decision::Allowed);
        Remedy {
            verified,
            next_denied_by: if verified { Vec::new() } else { Evaluation::denied_by(&evaluation) },
            statement: statement.and_then(|statement| serde_json::to_string(statement).ok()),
            is_advice: false,
            is_open: matches!(evaluation.verdict, Verdict::Undetermined { .. }),
            ..Remedy::advice(who, text)
        }
    }

    fn account_administrator(&self) -> String {
        self.request().principal.account().map_or_else(
            || "an administrator".to_owned(),
            |account| format!("an IAM administrator of account {account}"),
        )
    }

    fn organization_administrator(&self) -> String {
        let management = match &self.world.organization.0 {
            Known::Known(Some(facts)) => facts.management_account,
            _ => None,
        };
        management.map_or_else(
            || "the administrators of the organization".to_owned(),
            |account| format!("the administrators of the organization (management account {account})"),
        )
    }

    /// Who can change the policies of a layer.
    fn owner_of(&self, layer: Layer) -> String {
        match layer {
            Layer::Scp | Layer::Rcp => self.organization_administrator(),
            Layer::Resource | Layer::RoleTrust | Layer::VpcEndpoint => {
                format!("the owner of the {}", layer.title())
            }
            _ => self.account_administrator(),
        }
    }
}
