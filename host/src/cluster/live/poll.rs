//! Polls until a condition holds.

use crate::interrupt::Interrupt;
use std::time::Duration;
use tokio::time::Instant;

/// How long the process sleeps at most before it checks for an interrupt.
const NAP: Duration = Duration::from_millis(50);

/// The maximum wait. The clock of a process exceeds it on every system, but does not reach the end of a [`Duration`].
const LONGEST: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

/// The end of a wait that starts now, at most ten years ahead, so that any value of a flag or a server gives a valid time.
pub(super) fn later(wait: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(wait.min(LONGEST)).unwrap_or(now)
}

/// Whether to continue polling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Stop: the condition holds, or never will.
    Enough,
    /// Continue: it does not hold yet.
    Again,
}

/// Looks at least once, and then at each `pause`, until the result is final, the time is over, or the user interrupts. Returns
/// the last result.
pub fn poll<T>(limit: Duration, pause: Duration, interrupt: &Interrupt, mut look: impl FnMut() -> (T, Look)) -> T {
    let deadline = later(limit);
    loop {
        let (seen, again) = look();
        if again == Look::Enough || later(pause) >= deadline {
            return seen;
        }
        let until = later(pause);
        while Instant::now() < until && !interrupt.is_raised() {
            std::thread::sleep(NAP.min(until.saturating_duration_since(Instant::now())));
        }
        if interrupt.is_raised() {
            return seen;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Instant, later};
    use std::time::Duration;

    #[test]
    fn every_wait_has_an_end() {
        let now = Instant::now();
        for wait in [Duration::ZERO, Duration::from_secs(60), Duration::from_secs(u64::MAX), Duration::MAX] {
            assert!(later(wait) >= now, "{wait:?}");
        }
        assert!(later(Duration::MAX) > later(Duration::from_secs(24 * 60 * 60)));
    }
}
