//! The words of the course, for a terminal.

use std::fmt::Write as _;

use similar::TextDiff;

use super::case::Case;
use super::lesson::{Choice, Edit, Lesson, Question};
use super::progress::{Progress, Record, Solved};
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
        Record { solved: Some(Solved::Nearly), .. } => "nearly",
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
    let title = format!("Question {number} of {of}: {}", question.text.trim());
    let mut out = format!("{}\n\n", wrapped(&title, 80));
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
        // The last line of both ends alike, so that only what differs is shown.
        let (old, new) = (format!("{}\n", old.trim_end()), format!("{}\n", new.trim_end()));
        for change in TextDiff::from_lines(&old, &new).iter_all_changes() {
            let _ = writeln!(out, "  {}{}", change.tag(), change.value().trim_end());
        }
    }
    out
}

/// What is told at the end of a lesson.
pub fn solved_lesson(case: &Case, course: &[Lesson], progress: &Progress) -> String {
    let mut out = format!("\n{}\n", wrapped(&format!("To remember: {}", case.lesson.remember.trim()), 80));
    // Where there is nothing to edit, what the tool offers is for those who may decide otherwise.
    let mut remedies = case.diagnosis.remedies.iter().filter(|remedy| !remedy.is_advice);
    if let Some(remedy) = remedies.next().filter(|_| case.lesson.has_repair()) {
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
pub(super) fn wrapped(text: &str, width: usize) -> String {
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
