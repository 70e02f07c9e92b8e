//! Where events are read from, other than files: what was typed.

use clap::{ArgGroup, Args, Subcommand};
use why_denied::ids::AccountId;
use why_denied::sources::aws::s3::Address;
use why_denied::sources::aws::sql::athena::Table;
use why_denied::sources::aws::sql::{TableName, lake::DataStore};
use why_denied::sources::aws::{Place, Region};

/// Where in AWS events are kept, apart from the event history.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Events in AWS")]
pub struct PlaceArgs {
    /// The log files of a trail
    #[arg(long, value_name = "S3-ADDRESS")]
    pub trail: Option<Address>,
    /// A table of CloudTrail logs in Athena
    #[arg(long, value_name = "DATABASE.TABLE")]
    pub athena: Option<TableName>,
    /// An event data store of CloudTrail Lake
    #[arg(long, value_name = "ID")]
    pub lake: Option<DataStore>,
    /// A log group that a trail delivers to
    #[arg(long, value_name = "NAME")]
    pub log_group: Option<String>,
    /// Athena's workgroup
    #[arg(long, value_name = "NAME", requires = "athena")]
    pub workgroup: Option<String>,
    /// Where Athena leaves results, if the workgroup does not say
    #[arg(long, value_name = "S3-ADDRESS", requires = "athena")]
    pub athena_output: Option<String>,
}

impl PlaceArgs {
    /// The places that were named.
    pub fn places(&self) -> Vec<Place> {
        let table = |name: &TableName| Table {
            name: name.clone(),
            workgroup: self.workgroup.clone(),
            output: self.athena_output.clone(),
        };
        let trail = self.trail.iter().cloned().map(Place::Trail);
        let athena = self.athena.iter().map(|name| Place::Athena(table(name)));
        let lake = self.lake.iter().cloned().map(Place::Lake);
        trail.chain(athena).chain(lake).chain(self.log_group.iter().cloned().map(Place::LogGroup)).collect()
    }
}

/// Events that are still in AWS: in one place.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Events in AWS")]
#[command(group = ArgGroup::new("place").args(["event_history", "trail", "athena", "lake", "log_group"]))]
pub struct SourceArgs {
    /// The event history of the account: the last 90 days of management events, without a trail
    #[arg(long)]
    pub event_history: bool,
    #[command(flatten)]
    pub elsewhere: PlaceArgs,
    /// Print the query, and do not ask AWS
    #[arg(long, requires = "place")]
    pub print_sql: bool,
    /// Only events of these accounts
    #[arg(long, value_name = "ACCOUNT", value_delimiter = ',', requires = "place")]
    pub accounts: Vec<AccountId>,
    /// Only events of these Regions, and of the one where global services log
    #[arg(long, value_name = "REGION", value_delimiter = ',', requires = "place")]
    pub regions: Vec<Region>,
}

impl SourceArgs {
    /// Whether a place in AWS was named.
    pub fn names_a_place(&self) -> bool {
        self.event_history || self.place() != Place::History
    }

    /// The place that was named; without one, the event history.
    pub fn place(&self) -> Place {
        self.elsewhere.places().pop().unwrap_or(Place::History)
    }
}

/// Arguments of `sources`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  why-denied sources athena-ddl --location s3://amzn-s3-demo-bucket/AWSLogs/111122223333/ --regions eu-west-1")]
pub struct SourcesArgs {
    #[command(subcommand)]
    pub command: SourcesCommand,
}

/// The subcommands of `sources`.
#[derive(Debug, Subcommand)]
pub enum SourcesCommand {
    /// Print the definition of a table in Athena over the log files of a trail
    AthenaDdl(AthenaDdlArgs),
}

/// Arguments of `sources athena-ddl`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  why-denied sources athena-ddl --location s3://amzn-s3-demo-bucket/AWSLogs/o-exampleorg1/ \\
      --accounts 111122223333,444455556666 --regions eu-west-1,us-east-1
  why-denied sources athena-ddl --location s3://amzn-s3-demo-bucket/AWSLogs/111122223333/ --regions eu-west-1")]
pub struct AthenaDdlArgs {
    /// Where the log files are: the place that the trail was given, `AWSLogs/` in it, or what is below for an
    /// organization or an account
    #[arg(long, value_name = "S3-ADDRESS")]
    pub location: Address,
    /// The accounts; without them, every query has to name accounts
    #[arg(long, value_name = "ACCOUNT", value_delimiter = ',')]
    pub accounts: Vec<AccountId>,
    /// The Regions; without them, every query has to name Regions
    #[arg(long, value_name = "REGION", value_delimiter = ',')]
    pub regions: Vec<Region>,
    /// The name of the table
    #[arg(long, value_name = "DATABASE.TABLE", default_value = "default.cloudtrail_logs")]
    pub table: TableName,
    /// The first day that has log files
    #[arg(long, value_name = "DATE", default_value = "2020-01-01")]
    pub from: jiff::civil::Date,
}
