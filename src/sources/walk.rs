//! Cuts records out of JSON text as it streams by, whatever surrounds them.
//!
//! The text is taken as objects with punctuation between them, so that one event, an array, JSON lines and
//! concatenated objects are all the same. An object is held until its end is known, unless one of its members
//! is a list of records: then those are held one by one. Nothing is parsed here; what a record is, `envelope`
//! decides.

mod recover;

use recover::{Broken, Resume};

use super::envelope;
use super::scan::{Fed, Scanner};
use super::sink::{Flow, Sink, Stop};
use super::window::{Place, StringEnd, Window};
use super::{Form, MAX_RECORD, Problem, SkipReason};

/// Where walking over the members of an object came to.
enum Found {
    End,
    List(Form),
}

/// What a key says about the object it is in.
enum Key {
    List(Form),
    Event,
    Other,
}

impl Key {
    fn of(text: &[u8]) -> Self {
        Self::List(match text {
            br#""Records""# => Form::LogFile,
            br#""Events""# => Form::LookupEvents,
            br#""events""# => Form::LogsFilter,
            br#""logEvents""# => Form::LogsSubscription,
            br#""results""# => Form::LogsInsights,
            br#""QueryResultRows""# => Form::LakeResults,
            br#""eventName""# | br#""eventSource""# => return Self::Event,
            _ => return Self::Other,
        })
    }
}

/// A walk over one text.
pub(super) struct Walk<'s, 'on, 'r> {
    window: Window<'r>,
    sink: &'s mut Sink<'on>,
    /// Where the open arrays around the records begin.
    brackets: Vec<Place>,
    /// The form of events without an envelope, once two of them were seen.
    form: Option<Form>,
    timestamps: bool,
    /// What an event begins with, if there is one a line. Lines like it need no look at their members.
    opening: Option<Vec<u8>>,
    end_reported: bool,
}

impl<'s, 'on, 'r> Walk<'s, 'on, 'r> {
    pub(super) fn new(window: Window<'r>, sink: &'s mut Sink<'on>) -> Self {
        Self {
            window,
            sink,
            brackets: Vec::new(),
            form: None,
            timestamps: false,
            opening: None,
            end_reported: false,
        }
    }

    /// Walks to the end.
    pub(super) fn run(&mut self) -> Flow {
        while let Some(byte) = self.window.skip_space() {
            match byte {
                b'{' => self.object()?,
                b'[' => self.open_bracket()?,
                b']' if !self.brackets.is_empty() => {
                    self.brackets.pop();
                    self.window.advance(1);
                }
                b',' => self.window.advance(1),
                b'0'..=b'9' if self.brackets.is_empty() => self.timestamp()?,
                _ if self.brackets.is_empty() => self.stray()?,
                _ => self.skip_scalar(byte),
            }
        }
        match self.brackets.pop() {
            Some(place) => self.cut_off(place),
            None => Flow::Continue(()),
        }
    }

    /// The error that ended the text early.
    pub(super) fn take_failure(&mut self) -> Option<std::io::Error> {
        self.window.take_failure()
    }

    fn open_bracket(&mut self) -> Flow {
        let place = self.window.place();
        self.window.advance(1);
        // Nobody nests events in arrays deeper than this; without a limit, brackets alone would fill the
        // memory.
        if self.brackets.len() >= 128 {
            let at = self.sink.origin(place);
            self.sink.problem(Problem::TooDeep { at })?;
            return Flow::Break(Stop::File);
        }
        self.brackets.push(place);
        Flow::Continue(())
    }

    /// The timestamp before an event in a line of a CloudWatch Logs export.
    fn timestamp(&mut self) -> Flow {
        let place = self.window.place();
        while self.window.peek().is_some_and(|byte| !byte.is_ascii_whitespace()) {
            self.window.advance(1);
        }
        while matches!(self.window.peek(), Some(b' ' | b'\t')) {
            self.window.advance(1);
        }
        if self.window.peek() == Some(b'{') {
            self.timestamps = true;
            return self.object();
        }
        let at = self.sink.origin(place);
        self.seek_line();
        self.sink.problem(Problem::Stray { at })
    }

