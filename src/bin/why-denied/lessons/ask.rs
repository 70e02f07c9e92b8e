//! Questions and answers, typed or given.

use std::io::BufRead;

use why_denied::lessons::{Case, Record, answered, question};

use crate::output::{print, say};

/// What an answer was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Right,
    Wrong,
    /// No option has the letter.
    NoOption,
}

/// The question that is open, as text; `None` if all are answered.
pub fn open_question(case: &Case, record: &Record) -> Option<String> {
    let questions = &case.lesson.questions;
    let open = questions.get(record.answered)?;
    Some(question(open, record.answered + 1, questions.len()))
}

/// Answers the open question with a letter.
pub fn answer(case: &Case, record: &mut Record, letter: &str) -> anyhow::Result<Answer> {
    let Some(open) = case.lesson.questions.get(record.answered) else { return Ok(Answer::Right) };
    let letter = letter.trim().trim_end_matches(')').to_ascii_lowercase();
    let found = open.options.iter().zip('a'..='z').find(|(_, own)| letter == own.to_string());
    let Some((option, _)) = found else {
        say(&format!("error: there is no answer `{letter}`"));
        say("hint: answer with the letter before an option");
        return Ok(Answer::NoOption);
    };
    let is_right = case.is_right(open, option);
    print(&answered(option, is_right))?;
    if is_right {
        record.answered += 1;
        return Ok(Answer::Right);
    }
    record.mistakes += 1;
    Ok(Answer::Wrong)
}

/// Asks until every question is answered, or nobody answers any more.
pub fn interview(case: &Case, record: &mut Record, input: &mut dyn BufRead) -> anyhow::Result<()> {
    let mut shown = usize::MAX;
    while let Some(text) = open_question(case, record) {
        if shown != record.answered {
            shown = record.answered;
            print(&format!("\n{text}\n"))?;
        }
        print("> ")?;
        let mut line = String::new();
        if input.read_line(&mut line)? == 0 || matches!(line.trim(), "q" | "quit") {
            print("\n")?;
            return Ok(());
        }
        if !line.trim().is_empty() {
            answer(case, record, &line)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use why_denied::lessons::{course, lesson};

    fn interviewed(typed: &str) -> Record {
        let course = course().unwrap();
        let case = Case::open(lesson(&course, "1").unwrap().clone()).unwrap();
        let mut record = Record::default();
        interview(&case, &mut record, &mut typed.as_bytes()).unwrap();
        record
    }

    #[test]
    fn every_letter_is_tried_until_one_is_right() {
        let all = interviewed("a\nb\nc\nd\na\nb\nc\nd\na\nb\nc\nd\n");
        let course = course().unwrap();
        assert_eq!(all.answered, lesson(&course, "1").unwrap().questions.len());
        assert!(all.mistakes > 0);
    }

    #[test]
    fn whoever_stops_or_types_nonsense_is_left_in_peace() {
        assert_eq!(interviewed("").answered, 0);
        assert_eq!(interviewed("\n\nq\na\nb\nc\n"), Record::default());
        assert_eq!(interviewed("zebra\n\u{1b}[2J\n7\n"), Record::default());
    }
}
