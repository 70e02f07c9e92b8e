//! What was typed.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::connection_args::ConnectionArgs;
use crate::filter_args::FilterArgs;
use crate::lessons::args::LessonsArgs;
use crate::shell::{CompletionsArgs, ManArgs};
use crate::simulate_args::SimulateArgs;
use crate::source_args::{PlaceArgs, SourceArgs, SourcesArgs};

/// Explains why AWS said "Access Denied".
#[derive(Debug, Parser)]
#[command(version, about, propagate_version = true, max_term_width = 100)]
#[command(after_help = "Examples:
  why-denied
  why-denied explain --example s3-kms-download
  why-denied explain --bundle ./evidence --principal s3_full_access
  why-denied denials ./CloudTrail --since 2026-09-01
  why-denied changes --events ./CloudTrail --principal alice
  why-denied simulate --principal arn:aws:iam::111122223333:user/u --action s3:GetObject \\
      --resource arn:aws:s3:::b/k --resource-account 111122223333 --identity-policy p.json
  why-denied filter lint '{ ($.userIdentity.userName != deployer) && ($.eventName = ConsoleLogin) }'

Exit codes: 0 explained or nothing denied, 1 error, 2 usage, 3 undetermined;
`simulate`: 0 allowed, 4 denied, 3 undetermined; with a file 0, or 1 if a line could not be read;
`filter lint`: 0 nothing but notes, 1 more.")]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Explain denials: the call, the statement, the change, the fix
    Explain(Box<ExplainArgs>),
    /// List denials, grouped
    Denials(Box<DenialsArgs>),
    /// Show who changed which policy when
    Changes(ChangesArgs),
    /// Decide requests against given policies
    Simulate(Box<SimulateArgs>),
    /// Test, explain, check and make CloudWatch Logs filter patterns
    Filter(FilterArgs),
    /// Write an evidence bundle, with names or without
    Collect(Box<CollectArgs>),
    /// Learn to explain denials: a course in the terminal, without AWS
    Lessons(LessonsArgs),
    /// Print the policy that reading live needs
    Permissions(PermissionsArgs),
    /// What helps to have events at hand
    Sources(SourcesArgs),
    /// Print a script that lets a shell complete words
    Completions(CompletionsArgs),
    /// Print the manual page, or write a page for every command
    Man(ManArgs),
}

/// Words that are not the beginning of an `explain` run.
const COMMANDS: &[&str] = &[
    "explain",
    "denials",
    "changes",
    "simulate",
    "filter",
    "collect",
    "lessons",
    "permissions",
    "sources",
    "completions",
    "man",
    "help",
    "-h",
    "--help",
    "-V",
    "--version",
];

/// `why-denied --example NAME` means `why-denied explain --example NAME`, and `why-denied` alone `why-denied explain`.
pub fn with_default_command(args: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut args: Vec<OsString> = args.collect();
    let is_command = |text: &OsStr| COMMANDS.iter().any(|command| text == OsStr::new(command));
    let is_option = |text: &OsStr| text.as_encoded_bytes().starts_with(b"-");
    // A word that is neither a command nor an option is a mistake that clap explains best.
    if args.get(1).is_none_or(|first| is_option(first) && !is_command(first)) {
        args.insert(args.len().min(1), OsString::from("explain"));
    }
    args
}

/// Whose denials, and when.
#[derive(Debug, Args)]
pub struct Narrowing {
    /// Only denials of this principal: an ARN, a user or role name, or an access key id
    #[arg(long, value_name = "PRINCIPAL")]
    pub principal: Option<String>,
    /// Only denials from this moment on: ISO 8601, or a span such as 2h or 30m before now
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Only denials up to this moment
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
}

