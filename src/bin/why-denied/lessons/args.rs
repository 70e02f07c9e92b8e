//! What was typed after `lessons`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Arguments of `lessons`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  why-denied lessons
  why-denied lessons start 1
  why-denied lessons answer b
  why-denied lessons check --watch

Exit codes: 0 right or allowed, 4 not right or still denied, 3 cannot be said, 1 error.")]
pub struct LessonsArgs {
    /// The file that keeps how far you are; without it one in your data folder
    #[arg(long, global = true, value_name = "FILE", env = "WHY_DENIED_PROGRESS", hide_env_values = true)]
    pub progress: Option<PathBuf>,
    #[command(subcommand)]
    pub command: Option<LessonsCommand>,
}

/// The subcommands of `lessons`; without one, the lessons are listed.
#[derive(Debug, Subcommand)]
pub enum LessonsCommand {
    /// Write a lesson into a folder, and tell its story
    Start(StartArgs),
    /// Answer the questions, before the tool tells what was denied and why
    Answer(AnswerArgs),
    /// One more hint
    Hint(HintArgs),
    /// Evaluate the edited policies: still denied, solved, or more than the task needs
    Check(CheckArgs),
}

/// Arguments of `lessons start`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  why-denied lessons start
  why-denied lessons start 4
  why-denied lessons start s3-kms-download ~/lessons/kms")]
pub struct StartArgs {
    /// A lesson by name or number; without it, the next
    #[arg(value_name = "LESSON")]
    pub lesson: Option<String>,
    /// The folder to write it into; without it, one with the lesson's name
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,
}

/// Arguments of `lessons answer`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  why-denied lessons answer          # repeats the question
  why-denied lessons answer b
  why-denied lessons answer b a --dir ./s3-kms-download")]
pub struct AnswerArgs {
    /// The letter of an option; several answer several questions
    #[arg(value_name = "LETTER")]
    pub letters: Vec<String>,
    /// The folder of the lesson; without it this one, or that of the lesson started last
    #[arg(long = "dir", value_name = "DIR")]
    pub folder: Option<PathBuf>,
}

/// Arguments of `lessons hint`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  why-denied lessons hint
  why-denied lessons hint ./s3-kms-download")]
pub struct HintArgs {
    /// The folder of the lesson; without it this one, or that of the lesson started last
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,
}

/// Arguments of `lessons check`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  why-denied lessons check
  why-denied lessons check ./s3-kms-download --watch")]
pub struct CheckArgs {
    /// The folder of the lesson; without it this one, or that of the lesson started last
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,
    /// Check again whenever a file is saved, until it is solved
    #[arg(long)]
    pub watch: bool,
}
