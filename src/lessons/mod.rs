//! The course: the examples as lessons. What a lesson asks, what a repair is worth, how far the learner is.
//!
//! This module owns the shape of a lesson (`lesson.toml` beside each bundle) and the judgement of a repair. It must not
//! read or write files, and it must not know an answer: which option of a question is right is what the diagnosis says,
//! and whether a repair is good is what the evaluation says, of the denied request and of requests around it.
//!
//! Start reading at [`Case`]; [`judge`] is what `why-denied lessons check` asks.

mod case;
mod course;
mod folder;
mod judge;
mod judgement;
mod lesson;
mod measure;
mod probes;
mod progress;
mod refused;
mod side_effects;
mod statements;
mod words;

pub use case::Case;
pub use course::{course, lesson};
pub use folder::{MARKER, STORY, files, lesson_of};
pub use judge::{Aim, Damage, Judgement, StillDenied, judge, judge_evidence};
pub use judgement::judgement;
pub use lesson::{
    Alternative, Asks, Choice, Edit, Hint, Lesson, LessonError, ProbeText, Proof, Question, Word,
};
pub use progress::{Progress, Record, Solved};
pub use side_effects::SideEffect;
pub use words::{
    answered, chain, hint, listing, next_step, question, repair_as_diff, solved_lesson, story, task,
};
