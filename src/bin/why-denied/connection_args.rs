//! How AWS is reached: what was typed.

use clap::Args;

/// As for the AWS CLI.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Connection to AWS")]
pub struct ConnectionArgs {
    /// A profile of `~/.aws/config`
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// The Region to ask where no other is meant
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// One address for all services, such as that of an emulator
    #[arg(long, value_name = "URL")]
    pub endpoint_url: Option<String>,
    /// End with what there is after this time, such as 30s or 5m
    #[arg(long, value_name = "TIME", requires = "place")]
    pub timeout: Option<String>,
    /// Keep looking for so long, if there is nothing yet: CloudTrail takes minutes to deliver
    #[arg(long, value_name = "TIME", requires = "place")]
    pub wait: Option<String>,
}
