//! To look again and again until something is so.

use crate::interrupt::Interrupt;
use std::time::Duration;
use tokio::time::Instant;

/// How long we sleep at most before we look whether the user has had enough.
const NAP: Duration = Duration::from_millis(50);

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
    let deadline = Instant::now() + limit;
    loop {
        let (seen, again) = look();
        if again == Look::Enough || Instant::now() + pause >= deadline {
            return seen;
        }
        let until = Instant::now() + pause;
        while Instant::now() < until && !interrupt.is_raised() {
            std::thread::sleep(NAP.min(until - Instant::now()));
        }
        if interrupt.is_raised() {
            return seen;
        }
    }
}
