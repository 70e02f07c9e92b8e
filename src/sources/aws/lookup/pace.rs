//! How often `LookupEvents` may be called: twice a second for an account and Region, whoever calls.
//!
//! Time is counted from the start of the run, so that this is arithmetic.
//!
//! Source: <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html>

use std::time::Duration;

/// Between a request and the one after the next: a second, and a little for requests that take longer to arrive.
const WINDOW: Duration = Duration::from_millis(1050);

/// How often a request is tried that was throttled. Others use the same limit, so that patience is needed.
pub const ATTEMPTS: u32 = 8;

const LONGEST: Duration = Duration::from_secs(20);

/// The last requests in one account and Region.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pace {
    last: Option<Duration>,
    before_last: Option<Duration>,
    /// Nothing is asked before.
    not_before: Duration,
}

impl Pace {
    /// The moment from which the next request may be made. It counts as made.
    pub fn take(&mut self, now: Duration) -> Duration {
        let free = self.before_last.map_or(Duration::ZERO, |then| then + WINDOW);
        let at = now.max(free).max(self.not_before).max(self.last.unwrap_or_default());
        (self.before_last, self.last) = (self.last, Some(at));
        at
    }

    /// The last request was answered. AWS counted it some time before that, and after it was made: however long it was
    /// under way, what follows a second later is not too often.
    pub fn answered(&mut self, now: Duration) {
        self.last = self.last.max(Some(now));
    }

    /// AWS says that it was too often: others ask too, so nothing is asked for a while.
    pub fn throttled(&mut self, now: Duration, delay: Duration) {
        self.not_before = self.not_before.max(now + delay);
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
        assert_eq!(times, [0, 0, 1050, 1050, 2100].map(millis));
        // After a pause there are two again, and not more.
        let times: Vec<Duration> = (0..3).map(|_| pace.take(millis(60_000))).collect();
        assert_eq!(times, [60_000, 60_000, 61_050].map(millis));
    }

    #[test]
    fn whoever_asks_seldom_does_not_wait() {
        let mut pace = Pace::default();
        assert_eq!((pace.take(millis(0)), pace.take(millis(600))), (millis(0), millis(600)));
        assert_eq!(pace.take(millis(1200)), millis(1200));
        assert_eq!(pace.take(millis(1300)), millis(1650));
    }

    /// A request that was long under way counts from when it was answered.
    #[test]
    fn a_slow_answer_is_no_reason_to_be_too_fast() {
        let mut pace = Pace::default();
        pace.take(millis(0));
        pace.answered(millis(400));
        assert_eq!(pace.take(millis(400)), millis(400));
        pace.answered(millis(500));
        assert_eq!(pace.take(millis(500)), millis(1450));
        pace.answered(millis(1460));
        assert_eq!(pace.take(millis(1460)), millis(1550));
    }

    #[test]
    fn who_was_throttled_waits() {
        let mut pace = Pace::default();
        pace.take(millis(0));
        pace.throttled(millis(100), millis(2000));
        assert_eq!(pace.take(millis(100)), millis(2100));
    }

    #[test]
    fn waiting_grows_and_has_an_end() {
        assert_eq!(delay(0, 1.0), millis(1000));
        assert_eq!(delay(3, 0.5), millis(4000));
        assert_eq!(delay(50, 1.0), LONGEST);
        assert_eq!(delay(2, 0.0), millis(0));
    }
}
