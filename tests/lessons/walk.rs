//! The course as a person goes through it, with the program alone.

use std::path::Path;

use why_denied::lessons::{Case, Edit};

use crate::program::{Run, finished, program};
use crate::{cases, edit};

/// A learner with a place of their own.
struct Learner {
    home: tempfile::TempDir,
}

impl Learner {
    fn new() -> Self {
        Self { home: tempfile::tempdir().unwrap() }
    }

    fn run(&self, args: &[&str]) -> Run {
        let mut command = program();
        command.arg("lessons").args(args).current_dir(self.home.path());
        command.env("WHY_DENIED_PROGRESS", self.home.path().join("progress/lessons.json"));
        finished(&command.write_stdin("").output().unwrap())
    }

    fn folder(&self, name: &str) -> std::path::PathBuf {
        self.home.path().join(name)
    }
}

/// The letters of the right answers.
fn letters(case: &Case) -> Vec<String> {
    let letter = |question: &why_denied::lessons::Question| {
        let at = question.options.iter().position(|option| case.is_right(question, option)).unwrap();
        char::from(b'a' + u8::try_from(at).unwrap()).to_string()
    };
    case.lesson.questions.iter().map(letter).collect()
}

/// From the first lesson to the last: story, a wrong answer, the right ones, hints, the repair.
#[test]
fn the_whole_course_can_be_gone_through() {
    let learner = Learner::new();
    for case in cases() {
        let name = case.lesson.name.as_str();
        let started = learner.run(&["start", &case.lesson.order.to_string()]);
        assert_eq!(started.code, Some(0), "{}", started.stderr);
        assert!(started.stdout.contains(case.lesson.story.lines().next().unwrap()), "{}", started.stdout);
        let fix = case.diagnosis.remedies.first().map(|remedy| remedy.text.clone()).unwrap_or_default();
        assert!(fix.is_empty() || !started.stdout.contains(&fix));

        let right = letters(&case);
        let wrong = if right[0] == "a" { "b" } else { "a" };
        let answered = learner.run(&["answer", wrong]);
        assert_eq!(answered.code, Some(4), "{}", answered.stdout);
        assert!(answered.stdout.starts_with("No. "), "{}", answered.stdout);
        assert!(!answered.stdout.contains("Chain"), "a wrong answer does not show the chain");

        let mut args = vec!["answer"];
        args.extend(right.iter().map(String::as_str));
        let answered = learner.run(&args);
        assert_eq!(answered.code, Some(0), "{}", answered.stdout);
        assert!(answered.stdout.contains("\nChain\n"), "{}", answered.stdout);
        assert!(
            !case.lesson.has_repair() || !answered.stdout.contains("fix (verified)"),
            "{}",
            answered.stdout
        );

        for _ in 0..=case.lesson.hints.len() {
            let hint = learner.run(&["hint"]);
            assert_eq!(hint.code, Some(0), "{}", hint.stderr);
        }
        let unchanged = learner.run(&["check"]);
        assert_eq!(unchanged.code, Some(4), "{}", unchanged.stdout);
        if case.lesson.has_repair() {
            edit(&learner.folder(name), &case.lesson.repair);
            let solved = learner.run(&["check"]);
            assert_eq!(solved.code, Some(0), "{}", solved.stdout);
            assert!(solved.stdout.starts_with("SOLVED: "), "{}", solved.stdout);
            assert!(solved.stdout.contains("To remember: "), "{}", solved.stdout);
        }
    }
    let listed = learner.run(&[]);
    assert!(listed.stdout.contains("all of them are solved"), "{}", listed.stdout);
}

/// What the tool would say is not in the folder before the learner has found it.
#[test]
fn the_folder_does_not_tell_the_answer() {
    let learner = Learner::new();
    for case in cases() {
        learner.run(&["start", &case.lesson.name]);
        let folder = learner.folder(&case.lesson.name);
        for answer in ["README.md", "expected.json", "lesson.toml"] {
            assert!(!folder.join(answer).exists(), "{answer}");
        }
        assert!(std::fs::read_to_string(folder.join("LESSON.md")).unwrap().contains("lessons check"));
        let explained = finished(&program().arg("explain").arg("--bundle").arg(&folder).output().unwrap());
        assert!(explained.stdout.starts_with("DENIED "), "the folder is a bundle: {}", explained.stderr);
    }
}

#[test]
fn a_repair_that_opens_more_is_allowed_and_not_yet_solved() {
    let learner = Learner::new();
    learner.run(&["start", "2"]);
    let wide = Edit {
        file: "accounts/444455556666/buckets/finance-example/policy.json".to_owned(),
        old: "\"203.0.113.0/24\"".to_owned(),
        new: "\"0.0.0.0/0\"".to_owned(),
    };
    edit(&learner.folder("admin-but-denied"), &[wide]);
    let checked = learner.run(&["check"]);
    assert_eq!(checked.code, Some(0));
    assert!(checked.stdout.starts_with("ALLOWED: "), "{}", checked.stdout);
    assert!(checked.stdout.contains("now also allowed: reading q1.pdf from any other address"));
    assert!(checked.stderr.contains("open questions"), "{}", checked.stderr);
    assert!(learner.run(&[]).stdout.contains("2  nearly"), "{}", learner.run(&[]).stdout);
}

