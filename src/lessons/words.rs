//! The words of the course, for a terminal.

use std::fmt::Write as _;

use similar::TextDiff;

use super::case::Case;
use super::judge::{Aim, Judgement, SideEffect};
use super::lesson::{Choice, Edit, Lesson, Question};
use super::progress::{Progress, Record, Solved};
use crate::evaluate::Layer;
use crate::evidence::Gap;
use crate::render::{TextOptions, printable, text};

/// All lessons with how far the learner is.
pub fn listing(course: &[Lesson], progress: &Progress) -> String {
    let solved = course.iter().filter(|lesson| progress.of(&lesson.name).solved.is_some()).count();
    let mut out = format!("{} lessons, {solved} solved\n\n", course.len());
    for lesson in course {
        let state = state(&progress.of(&lesson.name));
        let _ = writeln!(out, "{:>4}  {state:<9} {:<42} {}", lesson.order, lesson.title, lesson.topic);
    }
    match next(course, progress) {
        Some(lesson) => {
            let _ = writeln!(out, "\nnext: why-denied lessons start {}    ({})", lesson.order, lesson.name);
        }
        None => out.push_str("\nall of them are solved\n"),
    }
    out
}

fn state(record: &Record) -> &'static str {
    match record {
        Record { solved: Some(Solved::Exactly), .. } => "solved",
        Record { solved: Some(Solved::TooWide), .. } => "too wide",
        Record { folder: Some(_), .. } => "begun",
        _ => "",
    }
}

fn next<'c>(course: &'c [Lesson], progress: &Progress) -> Option<&'c Lesson> {
    course.iter().find(|lesson| progress.of(&lesson.name).solved != Some(Solved::Exactly))
}

/// What happened, the message, and the new words.
pub fn story(lesson: &Lesson) -> String {
    let mut out = format!("Lesson {}: {}\n\n{}\n", lesson.order, lesson.title, lesson.story.trim());
    let _ = writeln!(out, "\nThe message:\n\n{}", indented(lesson.symptom.trim()));
    if !lesson.words.is_empty() {
        out.push_str("\nWords of AWS:\n\n");
        for word in &lesson.words {
            let _ = writeln!(out, "{}", wrapped(&format!("- {}: {}", word.word, word.means.trim()), 80));
        }
    }
    out
}

/// The story as a file beside the bundle.
pub(super) fn story_file(lesson: &Lesson) -> String {
    let mut out =
        format!("# {}\n\n{}\n\n```\n{}\n```\n", lesson.title, lesson.story.trim(), lesson.symptom.trim());
    for word in &lesson.words {
        let _ = write!(out, "\n{}", wrapped(&format!("- **{}**: {}", word.word, word.means.trim()), 100));
    }
    out.push_str(
        "\n\nThe files of this folder are what was found out about the denial, as the AWS CLI prints it: events, and\n\
         below `accounts` the policies. Answer the questions with `why-denied lessons answer`, then edit the policies and\n\
         see what they are worth with `why-denied lessons check`. `why-denied lessons hint` helps.\n",
    );
    out
}

/// A question with its options.
pub fn question(question: &Question, number: usize, of: usize) -> String {
    let mut out = format!("Question {number} of {of}: {}\n\n", question.text.trim());
    for (option, letter) in question.options.iter().zip('a'..='z') {
        let _ = writeln!(out, "{}", wrapped(&format!("  {letter}) {}", option.text.trim()), 80));
    }
    out
}

/// What an answer gets.
pub fn answered(option: &Choice, is_right: bool) -> String {
    let start = if is_right { "Right." } else { "No." };
    wrapped(&format!("{start} {}", option.why.trim()), 80) + "\n"
}

/// The answer of `explain` without the repair, which the learner is to find.
pub fn chain(case: &Case, options: TextOptions) -> String {
    let mut diagnosis = case.diagnosis.clone();
    diagnosis.remedies.clear();
    diagnosis.testimony = None;
    let whole = text(&[diagnosis], options);
    let shown = whole.split("\nNot checked").next().unwrap_or_default();
    // The third line goes on with what to do.
    let lines = shown.lines().enumerate().map(|(number, line)| match number {
        2 => line.split("; ").next().unwrap_or_default(),
        _ => line,
    });
    lines.map(|line| line.to_owned() + "\n").collect()
}

/// What to do, once the questions are answered.
pub fn task(lesson: &Lesson, folder: &str) -> String {
    let mut out = format!("Now you:\n\n{}\n", lesson.task.trim());
    if lesson.has_repair() {
        let _ = writeln!(out, "\nEdit the files in {} and ask what they are worth:", printable(folder));
        out.push_str("\n  why-denied lessons check            (or --watch: at every save)\n  why-denied lessons hint\n");
    }
    out
}

/// A hint.
pub fn hint(lesson: &Lesson, number: usize) -> Option<String> {
    let found = lesson.hints.get(number)?;
    let of = lesson.hints.len();
    Some(wrapped(&format!("Hint {} of {of}: {}", number + 1, found.text.trim()), 80) + "\n")
}

/// The repair of the lesson, for whoever had all hints.
pub fn repair_as_diff(lesson: &Lesson) -> String {
    let mut out = String::from("Those were all hints. One repair that solves it:\n");
    for Edit { file, old, new } in &lesson.repair {
        let _ = writeln!(out, "\n  in {file}:");
        for change in TextDiff::from_lines(old.trim_end(), new.trim_end()).iter_all_changes() {
            let _ = writeln!(out, "  {}{}", change.tag(), change.value().trim_end());
        }
    }
    out
}

