//! `why-denied changes`

use jiff::Timestamp;
use why_denied::diagnose::{TimelineQuery, timeline};
use why_denied::render::{TextOptions, timeline_json, timeline_text};

use crate::args::{ChangesArgs, ListFormat};
use crate::evidence::{Places, gather};
use crate::failure::{Exit, Hinted};
use crate::output::{colour, print, print_json, say, width};
use crate::time::moment;

pub fn run(args: &ChangesArgs) -> anyhow::Result<Exit> {
    let places =
        Places { bundle: args.bundle.as_deref(), events: &args.events, example: args.example.as_deref() };
    if places.are_none() {
        return Err(Hinted {
            message: "nothing to look at: there is neither a bundle nor events".to_owned(),
            hint: "give --bundle DIR, --events PATH or --example NAME".to_owned(),
            usage: true,
        }
        .into());
    }
    let now = Timestamp::now();
    let query = TimelineQuery {
        principal: args.principal.clone(),
        resource: args.resource.clone(),
        since: moment(args.since.as_deref(), now)?,
        until: moment(args.until.as_deref(), now)?,
    };
    let gathered = gather(&places)?;
    let found = timeline(&gathered.evidence, &query);
    match args.format {
        ListFormat::Json => print_json(&timeline_json(&found))?,
        ListFormat::Text => {
            print(&timeline_text(&found, TextOptions { width: width(), colour: colour() }))?;
        }
    }
    if gathered.evidence.events.is_empty() {
        say("error: there are no events, so nothing is known of any change");
        say("hint: put CloudTrail events into the folder events/ of the bundle, or name them with --events");
    }
    let partly = gathered.problems > 0 || gathered.evidence.events.is_empty();
    Ok(if partly { Exit::Partly } else { Exit::Success })
}
