//! What AWS says about single operations beside their policies.
//!
//! The operations of KMS, and those that need no permission, have tables of their own.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::table;

/// A rule that holds for some operations only. Each row of the table names the page that states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OperationRule {
    /// It works in the account of the resource only, whatever the resource's policy allows to others.
    OwnAccountOnly,
    /// It may be one of those: AWS says that not all operations of the service work across accounts, and not which.
    OwnAccountPerhaps,
    /// The root user of the resource's account can do it, whatever the resource's policy denies.
    KeptByRoot,
    /// An account does it in its own right, although the id of another one stands in the ARN: its own policies decide.
    OwnPoliciesDecide,
    /// So it is where the other account, or the organization, has let the caller's account administer the resource.
    OwnPoliciesMayDecide,
    /// A setting of the account may allow it to all users, for themselves.
    OwnPassword,
    /// AWS itself keeps what is named by the resource: an AWS managed policy, a role of its own, an alias of its own.
    KeptByAws,
    /// It is called without a signature as well; `SERVICE:*` stands for all of a service.
    Unsigned,
    /// A resource without a policy of its own allows it to whoever reaches it.
    OpenWithoutPolicy,
    /// So it may be for those who do not sign their requests.
    OpenToAnonymous,
}

impl OperationRule {
    /// Whether the rule holds for an action, in lower case.
    pub fn holds_for(self, action: &str) -> bool {
        let operations = match self {
            Self::OwnAccountOnly => &OWN_ACCOUNT_ONLY,
            Self::OwnAccountPerhaps => &OWN_ACCOUNT_PERHAPS,
            Self::KeptByRoot => &KEPT_BY_ROOT,
            Self::OwnPoliciesDecide => &OWN_POLICIES_DECIDE,
            Self::OwnPoliciesMayDecide => &OWN_POLICIES_MAY_DECIDE,
            Self::OwnPassword => &OWN_PASSWORD,
            Self::KeptByAws => &KEPT_BY_AWS,
            Self::Unsigned => &UNSIGNED,
            Self::OpenWithoutPolicy => &OPEN_WITHOUT_POLICY,
            Self::OpenToAnonymous => &OPEN_TO_ANONYMOUS,
        };
        operations.contains(action)
    }
}

type Operations = LazyLock<HashSet<String>>;

static OWN_ACCOUNT_ONLY: Operations = LazyLock::new(|| operations("own-account-only"));
static OWN_ACCOUNT_PERHAPS: Operations = LazyLock::new(|| operations("own-account-perhaps"));
static KEPT_BY_ROOT: Operations = LazyLock::new(|| operations("kept-by-root"));
static OWN_POLICIES_DECIDE: Operations = LazyLock::new(|| operations("own-policies-decide"));
static OWN_POLICIES_MAY_DECIDE: Operations = LazyLock::new(|| operations("own-policies-may-decide"));
static OWN_PASSWORD: Operations = LazyLock::new(|| operations("own-password"));
static KEPT_BY_AWS: Operations = LazyLock::new(|| operations("kept-by-aws"));
static UNSIGNED: Operations = LazyLock::new(|| operations("unsigned"));
static OPEN_TO_ANONYMOUS: Operations = LazyLock::new(|| operations("open-to-anonymous"));
static OPEN_WITHOUT_POLICY: Operations = LazyLock::new(|| operations("open-without-policy"));

fn operations(rule: &str) -> HashSet<String> {
    table::rows(include_str!("tables/operation_rules.tsv"))
        .filter(|row| row.get("rule") == rule)
        .flat_map(|row| row.list("actions"))
        .map(str::to_ascii_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::OperationRule::{
        KeptByRoot, OpenWithoutPolicy, OwnAccountOnly, OwnAccountPerhaps, OwnPassword, OwnPoliciesDecide,
        OwnPoliciesMayDecide,
    };

    #[test]
    fn each_rule_holds_for_its_operations_only() {
        for (rule, held, other) in [
            (OwnAccountOnly, "sqs:setqueueattributes", "sqs:sendmessage"),
            (OwnAccountPerhaps, "lambda:addpermission", "lambda:getfunction"),
            (KeptByRoot, "s3:putbucketpolicy", "s3:putbucketacl"),
            (OwnPoliciesDecide, "sts:assumeroot", "sts:assumerole"),
            (OwnPoliciesMayDecide, "account:getcontactinformation", "ram:createresourceshare"),
            (OwnPassword, "iam:changepassword", "iam:updateloginprofile"),
            (OpenWithoutPolicy, "elasticfilesystem:clientmount", "elasticfilesystem:createmounttarget"),
        ] {
            assert!(rule.holds_for(held), "{rule:?} {held}");
            assert!(!rule.holds_for(other), "{rule:?} {other}");
        }
    }
}
