//! Pieces that many outputs of the AWS CLI share.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::de::{self, Deserialize, Deserializer, Visitor};

use super::BundleProblem;
use super::text::Text;
use crate::arn::Arn;
use crate::ids::AccountId;

/// A field for which being null and not being there are two answers.
#[derive(Debug, Default)]
pub(super) enum Given<T> {
    /// Not there: unknown.
    #[default]
    Absent,
    /// Known to be nothing.
    Null,
    /// There.
    Value(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Given<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(|value| value.map_or(Self::Null, Self::Value))
    }
}

/// An ARN in a string.
pub(super) fn arn<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arn, D::Error> {
    let text = String::deserialize(deserializer)?;
    Arn::parse(&text).map_err(de::Error::custom)
}

/// An account id in a string.
pub(super) fn account<'de, D: Deserializer<'de>>(deserializer: D) -> Result<AccountId, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(de::Error::custom)
}

/// A moment: ISO 8601, or seconds since 1970 as the CLI prints with `cli_timestamp_format = wire`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment(pub(super) Timestamp);

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MomentVisitor)
    }
}

struct MomentVisitor;

impl Visitor<'_> for MomentVisitor {
    type Value = Moment;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a date and time, or seconds since 1970")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Moment, E> {
        let moment = text.parse().map(Moment);
        moment.map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))
    }

    fn visit_u64<E: de::Error>(self, seconds: u64) -> Result<Moment, E> {
        let moment = i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
        moment.map(Moment).ok_or_else(|| E::invalid_value(de::Unexpected::Unsigned(seconds), &self))
    }

    fn visit_f64<E: de::Error>(self, seconds: f64) -> Result<Moment, E> {
        let since_1970 = jiff::SignedDuration::try_from_secs_f64(seconds).ok();
        let moment = since_1970.and_then(|duration| Timestamp::from_duration(duration).ok());
        moment.map(Moment).ok_or_else(|| E::invalid_value(de::Unexpected::Float(seconds), &self))
    }
}

/// `{"Key", "Value"}`
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "a tag with `Key` and `Value`")]
pub(super) struct Tag {
    key: String,
    #[serde(default)]
    value: String,
}

/// The tags by their keys.
pub(super) fn tags(tags: Option<Vec<Tag>>) -> BTreeMap<String, String> {
    tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)).collect()
}

/// How the services say that a list goes on.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "an object")]
struct Page {
    truncated: Option<bool>,
    next_token: Option<String>,
    next_marker: Option<String>,
    pagination_token: Option<String>,
}

/// Refuses a list that goes on elsewhere: what it does not show would be taken for what is not there.
pub(super) fn whole_list(text: &Text) -> Result<(), BundleProblem> {
    let page: Page = text.parse()?;
    let tokens = [page.next_token, page.next_marker, page.pagination_token];
    if page.truncated == Some(true) || tokens.into_iter().flatten().any(|token| !token.is_empty()) {
        return Err(BundleProblem::OnePage { place: text.start() });
    }
    Ok(())
}
