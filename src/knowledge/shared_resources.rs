//! Resources that an account can share with others without a policy that one can read.
//!
//! Source: <https://docs.aws.amazon.com/ram/latest/userguide/shareable.html>, and the page of each service that shares by
//! a setting of its own

use std::collections::HashMap;
use std::sync::LazyLock;

use super::table;

/// Whether a resource of that ARN service and resource part can be shared with other accounts, by AWS RAM or by its
/// service.
pub fn can_be_shared(arn_service: &str, resource: &str) -> bool {
    let starts = BY_SERVICE.get(arn_service);
    starts.is_some_and(|starts| starts.iter().any(|start| resource.starts_with(start)))
}

static BY_SERVICE: LazyLock<HashMap<&'static str, Vec<&'static str>>> = LazyLock::new(|| {
    let mut services: HashMap<_, Vec<_>> = HashMap::new();
    for row in table::rows(include_str!("tables/shared_resources.tsv")) {
        services.entry(row.get("arn_service")).or_default().extend(row.list("resources"));
    }
    services
});

#[cfg(test)]
mod tests {
    use super::can_be_shared;

    #[test]
    fn subnets_are_shared_and_instances_are_not() {
        assert!(can_be_shared("ec2", "subnet/subnet-1"));
        assert!(can_be_shared("ec2", "vpc-peering-connection/pcx-1"));
        assert!(can_be_shared("rds", "snapshot:nightly"));
        assert!(!can_be_shared("ec2", "instance/i-1"));
        assert!(!can_be_shared("rds", "db:orders"));
        assert!(!can_be_shared("iam", "role/app"));
    }
}
