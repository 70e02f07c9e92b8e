//! `bundle.json`: the format, what was asked for, and what could not be had.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::layout::MANIFEST;
use super::reader::Reader;
use super::shape::Moment;
use super::text::Text;
use super::{BundleProblem, FORMAT};
use crate::evidence::{Gap, Scope};

const WHAT: &str = "what the bundle was made for";

/// What a bundle says about itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Manifest {
    /// When the bundle was made.
    pub created_at: Option<Timestamp>,
    /// Who or what made it.
    pub created_by: Option<String>,
    /// What was asked for.
    pub scope: Scope,
    /// What could not be had.
    pub gaps: Vec<Gap>,
}

impl Manifest {
    /// The text of `bundle.json`.
    pub(super) fn to_json(&self) -> Value {
        let moment = |moment: Option<Timestamp>| moment.map(|moment| moment.to_string());
        let gaps = self.gaps.iter().map(|gap| json!({"what": gap.what, "why": gap.why}));
        json!({
            "format": FORMAT,
            "created_at": moment(self.created_at),
            "created_by": self.created_by,
            "principal": self.scope.principal,
            "since": moment(self.scope.since),
            "until": moment(self.scope.until),
            "gaps": gaps.collect::<Vec<_>>(),
        })
    }
}

/// Only the format, so that a later format is told from a damaged file.
#[derive(Deserialize)]
#[serde(expecting = "an object with `format`")]
struct Format<'a> {
    #[serde(borrow)]
    format: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(expecting = "an object with `format`")]
struct Read {
    principal: Option<String>,
    since: Option<Moment>,
    until: Option<Moment>,
    gaps: Option<Vec<GapLine>>,
}

#[derive(Deserialize)]
#[serde(expecting = "a gap with `what` and `why`")]
struct GapLine {
    what: String,
    #[serde(default)]
    why: String,
}

/// What was asked for; an error if the bundle has another format.
pub(super) fn read(reader: &mut Reader<'_>) -> Result<Scope, BundleProblem> {
    let Some(text) = reader.text(MANIFEST, WHAT) else {
        return Ok(Scope::default());
    };
    match text.parse::<Format<'_>>() {
        Ok(Format { format: Some(format) }) if format.get() == FORMAT.to_string() => {
            let manifest = text.parse();
            Ok(reader.keep(WHAT, manifest).map(|manifest| scope(reader, manifest)).unwrap_or_default())
        }
        Ok(Format { format }) => Err(other_format(&text, format)),
        Err(problem) => {
            reader.lost(WHAT, problem);
            Ok(Scope::default())
        }
    }
}

fn other_format(text: &Text, format: Option<&RawValue>) -> BundleProblem {
    let Some(format) = format else {
        return BundleProblem::Format { place: text.start(), found: "none".to_owned() };
    };
    let found = format.get().chars().take(20).collect();
    BundleProblem::Format { place: text.place_of(format.get()), found }
}

fn scope(reader: &mut Reader<'_>, manifest: Read) -> Scope {
    for GapLine { what, why } in manifest.gaps.unwrap_or_default() {
        reader.gap(Gap { what, why });
    }
    Scope {
        principal: manifest.principal,
        since: manifest.since.map(|moment| moment.0),
        until: manifest.until.map(|moment| moment.0),
    }
}
