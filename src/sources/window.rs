//! A moving window over decompressed text: what is held stays, what is behind goes.

use std::io::{self, Read};

use memchr::{memchr, memchr_iter, memchr2, memrchr};

use super::MAX_RECORD;

const CHUNK: usize = 256 * 1024;

/// A position in the decompressed text; both count from one, the column in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) line: u64,
    pub(super) column: u64,
}

impl Place {
    /// The place behind this text when this place is its start.
    pub(super) fn after(self, text: &[u8]) -> Self {
        let column = memrchr(b'\n', text).map_or(text.len(), |at| text.len() - at - 1);
        self.plus(memchr_iter(b'\n', text).count() + 1, column + 1)
    }

    /// The place that is `line` and `column` (both from one) when this place is the origin.
    pub(super) fn plus(self, line: usize, column: usize) -> Self {
        let (down, right) = (line.saturating_sub(1) as u64, column.saturating_sub(1) as u64);
        let left = if down == 0 { self.column } else { 1 };
        Self { line: self.line + down, column: left + right }
    }
}

/// How a string in the text ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StringEnd {
    Closed,
    /// Closed, but a raw line break is inside, which JSON does not allow.
    LineBreak,
    /// The text ended first.
    Open,
}

/// The white space that a line begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Indent {
    pub(super) width: usize,
    pub(super) byte: u8,
}

/// Text that is read as it is needed. Positions are indices of `buffer`; every call that reads may move them,
/// so none is kept outside.
pub(super) struct Window<'r> {
    input: Box<dyn Read + 'r>,
    buffer: Vec<u8>,
    filled: usize,
    at: usize,
    mark: Option<usize>,
    /// `line` and `line_start` at the mark.
    marked: (u64, u64),
    /// The text behind the mark is longer than a record may be.
    overflowed: bool,
    /// Offset of `buffer[0]` in the text.
    base: u64,
    /// Line breaks before this index are in `line` and `line_start`.
    counted: usize,
    line: u64,
    line_start: u64,
    ended: bool,
    failure: Option<io::Error>,
    indent: Option<Indent>,
    /// The offset where white space was skipped last, so that doing it again changes nothing.
    spaced_to: Option<u64>,
}

impl<'r> Window<'r> {
    pub(super) fn new(input: impl Read + 'r) -> Self {
        Self {
            input: Box::new(input),
            buffer: vec![0; CHUNK],
            filled: 0,
            at: 0,
            mark: None,
            marked: (1, 0),
            overflowed: false,
            base: 0,
            counted: 0,
            line: 1,
            line_start: 0,
            ended: false,
            failure: None,
            indent: None,
            spaced_to: None,
        }
    }

    /// What was read and not consumed.
    pub(super) fn rest(&self) -> &[u8] {
        self.buffer.get(self.at..self.filled).unwrap_or_default()
    }

    /// Whether nothing more can be read behind [`Self::rest`].
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// The error that ended the text early, once.
    pub(super) fn take_failure(&mut self) -> Option<io::Error> {
        self.failure.take()
    }

    /// Whether an error ended the text.
    pub(super) fn failed(&self) -> bool {
        self.failure.is_some()
    }

    pub(super) fn advance(&mut self, bytes: usize) {
        self.at = (self.at + bytes).min(self.filled);
    }

