//! `why-denied permissions`

use serde::Serialize;
use why_denied::knowledge::regions::partition_of;
#[cfg(feature = "aws")]
use why_denied::render::printable;
use why_denied::sources::aws::Place;
use why_denied::sources::aws::permissions::{Grant, Whose, grants, logs, needs};

use crate::args::PermissionsArgs;
use crate::failure::Exit;
use crate::output::{print, say};

/// The policy that allows all calls that this program makes, and nothing else.
const READER: &str = include_str!("../../../policies/why-denied-reader.json");

pub fn run(args: &PermissionsArgs) -> anyhow::Result<Exit> {
    let places = args.places.places();
    if args.check {
        return check(args, &places);
    }
    print(&policy(args, &places)?)?;
    notes(args);
    Ok(Exit::Success)
}

/// The policy, with statements for the places where events are.
fn policy(args: &PermissionsArgs, places: &[Place]) -> anyhow::Result<String> {
    let region = args.live.region.clone();
    let whose = Whose {
        partition: partition_of(region.as_deref().unwrap_or_default()).name.to_owned(),
        region: region.unwrap_or_else(|| "*".to_owned()),
        account: "*".to_owned(),
    };
    let needs = places.iter().flat_map(|place| needs(place, logs(places), &whose));
    let mut text = READER.trim_end().trim_end_matches("\n  ]\n}").to_owned();
    for Grant { sid, actions, resources } in grants(needs) {
        let statement = Statement { sid: &sid, effect: "Allow", action: actions, resource: resources };
        let statement = serde_json::to_string_pretty(&statement)?;
        text.push(',');
        for line in statement.lines() {
            text.push_str("\n    ");
            text.push_str(line);
        }
    }
    Ok(text + "\n  ]\n}\n")
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Statement<'a> {
    sid: &'a str,
    effect: &'a str,
    action: Vec<&'a str>,
    resource: Vec<String>,
}

/// What a policy for the places cannot know.
fn notes(args: &PermissionsArgs) {
    let places = &args.places;
    if places.athena.is_some() && places.trail.is_none() {
        say(
            "note: Athena reads the log files with your permissions; name them with --trail to have these in the policy",
        );
    }
    if places.athena.is_some() && places.athena_output.is_none() {
        say(
            "note: Athena leaves results with your permissions; if the workgroup does not keep them itself, name the place \
             with --athena-output",
        );
    }
    if places.trail.is_some() || places.lake.is_some() {
        say("note: where events are encrypted with a KMS key, kms:Decrypt on that key is needed too");
    }
}

#[cfg(not(feature = "aws"))]
fn check(_: &PermissionsArgs, _: &[Place]) -> anyhow::Result<Exit> {
    Err(crate::failure::Hinted {
        message: "this program was built without AWS, so it cannot ask what you may read".to_owned(),
        hint: "without --check it prints the policy".to_owned(),
        usage: true,
    }
    .into())
}

#[cfg(feature = "aws")]
fn check(args: &PermissionsArgs, places: &[Place]) -> anyhow::Result<Exit> {
    use std::fmt::Write as _;

    use why_denied::collect::Checked;

    let mut steps = crate::progress::Steps::new();
    let checked = why_denied::collect::check(&crate::live::settings(&args.live)?, places, &mut steps);
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
