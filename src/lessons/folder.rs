//! What a learner's folder holds: the bundle without its answers, the story, and the name of the lesson.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::lesson::Lesson;
use super::words;
use crate::bundle::{FileTree, example};

/// The file that says which lesson a folder is.
pub const MARKER: &str = "lesson.json";

/// The file with the story, for reading in an editor.
pub const STORY: &str = "LESSON.md";

/// Files of an example that tell the answer.
const ANSWERS: &[&str] = &["README.md", "expected.json", "lesson.toml"];

#[derive(Serialize, Deserialize)]
struct Marker<'a> {
    #[serde(borrow)]
    lesson: Cow<'a, str>,
}

/// The files of a learner's folder, by their paths in it.
pub fn files(lesson: &Lesson) -> Vec<(String, Vec<u8>)> {
    let Some(bundle) = example(&lesson.name) else { return Vec::new() };
    let mut names = bundle.list().files;
    names.sort();
    names.retain(|name| !ANSWERS.contains(&name.as_str()));
    let bytes = |name: String| {
        let bytes = bundle.read(&name, u64::MAX).map(Cow::into_owned).unwrap_or_default();
        (name, bytes)
    };
    let mut files: Vec<_> = names.into_iter().map(bytes).collect();
    files.push((STORY.to_owned(), words::story_file(lesson).into_bytes()));
    let marker = Marker { lesson: Cow::Borrowed(&lesson.name) };
    let marker = serde_json::to_string(&marker).unwrap_or_default() + "\n";
    files.push((MARKER.to_owned(), marker.into_bytes()));
    files
}

/// The lesson that the text of a [`MARKER`] names.
pub fn lesson_of(marker: &str) -> Option<String> {
    serde_json::from_str::<Marker<'_>>(marker).ok().map(|marker| marker.lesson.into_owned())
}
