//! Condition keys that hold the tags of a resource.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html>

use super::table::{self, Source};
use std::sync::LazyLock;

/// A condition key of a service for the tags of its resources.
#[derive(Debug, Clone, Copy)]
pub struct ResourceTagKey {
    /// The IAM prefix.
    pub service: &'static str,
    /// What the name begins with; the key of the tag follows.
    pub key: &'static str,
    /// The page.
    pub source: Source,
}

/// The global key, and those of the service beside it.
pub fn resource_tag_keys(service: &str) -> impl Iterator<Item = &'static str> + use<'_> {
    let own = ROWS.iter().filter(move |row| row.service == service).map(|row| row.key);
    std::iter::once("aws:ResourceTag/").chain(own)
}

static ROWS: LazyLock<Vec<ResourceTagKey>> = LazyLock::new(|| {
    table::rows(include_str!("tables/resource_tag_keys.tsv"))
        .map(|row| ResourceTagKey { service: row.get("service"), key: row.get("key"), source: row.source() })
        .collect()
});

#[cfg(test)]
mod tests {
    use super::resource_tag_keys;

    #[test]
    fn a_service_may_have_a_key_of_its_own() {
        assert_eq!(resource_tag_keys("kms").collect::<Vec<_>>(), ["aws:ResourceTag/"]);
        assert_eq!(resource_tag_keys("ec2").collect::<Vec<_>>(), ["aws:ResourceTag/", "ec2:ResourceTag/"]);
    }
}
