//! The words for what a folder is worth.

use super::case::Case;
use super::judge::{Aim, Damage, Judgement, StillDenied};
use super::lesson::Lesson;
use super::side_effects::SideEffect;
use super::words::wrapped;
use crate::diagnose::Reading;
use crate::evaluate::Layer;
use crate::evidence::Gap;
use crate::policy::Effect;
use crate::render::{TextOptions, printable};

/// So many lines of a list are shown.
const MAX_LINES: usize = 12;

/// What a folder is worth.
pub fn judgement(case: &Case, judgement: &Judgement, options: TextOptions) -> String {
    let call = call(case);
    let no_edit = no_edit(&case.lesson);
    let mut paragraphs = match judgement {
        Judgement::Unchanged { records } => return lines(&unchanged(no_edit.as_deref(), records), options),
        Judgement::Damaged(damage) => return lines(&damaged(&case.lesson, damage), options),
        Judgement::Refused(reasons) => refused(reasons),
        Judgement::Denied(denied) => still_denied(&call, denied),
        Judgement::Undetermined(gaps) => undetermined(&call, gaps),
        Judgement::Allowed { .. } if no_edit.is_some() => {
            vec![format!("ALLOWED, and that is no solution: {call}")]
        }
        Judgement::Allowed { beside } if beside.is_empty() => vec![
            format!("SOLVED: {call} is allowed now,"),
            "  and of the requests around it none is decided otherwise than by the tool's own repair."
                .to_owned(),
        ],
        Judgement::Allowed { beside } => beside_the_task(&call, beside),
    };
    paragraphs.extend(no_edit.map(|why| format!("  {why}")));
    lines(&paragraphs, options)
}

fn lines(paragraphs: &[String], options: TextOptions) -> String {
    paragraphs.iter().map(|line| wrapped(&printable(line), options.width) + "\n").collect()
}

fn call(case: &Case) -> String {
    let denied = &case.diagnosis.denied;
    let resource = denied.resource.as_deref().filter(|arn| *arn != "*");
    let on = resource.map_or(String::new(), |arn| format!(" on {arn}"));
    format!("{}{on} for {}", denied.action, case.diagnosis.principal_name)
}

