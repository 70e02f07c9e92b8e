//! A change in words.

use crate::trail::change::{ChangeKind as K, ChangeTarget as T};

/// The name of what was changed, so that two events about the same thing give the same.
pub(super) fn name_of(target: &T) -> String {
    match target {
        T::User(name) | T::Role(name) | T::Group(name) | T::Bucket(name) => name.clone(),
        T::ManagedPolicy(arn) => arn.clone(),
        T::Object { bucket, key } => format!("{bucket}/{key}"),
        T::AccountPublicAccess(account) => account.map(|account| account.to_string()).unwrap_or_default(),
        T::Alias(name) => name.clone(),
        T::OrganizationPolicy(id) | T::OrganizationTarget(id) => id.clone(),
        T::OrganizationDelegation => "organization".to_owned(),
        T::VpcEndpoints(ids) => ids.join(", "),
        T::DataCatalog(names) => names.join(", "),
        T::Function(name) => function(name).to_owned(),
        T::Repository(name) => name.clone(),
        T::PolicyOf { name, .. } => name.clone(),
        T::Secret(name) => name.rsplit(':').next().unwrap_or(name).to_owned(),
        T::Key(name) | T::Queue(name) | T::Topic(name) => last(name).to_owned(),
        T::IdentityProvider(name) | T::AccessPoint(name) | T::RouteTable(name) | T::Resource(name) => {
            name.clone()
        }
    }
}

/// A function by name, by ARN, or by a part of it; with or without a qualifier.
fn function(name: &str) -> &str {
    let name = name.split_once("function:").map_or(name, |(_, rest)| rest);
    name.split(':').next().unwrap_or(name)
}

pub(super) fn last(name: &str) -> &str {
    name.rsplit(['/', ':']).next().unwrap_or(name)
}

/// What was changed.
pub(super) fn target(target: &T) -> String {
    let kind = match target {
        T::User(_) => "user",
        T::Role(_) => "role",
        T::Group(_) => "group",
        T::ManagedPolicy(_) => "managed policy",
        T::Bucket(_) => "bucket",
        T::Object { .. } => "object",
        T::AccountPublicAccess(Some(_)) => "S3 Block Public Access of account",
        T::AccountPublicAccess(None) => return "S3 Block Public Access of an account".to_owned(),
        T::Key(arn) => return format!("key {arn}"),
        T::Alias(_) => "alias",
        T::OrganizationPolicy(_) => "organization policy",
        T::OrganizationTarget(id) if id.starts_with("r-") => "root",
        T::OrganizationTarget(id) if id.starts_with("ou-") => "organizational unit",
        T::OrganizationTarget(_) => "account",
        T::OrganizationDelegation => return "delegation policy of the organization".to_owned(),
        T::VpcEndpoints(_) => "VPC endpoint",
        T::Queue(url) => return format!("queue {url}"),
        T::Topic(arn) => return format!("topic {arn}"),
        T::Function(name) => return format!("function {name}"),
        T::Secret(name) => return format!("secret {name}"),
        T::Repository(_) => "repository",
        T::PolicyOf { service, name } => return format!("{service} {name}"),
        T::Resource(_) => "resource",
        T::IdentityProvider(_) => "identity provider",
        T::AccessPoint(_) => "access point",
        T::RouteTable(_) => "route table",
        T::DataCatalog(_) => "Data Catalog",
    };
    format!("{kind} {}", name_of(target))
}

