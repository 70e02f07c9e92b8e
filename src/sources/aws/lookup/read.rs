//! Reads the event history: Regions side by side, pages one after another, never faster than AWS allows.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Mutex, PoisonError};

use aws_sdk_cloudtrail::types::{LookupAttribute, LookupAttributeKey};
use aws_smithy_types::DateTime;
use futures::future::join_all;
use jiff::Timestamp;
use serde::Serialize;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

use super::choice::{Attribute, Lookup};
use super::pace::{ATTEMPTS, Pace, delay};
use crate::aws::{CallError, Connection, Reason};
use crate::evidence::Gap;
use crate::sources::aws::once::Once;
use crate::sources::aws::receiver::{Outcome, Step};
use crate::sources::aws::search::Region;

const ACTION: &str = "cloudtrail:LookupEvents";

/// Source: <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html>
const PAGE: i32 = 50;

/// How often each Region was asked, kept for a whole run.
#[derive(Debug)]
pub(in crate::sources::aws) struct Paces {
    began: Instant,
    paces: Mutex<BTreeMap<Region, Pace>>,
}

impl Paces {
    pub(in crate::sources::aws) fn new() -> Self {
        Self { began: Instant::now(), paces: Mutex::default() }
    }

    fn with<T>(&self, region: &Region, act: impl FnOnce(&mut Pace, std::time::Duration) -> T) -> T {
        // A pace is whole after every change.
        let mut paces = self.paces.lock().unwrap_or_else(PoisonError::into_inner);
        act(paces.entry(region.clone()).or_default(), self.began.elapsed())
    }

    async fn turn(&self, region: &Region) {
        let (at, now) = self.with(region, |pace, now| (pace.take(now), now));
        sleep(at.saturating_sub(now)).await;
    }

    fn answered(&self, region: &Region) {
        self.with(region, Pace::answered);
    }

    fn throttled(&self, region: &Region, attempt: u32) {
        self.with(region, |pace, now| pace.throttled(now, delay(attempt, random())));
    }
}

/// From 0 to 1; that it is not the same for all who wait is all that matters.
fn random() -> f64 {
    let bits = RandomState::new().build_hasher().finish() >> 32;
    f64::from(u32::try_from(bits).unwrap_or_default()) / f64::from(u32::MAX)
}

/// A page on its way to who takes it, as `aws cloudtrail lookup-events` prints it.
struct Page {
    region: Region,
    text: String,
}

#[derive(Serialize)]
struct Events {
    #[serde(rename = "Events")]
    events: Vec<Envelope>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope {
    event_id: Option<String>,
    cloud_trail_event: Option<String>,
}

/// Reads the pages of a lookup. What could not be read of a Region is a gap.
pub(in crate::sources::aws) async fn read(
    connection: &Connection,
    paces: &Paces,
    lookup: &Lookup,
    once: &mut Once<'_>,
) -> Outcome {
    let (sender, mut arrived) = mpsc::channel(lookup.regions.len().max(1));
    let work = async {
        let regions = lookup.regions.iter().map(|region| {
            let reading = Reading { connection, paces, lookup, region, pages: sender.clone() };
            async move { reading.read().await }
        });
        let gaps: Vec<Gap> = join_all(regions).await.into_iter().flatten().collect();
        drop(sender);
        gaps
    };
    let take = async {
        let mut so_far = 0;
        while let Some(Page { region, text }) = arrived.recv().await {
            so_far += 1;
            if once.read(&format!("event history of {region}"), text.as_bytes()).is_break() {
                break;
            }
            once.step(&Step::Read { place: region.to_string(), so_far });
        }
        // Whoever still reads notices that nobody listens.
        arrived.close();
        while arrived.recv().await.is_some() {}
    };
    let (gaps, ()) = tokio::join!(work, take);
    Outcome { gaps, ..Outcome::default() }
}

/// The reading of one Region.
struct Reading<'l> {
    connection: &'l Connection,
    paces: &'l Paces,
    lookup: &'l Lookup,
    region: &'l Region,
    pages: mpsc::Sender<Page>,
}

impl Reading<'_> {
    async fn read(self) -> Option<Gap> {
        let (mut token, mut oldest) = (None, None);
        loop {
            let page = match self.page(token).await {
                Ok(page) => page,
                Err(error) => return Some(self.gap(&error, oldest)),
            };
            token = page.next_token.clone();
            // The history of a Region where nothing happened is an empty list, not none.
            let Some(events) = page.events else {
                return Some(
                    self.gap(&self.failed(Reason::NotUnderstood("it has no events".to_owned())), oldest),
                );
            };
            // Pages go back in time.
            oldest = events.iter().filter_map(|event| event.event_time?.secs().into()).min().or(oldest);
            let events = events.into_iter();
            let envelopes = events.map(|event| Envelope {
                event_id: event.event_id,
                cloud_trail_event: event.cloud_trail_event,
            });
            let text = serde_json::to_string(&Events { events: envelopes.collect() }).unwrap_or_default();
            let sent = self.pages.send(Page { region: self.region.clone(), text }).await;
            if token.is_none() || sent.is_err() {
                return None;
            }
        }
    }

    async fn page(
        &self,
        token: Option<String>,
    ) -> Result<aws_sdk_cloudtrail::operation::lookup_events::LookupEventsOutput, CallError> {
        let client = self.connection.cloudtrail(self.region.as_str());
        let attribute = self.lookup.attribute.as_ref().and_then(attribute);
        let mut attempt = 0;
        loop {
            let turn = self.connection.shared().budget.run(self.paces.turn(self.region)).await;
            turn.map_err(|spent| self.failed(Reason::Spent(spent)))?;
            let request = client
                .lookup_events()
                .set_lookup_attributes(attribute.clone().map(|attribute| vec![attribute]))
                .start_time(DateTime::from_secs(self.lookup.since.as_second()))
                .end_time(DateTime::from_secs(self.lookup.until.as_second()))
                .max_results(PAGE)
                .set_next_token(token.clone());
            let answer = self.connection.ask(ACTION, self.region.as_str(), request.send()).await;
            self.paces.answered(self.region);
            match answer {
                Err(error) if is_throttled(&error) && attempt + 1 < ATTEMPTS => {
                    self.paces.throttled(self.region, attempt);
                    attempt += 1;
                }
                answer => return answer,
            }
        }
    }

    fn failed(&self, reason: Reason) -> CallError {
        CallError::because(ACTION, self.region.as_str(), reason)
    }

    fn gap(&self, error: &CallError, oldest: Option<i64>) -> Gap {
        let before = oldest
            .and_then(|second| Timestamp::from_second(second).ok())
            .map_or_else(String::new, |oldest| format!(" before {oldest}"));
        Gap {
            what: format!("events of {}{before} in the event history", self.region),
            why: error.to_string(),
        }
    }
}

fn is_throttled(error: &CallError) -> bool {
    const CODES: [&str; 4] =
        ["ThrottlingException", "Throttling", "TooManyRequestsException", "RequestLimitExceeded"];
    error.code().is_some_and(|code| CODES.contains(&code))
}

fn attribute(attribute: &Attribute) -> Option<LookupAttribute> {
    let key = LookupAttributeKey::from(attribute.key());
    LookupAttribute::builder().attribute_key(key).attribute_value(attribute.value()).build().ok()
}
