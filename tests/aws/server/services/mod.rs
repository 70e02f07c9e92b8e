//! One file per AWS service: from a call to an answer, out of the bundle.

pub mod account;
pub mod cloudtrail;
pub mod ec2;
pub mod iam;
pub mod kms;
pub mod organizations;
pub mod queries;
pub mod resource_policies;
pub mod rest;
pub mod s3;
pub mod sts;
pub mod tagging;

use super::call::Call;
use super::reply::{Answer, Refusal};
use super::world::World;

pub use cloudtrail::Limits;

pub fn answer(world: &World, limits: &Limits, call: &Call) -> Answer {
    match call.service.as_str() {
        "cloudtrail" => cloudtrail::answer(world, limits, call),
        "kms" => kms::answer(world, call),
        "organizations" => organizations::answer(world, call),
        "sts" => sts::answer(world, call),
        "iam" => iam::answer(world, call),
        "s3" | "s3control" => s3::answer(world, call),
        "ec2" => ec2::answer(world, call),
        "account" => account::answer(world, call),
        "athena" | "logs" => queries::answer(world, call),
        "tagging" => tagging::answer(world, call),
        "secretsmanager" | "sqs" | "ecr" | "lambda" | "sns" | "dynamodb" => {
            resource_policies::answer(world, call)
        }
        _ => Err(unknown_operation(call)),
    }
}

/// The answer to an operation that AWS does not have, or that the server does not know yet.
pub fn unknown_operation(call: &Call) -> Refusal {
    let message = format!("the scenario server has no {}:{}", call.service, call.operation);
    Refusal::new(400, "UnknownOperationException", message)
}

/// A page of a list that starts where `token` says, and the token of the next page.
pub fn page<T: Clone>(entries: &[T], token: &str, size: usize) -> Result<(Vec<T>, Option<String>), ()> {
    let start: usize =
        if token.is_empty() { 0 } else { token.strip_prefix("page-").ok_or(())?.parse().map_err(|_| ())? };
    let rest = entries.get(start..).ok_or(())?;
    let page: Vec<T> = rest.iter().take(size.max(1)).cloned().collect();
    let next = start + page.len();
    Ok((page, (next < entries.len()).then(|| format!("page-{next}"))))
}
