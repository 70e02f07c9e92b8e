//! Reads the events of a log group that the filter pattern lets through.

use serde::Serialize;

use super::pattern::pattern;
use crate::arn::Arn;
use crate::aws::Connection;
use crate::sources::aws::once::Once;
use crate::sources::aws::receiver::{Outcome, Step};
use crate::sources::aws::search::{DELIVERY_MARGIN, Search};

/// Source: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html>
const PAGE: i32 = 10_000;

/// What `aws logs filter-log-events` prints.
#[derive(Serialize)]
struct Events {
    events: Vec<Event>,
}

#[derive(Serialize)]
struct Event {
    message: Option<String>,
}

/// Reads a log group, by its name or its ARN.
pub(in crate::sources::aws) async fn read(
    connection: &Connection,
    group: &str,
    search: &Search,
    once: &mut Once<'_>,
) -> Outcome {
    let mut outcome = Outcome::default();
    let arn = Arn::parse(group).ok();
    let region = arn.as_ref().map_or(connection.region(), Arn::region);
    // The time of a log event is that of its delivery.
    let until = search.until.checked_add(DELIVERY_MARGIN).unwrap_or(search.until);
    let client = connection.logs(region);
    let (mut token, mut so_far) = (None, 0);
    loop {
        let request = client
            .filter_log_events()
            .start_time(search.since.as_millisecond())
            .end_time(until.as_millisecond())
            .set_filter_pattern(pattern(search))
            .limit(PAGE)
            .set_next_token(token.take());
        let request = match &arn {
            Some(arn) => request.log_group_identifier(arn.as_str().trim_end_matches(":*")),
            None => request.log_group_name(group),
        };
        let page = match connection.ask("logs:FilterLogEvents", region, request.send()).await {
            Ok(page) => page,
            Err(error) => {
                outcome.gap(format!("events in the log group {group}"), error);
                return outcome;
            }
        };
        token = page.next_token;
        so_far += 1;
        let events = page.events.unwrap_or_default();
        let events = events.into_iter().map(|event| Event { message: event.message }).collect();
        let text = serde_json::to_string(&Events { events }).unwrap_or_default();
        // A page can be empty while there are more.
        if once.read(&format!("log group {group}"), text.as_bytes()).is_break() || token.is_none() {
            return outcome;
        }
        once.step(&Step::Read { place: group.to_owned(), so_far });
    }
}
