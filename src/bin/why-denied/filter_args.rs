//! What was typed after `filter`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use why_denied::filter::{Only, Wish};

use crate::args::ListFormat;

/// Arguments of `filter`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  why-denied filter test '{ $.errorCode = \"AccessDenied*\" }' --events ./CloudTrail
  why-denied filter lint '{ ($.userIdentity.userName != deployer) && ($.eventName = PutRolePolicy) }'
  why-denied filter make --only denials --exclude-role ci-deploy --events ./CloudTrail")]
pub struct FilterArgs {
    #[command(subcommand)]
    pub command: FilterCommand,
}

/// The subcommands of `filter`.
#[derive(Debug, Subcommand)]
pub enum FilterCommand {
    /// Say of every event whether a pattern matches it, and which condition decided
    Test(TestArgs),
    /// Put a pattern into words
    #[command(after_help = "Examples:
  why-denied filter explain '{ ($.errorCode = \"*UnauthorizedOperation\") || ($.errorCode = \"AccessDenied*\") }'
  why-denied filter explain - < pattern.txt")]
    Explain(PatternArgs),
    /// Find what a pattern silently drops, misses or hides, and what AWS refuses
    #[command(after_help = "Examples:
  why-denied filter lint '{ ($.userIdentity.userName != deployer) && ($.eventName = PutRolePolicy) }'
  why-denied filter lint - < pattern.txt")]
    Lint(PatternArgs),
    /// Write a pattern that leaves out what is named, and nothing else
    Make(MakeArgs),
}

/// A pattern and how to print the answer.
#[derive(Debug, Args)]
pub struct PatternArgs {
    /// The filter pattern; `-` reads standard input
    #[arg(value_name = "PATTERN", allow_hyphen_values = true)]
    pub pattern: String,
    /// How to print the answer
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub format: ListFormat,
}

/// Arguments of `filter test`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  why-denied filter test '{ $.errorCode = \"AccessDenied*\" }' --events ./CloudTrail --show matching
  why-denied filter test - --events events.json < pattern.txt")]
pub struct TestArgs {
    #[command(flatten)]
    pub pattern: PatternArgs,
    /// CloudTrail events in any form: files or folders, `-` for standard input
    #[arg(long, value_name = "PATH", num_args = 1.., required = true)]
    pub events: Vec<PathBuf>,
    /// Which events to print; all are counted
    #[arg(long, value_enum, default_value_t = Show::All)]
    pub show: Show,
}

/// Which events to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Show {
    /// Every event
    All,
    /// Those that match
    Matching,
    /// Those that do not
    NotMatching,
    /// None
    None,
}

/// Arguments of `filter make`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  why-denied filter make --only denials --exclude-caller-validation
  why-denied filter make --only iam-changes --exclude-role cm-policymaintainer --events ./CloudTrail")]
pub struct MakeArgs {
    /// What to look for
    #[arg(long, value_enum, value_name = "WHAT")]
    pub only: Option<OnlyArg>,
    /// Leave out sessions of this role: its name or ARN; `*` may stand at the end
    #[arg(long, value_name = "ROLE")]
    pub exclude_role: Vec<String>,
    /// Leave out this IAM user: its name or ARN; `*` may stand at the end
    #[arg(long, value_name = "USER")]
    pub exclude_user: Vec<String>,
    /// Leave out what AWS Organizations refuses for the kind of the account
    #[arg(long)]
    pub exclude_caller_validation: bool,
    /// Events to show the pattern on: what it keeps and what each exclusion drops
    #[arg(long, value_name = "PATH", num_args = 1..)]
    pub events: Vec<PathBuf>,
    /// How to print the answer
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub format: ListFormat,
}

/// What a pattern is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OnlyArg {
    /// Denied calls, with every error code that means so
    Denials,
    /// The IAM policy changes of Security Hub's control CloudWatch.4
    IamChanges,
}

impl MakeArgs {
    pub fn wish(&self) -> Wish {
        Wish {
            only: self.only.map(|only| match only {
                OnlyArg::Denials => Only::Denials,
                OnlyArg::IamChanges => Only::IamChanges,
            }),
            exclude_roles: self.exclude_role.clone(),
            exclude_users: self.exclude_user.clone(),
            exclude_caller_validation: self.exclude_caller_validation,
        }
    }
}
