//! `why-denied explain`

use std::io::Read as _;

use jiff::Timestamp;
use why_denied::bundle;
use why_denied::diagnose::{Diagnosis, Selection, Standing, diagnose, dossiers, perhaps_denied};
use why_denied::evidence::{Evidence, Gap};
use why_denied::render;
use why_denied::sources::aws::{Purpose, Search};
use why_denied::trail::authorization_details::AuthorizationDetails;
use why_denied::trail::message::DenialMessage;

use crate::args::{ExplainArgs, Format};
use crate::authorization_details;
use crate::evidence::{Gathered, Places, from_tree, gather};
use crate::failure::{Exit, Hinted};
use crate::output::{json_text, print, print_json, say};
use crate::query::{self, Ids};
use crate::time::moment;

pub fn run(args: &ExplainArgs) -> anyhow::Result<Exit> {
    let details = args.authorization_details.as_deref().map(authorization_details::read).transpose()?;
    if let Some(text) = &args.message {
        return message(text, args, details.as_ref());
    }
    if args.example.as_deref() == Some("") {
        args.file.must_be_unused("the list of examples")?;
        return list_examples();
    }
    if args.asked.source.print_sql {
        print(&query::sql(&args.asked.source, &search(args)?)?)?;
        return Ok(Exit::Success);
    }
    if let Some(details) = details.as_ref().filter(|_| args.has_details_only()) {
        args.file.must_be_unused("authorization details alone")?;
        return authorization_details::alone(details, args.format);
    }
    let places =
        Places { bundle: args.bundle.as_deref(), events: &args.events, example: args.example.as_deref() };
    let gathered =
        if args.is_live() { from_tree(&crate::live::collect(&args.asked)?)? } else { gather(&places)? };
    let selection = selection(args, &gathered)?;
    if !args.what_if.is_empty() {
        return crate::what_if::run(&args.what_if, &gathered, &selection, args.format);
    }
    let mut diagnoses = diagnose(&gathered.evidence, &selection);
    if let Some(details) = &details {
        authorization_details::beside(&mut diagnoses, details);
    }
    let diagnoses = answer(diagnoses, &gathered.evidence, &selection, args)?;
    let absent = absent(args, &gathered);
    for id in &absent {
        say(&format!("error: no event has the id `{id}`"));
    }
    notes(&diagnoses, &gathered, args.is_live());
    // Files without an event are a mistake; a time in which nobody called is none.
    let no_events = gathered.evidence.events.is_empty() && !args.is_live();
    Ok(exit(&diagnoses, &gathered, !absent.is_empty() || no_events))
}

/// The ids of events and requests that were asked for and that no event has.
fn absent<'a>(args: &'a ExplainArgs, gathered: &Gathered) -> Vec<&'a String> {
    let events = || gathered.evidence.events.iter();
    let is_event = |id: &String| events().any(|event| event.event_id.as_ref() == Some(id));
    let is_request = |id: &String| events().any(|event| event.request_id.as_ref() == Some(id));
    let absent_events = args.asked.event_id.iter().filter(|id| !is_event(id));
    absent_events.chain(args.asked.request_id.iter().filter(|id| !is_request(id))).collect()
}

/// What is looked for in AWS.
fn search(args: &ExplainArgs) -> anyhow::Result<Search> {
    // Several ids are no narrower than the window.
    let only = |ids: &[String]| if let [id] = ids { Some(id.clone()) } else { None };
    let ids = Ids { event: only(&args.asked.event_id), request: only(&args.asked.request_id) };
    query::search(&args.asked.source, &args.asked.narrowing, ids, Purpose::Explanation, Timestamp::now())
}

fn selection(args: &ExplainArgs, gathered: &Gathered) -> anyhow::Result<Selection> {
    let now = Timestamp::now();
    // The scope of a bundle is its own; what was typed narrows it. What was collected just now has it already.
    let mut scope = gathered.evidence.scope.clone();
    let event_ids = gathered.evidence.asked_for(&args.asked.event_id, &args.asked.request_id);
    if args.is_live() {
        return Ok(Selection { scope, event_ids });
    }
    if let Some(principal) = &args.asked.narrowing.principal {
        scope.principal = Some(principal.clone());
    }
    scope.since = moment(args.asked.narrowing.since.as_deref(), now)?.or(scope.since);
    scope.until = moment(args.asked.narrowing.until.as_deref(), now)?.or(scope.until);
    Ok(Selection { scope, event_ids })
}

/// Prints or writes the answer.
fn answer(
    diagnoses: Vec<Diagnosis>,
    evidence: &Evidence,
    selection: &Selection,
    args: &ExplainArgs,
) -> anyhow::Result<Vec<Diagnosis>> {
    let (file, gaps) = (&args.file, &evidence.gaps);
    let format = file.format(args.format)?;
    // What a report shows beside the answer takes time to look up.
    if let Format::Html | Format::Markdown = format {
        let dossiers = dossiers(evidence, selection, diagnoses);
        let write = if format == Format::Html { render::html } else { render::markdown };
        file.deliver(&write(&dossiers, gaps))?;
        return Ok(dossiers.into_iter().map(|dossier| dossier.diagnosis).collect());
    }
    file.deliver(&match format {
        Format::Json => json_text(&render::report(&diagnoses).with_gaps(gaps))?,
        Format::Dot => render::dot(&diagnoses),
        Format::Mermaid => render::mermaid(&diagnoses),
        Format::Svg => render::svg(&diagnoses),
        _ if diagnoses.is_empty() && gaps.iter().any(Gap::hides_events) => {
            render::unread_text(gaps, file.text_options())
        }
        _ => render::text(&diagnoses, file.text_options()),
    })?;
    Ok(diagnoses)
}

