//! Events that change an authorization: what they change, and what they can be the cause of.
//!
//! `trail` reads no other event as a change, and a live run looks these up, so that neither knows one that the other
//! does not.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::resource_policy_events::{self, Written};
use super::table::{self, Source};

/// What is changed, which decides where the event is logged and for whom it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// An IAM user.
    User,
    /// An IAM role.
    Role,
    /// An IAM group.
    Group,
    /// A managed policy.
    ManagedPolicy,
    /// Whom IAM lets vouch for people and workloads.
    IdentityProvider,
    /// SCPs, RCPs and what they are attached to; logged in the management account.
    Organization,
    /// A resource, in its own Region.
    Resource,
    /// A VPC endpoint, in its own Region.
    VpcEndpoint,
}

/// What a live run looks an event up for, apart from its being a cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tells {
    /// The policies of now are not those before it.
    Undo,
    /// The text that a later change replaced.
    Text,
    /// Nothing that an answer rests on.
    Nothing,
}

/// How a change can make a denial start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// A policy of the caller, or of a group, was taken away.
    IdentityRemoved,
    /// A policy was attached to the caller or to a group.
    IdentityAdded,
    /// An inline policy got another text.
    InlineWritten,
    /// A managed policy got another text.
    ManagedPolicy,
    /// The permissions boundary was set.
    Boundary,
    /// The trust policy of a role was changed.
    Trust,
    /// A principal was created again under its name, so that policies with its old id do not name it.
    CreatedAgain,
    /// An SCP or RCP, or what it is attached to.
    Guardrail,
    /// Who may ask Organizations.
    Delegation,
    /// The policy of the resource was changed, or a grant was taken away.
    ResourcePolicy,
    /// S3 Block Public Access.
    PublicAccess,
    /// S3 Object Ownership, or an ACL.
    Ownership,
    /// The default encryption of a bucket.
    Encryption,
    /// A rule of a bucket that is no policy: Object Lock, or who pays.
    BucketRule,
    /// The state of a key.
    KeyState,
    /// A VPC endpoint or its policy.
    VpcEndpoint,
    /// Lake Formation permissions.
    DataPermissions,
    /// Tags of the caller.
    PrincipalAttributes,
    /// Tags or aliases of the resource.
    ResourceAttributes,
}

/// An event that changes an authorization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeEvent {
    /// The event source without `.amazonaws.com`; `*` is every service.
    pub event_source: &'static str,
    /// The service as actions and ARNs write it.
    pub service: &'static str,
    /// The event name as CloudTrail writes it.
    pub event_name: &'static str,
    /// What is changed.
    pub subject: Subject,
    /// What it is looked up for.
    pub tells: Tells,
    /// What it can make a denial start with.
    pub causes: Vec<Cause>,
    /// Where this comes from.
    pub source: Source,
}

impl ChangeEvent {
    /// Whether it is an event of a service.
    pub fn is_of(&self, service: &str) -> bool {
        self.event_source == "*" || self.event_source == service || self.service == service
    }

    /// Whether it changes nothing but tags and aliases, which few policies look at.
    pub fn is_of_attributes(&self) -> bool {
        let is = |cause: &Cause| matches!(cause, Cause::PrincipalAttributes | Cause::ResourceAttributes);
        !self.causes.is_empty() && self.causes.iter().all(is)
    }
}

/// The row of an event, by the event source without `.amazonaws.com`.
pub fn change_event(event_source: &str, event_name: &str) -> Option<&'static ChangeEvent> {
    let event_source = match event_source {
        "s3-control" | "s3control" => "s3",
        other => other,
    };
    let rows = BY_NAME.get(without_date(event_name))?;
    rows.iter().find(|row| row.event_source == "*" || row.event_source == event_source).copied()
}

/// All events, those of `resource_policy_events.tsv` too.
pub fn all() -> &'static [ChangeEvent] {
    &ROWS
}

/// Lambda puts the date of its API into the names: `AddPermission20150331v2`.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html>
fn without_date(event_name: &str) -> &str {
    event_name.split("20").next().unwrap_or(event_name)
}

