//! The text of one file, and where in it something stands.

use serde::Deserialize;
use serde::de::Error as _;
use serde_json::error::Category;
use serde_json::value::RawValue;

use super::{BundleProblem, Place};

const UTF8_MARK: char = '\u{feff}';

/// A file of the bundle.
#[derive(Debug)]
pub(super) struct Text {
    file: String,
    body: String,
    /// Where each line begins.
    lines: Vec<usize>,
}

impl Text {
    pub(super) fn new(file: &str, bytes: Vec<u8>) -> Result<Self, BundleProblem> {
        let lines = line_starts(&bytes);
        match String::from_utf8(bytes) {
            Ok(body) => Ok(Self { file: file.to_owned(), body, lines }),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                Err(BundleProblem::NotUtf8 { place: place(file, &lines, at) })
            }
        }
    }

    /// The JSON in the file, without what stands around it.
    pub(super) fn json(&self) -> &str {
        self.body.trim_start_matches(UTF8_MARK).trim_ascii()
    }

    /// Where a byte of the file is.
    pub(super) fn place(&self, offset: usize) -> Place {
        place(&self.file, &self.lines, offset)
    }

    /// Where the JSON begins.
    pub(super) fn start(&self) -> Place {
        self.place_of(self.json())
    }

    /// Where a part of the file is.
    pub(super) fn place_of(&self, part: &str) -> Place {
        self.place(self.offset(part))
    }

    /// The first byte of a part that was borrowed from this file.
    pub(super) fn offset(&self, part: &str) -> usize {
        (part.as_ptr() as usize).saturating_sub(self.body.as_ptr() as usize).min(self.body.len())
    }

    /// Reads the file, which has to be an object.
    pub(super) fn parse<'a, T: Deserialize<'a>>(&'a self) -> Result<T, BundleProblem> {
        self.object(self.json())
    }

    /// Reads an object in the file.
    pub(super) fn part<'a, T: Deserialize<'a>>(&'a self, part: &'a RawValue) -> Result<T, BundleProblem> {
        self.object(part.get())
    }

    fn object<'a, T: Deserialize<'a>>(&'a self, json: &'a str) -> Result<T, BundleProblem> {
        let read = serde_json::from_str(json);
        // serde would take the fields of an object from an array too, by their order.
        let read = match read {
            Ok(_) if !json.starts_with('{') => Err(serde_json::Error::custom("expected an object")),
            read => read,
        };
        read.map_err(|source| self.problem(json, source))
    }

    fn problem(&self, part: &str, source: serde_json::Error) -> BundleProblem {
        let lines = line_starts(part.as_bytes());
        let line = source.line().checked_sub(1).and_then(|index| lines.get(index));
        let inside = line.copied().unwrap_or_default() + source.column().saturating_sub(1);
        let place = self.place(self.offset(part) + inside);
        match source.classify() {
            Category::Data => BundleProblem::Shape { place, source },
            Category::Io | Category::Syntax | Category::Eof => BundleProblem::Json { place, source },
        }
    }
}

fn line_starts(bytes: &[u8]) -> Vec<usize> {
    std::iter::once(0).chain(memchr::memchr_iter(b'\n', bytes).map(|at| at + 1)).collect()
}

fn place(file: &str, lines: &[usize], offset: usize) -> Place {
    let line = lines.partition_point(|start| *start <= offset);
    let start = line.checked_sub(1).and_then(|index| lines.get(index)).copied().unwrap_or_default();
    Place { file: file.to_owned(), line, column: offset - start + 1 }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn text(body: &str) -> Text {
        Text::new("f.json", body.as_bytes().to_vec()).unwrap()
    }

    fn check<'a, T: Deserialize<'a> + std::fmt::Debug>(text: &'a Text, expected: &str) {
        assert_eq!(text.parse::<T>().unwrap_err().to_string(), expected);
    }

    #[test]
    fn problems_are_at_their_place_in_the_file() {
        check::<BTreeMap<String, u8>>(
            &text("\u{feff}\n{\n \"a\" 1}"),
            "invalid JSON at f.json:3:6: expected `:`",
        );
        check::<BTreeMap<String, u8>>(
            &text("[]"),
            "unexpected content at f.json:1:1: invalid type: sequence, expected a map",
        );
        check::<BTreeMap<String, u8>>(&text(""), "invalid JSON at f.json:1:1: EOF while parsing a value");
        let error = Text::new("f.json", b"{\n\"\xff\"}".to_vec()).unwrap_err();
        assert_eq!(error.to_string(), "the text at f.json:2:2 is not UTF-8");
    }

    #[test]
    fn parts_know_their_place() {
        let text = text("{\"a\":\n {\"b\":\n   true}}");
        let parts: BTreeMap<String, &RawValue> = text.parse().unwrap();
        let error = text.part::<BTreeMap<String, u8>>(parts["a"]).unwrap_err();
        let place = error.to_string();
        assert!(place.starts_with("unexpected content at f.json:3:"), "{place}");
    }
}
