//! Global condition keys: how many values, when a request carries them, and where a CloudTrail event shows them.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>

use super::table::{self, Certainty, Source};
use std::sync::LazyLock;

/// A global condition key.
#[derive(Debug, Clone, Copy)]
pub struct GlobalKey {
    /// The key; a tag key is written `${TagKey}`.
    pub key: &'static str,
    /// Whether one request can have several values of it.
    pub multi_valued: bool,
    /// When a request carries it.
    pub presence: Presence,
    /// The same in words: present when.
    pub present: &'static str,
    /// In words: absent when; empty if never.
    pub absent: &'static str,
    /// Where an event shows its value; `None` if nowhere.
    pub event_field: Option<&'static str>,
    /// How sure the row is.
    pub certainty: Certainty,
    /// The page.
    pub source: Source,
}

/// When a request carries a global key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Every request.
    Always,
    /// Every request but anonymous ones.
    Signed,
    /// The principal is an IAM user, not a role session, a federated user or the root user.
    IamUser,
    /// The credentials are temporary.
    TemporaryCredentials,
    /// The principal was authenticated with MFA.
    Mfa,
    /// The session came from a web identity provider.
    Federated,
    /// The session has a source identity.
    SourceIdentity,
    /// The principal's account is in an organization.
    Organization,
    /// The principal has the tag.
    Tags,
    /// A service principal makes the call.
    ServicePrincipal,
    /// A service principal makes the call for a resource.
    ServiceOnBehalf,
    /// A service makes the call with the principal's credentials.
    ForwardAccess,
    /// The credentials are those of an EC2 instance role.
    Ec2Role,
    /// The request comes through a VPC endpoint.
    VpcEndpoint,
    /// The request does not come through a VPC endpoint.
    NoVpcEndpoint,
    /// The request sets or removes tags.
    RequestTags,
    /// The resource and the action have it.
    Resource,
    /// A browser sent it.
    Browser,
}

/// A global condition key as a policy writes it, in any case: `aws:PrincipalTag/team`.
pub fn global(key: &str) -> Option<&'static GlobalKey> {
    ROWS.iter().find(|row| match row.key.strip_suffix("${TagKey}") {
        Some(stem) => key.get(..stem.len()).is_some_and(|start| start.eq_ignore_ascii_case(stem)),
        None => row.key.eq_ignore_ascii_case(key),
    })
}

/// All global condition keys.
pub fn all() -> &'static [GlobalKey] {
    &ROWS
}

static ROWS: LazyLock<Vec<GlobalKey>> = LazyLock::new(|| {
    table::rows(include_str!("tables/condition_keys.tsv"))
        .map(|row| GlobalKey {
            key: row.get("key"),
            multi_valued: row.get("values") == "multi",
            presence: presence(row.get("presence")),
            present: row.get("present"),
            absent: row.get("absent"),
            event_field: Some(row.get("event_field")).filter(|field| !field.is_empty()),
            certainty: row.certainty(),
            source: row.source(),
        })
        .collect()
});

fn presence(cell: &str) -> Presence {
    match cell {
        "always" => Presence::Always,
        "signed" => Presence::Signed,
        "iam-user" => Presence::IamUser,
        "temporary-credentials" => Presence::TemporaryCredentials,
        "mfa" => Presence::Mfa,
        "federated" => Presence::Federated,
        "source-identity" => Presence::SourceIdentity,
        "organization" => Presence::Organization,
        "tags" => Presence::Tags,
        "service-principal" => Presence::ServicePrincipal,
        "service-on-behalf" => Presence::ServiceOnBehalf,
        "forward-access" => Presence::ForwardAccess,
        "ec2-role" => Presence::Ec2Role,
        "vpc-endpoint" => Presence::VpcEndpoint,
        "no-vpc-endpoint" => Presence::NoVpcEndpoint,
        "request-tags" => Presence::RequestTags,
        "browser" => Presence::Browser,
        _ => Presence::Resource,
    }
}