/// Which denials, where in AWS their events are, and how to reach it.
#[derive(Debug, Args)]
pub struct AskedArgs {
    #[command(flatten)]
    pub narrowing: Narrowing,
    /// Only the denial that has this event; may be repeated
    #[arg(long, value_name = "ID")]
    pub event_id: Vec<String>,
    /// Only the denial of this request, whose id an SDK shows with the error; may be repeated
    #[arg(long, value_name = "ID")]
    pub request_id: Vec<String>,
    #[command(flatten)]
    pub source: SourceArgs,
    #[command(flatten)]
    pub live: LiveArgs,
}

/// Arguments of `explain`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  why-denied explain --profile dev --since 2h
  why-denied explain --example s3-kms-download
  why-denied explain --bundle ./evidence --format json
  why-denied explain --bundle ./evidence --format html --output report.html
  why-denied explain --example s3-kms-download --open
  why-denied explain --events ./CloudTrail --principal alice --since 2026-09-01
  why-denied explain --bundle ./evidence --what-if \"bucket policy of reports=edited.json\"
  aws s3 cp s3://b/k . 2>&1 | why-denied explain --message -")]
pub struct ExplainArgs {
    /// An evidence bundle: events, policies and the organization in a folder
    #[arg(long, value_name = "DIR", conflicts_with_all = ["example", "message", "place"])]
    pub bundle: Option<PathBuf>,
    /// CloudTrail events in any form: files or folders, `-` for standard input
    #[arg(long, value_name = "PATH", num_args = 1.., conflicts_with_all = ["example", "message", "place"])]
    pub events: Vec<PathBuf>,
    /// One of the examples that come with this program; without a name, lists them
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = "", conflicts_with = "place")]
    pub example: Option<String>,
    /// A denial message, as it was shown; `-` reads standard input
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["example", "place"])]
    pub message: Option<String>,
    /// What AWS's Access Troubleshooter printed for the authorization id in the message, read as testimony; `-` reads
    /// standard input
    #[arg(long, value_name = "FILE", conflicts_with = "what_if")]
    pub authorization_details: Option<PathBuf>,
    /// Evaluate the denied requests again with an edited policy: its name as the answer writes it, or its path in the bundle
    #[arg(long, value_name = "POLICY=FILE", conflicts_with = "message")]
    pub what_if: Vec<String>,
    /// How to print the answer
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    #[command(flatten)]
    pub file: FileArgs,
    #[command(flatten)]
    pub asked: AskedArgs,
}

/// Where the answer goes, if not to standard output.
#[derive(Debug, Args)]
pub struct FileArgs {
    /// Write the answer into this file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["message", "what_if", "print_sql"])]
    pub output: Option<PathBuf>,
    /// Write the HTML report into a file, of its own unless one is named, and show it in the browser
    #[arg(long, conflicts_with_all = ["message", "what_if", "print_sql"])]
    pub open: bool,
}

impl ExplainArgs {
    /// Whether AWS is to be asked: nothing else was given.
    pub fn is_live(&self) -> bool {
        self.has_no_evidence() && (self.authorization_details.is_none() || self.asked.source.names_a_place())
    }

    /// Whether there is nothing to explain but what AWS's Access Troubleshooter printed.
    pub fn has_details_only(&self) -> bool {
        self.has_no_evidence() && !self.is_live()
    }

    fn has_no_evidence(&self) -> bool {
        self.bundle.is_none() && self.example.is_none() && self.message.is_none() && self.events.is_empty()
    }
}

/// How to reach AWS.
#[derive(Debug, Args)]
#[command(next_help_heading = "Live AWS, where neither a bundle nor events are given")]
pub struct LiveArgs {
    /// A profile of the AWS CLI; the first is yours, more are for other accounts
    #[arg(long, value_name = "NAME")]
    pub profile: Vec<String>,
    /// A Region to ask where no other is meant
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// Another address for all services
    #[arg(long, value_name = "URL")]
    pub endpoint_url: Option<String>,
    /// A role to assume in other accounts, by name
    #[arg(long, value_name = "ROLE")]
    pub account_role: Option<String>,
    /// A profile of the management account or of a delegated administrator
    #[arg(long, value_name = "NAME")]
    pub org_profile: Option<String>,
    /// End with what there is after this time, such as 30s or 5m; without it 2m, and no limit for trails and queries
    #[arg(long, value_name = "TIME")]
    pub timeout: Option<String>,
    /// Look again for events that were not delivered yet, for this time
    #[arg(long, value_name = "TIME")]
    pub wait: Option<String>,
    /// Say which calls of AWS were made
    #[arg(long)]
    pub stats: bool,
}

