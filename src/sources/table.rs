//! Events in CSV files: Athena, CloudTrail Lake, Logs Insights and the console's Event history.

use std::cell::Cell;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::rc::Rc;

use csv::ByteRecord;

use super::sink::{Flow, Sink, Stop};
use super::window::{Place, Window};
use super::{Form, MAX_RECORD, Origin, Problem, SkipReason, envelope, rows};

/// The header, as far as the form of the file can be told from it.
struct Header {
    columns: Vec<String>,
    form: Form,
    /// The column that holds whole events.
    message: Option<usize>,
}

impl Header {
    fn read(record: &ByteRecord) -> Option<Self> {
        let columns: Vec<String> =
            record.iter().map(|name| String::from_utf8_lossy(name).trim().to_owned()).collect();
        let message = columns.iter().position(|name| name == "@message");
        let has = |wanted: &str| columns.iter().any(|name| name == wanted);
        let form = if message.is_some() {
            Form::LogsInsights
        } else if has("Event name") || has("Event time") {
            Form::EventHistoryCsv
        } else if has("eventName") || has("eventTime") || has("eventSource") {
            Form::LakeResults
        } else {
            Form::AthenaCsv
        };
        let events = message.is_some() || rows::are_events(columns.iter().map(String::as_str));
        events.then_some(Self { columns, form, message })
    }
}

/// Whether a line is the header of a table of events.
pub(super) fn is_header(line: &[u8]) -> bool {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line);
    let mut record = ByteRecord::new();
    matches!(reader.read_byte_record(&mut record), Ok(true)) && Header::read(&record).is_some()
}

/// Ends the text when one row takes more than a record may, which happens when a quote is never closed.
struct Limited<'w, 'r> {
    window: &'w mut Window<'r>,
    left: Rc<Cell<usize>>,
    given: u64,
}

impl Read for Limited<'_, '_> {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        let left = self.left.get();
        if left == 0 {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "the row is too long; is a quote missing?",
            ));
        }
        // An error that ends the text is reported by who opened it.
        if self.window.peek().is_none() {
            return Ok(0);
        }
        let read = self.window.read(space)?;
        self.left.set(left.saturating_sub(read));
        self.given += read as u64;
        Ok(read)
    }
}

/// Reads a CSV file whose header was recognised.
pub(super) fn read(window: &mut Window<'_>, sink: &mut Sink<'_>) -> Flow {
    let lines = window.place().line - 1;
    let left = Rc::new(Cell::new(MAX_RECORD));
    let limited = Limited { window, left: Rc::clone(&left), given: 0 };
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(limited);
    let mut record = ByteRecord::new();
    let mut header = None;
    loop {
        left.set(MAX_RECORD);
        let place = |line| Place { line: line + lines, column: 1 };
        let before = place(reader.position().line());
        match reader.read_byte_record(&mut record) {
            Ok(true) => {}
            Ok(false) => return Flow::Continue(()),
            Err(source) => {
                let at = sink.origin(before);
                return sink.problem(Problem::Csv { at, source });
            }
        }
        // What was cut off looks like a whole row.
        if reader.get_ref().window.failed() && reader.position().byte() == reader.get_ref().given {
            return Flow::Continue(());
        }
        let here = record.position().map_or(before, |position| place(position.line()));
        match &header {
            None => header = start(&record, sink)?,
            Some(header) => row(header, &record, here, sink)?,
        }
    }
}

fn start(record: &ByteRecord, sink: &mut Sink<'_>) -> ControlFlow<Stop, Option<Header>> {
    let header = Header::read(record);
    if header.as_ref().is_some_and(|header| header.form == Form::EventHistoryCsv) {
        let path = sink.path();
        sink.problem(Problem::EventHistory { path })?;
    }
    ControlFlow::Continue(header)
}

fn row(header: &Header, record: &ByteRecord, place: Place, sink: &mut Sink<'_>) -> Flow {
    let mut cells = Vec::with_capacity(record.len());
    for cell in record {
        let Ok(cell) = std::str::from_utf8(cell) else {
            let at = sink.origin(place);
            return sink.problem(Problem::NotUtf8 { at });
        };
        cells.push(cell);
    }
    if let Some(message) = header.message.and_then(|column| cells.get(column))
        && message.starts_with('{')
    {
        return envelope::message(message, header.form, place, sink);
    }
    let names = header.columns.iter().map(String::as_str);
    if let Some(json) = rows::event(names.zip(cells)) {
        let at = sink.origin(place);
        return selected(header, json, at, sink);
    }
    sink.skip(SkipReason::NotCloudTrail);
    Flow::Continue(())
}

fn selected(header: &Header, json: String, at: Origin, sink: &mut Sink<'_>) -> Flow {
    // With a column for it, a row without error code is a success.
    let chosen = header.columns.iter().any(|name| rows::is_error_code(name));
    if chosen { sink.record(json, at, header.form) } else { sink.selected(json, at, header.form) }
}