/// What helps somebody who may not read the events.
const CANNOT_LOOK: &str = "hint: ask for the permission (`why-denied permissions` prints a policy), read events from \
    elsewhere with --events PATH or --trail, or give the error that was shown with --message";

fn notes(diagnoses: &[Diagnosis], gathered: &Gathered, is_live: bool) {
    let events = gathered.evidence.events.len();
    if events == 0 && is_live {
        // Without gaps, what is to be said has been said: there was nothing, or it has not arrived yet.
        if !gathered.evidence.gaps.is_empty() {
            say("error: no events could be read, so nothing is known of any denial");
            say(CANNOT_LOOK);
        }
    } else if events == 0 {
        say("error: there are no events, so nothing is known of any denial");
        say("hint: put CloudTrail events into the folder events/ of the bundle, or name them with --events");
    } else if diagnoses.is_empty() {
        let unread = gathered.evidence.gaps.iter().filter(|gap| gap.hides_events()).count();
        if unread > 0 {
            say(&format!(
                "error: nothing that was asked for was denied in {events} events, but {unread} parts of the events could \
                 not be read, so that is no answer"
            ));
            say(CANNOT_LOOK);
        } else {
            let plural = if events == 1 { "" } else { "s" };
            let only =
                if gathered.problems > 0 { " that could be read: the rest may hold a denial" } else { "" };
            say(&format!("nothing that was asked for was denied in {events} event{plural}{only}"));
        }
        let perhaps = perhaps_denied(&gathered.evidence);
        if perhaps > 0 {
            say(&format!(
                "note: {perhaps} events failed in ways that can hide a refusal, such as a resource not found"
            ));
        }
    }
    if gathered.incomplete_form {
        say("warning: an Event history CSV lists denials and cannot explain them: it has no error message");
    }
}

fn exit(diagnoses: &[Diagnosis], gathered: &Gathered, is_incomplete: bool) -> Exit {
    let unexplained =
        |diagnosis: &Diagnosis| diagnosis.decision.is_none() || diagnosis.standing == Standing::Contradicted;
    let evidence = &gathered.evidence;
    // Whether anything was denied is not known where the events could not be read.
    let unread = evidence.events.is_empty() && !evidence.gaps.is_empty()
        || diagnoses.is_empty() && evidence.gaps.iter().any(Gap::hides_events);
    if unread || diagnoses.iter().any(unexplained) {
        Exit::Undetermined
    } else if is_incomplete || gathered.problems > 0 {
        Exit::Partly
    } else {
        Exit::Success
    }
}

fn list_examples() -> anyhow::Result<Exit> {
    let names = bundle::examples();
    print(&(names.join("\n") + "\n"))?;
    Ok(Exit::Success)
}

/// What an encoded message says, where AWS can be asked. Without AWS, the rest of the message still says something.
#[cfg(feature = "aws")]
fn decoded(encoded: &str, args: &ExplainArgs) -> Option<serde_json::Value> {
    let settings = crate::live::settings(&args.asked.live).ok()?;
    match why_denied::collect::decode(&settings, encoded) {
        Ok(text) => Some(serde_json::from_str(&text).unwrap_or(serde_json::Value::String(text))),
        Err(error) => {
            say(&format!("note: the encoded message was not decoded: {error}"));
            None
        }
    }
}

#[cfg(not(feature = "aws"))]
fn decoded(_: &str, _: &ExplainArgs) -> Option<serde_json::Value> {
    None
}

/// The longest message that is read: AWS's are cut at 1 KB, SDKs add their own.
const MAX_MESSAGE: u64 = 1 << 20;

fn message(text: &str, args: &ExplainArgs, details: Option<&AuthorizationDetails>) -> anyhow::Result<Exit> {
    let text = if text == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().take(MAX_MESSAGE).read_to_end(&mut bytes)?;
        String::from_utf8_lossy(&bytes).into_owned()
    } else {
        text.to_owned()
    };
    let message = DenialMessage::parse(&text);
    if !message.kind.tells_a_denial() {
        return Err(Hinted {
            message: "this is no message of a refused authorization".to_owned(),
            hint: "paste the whole error, for example: User: … is not authorized to perform: …".to_owned(),
            usage: false,
        }
        .into());
    }
    let decoded = message.encoded_message.as_deref().and_then(|encoded| decoded(encoded, args));
    match args.format {
        Format::Json => {
            let mut report = serde_json::to_value(render::message_json(&message))?;
            if let (Some(fields), Some(decoded)) = (report.as_object_mut(), decoded) {
                fields.insert("decoded".to_owned(), decoded);
            }
            if let (Some(fields), Some(details)) = (report.as_object_mut(), details) {
                let details = render::authorization_details_json(details, Some(&message));
                fields.insert("authorization_details".to_owned(), details);
            }
            print_json(&report)?;
        }
        Format::Text => {
            print(&render::message_text(&message))?;
            if let Some(decoded) = decoded {
                print("\nDecoded by AWS\n")?;
                print_json(&decoded)?;
            }
            if let Some(details) = details {
                print(&format!("\n{}", render::authorization_details_text(details, Some(&message))))?;
            }
        }
        Format::Html | Format::Markdown | Format::Svg | Format::Dot | Format::Mermaid => {
            return Err(Hinted {
                message: "a message alone has no causal graph and no report".to_owned(),
                hint: "use --format text or --format json".to_owned(),
                usage: true,
            }
            .into());
        }
    }
    // A message is testimony: it never determines a verdict.
    Ok(Exit::Undetermined)
}