/// Output formats of `explain`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// Report version 1
    Json,
    /// A report to send or to print: one file that loads nothing
    Html,
    /// For an issue or a chat
    Markdown,
    /// The causal graph as a picture
    Svg,
    /// The causal graph for Graphviz
    Dot,
    /// The causal graph for Mermaid
    Mermaid,
}

/// Arguments of `denials`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  why-denied denials ./CloudTrail
  why-denied denials --format json events.json.gz
  zcat *.gz | why-denied denials -
  why-denied denials --event-history --since 2h
  why-denied denials --trail s3://amzn-s3-demo-bucket --since 1d --regions eu-west-1")]
pub struct DenialsArgs {
    /// CloudTrail events in any form: files or folders, `-` for standard input
    #[arg(required_unless_present_any = ["place", "bundle"], value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// An evidence bundle, of which the events are read
    #[arg(long, value_name = "DIR")]
    pub bundle: Option<PathBuf>,
    #[command(flatten)]
    pub narrowing: Narrowing,
    /// How to print the list
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub format: ListFormat,
    #[command(flatten)]
    pub source: SourceArgs,
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// Arguments of `changes`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  why-denied changes --bundle ./evidence --principal deploy-bot
  why-denied changes --events ./CloudTrail --resource arn:aws:s3:::reports --since 30d
  why-denied changes --example job-stopped-after-policy-change --format json")]
pub struct ChangesArgs {
    /// Changes that concern this principal: an ARN, a user or role name, or an access key id
    #[arg(long, value_name = "PRINCIPAL")]
    pub principal: Option<String>,
    /// Changes that concern this resource: an ARN, or the name of a bucket, key, queue, role, policy, …
    #[arg(long, value_name = "RESOURCE")]
    pub resource: Option<String>,
    /// Only changes from this moment on: ISO 8601, or a span such as 2h or 30m before now
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Only changes up to this moment
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// An evidence bundle: events, policies and the organization in a folder
    #[arg(long, value_name = "DIR", conflicts_with = "example")]
    pub bundle: Option<PathBuf>,
    /// CloudTrail events in any form: files or folders, `-` for standard input
    #[arg(long, value_name = "PATH", num_args = 1.., conflicts_with = "example")]
    pub events: Vec<PathBuf>,
    /// One of the examples that come with this program
    #[arg(long, value_name = "NAME")]
    pub example: Option<String>,
    /// How to print the timeline
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub format: ListFormat,
}

/// Output formats of `denials` and `changes`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// For people
    Text,
    /// For programs
    Json,
}

/// Arguments of `collect`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  why-denied collect --out ./evidence --since 2h
  why-denied collect --bundle ./evidence --out ./for-support --redact")]
pub struct CollectArgs {
    /// A bundle to copy; without one, evidence is collected from AWS
    #[arg(long, value_name = "DIR")]
    pub bundle: Option<PathBuf>,
    /// The folder to write the bundle into
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Replace account ids, names, addresses and ids, so that the answer stays the same
    #[arg(long)]
    pub redact: bool,
    /// Replace the bundle that is in the folder already
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    pub asked: AskedArgs,
}

/// Arguments of `permissions`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  why-denied permissions > why-denied-reader.json
  why-denied permissions --trail s3://amzn-s3-demo-bucket --athena default.cloudtrail_logs
  why-denied permissions --check --profile dev")]
pub struct PermissionsArgs {
    /// Say which of the permissions you lack, and what that costs
    #[arg(long)]
    pub check: bool,
    #[command(flatten)]
    pub places: PlaceArgs,
    #[command(flatten)]
    pub live: LiveArgs,
}
