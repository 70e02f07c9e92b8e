//! Two documents as a unified diff.

use serde_json::Value;
use similar::TextDiff;

/// So many lines are compared at most: the longest policy of AWS has a few thousand, and the time grows with the square.
const MAX_LINES: usize = 5_000;

/// A document laid out the same way whoever wrote it: two spaces, members in the order of their names. What is no JSON
/// stays as it is.
pub(super) fn laid_out(text: &str) -> String {
    let Ok(mut value) = serde_json::from_str::<Value>(text) else { return text.to_owned() };
    // S3's configurations come out of XML, and bring its name space along.
    if let Some(map) = value.as_object_mut() {
        map.remove("xmlns");
    }
    serde_json::to_string_pretty(&value).unwrap_or_else(|_| text.to_owned())
}

/// The lines of a unified diff, without the two lines that name the files; `None` if the documents are too long.
/// Documents that differ only in how they are laid out give no line.
pub(super) fn unified(before: &str, after: &str) -> Option<Vec<String>> {
    // Without a text there is no line, not an empty one.
    let lines = |text: &str| if text.is_empty() { String::new() } else { laid_out(text) + "\n" };
    let (before, after) = (lines(before), lines(after));
    if before.lines().count().max(after.lines().count()) > MAX_LINES {
        return None;
    }
    let diff = TextDiff::from_lines(&before, &after);
    let text = diff.unified_diff().context_radius(3).to_string();
    Some(text.lines().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_in_meaning_is_shown() {
        let compact = r#"{"Version":"2012-10-17","Statement":[]}"#;
        let wide = "{\n  \"Statement\": [],\n  \"Version\": \"2012-10-17\"\n}";
        assert_eq!(unified(compact, wide), Some(Vec::new()));
        assert!(unified("", compact).unwrap().iter().skip(1).all(|line| line.starts_with('+')));
        let other = r#"{"Version":"2008-10-17","Statement":[]}"#;
        let lines = unified(compact, other).unwrap();
        assert!(lines.contains(&"-  \"Version\": \"2012-10-17\"".to_owned()), "{lines:?}");
        assert!(lines.contains(&"+  \"Version\": \"2008-10-17\"".to_owned()), "{lines:?}");
    }

    #[test]
    fn what_is_no_json_and_what_is_endless_is_no_panic() {
        assert_eq!(laid_out("not json"), "not json");
        assert_eq!(unified(&"a\n".repeat(MAX_LINES + 1), "b"), None);
    }
}
