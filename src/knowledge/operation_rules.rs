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
    /// The root user of the resource's account can do it, whatever the resource's policy denies.
    KeptByRoot,
    /// A setting of the account may allow it to all users, for themselves.
    OwnPassword,
    /// A resource without a policy of its own allows it to whoever reaches it.
    OpenWithoutPolicy,
}

impl OperationRule {
    /// Whether the rule holds for an action, in lower case.
    pub fn holds_for(self, action: &str) -> bool {
        let operations = match self {
            Self::OwnAccountOnly => &OWN_ACCOUNT_ONLY,
            Self::KeptByRoot => &KEPT_BY_ROOT,
            Self::OwnPassword => &OWN_PASSWORD,
            Self::OpenWithoutPolicy => &OPEN_WITHOUT_POLICY,
        };
        operations.contains(action)
    }
}

type Operations = LazyLock<HashSet<String>>;

static OWN_ACCOUNT_ONLY: Operations = LazyLock::new(|| operations("own-account-only"));
static KEPT_BY_ROOT: Operations = LazyLock::new(|| operations("kept-by-root"));
static OWN_PASSWORD: Operations = LazyLock::new(|| operations("own-password"));
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
    use super::OperationRule::{KeptByRoot, OpenWithoutPolicy, OwnAccountOnly, OwnPassword};

    #[test]
    fn each_rule_holds_for_its_operations_only() {
        for (rule, held, other) in [
            (OwnAccountOnly, "sqs:setqueueattributes", "sqs:sendmessage"),
            (KeptByRoot, "s3:putbucketpolicy", "s3:putbucketacl"),
            (OwnPassword, "iam:changepassword", "iam:updateloginprofile"),
            (OpenWithoutPolicy, "elasticfilesystem:clientmount", "elasticfilesystem:createmounttarget"),
        ] {
            assert!(rule.holds_for(held), "{rule:?} {held}");
            assert!(!rule.holds_for(other), "{rule:?} {other}");
        }
    }
}
