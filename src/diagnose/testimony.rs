//! What AWS's own message says. It stands beside the verdict and is never the verdict.

use super::Examined;
use super::codes::FindingCode;
use super::finding::Finding;
use super::incident::Incident;
use crate::evaluate::{Layer, LayerEffect};
use crate::trail::message::{DenialMessage, MessageEffect, MessageKind, PolicyType};

/// AWS's message, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Testimony {
    /// The message as AWS wrote it.
    pub text: String,
    /// What it says.
    pub message: DenialMessage,
    /// In which known way the message misleads here, if it does.
    pub misleads: Option<&'static str>,
}

impl Testimony {
    pub(super) fn of(incident: &Incident<'_>) -> Option<Self> {
        let text = incident.event()?.error_message.clone()?;
        let message = incident.denial()?.message.clone()?;
        Some(Self { text, message, misleads: None })
    }

    /// The message beside what the evaluation found.
    ///
    /// Sources: <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>,
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html>
    pub(super) fn beside(self, examined: Option<&Examined>) -> Self {
        Self { misleads: examined.and_then(|examined| self.misleading(examined)), ..self }
    }

    fn misleading(&self, examined: &Examined) -> Option<&'static str> {
        let named = self.layer()?;
        let denied_by = examined.evaluation.denied_by();
        let effect_of = |layer: Layer| {
            let traces = examined.evaluation.layers.iter().filter(move |trace| trace.layer == layer);
            traces.map(|trace| trace.effect).filter(|effect| effect.denies()).max()
        };
        let explicit = self.is_explicit() == Some(true);
        match named {
            Layer::Scp if explicit && effect_of(Layer::Scp) == Some(LayerEffect::ImplicitDeny) => Some(
                "AWS calls it an explicit deny also where no service control policy allows the call: no statement denies it",
            ),
            Layer::Resource if explicit && denied_by.contains(&Layer::S3BlockPublicAccess) => Some(
                "no statement denies it: while a bucket policy is public, S3 Block Public Access refuses callers of other accounts in these words",
            ),
            Layer::Resource if !explicit && denied_by == [Layer::Identity] => Some(
                "across accounts AWS names the resource side; here it is the caller's own policies that do not allow the call",
            ),
            _ if denied_by.len() > 1 && denied_by.contains(&named) => {
                Some("AWS names one kind of policy only; more than one refuses this call")
            }
            _ => None,
        }
    }

    /// The layer that the message names.
    pub fn layer(&self) -> Option<Layer> {
        Some(match self.message.policy_type? {
            PolicyType::Identity => Layer::Identity,
            PolicyType::Resource => Layer::Resource,
            PolicyType::Boundary => Layer::Boundary,
            PolicyType::Scp => Layer::Scp,
            PolicyType::Rcp => Layer::Rcp,
            PolicyType::VpcEndpoint => Layer::VpcEndpoint,
            PolicyType::Session => Layer::Session,
            PolicyType::RoleTrust => Layer::RoleTrust,
        })
    }

    /// Whether the message says that something denies; `None` if it does not say.
    pub(super) fn is_explicit(&self) -> Option<bool> {
        match self.message.effect {
            MessageEffect::Explicit => Some(true),
            MessageEffect::Implicit => Some(false),
            _ => None,
        }
    }

    /// The service principal of CloudWatch Logs in the Region of the log group that the message names.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html>
    pub(super) fn logs_principal(&self) -> String {
        let region =
            self.text.split(":logs:").nth(1).and_then(|rest| rest.split(':').next()).unwrap_or("REGION");
        format!("logs.{region}.amazonaws.com")
    }

    /// The message as a finding, for want of anything better.
    pub(super) fn finding(&self) -> Option<Finding> {
        if self.message.kind == MessageKind::LogGroupKey {
            let text = format!(
                "AWS says: CloudWatch Logs may not use the KMS key for this log group, or there is no such key; the key \
                 policy has to let {} use it",
                self.logs_principal()
            );
            return Some(Finding::plain(FindingCode::ReportedByAws, Some(Layer::Resource), text));
        }
        if let (MessageKind::PassedRoleLacks, Some(action)) = (self.message.kind, &self.message.action) {
            let text = format!("AWS says: the role that the service acts as may not use {action}");
            return Some(Finding::plain(FindingCode::ReportedByAws, Some(Layer::Identity), text));
        }
        let layer = self.layer()?;
        let (code, what) = match self.message.effect {
            MessageEffect::Explicit => (
                FindingCode::explicit_deny(layer),
                format!("AWS says: an explicit deny in {}", with_article(layer)),
            ),
            MessageEffect::Implicit => {
                (FindingCode::no_allow(layer), format!("AWS says: no {} allows it", layer.title()))
            }
            _ => return None,
        };
        let mut finding = Finding::plain(code, Some(layer), what);
        finding.policy.clone_from(&self.message.policy_arn);
        if let Some(arn) = &self.message.policy_arn {
            finding.text.push_str(", ");
            finding.text.push_str(arn);
        }
        finding.text.push_str("; the evidence does not show it");
        Some(finding)
    }
}

/// What AWS says where nothing that was read decides: at least the kind of policy, if the message names one.
pub(super) fn unexplained(testimony: Option<&Testimony>, action: &str) -> Finding {
    let layer = testimony.and_then(Testimony::layer);
    let text = match layer {
        Some(layer) => format!(
            "AWS says: {} refused {action}, and not whether it denies or allows too little; the evidence does not show it",
            with_article(layer)
        ),
        None => format!("AWS refused {action} and gave no reason; the policies are not in the evidence"),
    };
    Finding::plain(FindingCode::ReportedByAws, layer, text)
}

fn with_article(layer: Layer) -> String {
    let article = if layer == Layer::Identity { "an" } else { "a" };
    format!("{article} {}", layer.title())
}
