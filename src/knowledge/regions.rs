//! Partitions and their Regions.
//!
//! Source: <https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html>

use std::sync::LazyLock;

use super::table;

/// A partition: a group of Regions with accounts, ARNs and endpoints of its own.
///
/// Source: <https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Partition {
    /// The second part of its ARNs.
    pub name: &'static str,
    /// How the names of its endpoints end.
    pub dns_suffix: &'static str,
    region_prefix: &'static str,
}

/// The partition that a Region belongs to. One that is not known is taken for one of the partition `aws`, which alone
/// has Regions of many beginnings.
pub fn partition_of(region: &str) -> Partition {
    let found = PARTITIONS.iter().find(|partition| region.starts_with(partition.region_prefix));
    found.copied().unwrap_or(Partition { name: "aws", dns_suffix: "amazonaws.com", region_prefix: "" })
}

/// The Regions of a partition that are enabled in every account.
pub fn enabled_by_default(partition: &str) -> impl Iterator<Item = &'static str> {
    REGIONS.iter().filter(move |(name, _)| *name == partition).map(|(_, region)| *region)
}

static PARTITIONS: LazyLock<Vec<Partition>> = LazyLock::new(|| {
    table::rows(include_str!("tables/partitions.tsv"))
        .map(|row| Partition {
            name: row.get("partition"),
            dns_suffix: row.get("dns_suffix"),
            region_prefix: row.get("region_prefix"),
        })
        .collect()
});

static REGIONS: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| {
    table::rows(include_str!("tables/regions.tsv"))
        .map(|row| (row.get("partition"), row.get("region")))
        .collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_belongs_to_one_partition() {
        let names = ["eu-west-1", "us-gov-west-1", "cn-north-1", "mx-central-1", ""]
            .map(|region| partition_of(region).name);
        assert_eq!(names, ["aws", "aws-us-gov", "aws-cn", "aws", "aws"]);
        assert_eq!(partition_of("cn-northwest-1").dns_suffix, "amazonaws.com.cn");
    }

    // https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html: Regions introduced before March
    // 20, 2019 are enabled by default.
    #[test]
    fn newer_regions_have_to_be_enabled() {
        let default: Vec<&str> = enabled_by_default("aws").collect();
        assert!(default.contains(&"us-east-1") && default.contains(&"eu-north-1"));
        assert!(!default.contains(&"ap-east-1") && !default.contains(&"eu-south-1"));
        assert_eq!(enabled_by_default("aws-cn").count(), 2);
    }
}
