//! One stream of bytes: what it is, by its first bytes, and who reads it.

use std::io::{self, Read};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use flate2::read::MultiGzDecoder;

use super::sink::{Asked, Flow, Sink, Stop};
use super::walk::Walk;
use super::window::{Place, Window};
use super::{Item, Options, Problem, SkipReason, table};

const GZIP: &[u8] = &[0x1f, 0x8b];
const UTF8_MARK: &[u8] = &[0xef, 0xbb, 0xbf];
const UTF16_MARKS: [&[u8]; 2] = [&[0xff, 0xfe], &[0xfe, 0xff]];

/// A header line longer than this is not one.
const LONGEST_HEADER: usize = 64 * 1024;

/// Reads the events of one stream, compressed or not, in whatever form they are. `name` is only for messages.
///
/// Memory is bounded by [`MAX_RECORD`](super::MAX_RECORD), whatever the stream holds. The answer is `Break` if
/// and only if `on` answered so.
///
/// ```
/// use std::ops::ControlFlow;
/// use std::path::Path;
/// use why_denied::sources::{Item, Options, read_stream};
///
/// let text = br#"{"Records":[{"eventSource":"s3.amazonaws.com","eventName":"GetObject"}]}"#;
/// let mut events = 0;
/// let _ = read_stream(Path::new("example"), text.as_slice(), Options::default(), &mut |item| {
///     events += usize::from(matches!(item, Item::Record(_)));
///     ControlFlow::Continue(())
/// });
/// assert_eq!(events, 1);
/// ```
pub fn read_stream(
    name: &Path,
    input: impl Read,
    options: Options,
    on: &mut dyn FnMut(Item) -> ControlFlow<()>,
) -> ControlFlow<()> {
    read_asked(name, input, Asked::InPassing, options, on)
}

/// Reads a stream that somebody asked for, or that lay in a folder.
pub(super) fn read_asked(
    name: &Path,
    input: impl Read,
    asked: Asked,
    options: Options,
    on: &mut dyn FnMut(Item) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let mut sink = Sink::new(Arc::from(name), options, on);
    let flow = read(Window::new(input), Carried::File, &mut sink);
    sink.finish(flow, asked)
}

/// Reads what was packed in a string of the record at `place`.
pub(super) fn read_packed(bytes: &[u8], field: &'static str, place: Place, sink: &mut Sink<'_>) -> Flow {
    read(Window::new(bytes), Carried::Record(field, place), sink)
}

/// Where bytes come from, which an error has to say.
#[derive(Clone, Copy)]
enum Carried {
    File,
    Gzip,
    Record(&'static str, Place),
}

impl Carried {
    fn unpacked(self) -> Self {
        if matches!(self, Self::File) { Self::Gzip } else { self }
    }

    fn problem(self, source: io::Error, sink: &Sink<'_>) -> Problem {
        use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
        let path = sink.path();
        match (self, source.kind()) {
            (Self::Record(field, place), _) => {
                Problem::Packed { at: sink.origin(place), field, reason: source.to_string() }
            }
            (Self::Gzip, UnexpectedEof) => Problem::GzipCutOff { path },
            (Self::Gzip, InvalidData | InvalidInput) => Problem::Gzip { path, source },
            (Self::File | Self::Gzip, _) => Problem::Read { path, source },
        }
    }
}

fn read(mut window: Window<'_>, mut carried: Carried, sink: &mut Sink<'_>) -> Flow {
    // Two layers occur: CloudWatch Logs compresses, and Firehose compresses again.
    for _ in 0..2 {
        window.fill(GZIP.len());
        if !window.rest().starts_with(GZIP) {
            break;
        }
        window = Window::new(MultiGzDecoder::new(window));
        carried = carried.unpacked();
    }
    window.fill(UTF8_MARK.len());
    if UTF16_MARKS.iter().any(|mark| window.rest().starts_with(mark)) {
        let path = sink.path();
        return sink.problem(Problem::Utf16 { path });
    }
    if window.rest().starts_with(UTF8_MARK) {
        window.skip_mark(UTF8_MARK.len());
    }
    let failure = read_text(window, sink)?;
    match failure {
        Some(error) => {
            let problem = carried.problem(error, sink);
            sink.problem(problem)
        }
        None => Flow::Continue(()),
    }
}

/// Reads text in whatever form; gives the error that ended it early.
fn read_text(mut window: Window<'_>, sink: &mut Sink<'_>) -> ControlFlow<Stop, Option<io::Error>> {
    let first = window.skip_space();
    let json = match first {
        Some(b'{' | b'[') => true,
        Some(b'0'..=b'9') => is_log_line(window.line(LONGEST_HEADER)),
        _ => false,
    };
    if json {
        let mut walk = Walk::new(window, sink);
        walk.run()?;
        return ControlFlow::Continue(walk.take_failure());
    }
    if first.is_some() && table::is_header(window.line(LONGEST_HEADER)) {
        table::read(&mut window, sink)?;
    } else if first.is_some() {
        sink.skip(SkipReason::NotCloudTrail);
    } else if !window.failed() {
        sink.skip(SkipReason::Empty);
    }
    ControlFlow::Continue(window.take_failure())
}

/// Whether a line is a timestamp with a JSON object behind it, as CloudWatch Logs exports them.
fn is_log_line(line: &[u8]) -> bool {
    let timestamp = |byte: &u8| byte.is_ascii_digit() || b"TZ:.+-".contains(byte);
    let end = line.iter().position(|byte| !timestamp(byte)).unwrap_or(line.len());
    line.get(end..).is_some_and(|rest| rest.starts_with(b" ") && rest.trim_ascii_start().starts_with(b"{"))
}
