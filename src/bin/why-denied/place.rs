//! Reading a place in AWS.

use jiff::Timestamp;
use why_denied::sources::aws::{Outcome, Receiver, Search};

use crate::connection_args::ConnectionArgs;
use crate::failure::Hinted;
use crate::output::say;
use crate::source_args::SourceArgs;
#[cfg(feature = "aws")]
use crate::time::span;

/// Reads the place that the arguments name.
pub fn read(
    source: &SourceArgs,
    connection: &ConnectionArgs,
    search: &Search,
    now: Timestamp,
    receiver: &mut dyn Receiver,
) -> anyhow::Result<Outcome> {
    let outcome = read_place(source, connection, search, now, receiver)?;
    if let Some(bytes) = outcome.bytes_scanned {
        say(&format!("note: the query read {bytes} bytes of logs"));
    }
    if outcome.perhaps_late {
        say("note: nothing was found, and CloudTrail may not have delivered the last 15 minutes yet");
        say("hint: --wait 10m keeps looking");
    }
    Ok(outcome)
}

#[cfg(not(feature = "aws"))]
fn read_place(
    _: &SourceArgs,
    _: &ConnectionArgs,
    _: &Search,
    _: Timestamp,
    _: &mut dyn Receiver,
) -> anyhow::Result<Outcome> {
    Err(Hinted {
        message: "this program was built without access to AWS".to_owned(),
        hint: "download the events and name the files, or build with `--features aws`".to_owned(),
        usage: false,
    }
    .into())
}

#[cfg(feature = "aws")]
fn read_place(
    source: &SourceArgs,
    connection: &ConnectionArgs,
    search: &Search,
    now: Timestamp,
    receiver: &mut dyn Receiver,
) -> anyhow::Result<Outcome> {
    use why_denied::aws::{Connection, Settings, run};
    use why_denied::sources::aws::Live;

    let wait = connection.wait.as_deref().map(span).transpose()?;
    let limit = connection.timeout.as_deref().map(span).transpose()?;
    let place = source.place();
    let settings = Settings {
        profile: connection.profile.clone(),
        region: connection.region.clone(),
        endpoint_url: connection.endpoint_url.clone(),
    };
    run(limit, async move |shared| {
        let connection = Connection::open(&settings, &shared).await.map_err(|error| match error.hint() {
            Some(hint) => anyhow::Error::new(Hinted { message: error.to_string(), hint, usage: false }),
            None => anyhow::Error::new(error),
        })?;
        let live = Live::new(&connection, now);
        Ok(live.read(&place, search, wait, receiver).await)
    })?
}
