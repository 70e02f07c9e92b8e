//! `why-denied permissions`

#[cfg(feature = "aws")]
use why_denied::render::printable;

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
    use std::fmt::Write as _;

    use why_denied::collect::Checked;

    let mut steps = crate::progress::Steps::new();
    let checked = why_denied::collect::check(&crate::live::settings(&args.live)?, &mut steps);
    steps.finish();
    let Checked { identity, permissions, gaps } = checked.map_err(crate::live::hinted)?;
    let with = |granted| permissions.iter().filter(move |(_, found)| *found == granted);
    let (lacking, unknown) = (with(Some(false)).count(), with(None).count());
    let mut text =
        format!("{} has {} of {} permissions\n", identity.arn, with(Some(true)).count(), permissions.len());
    for (title, granted) in [("Missing, and what stays unknown without", Some(false)), ("Not known", None)] {
        if with(granted).next().is_some() {
            let _ = writeln!(text, "\n{title}");
        }
        for (call, _) in with(granted) {
            let _ = writeln!(text, "  {:<44} {}", call.action, call.gives);
        }
    }
    if unknown > 0 {
        text.push_str("\nNot read\n");
        for gap in gaps {
            let _ = writeln!(text, "  {}: {}", gap.what, gap.why);
        }
    }
    let text: String = text.lines().map(|line| printable(line).into_owned() + "\n").collect();
    print(&text)?;
    Ok(match (lacking, unknown) {
        (0, 0) => Exit::Success,
        (_, 0) => Exit::Partly,
        _ => Exit::Undetermined,
    })
}
