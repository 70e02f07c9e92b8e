//! Access control lists of buckets and objects, where they are not disabled. They can only grant.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html>

use std::collections::BTreeMap;

use serde::Deserialize;

use super::principal::Naming;
use super::truth::{Hinge, Truth};
use super::{Known, Layer, ObjectOwner, PolicySet};
use crate::ids::AccountId;
use crate::knowledge::s3::{AclOf, AclPermission, acl_permission};
use crate::request::{Principal, Request};

/// An access control list (ACL) of a bucket or an object. It is read from what `aws s3api get-bucket-acl` prints.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "Printed")]
pub struct AccessControlList {
    /// Canonical user id of the owner.
    pub owner: String,
    /// Its grants.
    pub grants: Vec<AclGrant>,
}

/// A grant of an ACL: a permission for a grantee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AclGrant {
    /// Whom it names.
    pub grantee: AclGrantee,
    /// `READ`, `WRITE`, `READ_ACP`, `WRITE_ACP` or `FULL_CONTROL`.
    pub permission: String,
}

/// Whom a grant of an ACL names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AclGrantee {
    /// An account, by its canonical user id.
    CanonicalUser(String),
    /// Everyone, signed in or not.
    AllUsers,
    /// Everyone who belongs to an AWS account.
    AuthenticatedUsers,
    /// Somebody else: an e-mail address, or the group that delivers logs.
    Other(String),
}

const ALL_USERS: &str = "http://acs.amazonaws.com/groups/global/AllUsers";
const AUTHENTICATED_USERS: &str = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";

/// What `aws s3api get-bucket-acl` and `get-object-acl` print.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "what `aws s3api get-bucket-acl` prints")]
struct Printed {
    owner: PrintedOwner,
    grants: Vec<PrintedGrant>,
}

#[derive(Deserialize)]
#[serde(expecting = "an object with `ID`")]
struct PrintedOwner {
    #[serde(rename = "ID")]
    id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "an object with `Grantee` and `Permission`")]
struct PrintedGrant {
    grantee: PrintedGrantee,
    permission: String,
}

#[derive(Deserialize)]
#[serde(expecting = "an object with `ID`, `URI` or `EmailAddress`")]
struct PrintedGrantee {
    #[serde(rename = "ID")]
    id: Option<String>,
    #[serde(rename = "URI")]
    uri: Option<String>,
    #[serde(rename = "EmailAddress")]
    email_address: Option<String>,
}

impl From<Printed> for AccessControlList {
    fn from(printed: Printed) -> Self {
        let grant =
            |grant: PrintedGrant| AclGrant { grantee: grantee(grant.grantee), permission: grant.permission };
        Self { owner: printed.owner.id, grants: printed.grants.into_iter().map(grant).collect() }
    }
}

fn grantee(printed: PrintedGrantee) -> AclGrantee {
    match (printed.id, printed.uri.as_deref()) {
        (Some(id), _) => AclGrantee::CanonicalUser(id),
        (None, Some(ALL_USERS)) => AclGrantee::AllUsers,
        (None, Some(AUTHENTICATED_USERS)) => AclGrantee::AuthenticatedUsers,
        (None, uri) => {
            let name = uri.map(str::to_owned).or(printed.email_address);
            AclGrantee::Other(name.unwrap_or_else(|| "nobody by name".to_owned()))
        }
    }
}

/// The ACLs that may grant a request. Where ACLs are disabled there are none.
#[derive(Debug, Clone, Default)]
pub struct Acls {
    /// That of the bucket.
    pub bucket: Known<Option<AccessControlList>>,
    /// That of the object.
    pub object: Known<Option<AccessControlList>>,
    /// Accounts by their canonical user ids.
    pub accounts: BTreeMap<String, AccountId>,
}

/// What the ACL that the action is checked against grants; `None` if there is none.
pub(super) fn granted(request: &Request, policies: &PolicySet) -> Option<Naming> {
    let acls = &policies.s3.acls;
    let disabled = |list: &Known<Option<AccessControlList>>| matches!(list, Known::Known(None));
    if request.action.service() != "s3" || (disabled(&acls.bucket) && disabled(&acls.object)) {
        return None;
    }
    let row = acl_permission(request.action.lower())?;
    let list = match row.acl {
        AclOf::Bucket => &acls.bucket,
        AclOf::Object => &acls.object,
    };
    match list {
        Known::Known(list) => list.as_ref().map(|list| grants(list, row, request, policies)),
        Known::Unknown(why) => {
            let hinge = Truth::unknown(Hinge::Layer { layer: Layer::Resource, why: why.clone() });
            Some(Naming { account: hinge, ..Naming::NOBODY })
        }
    }
}

fn grants(list: &AccessControlList, row: &AclPermission, request: &Request, policies: &PolicySet) -> Naming {
    let permits =
        |grant: &&AclGrant| grant.permission == row.permission || grant.permission == "FULL_CONTROL";
    list.grants
        .iter()
        .filter(permits)
        .map(|grant| match &grant.grantee {
            AclGrantee::CanonicalUser(id) => {
                let account = account_of(id, list, row.acl, request, policies);
                Naming { account: is_caller(account, id, request), ..Naming::NOBODY }
            }
            AclGrantee::AllUsers => everyone(request).and(&public_grants_count(policies)),
            AclGrantee::AuthenticatedUsers if request.principal.account().is_none() => Naming::NOBODY,
            AclGrantee::AuthenticatedUsers => everyone(request).and(&public_grants_count(policies)),
            AclGrantee::Other(name) => Naming {
                account: Truth::undocumented(&format!("whom the grant of an ACL to {name} names")),
                ..Naming::NOBODY
            },
        })
        .fold(Naming::NOBODY, Naming::or)
}

/// Callers of an account still need its identity-based policies, as far as AWS says.
fn everyone(request: &Request) -> Naming {
    match request.principal {
        Principal::Anonymous => Naming::direct(Truth::True),
        _ => Naming {
            direct: Truth::undocumented("whether a public ACL is enough for a caller without a policy"),
            role: Truth::False,
            account: Truth::True,
        },
    }
}

/// `IgnorePublicAcls`: "Amazon S3 ignores all public ACLs on a bucket and any objects that it contains".
fn public_grants_count(policies: &PolicySet) -> Truth {
    match &policies.s3.block_public_access {
        Known::Known(settings) => (!settings.ignore_public_acls).into(),
        Known::Unknown(why) => {
            Truth::unknown(Hinge::Layer { layer: Layer::S3BlockPublicAccess, why: why.clone() })
        }
    }
}

fn account_of(
    id: &str,
    list: &AccessControlList,
    acl: AclOf,
    request: &Request,
    policies: &PolicySet,
) -> Option<AccountId> {
    let owner = match (acl, &policies.s3.object_owner) {
        (AclOf::Bucket, _) | (AclOf::Object, ObjectOwner::BucketOwner) => request.resource.owner(),
        (AclOf::Object, ObjectOwner::Account(owner)) => Some(*owner),
        (AclOf::Object, ObjectOwner::Unknown(_)) => None,
    };
    let by_owner = owner.filter(|_| id == list.owner);
    by_owner.or_else(|| policies.s3.acls.accounts.get(id).copied())
}

fn is_caller(account: Option<AccountId>, id: &str, request: &Request) -> Truth {
    match (account, request.principal.account()) {
        (_, None) => Truth::False,
        (Some(account), Some(caller)) => (account == caller).into(),
        (None, Some(_)) => Truth::unknown(Hinge::Fact(format!("whose canonical user id {id} is"))),
    }
}
