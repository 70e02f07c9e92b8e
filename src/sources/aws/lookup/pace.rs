//! How often `LookupEvents` may be called: twice a second for an account and Region, whoever calls.
//!
//! Time is counted from the start of the run, so that this is arithmetic.
//!
//! Source: <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html>

use std::time::Duration;

/// One request takes one token; a token comes back every half second, and there are never more than two.
const EACH: Duration = Duration::from_millis(500);
const BURST: u32 = 2;

/// How often a request is tried that was throttled. Others use the same limit, so that patience is needed.
pub const ATTEMPTS: u32 = 8;

const LONGEST: Duration = Duration::from_secs(20);

/// A bucket of tokens for one account and Region.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pace {
    /// When the bucket will be full again.
    full_at: Duration,
}

impl Pace {
    /// Takes a token and gives the moment from which it may be used.
    pub fn take(&mut self, now: Duration) -> Duration {
        self.full_at = self.full_at.max(now) + EACH;
        self.full_at.saturating_sub(EACH * BURST).max(now)
    }

    /// AWS says that it was too often: the bucket is empty, and stays so for a while.
    pub fn throttled(&mut self, now: Duration, delay: Duration) {
        self.full_at = self.full_at.max(now + delay + EACH * BURST);
    }
}

/// How long to wait after so many throttled attempts; `random` from 0 to 1 spreads those who wait together.
///
/// Source: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html>
pub fn delay(attempt: u32, random: f64) -> Duration {
    let longest = Duration::from_secs(1).saturating_mul(1 << attempt.min(8)).min(LONGEST);
    longest.mul_f64(random.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn never_more_than_two_in_a_second() {
        let mut pace = Pace::default();
        let times: Vec<Duration> = (0..5).map(|_| pace.take(millis(0))).collect();
        assert_eq!(times, [0, 0, 500, 1000, 1500].map(millis));
        // After a pause there are two again, and not more.
        let times: Vec<Duration> = (0..3).map(|_| pace.take(millis(60_000))).collect();
        assert_eq!(times, [60_000, 60_000, 60_500].map(millis));
    }

    #[test]
    fn a_token_that_came_back_is_used_at_once() {
        let mut pace = Pace::default();
        assert_eq!((pace.take(millis(0)), pace.take(millis(0))), (millis(0), millis(0)));
        assert_eq!(pace.take(millis(700)), millis(700));
        assert_eq!(pace.take(millis(700)), millis(1000));
    }

    #[test]
    fn who_was_throttled_waits() {
        let mut pace = Pace::default();
        pace.take(millis(0));
        pace.throttled(millis(100), millis(2000));
        assert_eq!(pace.take(millis(100)), millis(2600));
    }

    #[test]
    fn waiting_grows_and_has_an_end() {
        assert_eq!(delay(0, 1.0), millis(1000));
        assert_eq!(delay(3, 0.5), millis(4000));
        assert_eq!(delay(50, 1.0), LONGEST);
        assert_eq!(delay(2, 0.0), millis(0));
    }
}
