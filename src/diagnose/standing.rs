//! How an explanation is known, and what it could not see.

use std::fmt;

use super::doubt::Doubts;
use super::incident::Incident;
use super::{Examined, finding};
use crate::evaluate::{Decision, Hinge, LayerEffect, Verdict};
use crate::evidence::{Evidence, Gap};
use crate::knowledge::other_causes::other_causes;
use crate::trail::denial::CodeMeaning;
use crate::trail::message::MessageKind;

/// How an explanation is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Evaluation reproduces the denial, and nothing that is unknown could change the decision.
    Proven,
    /// Every layer that could be read allows; what remains unread is named.
    ByElimination,
    /// Only AWS's message says so, or what is missing leaves open which decision it was.
    Reported,
    /// Something that is not a policy refused.
    NotAPolicy,
    /// Complete evidence says allowed.
    Contradicted,
}

impl Standing {
    /// The word in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Proven => "proven",
            Self::ByElimination => "by-elimination",
            Self::Reported => "reported",
            Self::NotAPolicy => "not-a-policy",
            Self::Contradicted => "contradicted",
        }
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The state of the key that the request is about, if the key cannot be used in it.
///
/// Source: <https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html>
pub(super) fn unusable_key(examined: &Examined, evidence: &Evidence) -> Option<String> {
    let arn = examined.request.resource.arn().filter(|arn| arn.service() == "kms")?;
    let id = arn.resource().rsplit('/').next()?;
    let state = evidence.accounts.get(&arn.account()?)?.keys.get(id)?.state.clone()?;
    (state != "Enabled").then_some(state)
}

/// Whether AWS says that KMS refused, and the call to KMS is not what was evaluated: its event is not there, and the
/// service does not say which key it was.
fn is_refused_by_kms(incident: &Incident<'_>, examined: &Examined) -> bool {
    let kind = incident.denial().and_then(|denial| denial.message.as_ref()).map(|message| message.kind);
    let by_kms = matches!(
        kind,
        Some(
            MessageKind::KmsNotAllowed
                | MessageKind::KmsCiphertext
                | MessageKind::KmsThreeHypotheses
                | MessageKind::LogGroupKey
        )
    );
    by_kms && examined.request.action.service() != "kms"
}

pub(super) fn standing(
    incident: &Incident<'_>,
    examined: Option<&Examined>,
    world: &Evidence,
    doubts: &Doubts,
) -> Standing {
    if refused_by_no_policy(incident) {
        return Standing::NotAPolicy;
    }
    let Some(examined) = examined else { return Standing::Reported };
    match &examined.evaluation.verdict {
        Verdict::Determined(Decision::Allowed) if unusable_key(examined, world).is_some() => {
            Standing::NotAPolicy
        }
        Verdict::Determined(Decision::Allowed) if doubts.any() || is_refused_by_kms(incident, examined) => {
            Standing::ByElimination
        }
        Verdict::Determined(Decision::Allowed) => Standing::Contradicted,
        Verdict::Determined(_) if doubts.any() => Standing::Reported,
        Verdict::Determined(_) if only_account_kind(examined) => Standing::NotAPolicy,
        Verdict::Determined(_) => Standing::Proven,
        Verdict::Undetermined { possible, .. } if !possible.contains(&Decision::Allowed) => {
            // It is refused whatever is unknown. What is unknown may refuse it too, and before the rest: that is no
            // complete evidence, and so no proof.
            let is_kind = !doubts.any() && only_account_kind(examined);
            if is_kind { Standing::NotAPolicy } else { Standing::Reported }
        }
        Verdict::Undetermined { .. } => {
            let eliminated = has_caller(examined, world) && !finding::identity_is_silent(examined);
            if eliminated { Standing::ByElimination } else { Standing::Reported }
        }
    }
}

/// Whether the policies leave room for something that is none: all that could be read allows the request.
pub(super) fn may_be_no_policy(standing: Standing) -> bool {
    matches!(standing, Standing::Contradicted | Standing::ByElimination)
}

/// Whether the caller's own policies were read: otherwise nothing was eliminated.
fn has_caller(examined: &Examined, evidence: &Evidence) -> bool {
    let account = examined.request.principal.account();
    account
        .is_some_and(|account| evidence.accounts.get(&account).is_some_and(|account| account.iam.is_some()))
        && matches!(examined.policies.identity, crate::evaluate::Known::Known(_))
}

