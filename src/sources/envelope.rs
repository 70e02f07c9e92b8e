//! Tells what an object is and takes the event out of it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::scan::Scanner;
use super::sink::{Flow, Sink};
use super::window::Place;
use super::{Form, Problem, SkipReason, rows, stream};

/// The members by which objects are told apart. Reading it checks that the whole object is valid JSON, and
/// neither allocates nor recurses.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Members<'t> {
    #[serde(borrow, rename = "eventName")]
    event_name: Option<&'t RawValue>,
    #[serde(borrow, rename = "eventSource")]
    event_source: Option<&'t RawValue>,
    #[serde(borrow, rename = "errorCode")]
    error_code: Option<&'t RawValue>,
    #[serde(borrow, rename = "eventType")]
    event_type: Option<&'t RawValue>,
    #[serde(borrow, rename = "insightDetails")]
    insight_details: Option<&'t RawValue>,
    #[serde(borrow, rename = "digestS3Object")]
    digest: Option<&'t RawValue>,
    #[serde(borrow)]
    detail: Option<&'t RawValue>,
    #[serde(borrow, rename = "CloudTrailEvent")]
    cloud_trail_event: Option<&'t RawValue>,
    #[serde(borrow, rename = "EventId")]
    event_id: Option<&'t RawValue>,
    #[serde(borrow)]
    message: Option<&'t RawValue>,
    #[serde(borrow, rename = "@message")]
    insights_message: Option<&'t RawValue>,
    #[serde(borrow)]
    awslogs: Option<&'t RawValue>,
    #[serde(borrow)]
    kinesis: Option<&'t RawValue>,
    #[serde(borrow, rename = "Data")]
    data: Option<&'t RawValue>,
}

/// What an object is.
enum Kind<'t> {
    Event,
    /// The event is an object in this one.
    Inner(&'t str, Form),
    /// The event is a string in this object.
    Text(&'static str, &'t RawValue, Form),
    /// More text is packed in a string of this object.
    Packed(&'static str, &'t RawValue),
    Other(SkipReason),
}

/// `{"data": …}` of Lambda events.
#[derive(Deserialize)]
struct Carrier<'t> {
    #[serde(borrow)]
    data: &'t RawValue,
}

fn carried(value: &RawValue) -> Option<&RawValue> {
    serde_json::from_str::<Carrier<'_>>(value.get()).ok().map(|carrier| carrier.data)
}

fn begins(value: Option<&RawValue>, with: &str) -> bool {
    value.is_some_and(|value| value.get().starts_with(with))
}

impl<'t> Members<'t> {
    fn kind(&self, form: Form) -> Kind<'t> {
        if self.insight_details.is_some() || begins(self.event_type, "\"AwsCloudTrailInsight\"") {
            return Kind::Other(SkipReason::Insight);
        }
        // S3 notifications have the same two members, with a source `aws:s3`.
        let service = begins(self.event_source, "\"") && !begins(self.event_source, "\"aws:");
        // People shorten events before they pass them on.
        let source = service || self.event_source.is_none() && self.error_code.is_some();
        if source && begins(self.event_name, "\"") {
            return Kind::Event;
        }
        if self.digest.is_some() {
            return Kind::Other(SkipReason::Digest);
        }
        self.envelope(form).unwrap_or(Kind::Other(SkipReason::NotCloudTrail))
    }

    fn envelope(&self, form: Form) -> Option<Kind<'t>> {
        if let Some(text) = self.cloud_trail_event.filter(|text| text.get().starts_with('"')) {
            return Some(Kind::Text("CloudTrailEvent", text, Form::LookupEvents));
        }
        if let Some(detail) = self.detail.filter(|detail| detail.get().starts_with('{')) {
            return Some(Kind::Inner(detail.get(), Form::EventBridge));
        }
        if let Some(data) = self.awslogs.and_then(carried) {
            return Some(Kind::Packed("awslogs.data", data));
        }
        if let Some(data) = self.kinesis.and_then(carried) {
            return Some(Kind::Packed("kinesis.data", data));
        }
        if let Some(data) = self.data.filter(|data| data.get().starts_with("\"H4sI")) {
            return Some(Kind::Packed("Data", data));
        }
        self.log_message(form)
    }

    fn log_message(&self, form: Form) -> Option<Kind<'t>> {
        let (field, message, form) = match (self.message, self.insights_message) {
            (Some(message), _) if form == Form::LogsSubscription => ("message", message, form),
            (Some(message), _) => ("message", message, Form::LogsFilter),
            (None, Some(message)) => ("@message", message, Form::LogsInsights),
            (None, None) => return None,
        };
        let text = message.get();
        if text.starts_with('{') {
            Some(Kind::Inner(text, form))
        } else if text.starts_with("\"{") {
            Some(Kind::Text(field, message, form))
        } else if text.starts_with("\"CWL CONTROL MESSAGE") {
            Some(Kind::Other(SkipReason::ControlMessage))
        } else {
            None
        }
    }
}

