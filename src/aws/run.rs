//! Where asynchronous code begins: what is above sees plain functions.

use std::future::Future;
use std::io;
use std::time::Duration;

use super::budget::Budget;
use super::connection::Shared;

/// Does work that calls AWS. At the end of the time, or at Ctrl-C, the calls that are under way are given up; it is
/// for the work to go on with what it has.
pub fn run<T, F: Future<Output = T>>(
    limit: Option<Duration>,
    work: impl FnOnce(Shared) -> F,
) -> io::Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let done = runtime.block_on(async {
        let (budget, interrupt) = Budget::new(limit);
        let listener = tokio::spawn(async move {
            // Where there are no signals, the run ends with its time.
            if tokio::signal::ctrl_c().await.is_ok() {
                interrupt.now();
            }
        });
        let done = work(Shared::new(budget)).await;
        listener.abort();
        done
    });
    // A look-up of a host name cannot be given up, and nobody waits for it any more.
    runtime.shutdown_background();
    Ok(done)
}