    fn stray(&mut self) -> Flow {
        let place = self.window.place();
        let at = self.sink.origin(place);
        self.seek_line();
        self.sink.problem(Problem::Stray { at })
    }

    fn skip_scalar(&mut self, first: u8) {
        self.sink.skip(SkipReason::NotCloudTrail);
        if first == b'"' {
            self.window.skip_string();
            return;
        }
        self.window.advance(1);
        while self.window.peek().is_some_and(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte)) {
            self.window.advance(1);
        }
    }

    fn object(&mut self) -> Flow {
        let (place, resume) = (self.window.place(), self.resume());
        self.window.hold();
        if self.is_line_of_event() {
            return self.whole(place, resume);
        }
        self.window.advance(1);
        loop {
            match self.members() {
                Ok(Found::End) if self.window.holds() => return self.whole(place, resume),
                Ok(Found::End) => return Flow::Continue(()),
                Ok(Found::List(form)) => {
                    self.window.release();
                    self.list(form)?;
                }
                Err(broken) if self.window.holds() => return self.recover(broken, place, resume),
                Err(_) => return self.cut_off(place),
            }
        }
    }

    /// Steps over the object at the cursor if it begins like the events before it and stays in one line.
    fn is_line_of_event(&mut self) -> bool {
        let Some(opening) = &self.opening else {
            return false;
        };
        if !self.window.rest().starts_with(opening) {
            return false;
        }
        if self.nested().is_ok() && memchr::memchr(b'\n', self.window.held()).is_none() {
            return true;
        }
        self.window.rewind();
        self.window.hold();
        false
    }

    /// Walks over members until the object ends or a list of records begins. It does not mind missing commas
    /// and the like: whether an object is valid is found out when it is parsed.
    fn members(&mut self) -> Result<Found, Broken> {
        let mut key = Key::Other;
        let mut event = false;
        while let Some(byte) = self.window.skip_space() {
            match (byte, &key) {
                (b'}', _) => {
                    self.window.advance(1);
                    return Ok(Found::End);
                }
                (b'"', _) => {
                    key = self.key()?;
                    event |= matches!(key, Key::Event);
                }
                (b'[', Key::List(form)) if !event => {
                    self.window.advance(1);
                    return Ok(Found::List(*form));
                }
                (b'{' | b'[', _) => {
                    self.nested()?;
                }
                (b',', _) => {
                    key = Key::Other;
                    self.window.advance(1);
                }
                _ => self.window.advance(1),
            }
        }
        Err(self.no_end())
    }

    fn no_end(&self) -> Broken {
        if self.window.overflowed() { Broken::TooLong } else { Broken::Unclosed }
    }

    /// A string, which may be a key.
    fn key(&mut self) -> Result<Key, Broken> {
        let place = self.window.place();
        let held = self.window.holds();
        if !held {
            self.window.hold();
        }
        let start = self.window.held().len();
        let end = self.window.skip_string();
        let key = Key::of(self.window.held().get(start..).unwrap_or_default());
        let no_end = self.no_end();
        if !held {
            self.window.release();
        }
        match end {
            StringEnd::Open => Err(no_end),
            // Among lines, one broken line must not swallow the next; elsewhere brackets are the better
            // guide.
            StringEnd::LineBreak if held && self.brackets.is_empty() => Err(Broken::LineBreak(place)),
            StringEnd::LineBreak | StringEnd::Closed => Ok(key),
        }
    }

    /// Steps over the object or array at the cursor.
    fn nested(&mut self) -> Result<(), Broken> {
        let mut scanner = Scanner::default();
        loop {
            let last = self.window.ended();
            match scanner.feed(self.window.rest(), last) {
                Fed::End(bytes) => {
                    self.window.advance(bytes);
                    return Ok(());
                }
                Fed::Consumed(bytes) => self.window.advance(bytes),
            }
            if !self.window.more() && (last || self.window.overflowed()) {
                return Err(self.no_end());
            }
        }
    }

    fn list(&mut self, form: Form) -> Flow {
        while let Some(byte) = self.window.skip_space() {
            match byte {
                b']' => {
                    self.window.advance(1);
                    break;
                }
                b'{' | b'[' => self.element(form)?,
                b',' => self.window.advance(1),
                _ => self.no_record(byte)?,
            }
        }
        Flow::Continue(())
    }

    /// Something between the records of a list that is none: it may be what is left of one.
    fn no_record(&mut self, first: u8) -> Flow {
        let at = self.sink.origin(self.window.place());
        if first == b'"' {
            self.window.skip_string();
        } else {
            while self.window.peek().is_some_and(|byte| !b",]{[".contains(&byte)) {
                self.window.advance(1);
            }
        }
        self.sink.problem(Problem::Stray { at })
    }

    fn element(&mut self, form: Form) -> Flow {
        let (place, resume) = (self.window.place(), self.resume());
        self.window.hold();
        if let Err(broken) = self.nested() {
            return self.recover(broken, place, resume);
        }
        let length = self.window.held().len();
        // Rows hold what was selected, so that the absence of an error code says nothing.
        let row = matches!(form, Form::LakeResults | Form::LogsInsights);
        if !row && self.sink.may_drop(self.window.held()) {
            self.window.release();
            return Flow::Continue(());
        }
        self.deliver(length, place, resume, |sink, text| envelope::element(text, form, place, sink))
    }

    /// An object without a list of records, held in full.
    fn whole(&mut self, place: Place, resume: Resume) -> Flow {
        let length = self.window.held().len();
        if self.sink.may_drop(self.window.held()) {
            self.window.release();
            return Flow::Continue(());
        }
        let form = self.form_of_whole();
        self.deliver(length, place, resume, |sink, text| envelope::object(text, form, place, sink))
    }

    /// Hands the first `length` held bytes on as a record.
    fn deliver(
        &mut self,
        length: usize,
        place: Place,
        resume: Resume,
        read: impl FnOnce(&mut Sink<'_>, &str) -> Flow,
    ) -> Flow {
        let record = self.window.held().get(..length).unwrap_or_default();
        let before = self.sink.problems();
        if length > MAX_RECORD {
            let at = self.sink.origin(place);
            self.sink.problem(Problem::TooLong { at })?;
        } else {
            match std::str::from_utf8(record) {
                Ok(text) => read(self.sink, text)?,
                Err(error) => {
                    let valid = record.get(..error.valid_up_to()).unwrap_or_default();
                    let at = self.sink.origin(place.after(valid));
                    self.sink.problem(Problem::NotUtf8 { at })?;
                }
            }
        }
        // A record without its last bracket takes the next ones with it.
        let swallowed = if self.sink.problems() > before { record.get(1..) } else { None };
        if let Some(next) = swallowed.and_then(|text| resume.find(text)) {
            self.window.jump(next + 1, resume.indent());
        }
        self.window.release();
        Flow::Continue(())
    }

    /// The form of an event without envelope. For the first one, what follows has to be looked at.
    fn form_of_whole(&mut self) -> Form {
        if self.timestamps {
            return Form::LogsExport;
        }
        if !self.brackets.is_empty() {
            return Form::Array;
        }
        if let Some(form) = self.form {
            return form;
        }
        let held = self.window.held();
        let one_line = memchr::memchr(b'\n', held).is_none();
        let event = memchr::memmem::find(held, br#""eventName""#).is_some();
        let colon = held.iter().position(|byte| *byte == b':');
        let opening = colon.and_then(|colon| held.get(..=colon)).map(Vec::from);
        if self.window.skip_space().is_none() {
            return Form::Bare;
        }
        if !one_line || self.window.indent().is_none() {
            return *self.form.insert(Form::Concatenated);
        }
        self.opening = opening.filter(|_| event);
        *self.form.insert(Form::JsonLines)
    }
}
