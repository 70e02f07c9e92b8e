//! Operations that work in the account of the resource only, whatever its policy allows to others.
//!
//! Source: the pages named in the table, for example
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-limitations-of-custom-policies.html>

use std::collections::HashSet;
use std::sync::LazyLock;

use super::table;

/// Whether an action, in lower case, cannot be used on a resource of another account. The operations of KMS have a
/// table of their own.
pub fn own_account_only(action: &str) -> bool {
    ACTIONS.contains(action)
}

static ACTIONS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    table::rows(include_str!("tables/own_account_only.tsv"))
        .flat_map(|row| row.list("actions"))
        .map(str::to_ascii_lowercase)
        .collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owner_of_a_queue_alone_sets_its_attributes() {
        assert!(own_account_only("sqs:setqueueattributes"));
        assert!(!own_account_only("sqs:sendmessage"));
    }
}
