//! From what was typed to what is looked for in AWS.

use jiff::{SignedDuration, Timestamp};
use why_denied::sources::aws::sql::{athena, lake};
use why_denied::sources::aws::{Caller, Place, Purpose, Region, Search};

use crate::args::Narrowing;
use crate::failure::Hinted;
use crate::source_args::SourceArgs;
use crate::time::moment;

/// How far back it is looked where nobody says: a denial that somebody asks about just happened.
const RECENT: SignedDuration = SignedDuration::from_mins(30);

/// The event history is asked for one event in one page, however far back.
const HISTORY: SignedDuration = SignedDuration::from_hours(90 * 24);

/// What one event is asked by.
#[derive(Debug, Default, Clone)]
pub struct Ids {
    pub event: Option<String>,
    pub request: Option<String>,
}

/// What is looked for.
pub fn search(
    source: &SourceArgs,
    narrowing: &Narrowing,
    ids: Ids,
    purpose: Purpose,
    now: Timestamp,
) -> anyhow::Result<Search> {
    let caller = narrowing.principal.as_deref().map(caller).transpose()?;
    let back = if source.event_history && ids.event.is_some() { HISTORY } else { RECENT };
    let since = moment(narrowing.since.as_deref(), now)?;
    let until = moment(narrowing.until.as_deref(), now)?.unwrap_or(now);
    let since = since.map_or_else(|| until.checked_sub(back), Ok)?;
    if since > until {
        return Err(Hinted {
            message: format!("the window ends at {until}, before it begins at {since}"),
            hint: "--since is the earlier moment, --until the later one".to_owned(),
            usage: true,
        }
        .into());
    }
    let mut accounts = source.accounts.clone();
    // Of another account only what it shares is in a table or trail, and its owner can name it.
    if accounts.is_empty() {
        accounts.extend(caller.as_ref().and_then(Caller::account));
    }
    Ok(Search {
        caller,
        since,
        until,
        accounts,
        regions: source.regions.clone(),
        event_id: ids.event,
        request_id: ids.request,
        purpose,
    })
}

fn caller(text: &str) -> anyhow::Result<Caller> {
    text.parse().map_err(|error: why_denied::sources::aws::CallerError| {
        Hinted {
            message: error.to_string(),
            hint: "give the ARN of a user, a role or a session, a name, or an access key id".to_owned(),
            usage: true,
        }
        .into()
    })
}

/// The query as text, where the place takes one.
pub fn sql(source: &SourceArgs, search: &Search) -> anyhow::Result<String> {
    let query = match source.place() {
        Place::Athena(table) => athena::query(search, &table.name, athena::Partitions::OWN, home().as_ref()),
        Place::Lake(store) => lake::query(search, &store),
        _ => {
            return Err(Hinted {
                message: "there is no query to print".to_owned(),
                hint: "--print-sql goes with --athena DATABASE.TABLE or --lake ID".to_owned(),
                usage: true,
            }
            .into());
        }
    };
    Ok(query.complete() + "\n")
}

/// The Region where global services log: that of the partition `aws`, since nothing here says another.
fn home() -> Option<Region> {
    Region::parse(why_denied::knowledge::global_services::home_region("aws")?).ok()
}
