//! Moments as people write them: ISO 8601, a date, or a span before now.

use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp, civil, tz::TimeZone};

use crate::failure::Hinted;

/// Reads a moment; `now` is needed for spans.
pub fn moment(text: Option<&str>, now: Timestamp) -> anyhow::Result<Option<Timestamp>> {
    text.map(|text| read(text, now)).transpose()
}

/// Reads a length of time such as `30s` or `5m`.
#[cfg(feature = "aws")]
pub fn span(text: &str) -> anyhow::Result<std::time::Duration> {
    let duration = text.parse::<SignedDuration>().ok().and_then(|span| span.try_into().ok());
    duration.ok_or_else(|| {
        Hinted {
            message: format!("`{text}` is not a length of time"),
            hint: "write 30s, 5m or 1h".to_owned(),
            usage: true,
        }
        .into()
    })
}

fn read(text: &str, now: Timestamp) -> anyhow::Result<Timestamp> {
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        return Ok(timestamp);
    }
    if let Ok(moment) = text.parse::<civil::DateTime>() {
        return Ok(moment.to_zoned(TimeZone::UTC)?.timestamp());
    }
    if let Ok(span) = text.parse::<SignedDuration>() {
        return now.checked_sub(span).with_context(|| format!("`{text}` before now is out of range"));
    }
    if let Ok(span) = text.parse::<jiff::Span>() {
        let zoned = now.to_zoned(TimeZone::UTC);
        return Ok(zoned.checked_sub(span)?.timestamp());
    }
    Err(Hinted {
        message: format!("`{text}` is not a moment"),
        hint: "write 2026-09-08T09:15:00Z, 2026-09-08, or a span before now such as 2h, 30m or 7d".to_owned(),
        usage: true,
    }
    .into())
}
