//! Policies inside a request line. Equal texts are parsed once.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::LineError;
use crate::evaluate::{Grant, Known, Level, NamedPolicy};
use crate::policy::PolicyDocument;

/// Parsed documents by their text, so that a policy that stands in a hundred thousand lines is prepared once.
#[derive(Debug, Default)]
pub struct PolicyCache {
    documents: HashMap<Box<str>, Arc<PolicyDocument>>,
    bytes: usize,
}

/// The cache is emptied when the texts in it exceed this, so that memory does not grow with the number of lines: over a
/// thousand AWS managed policies. A parsed document takes up to twenty times the room of its text.
const CACHE_BYTES: usize = 8 * 1024 * 1024;

/// What stands for "could not be read" in a request line.
const UNKNOWN: &str = "\"unknown\"";
const NOT_READ: &str = "given as unknown";

#[derive(Deserialize)]
struct Wrapper<'a> {
    name: Option<String>,
    #[serde(borrow)]
    document: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct LevelLine<'a> {
    target: String,
    #[serde(borrow)]
    policies: &'a RawValue,
}

impl PolicyCache {
    /// The document of a text.
    pub fn document(&mut self, text: &str) -> Arc<PolicyDocument> {
        if let Some(document) = self.documents.get(text) {
            return Arc::clone(document);
        }
        let document = Arc::new(PolicyDocument::parse(text));
        self.bytes += text.len();
        if self.bytes > CACHE_BYTES {
            self.documents.clear();
            self.bytes = text.len();
        }
        self.documents.insert(text.into(), Arc::clone(&document));
        document
    }

    /// A bare document, `{"name", "document"}`, or a document as JSON text in a string.
    fn named(
        &mut self,
        raw: &RawValue,
        fallback: &str,
        field: &'static str,
    ) -> Result<NamedPolicy, LineError> {
        let text = raw.get();
        if text.starts_with('"') {
            let inner: String =
                serde_json::from_str(text).map_err(|error| LineError::field(field, &error))?;
            return Ok(NamedPolicy { name: fallback.to_owned(), document: self.document(&inner) });
        }
        if !text.starts_with('{') {
            return Err(LineError::Shape {
                field,
                expected: "a policy document or {\"name\", \"document\"}",
            });
        }
        if let Ok(Wrapper { name, document: Some(document) }) = serde_json::from_str::<Wrapper<'_>>(text) {
            let mut policy = self.named(document, fallback, field)?;
            policy.name = name.unwrap_or(policy.name);
            return Ok(policy);
        }
        Ok(NamedPolicy { name: fallback.to_owned(), document: self.document(text) })
    }

    pub(super) fn list(
        &mut self,
        raw: Option<&RawValue>,
        what: &str,
        field: &'static str,
    ) -> Result<Known<Vec<NamedPolicy>>, LineError> {
        let Some(raw) = present(raw) else { return Ok(Known::default()) };
        if raw.get() == UNKNOWN {
            return Ok(Known::Unknown(NOT_READ.to_owned()));
        }
        let items: Vec<&RawValue> = if raw.get().starts_with('[') {
            serde_json::from_str(raw.get()).map_err(|error| LineError::field(field, &error))?
        } else {
            vec![raw]
        };
        let mut policies = Vec::new();
        for (index, item) in items.iter().enumerate() {
            policies.push(self.named(item, &format!("{what} {}", index + 1), field)?);
        }
        Ok(Known::Known(policies))
    }

    pub(super) fn one(
        &mut self,
        raw: Option<&RawValue>,
        what: &str,
        field: &'static str,
    ) -> Result<Known<Option<NamedPolicy>>, LineError> {
        let Some(raw) = present(raw) else { return Ok(Known::default()) };
        if raw.get() == UNKNOWN {
            return Ok(Known::Unknown(NOT_READ.to_owned()));
        }
        self.named(raw, what, field).map(|policy| Known::Known(Some(policy)))
    }

    pub(super) fn levels(
        &mut self,
        raw: Option<&RawValue>,
        what: &str,
        field: &'static str,
    ) -> Result<Known<Option<Vec<Level>>>, LineError> {
        let Some(raw) = present(raw) else { return Ok(Known::default()) };
        if raw.get() == UNKNOWN {
            return Ok(Known::Unknown(NOT_READ.to_owned()));
        }
        let lines: Vec<LevelLine<'_>> =
            serde_json::from_str(raw.get()).map_err(|error| LineError::field(field, &error))?;
        let mut levels = Vec::new();
        for line in lines {
            let policies = self.list(Some(line.policies), what, field)?;
            levels.push(Level { target: line.target, policies });
        }
        Ok(Known::Known(Some(levels)))
    }
}

/// A field that is there and not null.
fn present(raw: Option<&RawValue>) -> Option<&RawValue> {
    raw.filter(|raw| raw.get() != "null")
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GrantLine {
    #[serde(default)]
    grant_id: String,
    key_id: Option<String>,
    name: Option<String>,
    grantee_principal: Option<String>,
    grantee_service_principal: Option<String>,
    retiring_principal: Option<String>,
    retiring_service_principal: Option<String>,
    #[serde(default)]
    operations: Vec<String>,
    constraints: Option<ConstraintsLine>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ConstraintsLine {
    encryption_context_equals: Option<BTreeMap<String, String>>,
    encryption_context_subset: Option<BTreeMap<String, String>>,
    source_arn: Option<String>,
}

/// Entries of `aws kms list-grants`.
pub(super) fn grants(raw: Option<&RawValue>) -> Result<Known<Vec<Grant>>, LineError> {
    let Some(raw) = present(raw) else { return Ok(Known::default()) };
    if raw.get() == UNKNOWN {
        return Ok(Known::Unknown(NOT_READ.to_owned()));
    }
    let lines: Vec<GrantLine> =
        serde_json::from_str(raw.get()).map_err(|error| LineError::field("kms_grants", &error))?;
    let mut grants = Vec::new();
    for line in lines {
        let Some(grantee) = line.grantee_principal.or(line.grantee_service_principal) else {
            return Err(LineError::Shape { field: "kms_grants", expected: "entries with GranteePrincipal" });
        };
        let (equals, subset, source_arn) = match line.constraints {
            Some(constraints) => (
                constraints.encryption_context_equals,
                constraints.encryption_context_subset,
                constraints.source_arn,
            ),
            None => (None, None, None),
        };
        grants.push(Grant {
            id: line.grant_id,
            key: line.key_id,
            name: line.name.filter(|name| !name.is_empty()),
            grantee,
            retiring: line.retiring_principal.or(line.retiring_service_principal),
            operations: line.operations,
            context_equals: equals,
            context_subset: subset,
            source_arn,
        });
    }
    Ok(Known::Known(grants))
}
