//! The folder of a KMS key: what `aws kms` prints.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::reader::Reader;
use super::shape::{arn, whole_list};
use super::text::Text;
use super::{BundleProblem, document};
use crate::arn::Arn;
use crate::evaluate::Grant;
use crate::evidence::Key;

/// Reads one file of the key's folder.
pub(super) fn read(reader: &mut Reader<'_>, key: &mut Key, id: &str, file: &str, inner: &str) {
    match inner {
        "key.json" => {
            let Some(metadata) = reader.fact(file, &format!("state of key {id}"), metadata) else {
                return;
            };
            key.arn = Some(metadata.arn);
            key.manager = metadata.key_manager;
            key.state = metadata.key_state;
        }
        "policy.json" => key.policy = document::file(reader, file, &format!("key policy of {id}")),
        "grants.json" => key.grants = reader.fact(file, &format!("grants of key {id}"), grants),
        "aliases.json" => {
            key.aliases = reader.fact(file, &format!("aliases of key {id}"), |text| aliases(text, id));
        }
        _ => {}
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "what `aws kms describe-key` prints")]
struct Description {
    key_metadata: Metadata,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "a key with `Arn`")]
struct Metadata {
    #[serde(deserialize_with = "arn")]
    arn: Arn,
    key_manager: Option<String>,
    key_state: Option<String>,
}

fn metadata(text: &Text) -> Result<Metadata, BundleProblem> {
    text.parse().map(|description: Description| description.key_metadata)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "what `aws kms list-grants` prints")]
struct Grants {
    grants: Vec<GrantEntry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "a grant as `aws kms list-grants` prints it")]
struct GrantEntry {
    grant_id: String,
    name: Option<String>,
    grantee_principal: Option<String>,
    grantee_service_principal: Option<String>,
    retiring_principal: Option<String>,
    retiring_service_principal: Option<String>,
    operations: Vec<String>,
    constraints: Option<Constraints>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", expecting = "the constraints of a grant")]
struct Constraints {
    encryption_context_equals: Option<BTreeMap<String, String>>,
    encryption_context_subset: Option<BTreeMap<String, String>>,
    source_arn: Option<String>,
}

/// Source: <https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantListEntry.html>
fn grants(text: &Text) -> Result<Vec<Grant>, BundleProblem> {
    whole_list(text)?;
    let grants = text.parse::<Grants>()?.grants.into_iter();
    grants.map(|grant| read_grant(text, grant)).collect()
}

fn read_grant(text: &Text, grant: GrantEntry) -> Result<Grant, BundleProblem> {
    let missing = || BundleProblem::Missing { place: text.start(), field: "GranteePrincipal" };
    let constraints = grant.constraints.unwrap_or_default();
    Ok(Grant {
        key: None,
        id: grant.grant_id,
        // A grant without a name has an empty one in the list.
        name: grant.name.filter(|name| !name.is_empty()),
        grantee: grant.grantee_principal.or(grant.grantee_service_principal).ok_or_else(missing)?,
        retiring: grant.retiring_principal.or(grant.retiring_service_principal),
        operations: grant.operations,
        context_equals: constraints.encryption_context_equals,
        context_subset: constraints.encryption_context_subset,
        source_arn: constraints.source_arn,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "what `aws kms list-aliases` prints")]
struct Aliases {
    aliases: Vec<Alias>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "an alias with `AliasName`")]
struct Alias {
    alias_name: String,
    target_key_id: Option<String>,
}

/// Without `--key-id`, the CLI lists the aliases of all keys.
fn aliases(text: &Text, key: &str) -> Result<Vec<String>, BundleProblem> {
    whole_list(text)?;
    let aliases = text.parse::<Aliases>()?.aliases.into_iter();
    let of_key = |alias: &Alias| alias.target_key_id.as_deref().is_none_or(|target| target == key);
    Ok(aliases.filter(of_key).map(|alias| alias.alias_name).collect())
}
