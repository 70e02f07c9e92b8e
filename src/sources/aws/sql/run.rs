//! How a query is waited for: patiently, and stopped if nobody waits any more.

use std::time::Duration;

use tokio::time::{sleep, timeout};

use crate::aws::{Budget, Spent};

/// How long it may take to stop a query when everything else is over.
const STOPPING: Duration = Duration::from_secs(5);

/// Waits between two questions: short at first, since many queries take a second.
pub(super) struct Patience(Duration);

impl Patience {
    pub(super) fn new() -> Self {
        Self(Duration::from_millis(250))
    }

    /// Waits, longer every time up to three seconds.
    pub(super) async fn wait(&mut self, budget: &Budget) -> Result<(), Spent> {
        budget.run(sleep(self.0)).await?;
        self.0 = (self.0 * 2).min(Duration::from_secs(3));
        Ok(())
    }
}

/// Lets AWS know that a query is not waited for, also after the time of the run is over: it would go on, and cost.
pub(super) async fn stop<T>(request: impl Future<Output = T>) -> bool {
    timeout(STOPPING, request).await.is_ok()
}
