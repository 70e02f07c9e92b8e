//! Work that takes more than a second shows that it goes on.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget};
use why_denied::sources::aws::Step;

use crate::output::say;

/// A counter on standard error, which appears after a second and only on a terminal.
pub struct Progress {
    bar: Option<ProgressBar>,
    started: Instant,
    count: u64,
    waits: bool,
}

impl Default for Progress {
    fn default() -> Self {
        Self { bar: None, started: Instant::now(), count: 0, waits: false }
    }
}

impl Progress {
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts one more event.
    pub fn tick(&mut self) {
        self.count += 1;
        if self.count.is_multiple_of(4096) {
            self.show(format!("{} events read", self.count));
        }
    }

    /// Shows how far a place in AWS was read.
    pub fn step(&mut self, step: &Step) {
        match step {
            Step::Read { place, so_far } => {
                self.show(format!("{place}: {so_far} read, {} events", self.count));
            }
            Step::Query { id, state, bytes } => {
                let bytes =
                    bytes.map_or_else(String::new, |bytes| format!(", {} MB read", bytes / 1_000_000));
                self.show(format!("query {id}: {state}{bytes}"));
            }
            Step::Waiting if !std::mem::replace(&mut self.waits, true) => {
                say("nothing is there yet; CloudTrail takes minutes to deliver, so it is looked for again");
            }
            Step::Waiting => self.show("waiting for CloudTrail".to_owned()),
        }
    }

    fn show(&mut self, text: String) {
        if self.started.elapsed() < Duration::from_secs(1) {
            return;
        }
        let bar = self.bar.get_or_insert_with(|| {
            let bar = ProgressBar::new_spinner();
            bar.set_draw_target(ProgressDrawTarget::stderr());
            bar
        });
        bar.set_message(text);
        bar.tick();
    }

    /// Takes the counter away.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// What a live run is doing, on standard error and only on a terminal.
#[cfg(feature = "aws")]
pub struct Steps(ProgressBar);

#[cfg(feature = "aws")]
impl Steps {
    pub fn new() -> Self {
        let bar = ProgressBar::new_spinner();
        bar.set_draw_target(ProgressDrawTarget::stderr());
        bar.enable_steady_tick(Duration::from_millis(120));
        Self(bar)
    }

    /// Takes the line away.
    pub fn finish(&self) {
        self.0.finish_and_clear();
    }
}

#[cfg(feature = "aws")]
impl why_denied::collect::Watch for Steps {
    fn said(&mut self, what: &str) {
        self.0.set_message(why_denied::render::printable(what).into_owned());
    }
}