#[test]
fn a_folder_that_is_not_a_lesson_says_so() {
    let learner = Learner::new();
    let other = learner.folder("other");
    std::fs::create_dir(&other).unwrap();
    let check = |learner: &Learner| learner.run(&["check", "other"]);
    let none = check(&learner);
    assert_eq!(none.code, Some(1));
    assert!(
        none.stderr.contains("`other` is not a lesson: it has no lesson.json\nhint: "),
        "{}",
        none.stderr
    );
    for (marker, why) in [
        ("", "names none"),
        ("[]", "names none"),
        ("{\"lesson\":\"no-such\"}", "there is no lesson `no-such`"),
        ("{\"lesson\":\"\\u001b[2J\"}", "there is no lesson"),
    ] {
        std::fs::write(other.join("lesson.json"), marker).unwrap();
        let run = check(&learner);
        assert_eq!(run.code, Some(1), "{marker}");
        assert!(run.stderr.contains(why) && !run.stderr.contains('\u{1b}'), "{marker}: {}", run.stderr);
    }
    assert_eq!(learner.run(&["check", "nowhere"]).code, Some(1));
}

#[test]
fn without_a_lesson_there_is_nothing_to_check() {
    let learner = Learner::new();
    for command in ["check", "hint", "answer"] {
        let run = learner.run(&[command]);
        assert_eq!(run.code, Some(1), "{command}");
        assert!(run.stderr.contains("no lesson is begun\nhint: "), "{}", run.stderr);
    }
}

#[test]
fn nothing_is_written_over() {
    let learner = Learner::new();
    assert_eq!(learner.run(&["start", "1", "here"]).code, Some(0));
    let file = learner.folder("here/accounts/444455556666/iam.json");
    std::fs::write(&file, "mine").unwrap();
    let other = learner.run(&["start", "2", "here"]);
    assert_eq!(other.code, Some(1));
    assert!(other.stderr.contains("not empty"), "{}", other.stderr);
    // The same lesson goes on where it was.
    learner.run(&["answer", "b", "--dir", "here"]);
    let again = learner.run(&["start", "1", "here"]);
    assert_eq!(again.code, Some(0), "{}", again.stderr);
    assert!(
        again.stdout.contains("left as they are") && again.stdout.contains("Question 2"),
        "{}",
        again.stdout
    );
    assert_eq!(std::fs::read_to_string(file).unwrap(), "mine");
}

#[test]
fn an_unknown_lesson_is_a_usage_error_that_names_the_known_ones() {
    let run = Learner::new().run(&["start", "no-such"]);
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("there is no lesson `no-such`"), "{}", run.stderr);
    assert!(cases().iter().all(|case| run.stderr.contains(&case.lesson.name)), "{}", run.stderr);
}

#[test]
fn a_letter_without_an_option_is_no_answer() {
    let learner = Learner::new();
    learner.run(&["start", "1"]);
    for letter in ["z", "", "7", "\u{1b}[2J", "ab"] {
        let run = learner.run(&["answer", letter]);
        assert_eq!(run.code, Some(1), "{letter}: {}", run.stdout);
        assert!(!run.stderr.contains('\u{1b}'), "{}", run.stderr);
    }
    assert_eq!(learner.run(&["answer", "B)"]).code, Some(0));
}

#[test]
fn a_policy_that_is_no_json_is_named_with_line_and_column() {
    let learner = Learner::new();
    learner.run(&["start", "2"]);
    let file = "admin-but-denied/accounts/444455556666/buckets/finance-example/policy.json";
    std::fs::write(learner.folder(file), "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [ }\n")
        .unwrap();
    let run = learner.run(&["check"]);
    assert_eq!(run.code, Some(1), "{}", run.stdout);
    assert!(run.stdout.contains("buckets/finance-example/policy.json:3:"), "{}", run.stdout);
}

/// Lessons are begun in one place and gone on with in another: the last one is meant, or the one that one is in.
#[test]
fn the_folder_is_found_again() {
    let learner = Learner::new();
    learner.run(&["start", "1", "one"]);
    learner.run(&["start", "2", "two"]);
    let in_folder = |folder: &Path| {
        let mut command = program();
        command.args(["lessons", "hint"]).current_dir(folder);
        command.env("WHY_DENIED_PROGRESS", learner.home.path().join("progress/lessons.json"));
        finished(&command.output().unwrap()).stdout
    };
    assert!(in_folder(learner.home.path()).contains("finance-example"));
    assert!(in_folder(&learner.folder("one")).contains("app-runner"));
}
