//! What earlier events tell of the state before a change.

use std::sync::Arc;

use crate::policy::PolicyDocument;
use crate::trail::change::{ChangeKind, ChangeTarget, PolicyChange};

/// Earlier changes of the same target, from which the state before can be told.
pub(super) struct Earlier<'a> {
    pub change: &'a PolicyChange,
    history: &'a [PolicyChange],
}

impl<'a> Earlier<'a> {
    pub(super) fn new(change: &'a PolicyChange, history: &'a [PolicyChange]) -> Self {
        Self { change, history }
    }

    /// The latest earlier change of the same target that the test picks.
    pub(super) fn latest(&self, test: impl Fn(&ChangeKind) -> bool) -> Option<&'a PolicyChange> {
        self.history
            .iter()
            .filter(|other| other.target == self.change.target && other.account == self.change.account)
            .filter(|other| other.event_time < self.change.event_time && test(&other.kind))
            .max_by_key(|other| other.event_time)
    }

    pub(super) fn document(change: &PolicyChange) -> Arc<PolicyDocument> {
        Arc::new(change.new_document.as_deref().map_or_else(PolicyDocument::unread, PolicyDocument::parse))
    }

    /// The endpoint policy before; `None` is unknown.
    pub(super) fn endpoint_policy(&self) -> Option<Arc<PolicyDocument>> {
        let before = self.latest(|kind| is_policy(kind) || *kind == ChangeKind::Created)?;
        let is_default = before.kind == ChangeKind::ResourcePolicyDeleted
            || (before.kind == ChangeKind::Created
                && before.new_document.is_none()
                && !before.document_hidden);
        if is_default {
            return Some(Arc::new(PolicyDocument::parse(FULL_ACCESS)));
        }
        before.new_document.is_some().then(|| Self::document(before))
    }

    /// The resource policy before; `None` is unknown.
    pub(super) fn resource_policy(&self) -> Option<Arc<PolicyDocument>> {
        let before = self.latest(|kind| is_policy(kind) || *kind == ChangeKind::Created)?;
        let none = || Arc::new(PolicyDocument::parse("{\"Statement\":[]}"));
        match (&before.kind, &before.target, &before.new_document) {
            (ChangeKind::ResourcePolicyDeleted, ..) => Some(none()),
            // A new bucket has no policy; a new key without one has the default, whose text the event does not show.
            (ChangeKind::Created, ChangeTarget::Bucket(_), _) => Some(none()),
            (ChangeKind::Created, _, None) => None,
            _ => Some(Self::document(before)),
        }
    }
}

/// Whether a change writes or deletes a resource-based policy.
pub(super) fn is_policy(kind: &ChangeKind) -> bool {
    matches!(kind, ChangeKind::ResourcePolicyPut | ChangeKind::ResourcePolicyDeleted)
}

/// The policy of an endpoint for which none was written.
///
/// Source: <https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html#vpc-endpoint-policies-considerations>
const FULL_ACCESS: &str = r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;
