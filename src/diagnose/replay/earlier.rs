//! What earlier events tell of the state before a change.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

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

    /// Tags as they were before a change of them; all are unknown where an earlier event does not tell one of them.
    pub(super) fn restore_tags(&self, tags: &mut Option<BTreeMap<String, String>>) {
        let touched: Vec<&String> = match &self.change.kind {
            ChangeKind::Tagged(set) => set.keys().collect(),
            ChangeKind::Untagged(keys) => keys.iter().collect(),
            _ => Vec::new(),
        };
        let told: Option<Vec<_>> = touched.iter().map(|key| Some((*key, self.tag(key)?))).collect();
        match (tags.as_mut(), told.filter(|told| !told.is_empty())) {
            (Some(tags), Some(told)) => {
                for (key, value) in told {
                    match value {
                        Some(value) => tags.insert(key.clone(), value),
                        None => tags.remove(key),
                    };
                }
            }
            _ => *tags = None,
        }
    }

    /// The tag before the change: its value, or none, or nothing known.
    #[expect(clippy::option_option, reason = "that there was no tag is something else than not to know it")]
    fn tag(&self, key: &str) -> Option<Option<String>> {
        let before = self.latest(|kind| match kind {
            ChangeKind::Tagged(set) => set.contains_key(key),
            // Without keys the call removes all tags.
            ChangeKind::Untagged(keys) => keys.is_empty() || keys.iter().any(|other| other == key),
            _ => false,
        })?;
        match &before.kind {
            ChangeKind::Tagged(set) => Some(set.get(key).cloned()),
            _ => Some(None),
        }
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

    /// The resource policy before a change of it, or of one of its statements; `None` is unknown.
    pub(super) fn policy_before(&self, after: Option<&PolicyDocument>) -> Option<Arc<PolicyDocument>> {
        match &self.change.kind {
            ChangeKind::PermissionAdded { statement } => edited(after?, |statements| {
                let known = statements.len();
                statements.retain(|one| !has_sid(one, statement));
                statements.len() + 1 == known
            }),
            ChangeKind::PermissionRemoved { statement } => {
                let added = self.latest(
                    |kind| matches!(kind, ChangeKind::PermissionAdded { statement: other } if other == statement),
                )?;
                let text = serde_json::from_str::<Value>(added.new_document.as_deref()?).ok()?;
                edited(after?, |statements| {
                    let is_new =
                        has_sid(&text, statement) && !statements.iter().any(|one| has_sid(one, statement));
                    statements.push(text);
                    is_new
                })
            }
            _ => self.resource_policy(),
        }
    }

    /// The resource policy before; `None` is unknown.
    pub(super) fn resource_policy(&self) -> Option<Arc<PolicyDocument>> {
        let is_statement = |kind: &ChangeKind| {
            matches!(kind, ChangeKind::PermissionAdded { .. } | ChangeKind::PermissionRemoved { .. })
        };
        let before =
            self.latest(|kind| is_policy(kind) || is_statement(kind) || *kind == ChangeKind::Created)?;
        // What the policy said with one statement more or less, the event does not show.
        if is_statement(&before.kind) {
            return None;
        }
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

/// A policy with its statements changed; `None` if it cannot be, or if the change says so.
fn edited(
    document: &PolicyDocument,
    change: impl FnOnce(&mut Vec<Value>) -> bool,
) -> Option<Arc<PolicyDocument>> {
    let mut policy: Value = serde_json::from_str(document.text()).ok()?;
    let mut statements = match policy.get_mut("Statement")?.take() {
        Value::Array(statements) => statements,
        one => vec![one],
    };
    if !change(&mut statements) {
        return None;
    }
    policy.as_object_mut()?.insert("Statement".to_owned(), Value::Array(statements));
    Some(Arc::new(PolicyDocument::parse(policy.to_string())))
}

fn has_sid(statement: &Value, sid: &str) -> bool {
    statement.get("Sid").and_then(Value::as_str) == Some(sid)
}
