//! What happens when a record has no end: it is reported, and reading goes on at the next one if that can be
//! found.

use memchr::{memchr, memmem};

use super::Walk;
use crate::sources::Problem;
use crate::sources::sink::Flow;
use crate::sources::window::{Indent, Place};

/// Why an object has no end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Broken {
    Unclosed,
    LineBreak(Place),
    TooLong,
}

/// How to find the next record behind a broken one.
#[derive(Debug, Clone, Copy)]
pub(super) enum Resume {
    /// At the next line that begins like this one.
    Indent(Indent),
    /// At the next line that begins with a timestamp.
    Timestamp,
    /// Where AWS's own log files begin a record. Inside a string its quotes would be escaped.
    EventVersion,
}

impl Resume {
    /// The indent of the record that [`Self::find`] finds.
    pub(super) fn indent(self) -> Option<Indent> {
        match self {
            Self::Indent(indent) => Some(indent),
            Self::Timestamp | Self::EventVersion => None,
        }
    }

    /// The index of the next record in a text that begins with the broken one.
    pub(super) fn find(self, text: &[u8]) -> Option<usize> {
        match self {
            Self::Indent(Indent { width, byte }) => {
                let mut pattern = vec![byte; width + 2];
                *pattern.first_mut()? = b'\n';
                *pattern.last_mut()? = b'{';
                memmem::find(text, &pattern).map(|at| at + 1 + width)
            }
            Self::Timestamp => memmem::find(text, b"\n2").map(|at| at + 1),
            Self::EventVersion => memmem::find(text, br#",{"eventVersion""#).map(|at| at + 1),
        }
    }
}

impl Walk<'_, '_, '_> {
    pub(super) fn resume(&self) -> Resume {
        match self.window.indent() {
            _ if self.timestamps => Resume::Timestamp,
            Some(indent) => Resume::Indent(indent),
            None => Resume::EventVersion,
        }
    }

    /// Reports a record without an end and goes on at the next one, if that can be found.
    pub(super) fn recover(&mut self, broken: Broken, place: Place, resume: Resume) -> Flow {
        let next = self.window.held_and_rest().get(1..).and_then(|text| resume.find(text));
        let at = self.sink.origin(place);
        match broken {
            Broken::Unclosed if next.is_none() => self.cut_off(place)?,
            Broken::Unclosed => self.sink.problem(Problem::Unclosed { at })?,
            Broken::LineBreak(string) => {
                let at = self.sink.origin(string);
                self.sink.problem(Problem::LineBreak { at })?;
            }
            Broken::TooLong => self.sink.problem(Problem::TooLong { at })?,
        }
        match (next, broken) {
            (Some(index), _) => {
                self.window.jump(index + 1, resume.indent());
            }
            (None, Broken::TooLong) => {
                self.window.rewind();
                // Whether it ends does not matter any more.
                let _ = self.nested();
            }
            (None, Broken::LineBreak(_)) => {
                self.window.release();
                self.seek_line();
            }
            (None, Broken::Unclosed) => self.window.release(),
        }
        Flow::Continue(())
    }

    /// Steps to the next line that begins with a record.
    pub(super) fn seek_line(&mut self) {
        while let Some(byte) = self.window.peek() {
            let line = memchr(b'\n', self.window.rest());
            let rest = self.window.rest().len();
            self.window.advance(line.map_or(rest, |at| at + 1));
            let start = if self.timestamps { b'2' } else { b'{' };
            if (line.is_some() || byte == b'\n') && self.window.peek() == Some(start) {
                return;
            }
        }
    }

    /// The text ended inside what begins here. Reported once, and not if the cause is known to be the
    /// compression.
    pub(super) fn cut_off(&mut self, place: Place) -> Flow {
        if std::mem::replace(&mut self.end_reported, true) || self.window.failed() {
            return Flow::Continue(());
        }
        let at = self.sink.origin(place);
        self.sink.problem(Problem::Unclosed { at })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(resume: Resume, text: &str, expected: Option<&str>) {
        let found = resume.find(text.as_bytes()).and_then(|at| text.get(at..));
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn next_record() {
        let indent = |width| Resume::Indent(Indent { width, byte: b' ' });
        check(indent(0), "{\n {\r\n{}", Some("{}"));
        check(indent(2), "{\n    {\n{\n  {}", Some("{}"));
        check(indent(2), "{\n {", None);
        check(Resume::Timestamp, "x {\n2026-01-01T00:00:00Z {}", Some("2026-01-01T00:00:00Z {}"));
        check(Resume::EventVersion, r#"{"a":{,{"eventVersion":1}"#, Some(r#"{"eventVersion":1}"#));
        check(Resume::EventVersion, r#"{"a":"x,{\"eventVersion\":1}"#, None);
    }
}
