//! To look again and again until something is so.

use crate::interrupt::Interrupt;
use std::time::Duration;
use tokio::time::Instant;

/// How long we sleep at most before we look whether the user has had enough.
const NAP: Duration = Duration::from_millis(50);

/// Nobody waits for longer. The clock of a process counts further than this on every system, but not as far as a [`Duration`].
const LONGEST: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

/// The end of a wait from now on, at most ten years ahead: of whatever a flag or a server says, it is a time.
pub(super) fn later(wait: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(wait.min(LONGEST)).unwrap_or(now)
}

/// Whether it is worth to look again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// It is so, or it never will be.
    Enough,
    /// Not yet.
    Again,
}

/// Looks at least once, and then each `pause`, until it was enough, the time is over, or the user has had enough. Returns what was seen
/// last.
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
