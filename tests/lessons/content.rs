//! What the lessons say is true: of the bundle, of the diagnosis, of each other.

use std::collections::BTreeSet;

use why_denied::bundle::{example, examples};
use why_denied::lessons::{Asks, Case, Lesson, Proof, Question};
use why_denied::render::{TextOptions, text};

use crate::cases;

#[test]
fn every_example_is_a_lesson_and_the_numbers_have_no_gap() {
    let cases = cases();
    let names: BTreeSet<&str> = cases.iter().map(|case| case.lesson.name.as_str()).collect();
    assert_eq!(names, examples().into_iter().collect());
    let numbers: Vec<u32> = cases.iter().map(|case| case.lesson.order).collect();
    assert_eq!(numbers, (1..=u32::try_from(cases.len()).unwrap()).collect::<Vec<_>>());
}

#[test]
fn the_readme_of_an_example_leads_to_its_lesson() {
    for Lesson { name, order, .. } in cases().into_iter().map(|case| case.lesson) {
        let readme = example(&name).unwrap().text("README.md").unwrap();
        let line = format!("It is lesson {order} of the course: `why-denied lessons start {name}`.");
        assert!(readme.contains("\n## What to learn\n") && readme.contains(&line), "{name}: {line}");
    }
}

/// Source: the topics that the course is to have, simple ones first.
#[test]
fn the_course_has_its_topics() {
    let topics = [
        "implicit deny",
        "explicit deny",
        "resource-based policy",
        "KMS behind S3",
        "cross-account",
        "boundary",
        "SCP",
        "condition",
        "trust policy",
        "kind of the caller's account",
        "us-east-1",
        "no effect",
    ];
    let cases = cases();
    for (case, topic) in cases.iter().zip(topics) {
        assert!(case.lesson.topic.contains(topic), "{}: {}", case.lesson.order, case.lesson.topic);
    }
}

#[test]
fn of_every_question_exactly_one_option_is_right() {
    for case in cases() {
        for question in &case.lesson.questions {
            let right = question.options.iter().filter(|option| case.is_right(question, option)).count();
            assert_eq!(right, 1, "{}: {}", case.lesson.name, question.text);
        }
        let asks = |asks| move |question: &&Question| question.asks == asks;
        for kind in [Asks::Denied, Asks::Finding] {
            assert_eq!(case.lesson.questions.iter().filter(asks(kind)).count(), 1, "{}", case.lesson.name);
        }
    }
}

/// The right option is not always the first, or the longest.
#[test]
fn the_place_of_the_right_option_tells_nothing() {
    let mut places = BTreeSet::new();
    for case in cases() {
        for question in &case.lesson.questions {
            places.insert(question.options.iter().position(|option| case.is_right(question, option)));
        }
    }
    assert!(places.len() >= 3, "{places:?}");
}