    /// Reads more behind [`Self::rest`]; false at the end of the text, and if what is held has become too
    /// long.
    pub(super) fn more(&mut self) -> bool {
        self.overflowed = self.mark.is_some_and(|mark| self.filled - mark > MAX_RECORD);
        if self.ended || self.overflowed {
            return false;
        }
        if self.filled == self.buffer.len() {
            self.make_room();
        }
        let space = self.buffer.get_mut(self.filled..).unwrap_or_default();
        let outcome = loop {
            match self.input.read(space) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                outcome => break outcome,
            }
        };
        let read = outcome.unwrap_or_else(|error| {
            self.failure = Some(error);
            0
        });
        self.filled = (self.filled + read).min(self.buffer.len());
        self.ended = read == 0;
        read > 0
    }

    fn make_room(&mut self) {
        let keep = self.mark.unwrap_or(self.at);
        // Moving much to win little would be quadratic.
        if keep < self.buffer.len() / 2 {
            self.buffer.resize(self.buffer.len() * 2, 0);
            return;
        }
        self.count_to(keep);
        self.buffer.copy_within(keep..self.filled, 0);
        self.filled -= keep;
        self.at -= keep;
        self.mark = self.mark.map(|_| 0);
        self.base += keep as u64;
        self.counted = self.counted.saturating_sub(keep);
    }

    /// INVARIANT: places are asked for in rising order, except after [`Self::rewind`].
    fn count_to(&mut self, index: usize) {
        let Some(passed) = self.buffer.get(self.counted..index) else {
            return;
        };
        if let Some(last) = memrchr(b'\n', passed) {
            self.line += memchr_iter(b'\n', passed).count() as u64;
            self.line_start = self.base + (self.counted + last + 1) as u64;
        }
        self.counted = index;
    }

    /// Reads until so many bytes are there, or all there are.
    pub(super) fn fill(&mut self, bytes: usize) {
        while self.rest().len() < bytes && self.more() {}
    }

    /// The rest of the line, or as much of it as is wanted.
    pub(super) fn line(&mut self, longest: usize) -> &[u8] {
        while memchr(b'\n', self.rest()).is_none() && self.rest().len() < longest && self.more() {}
        let line = self.rest().split(|byte| *byte == b'\n').next().unwrap_or_default();
        line.get(..longest).unwrap_or(line)
    }

    /// Steps over a byte order mark; columns count from behind it.
    pub(super) fn skip_mark(&mut self, bytes: usize) {
        self.advance(bytes);
        self.line_start = self.base + self.at as u64;
        self.counted = self.at;
    }

    /// Where the cursor is.
    pub(super) fn place(&mut self) -> Place {
        self.count_to(self.at);
        let offset = self.base + self.at as u64;
        Place { line: self.line, column: offset.saturating_sub(self.line_start) + 1 }
    }

    /// Keeps everything from the cursor on.
    pub(super) fn hold(&mut self) {
        self.count_to(self.at);
        self.marked = (self.line, self.line_start);
        self.mark = Some(self.at);
    }

    pub(super) fn holds(&self) -> bool {
        self.mark.is_some()
    }

    pub(super) fn release(&mut self) {
        self.mark = None;
        self.overflowed = false;
    }

    /// Whether reading stopped because what is held is too long.
    pub(super) fn overflowed(&self) -> bool {
        self.overflowed
    }

    /// Everything behind the mark that was read.
    pub(super) fn held_and_rest(&self) -> &[u8] {
        self.buffer.get(self.mark.unwrap_or(self.at)..self.filled).unwrap_or_default()
    }

    /// What lies between the mark and the cursor.
    pub(super) fn held(&self) -> &[u8] {
        self.buffer.get(self.mark.unwrap_or(self.at)..self.at).unwrap_or_default()
    }

    /// Goes to the start of a record that lies so many bytes behind the mark, with the indent it is known to
    /// have.
    pub(super) fn jump(&mut self, bytes: usize, indent: Option<Indent>) {
        self.rewind();
        self.advance(bytes);
        self.indent = indent;
        self.spaced_to = Some(self.base + self.at as u64);
    }

    /// Goes back to the mark and gives it up.
    pub(super) fn rewind(&mut self) {
        if let Some(mark) = self.mark {
            (self.line, self.line_start) = self.marked;
            (self.at, self.counted) = (mark, mark);
        }
        self.release();
    }

    /// The byte at the cursor.
    pub(super) fn peek(&mut self) -> Option<u8> {
        loop {
            if let Some(byte) = self.rest().first() {
                return Some(*byte);
            }
            if !self.more() {
                return None;
            }
        }
    }

    /// Steps over white space and gives the byte behind it.
    pub(super) fn skip_space(&mut self) -> Option<u8> {
        let line_start = Some(Indent { width: 0, byte: b' ' });
        if self.spaced_to != Some(self.base + self.at as u64) {
            self.indent = line_start.filter(|_| self.base + self.at as u64 == self.line_start);
        }
        let byte = self.skip_indent(line_start)?;
        self.spaced_to = Some(self.base + self.at as u64);
        Some(byte)
    }

    fn skip_indent(&mut self, line_start: Option<Indent>) -> Option<u8> {
        loop {
            match self.peek()? {
                b'\n' => self.indent = line_start,
                byte @ (b' ' | b'\t' | b'\r') => {
                    self.indent = self
                        .indent
                        .filter(|indent| indent.width == 0 || indent.byte == byte)
                        .map(|indent| Indent { width: indent.width + 1, byte });
                }
                byte => return Some(byte),
            }
            self.advance(1);
        }
    }

    /// The white space between the start of the line and where [`Self::skip_space`] stopped, if it saw the
    /// line begin.
    pub(super) fn indent(&self) -> Option<Indent> {
        self.indent
    }

    /// Steps over the string whose opening quote is at the cursor.
    pub(super) fn skip_string(&mut self) -> StringEnd {
        self.advance(1);
        let mut end = StringEnd::Closed;
        loop {
            let found = memchr2(b'"', b'\\', self.rest());
            let passed = found.unwrap_or(self.rest().len());
            if self.rest().get(..passed).is_some_and(|run| memchr(b'\n', run).is_some()) {
                end = StringEnd::LineBreak;
            }
            let quote = found.and_then(|at| self.rest().get(at)) == Some(&b'"');
            self.advance(passed);
            if quote {
                self.advance(1);
                return end;
            }
            if found.is_some() {
                // The backslash; the byte it escapes may have to be read first.
                self.advance(1);
            }
            if self.peek().is_none() {
                return StringEnd::Open;
            }
            if found.is_some() {
                self.advance(1);
            }
        }
    }
}

impl Read for Window<'_> {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        if self.peek().is_none() {
            return self.failure.take().map_or(Ok(0), Err);
        }
        let mut rest = self.rest();
        let read = rest.read(space)?;
        self.advance(read);
        Ok(read)
    }
}