fn only_account_kind(examined: &Examined) -> bool {
    let denied_by = examined.evaluation.denied_by();
    !denied_by.is_empty()
        && denied_by.iter().all(|layer| {
            use crate::evaluate::Layer as L;
            matches!(layer, L::AccountKind | L::S3BlockPublicAccess | L::S3Ownership)
        })
}

/// Whether AWS's own words or its error code say that no policy refused.
fn refused_by_no_policy(incident: &Incident<'_>) -> bool {
    let Some(denial) = incident.denial() else { return false };
    if matches!(denial.meaning, CodeMeaning::AccountKind | CodeMeaning::KeyState) {
        return true;
    }
    let kind = denial.message.as_ref().map(|message| message.kind);
    matches!(
        kind,
        Some(
            MessageKind::CallerValidation
                | MessageKind::BlockPublicAccess(_)
                | MessageKind::SseCBlocked
                | MessageKind::AclsDisabled
                | MessageKind::ObjectLock
                | MessageKind::KmsKeyState
                | MessageKind::LakeFormation
                | MessageKind::AccountSetting
                | MessageKind::CrossAccountPassRole
                | MessageKind::CredentialKind
        )
    )
}

/// What could not be seen. A fact that could not change the answer is not worth a line.
pub(super) fn not_checked(
    incident: &Incident<'_>,
    examined: Option<&Examined>,
    standing: Standing,
    evidence: &Evidence,
) -> Vec<Gap> {
    let mut gaps = evidence.gaps.clone();
    if let Some(why) = &incident.why_none {
        gaps.push(Gap { what: "the authorization request".to_owned(), why: why.clone() });
    }
    let Some(examined) = examined else { return gaps };
    let allowed = examined.evaluation.verdict == Verdict::Determined(Decision::Allowed);
    if allowed && may_be_no_policy(standing) {
        let causes = other_causes(examined.request.action.service());
        gaps.extend(causes.map(|cause| Gap { what: cause.what.to_owned(), why: cause.why.to_owned() }));
    }
    if is_refused_by_kms(incident, examined) {
        gaps.push(Gap {
            what: "the call to AWS KMS behind this one".to_owned(),
            why: "AWS says that KMS refused, and no event of that call is in the evidence".to_owned(),
        });
    }
    let undetermined = matches!(examined.evaluation.verdict, Verdict::Undetermined { .. });
    // What was not read may refuse the request as well, though it cannot change the decision.
    let unread = examined.evaluation.layers.iter().any(|layer| layer.effect == LayerEffect::Unknown);
    if (undetermined || (unread && !allowed)) && standing != Standing::NotAPolicy {
        gaps.extend(examined.gaps.iter().cloned());
    }
    if undetermined && standing != Standing::NotAPolicy {
        gaps.extend(examined.evaluation.verdict.hinges().iter().filter_map(hinge_gap));
        if examined.gaps.is_empty() {
            gaps.extend(examined.evaluation.verdict.hinges().iter().filter_map(layer_gap));
        }
    }
    gaps
}

/// A layer that is unknown although all of it was read: a policy in it was changed since, and its text before is not
/// in the events.
fn layer_gap(hinge: &Hinge) -> Option<Gap> {
    match hinge {
        Hinge::Layer { layer, why } => {
            Some(Gap { what: format!("{} at the moment of the denial", layer.title()), why: why.clone() })
        }
        _ => None,
    }
}

/// Layers that were not read are gaps already; condition keys and facts are not.
fn hinge_gap(hinge: &Hinge) -> Option<Gap> {
    let (what, why) = match hinge {
        Hinge::ContextKey { key, why } => (format!("condition key {key}"), why.clone()),
        Hinge::Statement { policy, statement, why } => {
            (format!("statement {statement} of {policy}"), why.clone())
        }
        Hinge::Fact(text) => (text.clone(), "it is not in the evidence".to_owned()),
        Hinge::Undocumented(text) => (text.clone(), "AWS does not document what happens here".to_owned()),
        // Whoever put the layer together has named the gap.
        Hinge::Layer { .. } => return None,
    };
    Some(Gap { what, why })
}