fn answer(case: &Case) -> String {
    let options = TextOptions { width: 100, colour: false };
    // What is wrapped is searched unwrapped.
    text(std::slice::from_ref(&case.diagnosis), options).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn holds(case: &Case, answer: &str, proof: &Proof) -> bool {
    let place = match &proof.file {
        Some(file) => example(&case.lesson.name).unwrap().text(file).unwrap_or_default().to_owned(),
        None => answer.to_owned(),
    };
    let is_file = !place.is_empty();
    let has = proof.has.as_ref().is_none_or(|text| place.contains(text.as_str()));
    let has_not = proof.has_not.as_ref().is_none_or(|text| !place.contains(text.as_str()));
    let found = |code: &String| case.diagnosis.findings.iter().any(|finding| finding.code.as_str() == code);
    is_file && has && has_not && proof.finding.as_ref().is_none_or(found)
}

#[test]
fn every_hint_is_true() {
    let mut checked = 0;
    for case in cases() {
        let answer = answer(&case);
        for hint in &case.lesson.hints {
            assert!(
                !hint.proof.is_empty(),
                "{}: nothing shows that it is true: {}",
                case.lesson.name,
                hint.text
            );
            for proof in &hint.proof {
                let says = proof.has.is_some() || proof.has_not.is_some() || proof.finding.is_some();
                assert!(says, "{}: an empty proof: {}", case.lesson.name, hint.text);
                assert!(holds(&case, &answer, proof), "{}: {proof:?}", case.lesson.name);
                checked += 1;
            }
        }
    }
    assert!(checked > 40, "{checked}");
}

/// A hint that names a file of the bundle names one that is there.
#[test]
fn files_that_texts_name_are_there() {
    for case in cases() {
        let bundle = example(&case.lesson.name).unwrap();
        let lesson = &case.lesson;
        let hints = lesson.hints.iter().map(|hint| hint.text.as_str());
        let questions = lesson.questions.iter().flat_map(|question| {
            let options = question.options.iter().map(|option| option.why.as_str());
            options.chain([question.text.as_str()])
        });
        let all = hints.chain(questions).chain([lesson.task.as_str()]);
        let words = all
            .flat_map(str::split_whitespace)
            .map(|word| word.trim_matches(['.', ',', ':', ';', '?', '(', ')']));
        let is_file = |word: &&str| word.strip_suffix(".json").is_some_and(|name| !name.contains(':'));
        for file in words.filter(is_file) {
            let is_there = bundle.text(file).is_some() || file == "iam.json";
            assert!(is_there, "{}: there is no {file}", lesson.name);
        }
    }
}

/// The message that the learner sees is what the events have. Names before the last part of an ARN may be left out.
#[test]
fn the_symptom_is_in_the_events() {
    for case in cases() {
        let bundle = example(&case.lesson.name).unwrap();
        let files = why_denied::bundle::FileTree::list(&bundle).files;
        let events =
            files.iter().filter(|file| file.starts_with("events/")).filter_map(|file| bundle.text(file));
        let events: String = events.collect::<String>().replace('\\', "").split_whitespace().collect();
        let whole: String = case.lesson.symptom.split_whitespace().collect();
        let whole = whole.split("operation:").last().unwrap().to_owned();
        for part in whole.split("...").filter(|part| part.starts_with("User:arn")) {
            assert!(events.contains(part), "{}: {part}", case.lesson.name);
        }
    }
}

/// A person who knows IAM only by name: every word that a message or a question takes for granted is explained once,
/// here or in an earlier lesson.
#[test]
fn words_of_aws_are_explained_once_and_before_they_are_used() {
    let words = [
        "role",
        "policy",
        "action",
        "ARN",
        "identity-based policy",
        "implicit deny",
        "explicit deny",
        "resource-based policy",
        "condition",
        "key policy",
        "IAM user",
        "cross-account",
        "permissions boundary",
    ];
    let mut known: Vec<String> = Vec::new();
    for case in cases() {
        for word in &case.lesson.words {
            for word in word.word.split(", ") {
                assert!(!known.iter().any(|known| known == word), "{}: `{word}` again", case.lesson.name);
                known.push(word.to_owned());
            }
        }
        let asked: String = case.lesson.questions.iter().flat_map(texts).collect::<Vec<_>>().join(" ");
        for word in words.iter().filter(|word| asked.contains(**word)) {
            assert!(
                known.iter().any(|known| known == word),
                "{}: `{word}` is not explained",
                case.lesson.name
            );
        }
    }
}

fn texts(question: &Question) -> impl Iterator<Item = &str> {
    question.options.iter().map(|option| option.text.as_str()).chain([question.text.as_str()])
}

/// Texts fit a terminal of 80 columns, and nothing in them commands it.
#[test]
fn texts_fit_a_terminal() {
    for case in cases() {
        let lesson: &Lesson = &case.lesson;
        for text in [&lesson.story, &lesson.symptom, &lesson.task] {
            for line in text.lines() {
                assert!(line.chars().count() <= 82, "{}: {line}", lesson.name);
                assert!(!line.chars().any(char::is_control), "{}: {line:?}", lesson.name);
            }
        }
        assert!(lesson.title.chars().count() <= 42, "{}", lesson.title);
    }
}

#[test]
fn what_does_not_fit_together_is_refused() {
    let whole = example("s3-kms-download").unwrap().text("lesson.toml").unwrap();
    assert!(Lesson::parse("x", whole).is_ok());
    for (old, new, why) in [
        ("order = 4", "order = 4\nnonsense = 1", "nonsense"),
        ("asks = \"finding\"", "asks = \"advice\"", "`right`"),
        ("title = ", "no_edit = \"why\"\ntitle = ", "either a repair or a reason"),
        ("order = 4", "order = \"four\"", "invalid type"),
    ] {
        let error = Lesson::parse("x", &whole.replacen(old, new, 1)).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
}
