//! Which file of a bundle holds what.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::BundleProblem;
use crate::ids::AccountId;

/// The file that makes a folder a bundle.
pub(super) const MANIFEST: &str = "bundle.json";

/// The organization, apart from the documents of its policies.
pub(super) const ORGANIZATION: &str = "organization.json";

/// The folders of a bundle.
#[cfg(not(target_family = "wasm"))]
pub(super) const FOLDERS: [&str; 3] = ["events", "organization", "accounts"];

/// What a file of a bundle is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Entry<'a> {
    /// `bundle.json`
    Manifest,
    /// `organization.json`
    Organization,
    /// The document of the SCP or RCP with this id.
    OrganizationPolicy(&'a str),
    /// `CloudTrail` events.
    Events,
    /// Something about an account.
    Account(AccountId, AccountFile<'a>),
    /// Nothing that belongs to a bundle.
    Other,
}

/// What a file in the folder of an account is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum AccountFile<'a> {
    Iam,
    PublicAccessBlock,
    ResourceTags,
    /// A bucket's name and the file in its folder.
    Bucket(&'a str, &'a str),
    /// A key's id and the file in its folder.
    Key(&'a str, &'a str),
    VpcEndpoint(&'a str),
    /// The service and the name of the resource.
    ResourcePolicy(&'a str, String),
    Other,
}

/// What the file is, by its path.
pub(super) fn entry(file: &str) -> Result<Entry<'_>, BundleProblem> {
    let parts: Vec<&str> = file.split('/').collect();
    Ok(match parts.as_slice() {
        [MANIFEST] => Entry::Manifest,
        [ORGANIZATION] => Entry::Organization,
        ["organization", "policies", name] => match name.strip_suffix(".json") {
            Some(id) => Entry::OrganizationPolicy(checked(id, file)?),
            None => Entry::Other,
        },
        ["events", .., name] if holds_events(name) => Entry::Events,
        ["accounts", account, rest @ ..] if !rest.is_empty() && !account.starts_with('.') => {
            let account = account.parse().map_err(|source| BundleProblem::AccountFolder {
                folder: format!("accounts/{account}"),
                source,
            })?;
            Entry::Account(account, account_file(rest, file)?)
        }
        _ => Entry::Other,
    })
}

fn account_file<'a>(parts: &[&'a str], file: &str) -> Result<AccountFile<'a>, BundleProblem> {
    Ok(match parts {
        ["iam.json"] => AccountFile::Iam,
        ["public-access-block.json"] => AccountFile::PublicAccessBlock,
        ["resource-tags.json"] => AccountFile::ResourceTags,
        ["buckets", bucket, name] => AccountFile::Bucket(checked(bucket, file)?, name),
        ["keys", key, name] => AccountFile::Key(checked(key, file)?, name),
        ["vpc-endpoints", name] => match name.strip_suffix(".json") {
            Some(id) => AccountFile::VpcEndpoint(checked(id, file)?),
            None => AccountFile::Other,
        },
        ["resource-policies", service, name] => match name.strip_suffix(".json") {
            Some(name) => AccountFile::ResourcePolicy(checked(service, file)?, decoded(name, file)?),
            None => AccountFile::Other,
        },
        _ => AccountFile::Other,
    })
}

/// Events come as JSON, also one a line, and as CSV; which of the forms it is, their content tells.
fn holds_events(name: &str) -> bool {
    let unpacked = name.strip_suffix(".gz").unwrap_or(name);
    let ending = unpacked.rsplit_once('.').map(|(_, ending)| ending);
    !name.starts_with('.') && matches!(ending, Some("json" | "jsonl" | "ndjson" | "csv"))
}

/// The ids of AWS that stand in paths (buckets, keys, endpoints, policies, services) consist of these letters.
pub(super) fn is_name(name: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (1..=255).contains(&name.len()) && name.bytes().all(letter) && !matches!(name, "." | "..")
}

fn checked<'a>(name: &'a str, file: &str) -> Result<&'a str, BundleProblem> {
    if is_name(name) {
        return Ok(name);
    }
    Err(BundleProblem::Name { file: file.to_owned(), name: name.to_owned() })
}

/// The letters that no file name is surprised by stay as they are.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'_').remove(b'-');

/// The name of a resource as it stands in the name of a file.
pub(super) fn encoded(name: &str) -> String {
    utf8_percent_encode(name, ENCODED).to_string()
}

/// A file in the folder of an account.
pub(super) fn in_account(account: AccountId, file: &str) -> String {
    format!("accounts/{account}/{file}")
}

/// The file of an account's users, groups, roles and managed policies.
pub(super) fn iam(account: AccountId) -> String {
    in_account(account, "iam.json")
}

fn decoded(name: &str, file: &str) -> Result<String, BundleProblem> {
    let decoded = percent_decode_str(name).decode_utf8();
    let problem = |_| BundleProblem::Name { file: file.to_owned(), name: name.to_owned() };
    decoded.map(std::borrow::Cow::into_owned).map_err(problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(file: &str, expected: &Entry<'_>) {
        assert_eq!(&entry(file).unwrap(), expected, "{file}");
    }

    #[test]
    fn every_file_has_its_place() {
        let account = AccountId::parse("111122223333").unwrap();
        let policy = AccountFile::ResourcePolicy("secretsmanager", "atlas/db-AbCdEf".to_owned());
        check("bundle.json", &Entry::Manifest);
        check("organization/policies/p-1.json", &Entry::OrganizationPolicy("p-1"));
        check("events/a.json.gz", &Entry::Events);
        check("events/2026/a.jsonl", &Entry::Events);
        check("events/notes.md", &Entry::Other);
        check("accounts/111122223333/iam.json", &Entry::Account(account, AccountFile::Iam));
        check(
            "accounts/111122223333/resource-policies/secretsmanager/atlas%2Fdb-AbCdEf.json",
            &Entry::Account(account, policy),
        );
        check("accounts/111122223333/notes.txt", &Entry::Account(account, AccountFile::Other));
        check("accounts/.DS_Store", &Entry::Other);
        check("README.md", &Entry::Other);
    }

    #[test]
    fn names_that_cannot_be_are_refused() {
        for file in [
            "accounts/1111/iam.json",
            "accounts/../iam.json/x",
            "accounts/111122223333/buckets/a b/policy.json",
            "accounts/111122223333/buckets//policy.json",
            "accounts/111122223333/buckets/../policy.json",
            "accounts/111122223333/resource-policies/sns/%ff.json",
        ] {
            // A folder that begins with a dot is not even looked at.
            assert!(!matches!(entry(file), Ok(Entry::Account(..))), "{file}");
        }
    }
}
