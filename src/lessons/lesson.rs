//! What a lesson holds: `lesson.toml`.

use std::collections::BTreeMap;

use serde::Deserialize;

/// One lesson of the course.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lesson {
    /// The name of the example.
    #[serde(skip)]
    pub name: String,
    /// The place in the course, from 1.
    pub order: u32,
    /// For the list.
    pub title: String,
    /// What it is about, in AWS's words.
    pub topic: String,
    /// An event of the denial that the lesson is about; without it, the first.
    pub event: Option<String>,
    /// What happened, as the people in it saw it.
    pub story: String,
    /// The message on the screen or in the log.
    pub symptom: String,
    /// AWS's words that are new here.
    #[serde(default, rename = "word")]
    pub words: Vec<Word>,
    /// What is asked before the tool tells.
    #[serde(rename = "question")]
    pub questions: Vec<Question>,
    /// What to do then.
    pub task: String,
    /// A repair written by hand. Without one there is nothing to edit, and the last question is the solution.
    #[serde(default, rename = "repair")]
    pub repair: Vec<Edit>,
    /// Other repairs that are as good, though they do something else beside the task.
    #[serde(default, rename = "alternative")]
    pub alternatives: Vec<Alternative>,
    /// Why an edit is no solution, where there is nothing to edit.
    pub no_edit: Option<String>,
    /// Requests beside the denied one that a good repair leaves as they are.
    #[serde(default, rename = "probe")]
    pub probes: Vec<ProbeText>,
    /// From a nudge to nearly the answer.
    #[serde(rename = "hint")]
    pub hints: Vec<Hint>,
    /// What to remember, told at the end.
    pub remember: String,
}

/// A word of AWS, explained once.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Word {
    /// The word.
    pub word: String,
    /// What it means.
    pub means: String,
}

/// A question with options.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// What decides which option is right.
    pub asks: Asks,
    /// The question.
    pub text: String,
    /// Two or more.
    #[serde(rename = "option")]
    pub options: Vec<Choice>,
}

/// What a question asks for, and so where its answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Asks {
    /// The action that was denied; the diagnosis knows.
    Denied,
    /// The rule that decided, as the code of a finding; the diagnosis knows.
    Finding,
    /// The Region in which the change that started it is recorded; the diagnosis knows.
    Region,
    /// What to do about it. Only people know; the option says so itself.
    Advice,
}

/// One option of a question.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// As it is shown.
    pub text: String,
    /// What it stands for, to be compared with the diagnosis.
    pub value: Option<String>,
    /// Of advice: whether it is right.
    pub right: Option<bool>,
    /// Why it is right or wrong, for whoever chose it.
    pub why: String,
}

/// A piece of text in a file that is replaced by another.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// The file in the bundle.
    pub file: String,
    /// Text that is in the file once.
    pub old: String,
    /// What to put there.
    pub new: String,
}

/// Another repair.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alternative {
    /// What it edits.
    #[serde(rename = "edit")]
    pub edits: Vec<Edit>,
}

/// A request like the denied one but for the parts that are given.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProbeText {
    /// The request in words, as "reading the file from any other address".
    pub says: String,
    /// Who calls.
    pub principal: Option<String>,
    /// What is called.
    pub action: Option<String>,
    /// On what.
    pub resource: Option<String>,
    /// Condition keys with other values; an empty list takes the key away.
    #[serde(default)]
    pub context: BTreeMap<String, Vec<String>>,
}

/// A hint, and what shows that it is true.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hint {
    /// For the learner.
    pub text: String,
    /// At least one.
    pub proof: Vec<Proof>,
}

/// Something in the bundle or in the diagnosis that a hint rests on. All fields that are given have to hold.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// A file of the bundle.
    pub file: Option<String>,
    /// A text that the file has, or, without a file, the answer of `explain`.
    pub has: Option<String>,
    /// A text that the file, or the answer, does not have.
    pub has_not: Option<String>,
    /// The code of a finding of the diagnosis.
    pub finding: Option<String>,
}

/// The file is not a lesson.
#[derive(Debug, thiserror::Error)]
pub enum LessonError {
    /// It is not TOML, or not the TOML of a lesson.
    #[error("{0}")]
    Form(#[from] toml::de::Error),
    /// Something does not fit together.
    #[error("{0}")]
    Content(&'static str),
}

impl Lesson {
    /// Reads `lesson.toml` of an example.
    pub fn parse(name: &str, text: &str) -> Result<Self, LessonError> {
        let lesson = Self { name: name.to_owned(), ..toml::from_str(text)? };
        lesson.content()?;
        Ok(lesson)
    }

    /// Whether the solution is an edit.
    pub fn has_repair(&self) -> bool {
        !self.repair.is_empty()
    }

    fn content(&self) -> Result<(), LessonError> {
        let advice = |question: &Question| question.asks == Asks::Advice;
        let is_marked = |question: &Question| {
            question.options.iter().all(|option| option.value.is_some() != advice(question))
                && question.options.iter().all(|option| option.right.is_some() == advice(question))
        };
        let fault = if self.questions.is_empty() || self.hints.is_empty() {
            "a lesson has questions and hints"
        } else if self.questions.iter().any(|question| question.options.len() < 2) {
            "a question has two options or more"
        } else if !self.questions.iter().all(is_marked) {
            "an option of advice says whether it is `right`, every other has a `value`"
        } else if self.has_repair() == self.no_edit.is_some() {
            "a lesson has either a repair or a reason why there is nothing to edit"
        } else if !self.has_repair() && !self.questions.last().is_some_and(advice) {
            "where there is nothing to edit, the last question asks what to do"
        } else {
            return Ok(());
        };
        Err(LessonError::Content(fault))
    }
}
