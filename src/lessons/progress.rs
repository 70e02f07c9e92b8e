//! How far the learner is, as it is kept between runs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The version of the file.
const VERSION: u32 = 1;

/// What is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// The lesson that was started last.
    pub current: Option<String>,
    /// By the lesson's name. Lessons of other versions of the program stay in it.
    pub lessons: BTreeMap<String, Record>,
}

/// What is kept of one lesson.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Record {
    /// The folder it was written into.
    pub folder: Option<String>,
    /// How many questions were answered.
    pub answered: usize,
    /// How many answers were wrong.
    pub mistakes: usize,
    /// How many hints were asked for.
    pub hints: usize,
    /// Whether it is solved.
    pub solved: Option<Solved>,
}

/// How a lesson was solved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Solved {
    /// The request is allowed, and something else is not as it should be.
    #[serde(alias = "too-wide")]
    Nearly,
    /// Just so.
    Exactly,
}

#[derive(Serialize, Deserialize)]
struct File {
    version: u32,
    #[serde(default)]
    current: Option<String>,
    #[serde(default)]
    lessons: BTreeMap<String, Record>,
}

impl Progress {
    /// Reads the file. What is damaged is an error, never a reason to stop: begin with [`Progress::default`].
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        let file: File = serde_json::from_str(text)?;
        if file.version != VERSION {
            return Err(serde::de::Error::custom(format!("version {} is not known", file.version)));
        }
        Ok(Self { current: file.current, lessons: file.lessons })
    }

    /// The text of the file.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        let file = File { version: VERSION, current: self.current.clone(), lessons: self.lessons.clone() };
        Ok(serde_json::to_string_pretty(&file)? + "\n")
    }

    /// What is kept of a lesson.
    pub fn of(&self, name: &str) -> Record {
        self.lessons.get(name).cloned().unwrap_or_default()
    }

    /// The same, to be changed.
    pub fn of_mut(&mut self, name: &str) -> &mut Record {
        self.lessons.entry(name.to_owned()).or_default()
    }

    /// Remembers that a lesson is solved; solved well once stays solved well.
    pub fn solve(&mut self, name: &str, how: Solved) {
        let record = self.of_mut(name);
        record.solved = record.solved.max(Some(how));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let mut progress = Progress { current: Some("one".to_owned()), ..Progress::default() };
        progress.of_mut("one").hints = 2;
        progress.solve("one", Solved::Exactly);
        progress.solve("one", Solved::Nearly);
        assert_eq!(progress.of("one").solved, Some(Solved::Exactly));
        assert_eq!(Progress::parse(&progress.to_json().unwrap()).unwrap(), progress);
    }

    #[test]
    fn damage_is_an_error_with_a_place() {
        for text in ["", "{", "[]", "{\"version\":2}", "{\"version\":1,\"lessons\":{\"a\":3}}", "\u{0}"] {
            assert!(Progress::parse(text).is_err(), "{text:?}");
        }
    }
}