/// An object somewhere in a text.
#[derive(Clone, Copy)]
struct Object<'t> {
    text: &'t str,
    form: Form,
    place: Place,
    /// The string it was in: the name of the member and the event ID beside it.
    within: Option<(&'static str, Option<&'t str>)>,
    /// How many envelopes it came out of.
    envelopes: u8,
}

/// Takes the event out of an object.
pub(super) fn object(text: &str, form: Form, place: Place, sink: &mut Sink<'_>) -> Flow {
    Object { text, form, place, within: None, envelopes: 0 }.read(sink)
}

/// Takes the event out of an element of the list that a form consists of.
pub(super) fn element(text: &str, form: Form, place: Place, sink: &mut Sink<'_>) -> Flow {
    if text.starts_with('{') {
        return object(text, form, place, sink);
    }
    let row = match form {
        Form::LakeResults => rows::lake(text),
        Form::LogsInsights => rows::insights(text),
        _ => Ok(None),
    };
    match row {
        Ok(Some(rows::Row::Event(json))) => {
            let at = sink.origin(place);
            sink.selected(json, at, form)
        }
        Ok(Some(rows::Row::Message(message))) => {
            Object { text: &message, form, place, within: Some(("@message", None)), envelopes: 1 }.read(sink)
        }
        Ok(None) => {
            sink.skip(SkipReason::NotCloudTrail);
            Flow::Continue(())
        }
        Err(error) => sink.problem(json_problem(&error, place, sink)),
    }
}

/// An event in a string of something that is not JSON itself.
pub(super) fn message(text: &str, form: Form, place: Place, sink: &mut Sink<'_>) -> Flow {
    Object { text, form, place, within: Some(("@message", None)), envelopes: 1 }.read(sink)
}

fn json_problem(error: &serde_json::Error, place: Place, sink: &Sink<'_>) -> Problem {
    let message = error.to_string();
    // The position in the message counts from the start of the record.
    let reason = message.split(" at line ").next().unwrap_or_default().to_owned();
    Problem::Json { at: sink.origin(place.plus(error.line(), error.column())), reason }
}

impl Object<'_> {
    fn read(self, sink: &mut Sink<'_>) -> Flow {
        let members = match serde_json::from_str::<Members<'_>>(self.text) {
            Ok(members) => members,
            Err(error) => return sink.problem(self.invalid(error, sink)),
        };
        match members.kind(self.form) {
            Kind::Event => self.event(sink),
            Kind::Other(reason) => {
                sink.skip(reason);
                Flow::Continue(())
            }
            // An envelope in an envelope is real (EventBridge to CloudWatch Logs), more is somebody's joke.
            Kind::Inner(..) | Kind::Text(..) if self.envelopes > 2 => {
                sink.skip(SkipReason::NotCloudTrail);
                Flow::Continue(())
            }
            Kind::Inner(text, form) => {
                Object { text, form: self.outer(form), envelopes: self.envelopes + 1, ..self }.read(sink)
            }
            Kind::Text(field, value, form) => self.text(field, value, form, &members, sink),
            Kind::Packed(field, value) => self.packed(field, value, sink),
        }
    }

    /// The outermost envelope names the form.
    fn outer(&self, form: Form) -> Form {
        if self.envelopes == 0 { form } else { self.form }
    }

    fn event(self, sink: &mut Sink<'_>) -> Flow {
        let at = sink.origin(self.place);
        let mut scanner = Scanner::default();
        scanner.feed(self.text.as_bytes(), true);
        if scanner.too_deep() {
            return sink.problem(Problem::TooDeep { at });
        }
        sink.record(self.text.to_owned(), at, self.form)
    }

    fn text(
        self,
        field: &'static str,
        value: &RawValue,
        form: Form,
        members: &Members<'_>,
        sink: &mut Sink<'_>,
    ) -> Flow {
        let event_id = members.event_id.and_then(|id| serde_json::from_str::<String>(id.get()).ok());
        match serde_json::from_str::<String>(value.get()) {
            Ok(text) => {
                let within = Some((field, event_id.as_deref()));
                let (form, envelopes) = (self.outer(form), self.envelopes + 1);
                Object { text: text.trim_start(), form, place: self.place, within, envelopes }.read(sink)
            }
            Err(source) => {
                let at = sink.origin(self.place);
                sink.problem(Problem::Embedded { at, field, event_id, source })
            }
        }
    }

    fn packed(self, field: &'static str, value: &RawValue, sink: &mut Sink<'_>) -> Flow {
        let at = sink.origin(self.place);
        let unpacked = serde_json::from_str::<String>(value.get())
            .map_err(|error| error.to_string())
            .and_then(|data| STANDARD.decode(data.trim()).map_err(|error| error.to_string()));
        match unpacked {
            Ok(bytes) => sink.inside(at, |sink| stream::read_packed(&bytes, field, self.place, sink)),
            Err(reason) => sink.problem(Problem::Packed { at, field, reason }),
        }
    }

    fn invalid(&self, error: serde_json::Error, sink: &Sink<'_>) -> Problem {
        let Some((field, event_id)) = self.within else {
            return json_problem(&error, self.place, sink);
        };
        let at = sink.origin(self.place);
        Problem::Embedded { at, field, event_id: event_id.map(str::to_owned), source: error }
    }
}
