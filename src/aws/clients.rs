//! The clients of the SDK, one for each service and Region, all of them recorded.

use super::connection::{Connection, has_own_address};

macro_rules! client {
    ($(#[$doc:meta])* $name:ident, $sdk:ident) => {
        $(#[$doc])*
        pub fn $name(&self, region: &str) -> $sdk::Client {
            let config = $sdk::config::Builder::from(&self.config(region));
            $sdk::Client::from_conf(config.interceptor(self.shared().recorder.clone()).build())
        }
    };
}

impl Connection {
    client!(
        /// Athena in a Region.
        athena,
        aws_sdk_athena
    );
    client!(
        /// CloudTrail in a Region.
        cloudtrail,
        aws_sdk_cloudtrail
    );
    client!(
        /// CloudWatch Logs in a Region.
        logs,
        aws_sdk_cloudwatchlogs
    );

    /// IAM, which has one endpoint in a partition.
    pub fn iam(&self) -> aws_sdk_iam::Client {
        let config = aws_sdk_iam::config::Builder::from(&self.config(self.home_region()));
        aws_sdk_iam::Client::from_conf(config.interceptor(self.shared().recorder.clone()).build())
    }

    /// STS in the Region of the connection.
    pub fn sts(&self) -> aws_sdk_sts::Client {
        let config = aws_sdk_sts::config::Builder::from(&self.config(self.region()));
        aws_sdk_sts::Client::from_conf(config.interceptor(self.shared().recorder.clone()).build())
    }

    /// S3 in a Region.
    pub fn s3(&self, region: &str) -> aws_sdk_s3::Client {
        let config = self.config(region);
        // An emulator at one address cannot have a host name for every bucket.
        let by_path = has_own_address("S3", &config);
        let config = aws_sdk_s3::config::Builder::from(&config).force_path_style(by_path);
        aws_sdk_s3::Client::from_conf(config.interceptor(self.shared().recorder.clone()).build())
    }
}
