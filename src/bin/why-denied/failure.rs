//! Library errors as text with a hint, and exit codes.

use std::io::ErrorKind;
use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Explained, nothing denied, or allowed.
    Success,
    /// Something could not be done, but the rest of the answer stands.
    Partly,
    /// The answer is undetermined.
    Undetermined,
    /// `simulate`: denied.
    Denied,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Success => Self::SUCCESS,
            Exit::Partly => Self::from(1),
            Exit::Undetermined => Self::from(3),
            Exit::Denied => Self::from(4),
        }
    }
}

/// An error with a hint of what to do.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Hinted {
    pub message: String,
    pub hint: String,
    /// Usage errors have an exit code of their own.
    pub usage: bool,
}

/// Prints help as it is, and a usage error with nothing of the arguments in it that a terminal would obey.
pub fn usage(error: &clap::Error) -> ExitCode {
    if error.use_stderr() {
        for line in error.render().to_string().lines() {
            crate::output::say(line);
        }
        return ExitCode::from(2);
    }
    // Help and version go to standard output; a reader that closed the pipe has seen enough.
    let _ = error.print();
    ExitCode::SUCCESS
}

/// Prints an error and gives its exit code. A reader that closed the pipe is no error.
pub fn report(error: &anyhow::Error) -> ExitCode {
    let closed = error.chain().any(|cause| {
        cause.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
    });
    if closed {
        return ExitCode::SUCCESS;
    }
    let hinted = error.downcast_ref::<Hinted>();
    crate::output::say(&format!("error: {error:#}"));
    if let Some(hinted) = hinted {
        crate::output::say(&format!("hint: {}", hinted.hint));
    }
    ExitCode::from(if hinted.is_some_and(|hinted| hinted.usage) { 2 } else { 1 })
}
