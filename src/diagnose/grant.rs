//! A KMS grant that nearly allows a request.

use std::collections::BTreeMap;

use super::Examined;
use super::codes::FindingCode;
use super::finding::Finding;
use super::remedy::Remedy;
use crate::evaluate::{Got, Grant, Known, Layer};
use crate::policy::Element;
use crate::request::{ContextValue, Principal, RequestContext};

/// A grant to the caller for the operation, and the constraint that the request does not meet.
pub(super) struct NearMiss<'e> {
    grant: &'e Grant,
    operator: &'static str,
    wanted: &'e BTreeMap<String, String>,
    got: BTreeMap<String, String>,
}

/// The first grant that fails by its constraint on the encryption context only.
///
/// Source: <https://docs.aws.amazon.com/kms/latest/developerguide/create-grant-overview.html#grant-constraints>
pub(super) fn near_miss(examined: &Examined) -> Option<NearMiss<'_>> {
    let request = &examined.request;
    if request.action.service() != "kms" {
        return None;
    }
    let Known::Known(grants) = &examined.policies.grants else { return None };
    let caller = match &request.principal {
        Principal::Role(session) => session.role.to_string(),
        other => other.principal_arn()?.to_string(),
    };
    let got = encryption_context(&request.context);
    grants.iter().find_map(|grant| {
        let covers = grant.operations.iter().any(|name| name.eq_ignore_ascii_case(request.action.name()));
        if grant.grantee != caller || !covers {
            return None;
        }
        let misses =
            |pairs: &&BTreeMap<String, String>| !pairs.iter().all(|(key, value)| got.get(key) == Some(value));
        if let Some(wanted) = grant.context_equals.as_ref().filter(|pairs| **pairs != got) {
            return Some(NearMiss { grant, operator: "EncryptionContextEquals", wanted, got: got.clone() });
        }
        let wanted = grant.context_subset.as_ref().filter(misses)?;
        Some(NearMiss { grant, operator: "EncryptionContextSubset", wanted, got: got.clone() })
    })
}

const PAIR: &str = "kms:EncryptionContext:";

fn encryption_context(context: &RequestContext) -> BTreeMap<String, String> {
    let pairs = context.entries().filter_map(|entry| {
        let key = entry
            .name
            .get(PAIR.len()..)
            .filter(|_| entry.name.get(..PAIR.len()).is_some_and(|start| start.eq_ignore_ascii_case(PAIR)))?;
        match &entry.value {
            ContextValue::Known(values) => Some((key.to_owned(), values.as_slice().first()?.clone())),
            _ => None,
        }
    });
    pairs.collect()
}

impl NearMiss<'_> {
    /// A grant that wants no more pairs than some of those that were sent.
    pub(super) fn advice(&self) -> Option<Remedy> {
        let holds_all = self.wanted.iter().all(|(key, value)| self.got.get(key) == Some(value));
        let name = self.grant.name.as_deref().unwrap_or(&self.grant.id);
        let text = format!(
            "create grant {name} with EncryptionContextSubset, which lets further pairs through, or send no more \
             than the pairs of its EncryptionContextEquals"
        );
        (holds_all && self.operator == "EncryptionContextEquals")
            .then(|| Remedy::about_condition("whoever administers the key", text))
    }

    /// The finding of a layer in which nothing allows, with this grant as the nearest.
    pub(super) fn finding(&self, code: FindingCode, layer: Layer, base: &str) -> Finding {
        let name = self.grant.name.clone().unwrap_or_else(|| self.grant.id.clone());
        let (wanted, got) = (pairs(self.wanted), pairs(&self.got));
        let text = format!(
            "{base}; nearest is grant {name}: {} wants {}, the request carried {}",
            self.operator,
            wanted.join(", "),
            if got.is_empty() { "none".to_owned() } else { got.join(", ") },
        );
        let mut finding = Finding::plain(code, Some(layer), text);
        finding.policy = Some(format!("grant {name}"));
        finding.element = Some(Element::Condition);
        finding.operator = Some(self.operator.to_owned());
        finding.key = Some("kms:EncryptionContext".to_owned());
        finding.wanted = wanted;
        finding.got = Some(Got::Values(got));
        finding
    }
}

fn pairs(pairs: &BTreeMap<String, String>) -> Vec<String> {
    pairs.iter().map(|(key, value)| format!("{key}={value}")).collect()
}
