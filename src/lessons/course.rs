//! All lessons, simple ones first.

use super::lesson::{Lesson, LessonError};
use crate::bundle::{example, examples};

/// The name of the file with the lesson, beside the bundle's own files.
const FILE: &str = "lesson.toml";

/// The lessons in their order. Examples without a lesson are left out.
///
/// ```
/// let course = why_denied::lessons::course().unwrap();
/// assert!(course.len() >= 12);
/// ```
pub fn course() -> Result<Vec<Lesson>, LessonError> {
    let texts = examples().into_iter().filter_map(|name| Some((name, example(name)?.text(FILE)?)));
    let mut lessons = texts.map(|(name, text)| Lesson::parse(name, text)).collect::<Result<Vec<_>, _>>()?;
    lessons.sort_by(|one, other| (one.order, &one.name).cmp(&(other.order, &other.name)));
    Ok(lessons)
}

/// The lesson of this name or number.
pub fn lesson<'c>(course: &'c [Lesson], wanted: &str) -> Option<&'c Lesson> {
    let number = wanted.parse::<u32>().ok();
    course.iter().find(|lesson| lesson.name == wanted || Some(lesson.order) == number)
}
