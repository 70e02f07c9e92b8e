//! Services whose resources a resource control policy (RCP) can restrict, and what none restricts.
//!
//! The list grows: a service that is not in it is perhaps newer than the table.
//!
//! Source: <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html>

use super::table::{self, Source};
use std::sync::LazyLock;

/// A service that RCPs cover.
#[derive(Debug, Clone, Copy)]
pub struct RcpService {
    /// The IAM prefix of its actions.
    pub prefix: &'static str,
    /// What the page writes instead: `opensearch` for `es`.
    pub page_prefix: Option<&'static str>,
    /// The oldest copy of the page that has it.
    pub seen: &'static str,
    /// Where this comes from.
    pub source: Source,
}

/// Something that no RCP restricts.
#[derive(Debug, Clone, Copy)]
pub struct RcpExemption {
    /// A stable word, or an action.
    pub what: &'static str,
    /// The same for people.
    pub text: &'static str,
    /// Where this comes from.
    pub source: Source,
}

/// The row of a service by IAM prefix, in any case.
pub fn rcp_service(prefix: &str) -> Option<&'static RcpService> {
    SERVICES.iter().find(|row| row.prefix.eq_ignore_ascii_case(prefix))
}

/// Whether the table says that RCPs cover the service.
pub fn supports_rcp(prefix: &str) -> bool {
    rcp_service(prefix).is_some()
}

/// All services of the table.
pub fn all() -> &'static [RcpService] {
    &SERVICES
}

/// What no RCP restricts.
pub fn exemptions() -> &'static [RcpExemption] {
    &EXEMPTIONS
}

static SERVICES: LazyLock<Vec<RcpService>> = LazyLock::new(|| {
    table::rows(include_str!("tables/rcp_services.tsv"))
        .map(|row| RcpService {
            prefix: row.get("prefix"),
            page_prefix: Some(row.get("page_prefix")).filter(|prefix| !prefix.is_empty()),
            seen: row.get("seen"),
            source: row.source(),
        })
        .collect()
});

static EXEMPTIONS: LazyLock<Vec<RcpExemption>> = LazyLock::new(|| {
    table::rows(include_str!("tables/rcp_exemptions.tsv"))
        .map(|row| RcpExemption { what: row.get("what"), text: row.get("text"), source: row.source() })
        .collect()
});
