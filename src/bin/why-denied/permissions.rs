//! `why-denied permissions`

use crate::args::PermissionsArgs;
use crate::failure::Exit;
use crate::output::print;

/// The policy that allows all calls that this program makes, and nothing else.
const READER: &str = include_str!("../../../policies/why-denied-reader.json");

pub fn run(args: &PermissionsArgs) -> anyhow::Result<Exit> {
    if args.check {
        return check(args);
    }
    print(READER)?;
    Ok(Exit::Success)
}

#[cfg(not(feature = "aws"))]
fn check(_: &PermissionsArgs) -> anyhow::Result<Exit> {
    Err(crate::failure::Hinted {
        message: "this program was built without AWS, so it cannot ask what you may read".to_owned(),
        hint: "without --check it prints the policy".to_owned(),
        usage: true,
    }
    .into())
}

#[cfg(feature = "aws")]
fn check(args: &PermissionsArgs) -> anyhow::Result<Exit> {
    let _ = args;
    Ok(Exit::Success)
}
