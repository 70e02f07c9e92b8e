//! How long a run may take, and how it is stopped.

use std::future::{Future, pending};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// Why work was not finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Spent {
    /// The time of the whole run was over.
    #[error("the time for the run was over")]
    OutOfTime,
    /// The user had enough.
    #[error("the run was interrupted")]
    Interrupted,
}

/// The time that is left, shared by all work of a run.
#[derive(Debug, Clone)]
pub struct Budget {
    deadline: Option<Instant>,
    interrupted: watch::Receiver<bool>,
}

/// Ends the work of a run before its time.
#[derive(Debug)]
pub struct Interrupt(watch::Sender<bool>);

impl Interrupt {
    /// All work ends with [`Spent::Interrupted`].
    pub fn now(&self) {
        self.0.send_replace(true);
    }
}

impl Budget {
    /// A budget that begins now; without a limit if `None`.
    pub fn new(limit: Option<Duration>) -> (Self, Interrupt) {
        let (sender, interrupted) = watch::channel(false);
        // A limit beyond what the clock can hold is no limit.
        let deadline = limit.and_then(|limit| Instant::now().checked_add(limit));
        (Self { deadline, interrupted }, Interrupt(sender))
    }

    /// Why there is nothing left, if so.
    pub fn spent(&self) -> Option<Spent> {
        if *self.interrupted.borrow() {
            return Some(Spent::Interrupted);
        }
        self.deadline.filter(|deadline| *deadline <= Instant::now()).map(|_| Spent::OutOfTime)
    }

    /// The outcome of the work, unless the time is over first; then the work is dropped where it stands.
    pub async fn run<T>(&self, work: impl Future<Output = T>) -> Result<T, Spent> {
        if let Some(spent) = self.spent() {
            return Err(spent);
        }
        tokio::select! {
            biased;
            done = work => Ok(done),
            () = self.interruption() => Err(Spent::Interrupted),
            () = self.end() => Err(Spent::OutOfTime),
        }
    }

    async fn end(&self) {
        match self.deadline {
            Some(deadline) => sleep_until(deadline).await,
            None => pending().await,
        }
    }

    async fn interruption(&self) {
        let mut interrupted = self.interrupted.clone();
        // When nobody is left who could interrupt, nobody will.
        if interrupted.wait_for(|interrupted| *interrupted).await.is_err() {
            pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block_on<T>(work: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(work)
    }

    #[test]
    fn work_ends_with_its_result_with_the_time_or_with_the_interruption() {
        block_on(async {
            let (budget, interrupt) = Budget::new(Some(Duration::from_millis(20)));
            assert_eq!(budget.run(async { 1 }).await, Ok(1));
            assert_eq!(budget.run(pending::<()>()).await, Err(Spent::OutOfTime));
            assert_eq!(budget.run(async { 1 }).await, Err(Spent::OutOfTime));
            interrupt.now();
            assert_eq!(budget.run(async { 1 }).await, Err(Spent::Interrupted));
        });
    }

    #[test]
    fn without_a_limit_only_the_user_ends_it() {
        block_on(async {
            let (budget, interrupt) = Budget::new(None);
            let stopper = async {
                tokio::time::sleep(Duration::from_millis(5)).await;
                interrupt.now();
            };
            let (ended, ()) = tokio::join!(budget.run(pending::<()>()), stopper);
            assert_eq!(ended, Err(Spent::Interrupted));
        });
    }
}