/// What a folder is worth.
pub fn judgement(case: &Case, judgement: &Judgement, options: TextOptions) -> String {
    let denied = &case.diagnosis.denied;
    let on = denied
        .resource
        .as_deref()
        .filter(|arn| *arn != "*")
        .map_or(String::new(), |arn| format!(" on {arn}"));
    let call = format!("{}{on} for {}", denied.action, case.diagnosis.principal_name);
    let no_edit =
        case.lesson.no_edit.as_deref().map(|why| why.split_whitespace().collect::<Vec<_>>().join(" "));
    let no_edit = no_edit.as_deref();
    let paragraphs = match judgement {
        Judgement::Unchanged => vec![unchanged(no_edit)],
        Judgement::Damaged(problems) => damaged(problems),
        Judgement::Denied { by, text, aim } => {
            let mut out = vec![format!("STILL DENIED: {call}"), format!("  {text}")];
            out.extend(aimed(aim, by).map(|line| format!("  {line}")));
            out.extend(no_edit.map(|why| format!("  {why}")));
            out
        }
        Judgement::Undetermined(gaps) => {
            let mut out = undetermined(&call, gaps);
            out.extend(no_edit.map(|why| format!("  {why}")));
            out
        }
        Judgement::Allowed { .. } if no_edit.is_some() => {
            let why = no_edit.unwrap_or_default();
            vec![format!("ALLOWED, and that is no solution: {call}"), format!("  {why}")]
        }
        Judgement::Allowed { beside } if beside.is_empty() => vec![
            format!("SOLVED: {call} is allowed now,"),
            "  and of the requests around it none is decided otherwise than by the tool's own repair."
                .to_owned(),
        ],
        Judgement::Allowed { beside } => beside_the_task(&call, beside),
    };
    let lines = paragraphs.iter().map(|line| wrapped(&printable(line), options.width) + "\n");
    lines.collect()
}

fn unchanged(no_edit: Option<&str>) -> String {
    match no_edit {
        Some(why) => format!("Nothing is edited, and nothing has to be. {why}"),
        None => "Nothing is edited yet: every policy is as it was when the call was denied.".to_owned(),
    }
}

fn damaged(problems: &[String]) -> Vec<String> {
    let mut out = vec!["This cannot be read, so nothing is judged:".to_owned()];
    out.extend(problems.iter().map(|problem| format!("  - {problem}")));
    out
}

/// The kinds of policies, with their articles.
fn kinds(layers: &[Layer]) -> String {
    let kinds = layers.iter().map(|layer| match layer.title() {
        title if title.starts_with(['i', 'a']) => format!("an {title}"),
        title => format!("a {title}"),
    });
    kinds.collect::<Vec<_>>().join(" and ")
}

/// Why the edits do not help, if more can be said than that the request is denied.
fn aimed(aim: &Aim, by: &[Layer]) -> Option<String> {
    match aim {
        Aim::Elsewhere => Some("What you edited is not asked about this request.".to_owned()),
        Aim::OtherLayer(touched) => {
            let (touched, by) = (kinds(touched), kinds(by));
            Some(format!("What you edited is {touched}; what refuses is {by}. No Allow elsewhere helps."))
        }
        Aim::RefusingLayer => None,
    }
}

fn undetermined(call: &str, gaps: &[Gap]) -> Vec<String> {
    let mut out = vec![format!("IT CANNOT BE SAID whether {call} is allowed now:")];
    out.extend(gaps.iter().take(5).map(|gap| format!("  - {}: {}", gap.what, gap.why)));
    out
}

fn beside_the_task(call: &str, beside: &[SideEffect]) -> Vec<String> {
    let mut out =
        vec![format!("ALLOWED: {call}."), "But your repair does more than the task needs:".to_owned()];
    out.extend(beside.iter().map(|effect| match effect {
        SideEffect::Opens(says) => format!("  - now also allowed: {says}"),
        SideEffect::Weakens(says, layer) => {
            format!("  - no longer held back by the {}: {says}", layer.title())
        }
        SideEffect::Closes(says) => format!("  - no longer allowed: {says}"),
    }));
    out
}

/// What is told at the end of a lesson.
pub fn solved_lesson(case: &Case, course: &[Lesson], progress: &Progress) -> String {
    let mut out = format!("\n{}\n", wrapped(&format!("To remember: {}", case.lesson.remember.trim()), 80));
    if let Some(remedy) = case.diagnosis.remedies.first() {
        let said = format!("What the tool would have said: {} ({})", remedy.text, remedy.who);
        let _ = writeln!(out, "\n{}", wrapped(&printable(&said), 80));
    }
    let _ = writeln!(out, "\nThe whole answer: why-denied explain --example {}", case.lesson.name);
    if let Some(lesson) = next(course, progress) {
        let _ = writeln!(out, "The next lesson:  why-denied lessons start {}", lesson.order);
    }
    out
}

/// The command that goes on from here.
pub fn next_step(lesson: &Lesson, record: &Record) -> &'static str {
    if record.answered < lesson.questions.len() {
        "why-denied lessons answer LETTER"
    } else {
        "why-denied lessons check"
    }
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}

/// Lines of at most so many columns; what is longer than a line stays whole, to be copied. The indent of the text is
/// that of its lines, and two columns more for the later ones.
fn wrapped(text: &str, width: usize) -> String {
    let indent = " ".repeat(text.len() - text.trim_start().len());
    let later = format!("{indent}  ");
    let options = textwrap::Options::new(width.clamp(40, 100))
        .break_words(false)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .initial_indent(&indent)
        .subsequent_indent(&later);
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    textwrap::fill(&words, options)
}