fn no_edit(lesson: &Lesson) -> Option<String> {
    lesson.no_edit.as_deref().map(|why| why.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn unchanged(no_edit: Option<&str>, records: &[String]) -> Vec<String> {
    let mut out = Vec::new();
    if !records.is_empty() {
        out.push(format!(
            "You changed {}: that is a record of what happened, and decides nothing.",
            list(records)
        ));
    }
    out.push(match no_edit {
        Some(why) => format!("Nothing is edited, and nothing has to be. {why}"),
        None => "Nothing is edited yet: every policy is as it was when the call was denied. \
                 `why-denied lessons hint` says where to look."
            .to_owned(),
    });
    out
}

fn damaged(lesson: &Lesson, damage: &[Damage]) -> Vec<String> {
    let mut out = vec!["This cannot be read, so nothing is judged:".to_owned()];
    for Damage { text, line } in damage {
        out.push(format!("  - {text}"));
        out.extend(line.as_ref().map(|line| format!("      the line: {line}")));
    }
    if damage.iter().any(|one| one.line.is_some()) {
        out.push(
            "  In JSON a comma stands between two entries and not behind the last, text stands in double quotes, \
             every bracket is closed, and there are no comments."
                .to_owned(),
        );
    }
    if damage.iter().any(|one| one.line.is_none()) {
        out.push(format!(
            "  The files as they were: `why-denied lessons start {} ANOTHER-FOLDER`",
            lesson.order
        ));
    }
    out
}

fn refused(reasons: &[String]) -> Vec<String> {
    let mut out = vec!["AWS would not take this edit, so nothing is judged:".to_owned()];
    out.extend(reasons.iter().take(MAX_LINES).map(|reason| format!("  - {reason}")));
    out
}

fn still_denied(call: &str, denied: &StillDenied) -> Vec<String> {
    let mut out = vec![format!("STILL DENIED: {call}"), format!("  {}", denied.text)];
    out.extend(denied.written.iter().take(MAX_LINES).map(|reading| format!("  {}", read(reading, denied))));
    out.extend(aimed(denied).map(|line| format!("  {line}")));
    out
}

/// What became of a statement that the learner wrote.
fn read(reading: &Reading, denied: &StillDenied) -> String {
    let what = format!("Your statement {} of {}", reading.statement, reading.policy);
    match (reading.applies, reading.effect) {
        (Some(true), Some(Effect::Allow)) if denied.is_explicit => {
            format!("{what} applies, and does not help: a Deny wins over every Allow.")
        }
        (Some(true), Some(Effect::Allow)) => format!("{what} applies. It is not enough."),
        (Some(true), _) => format!("{what} applies, and denies."),
        (_, Some(Effect::Deny)) => format!("{what} does not apply, so it denies nothing here."),
        (Some(false), _) => format!("{what} does not apply: {}.", reading.misses.join("; ")),
        (None, _) => {
            format!(
                "Whether your statement {} of {} applies cannot be said.",
                reading.statement, reading.policy
            )
        }
    }
}

/// Why the edits do not help, if more can be said than that the request is denied.
fn aimed(denied: &StillDenied) -> Option<String> {
    let has_said = denied.written.iter().any(|one| one.applies == Some(true));
    match &denied.aim {
        Aim::Elsewhere { edited, asked } => {
            let edited = if edited.is_empty() { "What you edited".to_owned() } else { list(edited) };
            Some(format!(
                "{edited} is different now, but nothing in it that is asked about this request. Asked are: {}.",
                list(asked)
            ))
        }
        Aim::OtherLayer { touched, could_help: true } if !denied.is_explicit => Some(format!(
            "What you edited is {}. It could allow this as well as {} could, and it does not yet.",
            kinds(touched),
            kinds(&denied.by)
        )),
        Aim::OtherLayer { touched, .. } => {
            // A resource-based policy that names a session or everyone is not limited by a boundary.
            let passes =
                touched.contains(&Layer::Resource) && denied.by.iter().all(|by| *by == Layer::Boundary);
            let end = if passes { "" } else { " No Allow elsewhere helps." };
            Some(format!(
                "What you edited is {}; what refuses is {}.{end}",
                kinds(touched),
                kinds(&denied.by)
            ))
        }
        Aim::RefusingLayer if denied.is_explicit && !has_said => Some(
            "A Deny applies, and no Allow helps against it: what helps is to change what the Deny is about."
                .to_owned(),
        ),
        Aim::RefusingLayer => None,
    }
}

/// The kinds of policies, with their articles.
fn kinds(layers: &[Layer]) -> String {
    let kinds = layers.iter().map(|layer| match layer.title() {
        title if title.starts_with(['i', 'a']) => format!("an {title}"),
        title => format!("a {title}"),
    });
    kinds.collect::<Vec<_>>().join(" and ")
}

fn list(names: &[String]) -> String {
    let shown = names.iter().take(MAX_LINES).cloned().collect::<Vec<_>>().join(", ");
    let more = names.len().saturating_sub(MAX_LINES);
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}

fn undetermined(call: &str, gaps: &[Gap]) -> Vec<String> {
    let mut out = vec![format!("IT CANNOT BE SAID whether {call} is allowed now:")];
    out.extend(gaps.iter().take(5).map(|gap| format!("  - {}: {}", gap.what, gap.why)));
    out
}

fn beside_the_task(call: &str, beside: &[SideEffect]) -> Vec<String> {
    let mut out = vec![format!("ALLOWED: {call}.")];
    let opens = |effect: &&SideEffect| effect.opens();
    let closes = |effect: &&SideEffect| matches!(effect, SideEffect::Closes(_));
    let misses = |effect: &&SideEffect| matches!(effect, SideEffect::Misses(_));
    let mut part = |title: &str, test: &dyn Fn(&&SideEffect) -> bool| {
        let found: Vec<&SideEffect> = beside.iter().filter(|effect| test(effect)).collect();
        if found.is_empty() {
            return;
        }
        out.push(title.to_owned());
        out.extend(found.iter().take(MAX_LINES).map(|effect| format!("  - {}", effect_text(effect))));
        if let Some(more) = found.len().checked_sub(MAX_LINES).filter(|more| *more > 0) {
            out.push(format!("  - and {more} more"));
        }
    };
    part("But your repair does less than the task wants:", &misses);
    part("But your repair takes away what was allowed before:", &closes);
    part("But your repair does more than the task needs:", &opens);
    out.push("So it is not solved yet.".to_owned());
    out
}

fn effect_text(effect: &SideEffect) -> String {
    match effect {
        SideEffect::Opens(says) => format!("now also allowed: {says}"),
        SideEffect::Weakens { says, layer, is_refused: true } => {
            format!("one refusal less, that of the {} (something else still refuses): {says}", layer.title())
        }
        SideEffect::Weakens { says, layer, is_refused: false } => {
            format!("perhaps allowed now, for the {} refuses no longer: {says}", layer.title())
        }
        SideEffect::Closes(says) => format!("no longer allowed: {says}"),
        SideEffect::Misses(says) => format!("still refused: {says}"),
    }
}
