//! Services whose resources can carry a resource-based policy. Of every other service it is known, without reading
//! anything, that no resource-based policy takes part.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html>, the
//! column "Resource-based policies" ("Yes" and "Partial")

use super::table;
use std::sync::LazyLock;

struct Service {
    arn_service: &'static str,
    /// Beginnings of the resource part; empty: all resources.
    resources: Vec<&'static str>,
}

/// Whether a resource of that ARN service and resource part can have a resource-based policy.
pub fn has_resource_policies(arn_service: &str, resource: &str) -> bool {
    SERVICES.iter().any(|row| {
        row.arn_service.eq_ignore_ascii_case(arn_service)
            && (row.resources.is_empty() || row.resources.iter().any(|start| resource.starts_with(start)))
    })
}

/// Whether any resource of the service can have a resource-based policy.
pub fn in_service(arn_service: &str) -> bool {
    SERVICES.iter().any(|row| row.arn_service.eq_ignore_ascii_case(arn_service))
}

static SERVICES: LazyLock<Vec<Service>> = LazyLock::new(|| {
    table::rows(include_str!("tables/resource_policies.tsv"))
        .map(|row| Service { arn_service: row.get("arn_service"), resources: row.list("resources") })
        .collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    // https://docs.aws.amazon.com/glue/latest/dg/security_iam_service-with-iam.html: the Data Catalog only.
    #[test]
    fn glue_has_policies_on_its_catalog_and_not_on_jobs() {
        assert!(has_resource_policies("glue", "table/sales/orders"));
        assert!(!has_resource_policies("glue", "job/hourly-export"));
        assert!(has_resource_policies("sqs", "orders"));
        assert!(!has_resource_policies("ec2", "instance/i-1"));
    }
}