static ROWS: LazyLock<Vec<ChangeEvent>> = LazyLock::new(|| {
    let own = table::rows(include_str!("tables/change_events.tsv")).map(|row| ChangeEvent {
        event_source: row.get("event_source"),
        service: row.get("event_source"),
        event_name: row.get("event_name"),
        subject: subject(row.get("subject")),
        tells: tells(row.get("looked_up")),
        causes: row.list("causes").into_iter().filter_map(cause).collect(),
        source: row.source(),
    });
    let others = resource_policy_events::all().iter().map(|row| ChangeEvent {
        event_source: row.event_source,
        service: row.arn_service,
        event_name: row.event_name,
        subject: Subject::Resource,
        tells: Tells::Undo,
        causes: if row.change == Written::Added { Vec::new() } else { vec![Cause::ResourcePolicy] },
        source: row.source,
    });
    own.chain(others).collect()
});

static BY_NAME: LazyLock<HashMap<&str, Vec<&ChangeEvent>>> = LazyLock::new(|| {
    let mut by_name: HashMap<&str, Vec<&ChangeEvent>> = HashMap::new();
    for row in all() {
        by_name.entry(without_date(row.event_name)).or_default().push(row);
    }
    by_name
});

fn subject(cell: &str) -> Subject {
    match cell {
        "user" => Subject::User,
        "role" => Subject::Role,
        "group" => Subject::Group,
        "managed-policy" => Subject::ManagedPolicy,
        "identity-provider" => Subject::IdentityProvider,
        "organization" => Subject::Organization,
        "vpc-endpoint" => Subject::VpcEndpoint,
        _ => Subject::Resource,
    }
}

fn tells(cell: &str) -> Tells {
    match cell {
        "undo" => Tells::Undo,
        "text" => Tells::Text,
        _ => Tells::Nothing,
    }
}

fn cause(cell: &str) -> Option<Cause> {
    Some(match cell {
        "identity-removed" => Cause::IdentityRemoved,
        "identity-added" => Cause::IdentityAdded,
        "inline-written" => Cause::InlineWritten,
        "managed-policy" => Cause::ManagedPolicy,
        "boundary" => Cause::Boundary,
        "trust" => Cause::Trust,
        "created-again" => Cause::CreatedAgain,
        "guardrail" => Cause::Guardrail,
        "delegation" => Cause::Delegation,
        "resource-policy" => Cause::ResourcePolicy,
        "public-access" => Cause::PublicAccess,
        "ownership" => Cause::Ownership,
        "encryption" => Cause::Encryption,
        "bucket-rule" => Cause::BucketRule,
        "key-state" => Cause::KeyState,
        "vpc-endpoint" => Cause::VpcEndpoint,
        "data-permissions" => Cause::DataPermissions,
        "principal-attributes" => Cause::PrincipalAttributes,
        "resource-attributes" => Cause::ResourceAttributes,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    // https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html
    #[test]
    fn an_event_is_known_by_its_service_and_its_name() {
        let name = |service, name| change_event(service, name).map(|row| row.event_name);
        assert_eq!(name("iam", "DetachGroupPolicy"), Some("DetachGroupPolicy"));
        assert_eq!(name("lambda", "AddPermission20150331v2"), Some("AddPermission20150331v2"));
        assert_eq!(name("lambda", "AddPermission20260101"), Some("AddPermission20150331v2"));
        assert_eq!(name("s3-control", "PutAccountPublicAccessBlock"), Some("PutAccountPublicAccessBlock"));
        assert_eq!(name("glue", "TagResource"), Some("TagResource"));
        assert_eq!(name("dynamodb", "PutResourcePolicy"), Some("PutResourcePolicy"));
        assert_eq!(name("iam", "GetUser"), None);
        assert_eq!(name("ec2", "DetachGroupPolicy"), None);
    }

    #[test]
    fn every_word_of_the_table_is_understood() {
        for row in table::rows(include_str!("tables/change_events.tsv")) {
            for word in row.list("causes") {
                assert!(cause(word).is_some(), "{row:?}");
            }
            assert!(["undo", "text", "cause", "no"].contains(&row.get("looked_up")), "{row:?}");
            let known = subject(row.get("subject")) != Subject::Resource || row.get("subject") == "resource";
            assert!(known, "{row:?}");
        }
    }
}
