//! stub until tables land
#![allow(missing_docs)]
#[derive(Clone, Copy)]
pub enum CallerKind { Management, ManagementOrDelegated, AnyInOrganization, Member, Standalone, HandshakeParty }
pub enum Narrowing { FixedValue, Network, AccessPointArn, Believed, No }
pub struct Permissionless { pub source: &'static str }
pub fn supports_rcp(_p: &str) -> bool { true }
pub fn caller_kind(a: &str) -> Option<CallerKind> { (a=="organizations:listaccounts").then_some(CallerKind::ManagementOrDelegated) }
pub fn kms_is_iam_only(n: &str) -> bool { n=="createkey" }
pub fn kms_works_across_accounts(n: &str) -> bool { n=="decrypt" }
pub fn permissionless(a: &str) -> Option<&'static Permissionless> { static P: Permissionless=Permissionless{source:"https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html"}; (a=="sts:getcalleridentity").then_some(&P) }
pub fn non_public_key(_k: &str) -> Narrowing { Narrowing::No }
pub fn kms_has_encryption_context(n: &str) -> bool { matches!(n, "decrypt"|"encrypt"|"generatedatakey") }