/// What was done.
pub(super) fn summary(target: &T, kind: &K) -> String {
    let is_organization = matches!(target, T::OrganizationTarget(_));
    let plain = match kind {
        K::Created => "created",
        K::Deleted => "deleted",
        K::InlinePolicyPut { policy } => return format!("inline policy {policy} written"),
        K::InlinePolicyDeleted { policy } => return format!("inline policy {policy} deleted"),
        K::PolicyAttached { policy } if is_organization => return format!("policy {policy} attached"),
        K::PolicyAttached { policy } => return format!("managed policy {policy} attached"),
        K::PolicyDetached { policy } if is_organization => return format!("policy {policy} detached"),
        K::PolicyDetached { policy } => return format!("managed policy {policy} detached"),
        K::PolicyCreated => "policy created",
        K::PolicyUpdated => "policy written",
        K::PolicyDeleted => "policy deleted",
        K::VersionCreated { version, default } => {
            let version = version.as_deref().unwrap_or("(not shown)");
            let force = if *default { "now in force" } else { "not in force" };
            return format!("version {version} written, {force}");
        }
        K::VersionDeleted { version } => return format!("version {version} deleted"),
        K::DefaultVersionSet { version } => return format!("version {version} now in force"),
        K::BoundaryPut { policy } => return format!("permissions boundary set to {policy}"),
        K::BoundaryDeleted => "permissions boundary removed",
        K::TrustPolicyPut => "trust policy written",
        K::MemberAdded { user } => return format!("user {user} added"),
        K::MemberRemoved { user } => return format!("user {user} removed"),
        K::Tagged(tags) => {
            let tags: Vec<String> = tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
            return format!("tags set: {}", tags.join(", "));
        }
        K::Untagged(keys) if keys.is_empty() => "all tags removed",
        K::Untagged(keys) => return format!("tags removed: {}", keys.join(", ")),
        K::ResourcePolicyPut => "policy written",
        K::ResourcePolicyDeleted if matches!(target, T::VpcEndpoints(_)) => {
            "policy set back to AWS's default, which allows everything"
        }
        K::ResourcePolicyDeleted => "policy deleted",
        K::PermissionAdded { statement } => return format!("statement {statement} added to its policy"),
        K::PermissionRemoved { statement } => {
            return format!("statement {statement} removed from its policy");
        }
        K::PublicAccessBlockPut => "Block Public Access written",
        K::PublicAccessBlockDeleted => "Block Public Access removed",
        K::EncryptionPut => "default encryption written",
        K::EncryptionDeleted => "default encryption set back",
        K::OwnershipPut => "object ownership written",
        K::OwnershipDeleted => "object ownership set back",
        K::AclPut => "access control list written",
        K::RequestPaymentPut { requester: true } => "Requester Pays on",
        K::RequestPaymentPut { requester: false } => "Requester Pays off",
        K::ObjectLockPut => "Object Lock written",
        K::GrantCreated { grant, grantee } => {
            let to = grantee.as_deref().map(|grantee| format!(" to {grantee}")).unwrap_or_default();
            return format!("grant{} created{to}", id(grant.as_deref()));
        }
        K::GrantRetired { grant } => return format!("grant{} retired", id(grant.as_deref())),
        K::GrantRevoked { grant } => return format!("grant{} revoked", id(grant.as_deref())),
        K::KeyEnabled => "enabled",
        K::KeyDisabled => "disabled",
        K::KeyDeletionScheduled => "scheduled for deletion, which ends its use at once",
        K::KeyDeletionCancelled => "deletion cancelled; the key stays disabled",
        K::KeyMaterialImported => "key material imported",
        K::KeyMaterialDeleted => "key material deleted, which ends its use at once",
        K::AliasSet { key } => return format!("now leads to key {key}"),
        K::AliasDeleted => "deleted",
        K::AccountMoved { from, to } => return format!("moved from {from} to {to}"),
        K::AccountJoined => "joined the organization",
        K::AccountLeft => "left the organization",
        K::PolicyTypeEnabled { policy_type } => return format!("policy type {policy_type} enabled"),
        K::PolicyTypeDisabled { policy_type } => return format!("policy type {policy_type} disabled"),
        K::DelegatedAdministratorSet { service } => {
            return format!("made delegated administrator of {service}");
        }
        K::DelegatedAdministratorRemoved { service } => {
            return format!("no longer delegated administrator of {service}");
        }
        K::EndpointRouted => "routes, subnets or security groups changed",
        K::RouteSet { destination, via } => {
            let via = via.as_deref().unwrap_or("(not shown)");
            return format!("route to {destination} leads to {via}");
        }
        K::RouteDeleted { destination } => return format!("route to {destination} deleted"),
        K::RouteTableAssociated { with } => {
            return format!("now used by {}", with.as_deref().unwrap_or("(not shown)"));
        }
        K::RouteTableDisassociated => "no longer used by a subnet or gateway",
        K::Renamed { to } => return format!("renamed or moved to {to}"),
        K::ProviderUpdated => "what it may vouch for changed",
        K::DataPermissionsGranted { principals, permissions } => {
            return format!("Lake Formation {} granted to {}", permissions.join(", "), principals.join(", "));
        }
        K::DataPermissionsRevoked { principals, permissions } => {
            return format!(
                "Lake Formation {} revoked from {}",
                permissions.join(", "),
                principals.join(", ")
            );
        }
        K::DataLakeSettingsPut => "Lake Formation settings written",
    };
    plain.to_owned()
}

fn id(grant: Option<&str>) -> String {
    grant.map(|grant| format!(" {grant}")).unwrap_or_default()
}

/// The policy that was written, attached or detached.
pub(super) fn policy(target: &T, kind: &K) -> Option<String> {
    match (target, kind) {
        (
            _,
            K::InlinePolicyPut { policy }
            | K::InlinePolicyDeleted { policy }
            | K::PolicyAttached { policy }
            | K::PolicyDetached { policy }
            | K::BoundaryPut { policy },
        ) => Some(policy.clone()),
        (T::ManagedPolicy(name) | T::OrganizationPolicy(name), _) => Some(name.clone()),
        _ => None,
    }
}
