//! The Regions that an account uses.

use super::connection::{Connection, partition_name};
use super::failure::CallError;
use super::query::{self, xml_texts};
use super::signed::Service;
use crate::knowledge::regions::enabled_by_default;

/// Regions to look into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Regions {
    /// Their names, in order, each once.
    pub names: Vec<String>,
    /// Why these may not be all; Regions that are enabled in every account are always among them.
    pub incomplete: Option<CallError>,
}

const EC2: Service = Service { id: "EC2", signing_name: "ec2", host: "ec2" };

impl Connection {
    /// The Regions that are enabled for the account, the home Region of the partition, and that of the profile.
    ///
    /// Source: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeRegions.html>
    pub async fn enabled_regions(&self) -> Regions {
        let message = query::message("DescribeRegions", "2016-11-15", &[]);
        let answer = self.send(EC2, "DescribeRegions", self.region(), message).await;
        let listed = answer.and_then(|answer| {
            // Every account has Regions.
            let names = xml_texts(&answer, "regionName").filter(|names| !names.is_empty());
            names.ok_or_else(|| {
                CallError::not_understood("ec2:DescribeRegions", self.region(), "it names no Region")
            })
        });
        let (names, incomplete) = match listed {
            Ok(names) => (names, None),
            Err(error) => {
                let default = enabled_by_default(self.partition()).map(str::to_owned);
                (default.collect(), Some(error))
            }
        };
        let mut names: Vec<String> =
            names.into_iter().filter(|name| partition_name(name) == self.partition()).collect();
        names.extend([self.home_region().to_owned(), self.region().to_owned()]);
        names.sort_unstable();
        names.dedup();
        Regions { names, incomplete }
    }
}
