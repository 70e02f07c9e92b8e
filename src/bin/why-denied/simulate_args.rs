//! What was typed after `simulate`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Arguments of `simulate`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  why-denied simulate --principal arn:aws:iam::111122223333:user/u --action s3:GetObject \\
      --resource arn:aws:s3:::b/k --resource-account 111122223333 --identity-policy p.json
  why-denied simulate --requests requests.jsonl
  why-denied simulate --requests requests.jsonl --bench 1000")]
pub struct SimulateArgs {
    /// A file of requests, one JSON object a line; `-` for standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = [
        "principal", "role_arn", "action", "resource", "resource_account", "context", "context_complete",
        "identity_policy", "permissions_boundary", "session_policy", "resource_policy", "vpc_endpoint_policy",
        "scp", "rcp",
    ])]
    pub requests: Option<PathBuf>,
    /// Decide all requests N times and print the rate
    #[arg(long, value_name = "N", requires = "requests")]
    pub bench: Option<u32>,
    /// Who calls: an ARN, a service principal, or `anonymous`
    #[arg(long, value_name = "PRINCIPAL", required_unless_present = "requests")]
    pub principal: Option<String>,
    /// The role's ARN, for a session of a role that has a path
    #[arg(long, value_name = "ARN")]
    pub role_arn: Option<String>,
    /// The action, such as s3:GetObject
    #[arg(long, value_name = "ACTION", required_unless_present = "requests")]
    pub action: Option<String>,
    /// The resource's ARN; `*` for an action without one
    #[arg(long, value_name = "ARN", default_value = "*")]
    pub resource: String,
    /// The account that owns the resource, where the ARN does not say
    #[arg(long, value_name = "ACCOUNT")]
    pub resource_account: Option<String>,
    /// A condition key; repeat a key for several values
    #[arg(long, value_name = "KEY=VALUE")]
    pub context: Vec<String>,
    /// Keys that are not given are absent from the request, not unknown
    #[arg(long)]
    pub context_complete: bool,
    /// An identity-based policy of the principal
    #[arg(long, value_name = "FILE")]
    pub identity_policy: Vec<PathBuf>,
    /// The principal's permissions boundary
    #[arg(long, value_name = "FILE")]
    pub permissions_boundary: Option<PathBuf>,
    /// A session policy
    #[arg(long, value_name = "FILE")]
    pub session_policy: Vec<PathBuf>,
    /// The resource-based policy, key policy or trust policy
    #[arg(long, value_name = "FILE")]
    pub resource_policy: Option<PathBuf>,
    /// The policy of the VPC endpoint that the request comes through
    #[arg(long, value_name = "FILE")]
    pub vpc_endpoint_policy: Option<PathBuf>,
    /// A service control policy and what it is attached to; levels in the order given, root first
    #[arg(long, value_name = "TARGET=FILE")]
    pub scp: Vec<String>,
    /// A resource control policy and what it is attached to; levels in the order given, root first
    #[arg(long, value_name = "TARGET=FILE")]
    pub rcp: Vec<String>,
    /// How to print the answer
    #[arg(long, value_enum, default_value_t = AnswerFormat::Text, conflicts_with = "requests")]
    pub format: AnswerFormat,
}

/// Output formats of `simulate` for one request; a file of requests is answered in JSON lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AnswerFormat {
    /// The decision and a line for each layer
    Text,
    /// The answer as in the request file format
    Json,
}
