//! What AWS's own message says. It stands beside the verdict and is never the verdict.

use super::codes::FindingCode;
use super::finding::Finding;
use super::incident::Incident;
use crate::evaluate::Layer;
use crate::trail::message::{DenialMessage, MessageEffect, PolicyType};

/// AWS's message, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Testimony {
    /// The message as AWS wrote it.
    pub text: String,
    /// What it says.
    pub message: DenialMessage,
}

impl Testimony {
    pub(super) fn of(incident: &Incident<'_>) -> Option<Self> {
        let text = incident.event()?.error_message.clone()?;
        let message = incident.denial()?.message.clone()?;
        Some(Self { text, message })
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

    /// The message as a finding, for want of anything better.
    pub(super) fn finding(&self) -> Option<Finding> {
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

fn with_article(layer: Layer) -> String {
    let article = if layer == Layer::Identity { "an" } else { "a" };
    format!("{article} {}", layer.title())
}
