//! Ctrl-C during writes: requests in progress are completed, no new ones are started, and the report is printed. A second Ctrl-C
//! ends the process at once.

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// The exit codes of a process ended by a signal, as in shells.
const SIGNALS: [(i32, i32); 2] = [(SIGINT, 128 + SIGINT), (SIGTERM, 128 + SIGTERM)];

/// Whether the user has interrupted the process. Before [`Interrupt::listen`], a signal ends the process as usual.
#[derive(Debug, Clone, Default)]
pub struct Interrupt {
    raised: Arc<AtomicBool>,
    /// Set once the signals are handled: several clusters share an interrupt, and each wants it to listen.
    listening: Arc<OnceLock<()>>,
}

impl Interrupt {
    /// Handles signals from now on: the first one is only recorded. An ignored signal stays ignored.
    ///
    /// # Errors
    /// The error of the operating system.
    pub fn listen(&self) -> io::Result<()> {
        if self.listening.set(()).is_err() {
            return Ok(());
        }
        // A parent that starts this process with a signal ignored, like `nohup` or a shell for background jobs, intends that.
        for (signal, exit_code) in SIGNALS.into_iter().filter(|(signal, _)| !is_ignored(*signal)) {
            // In this order, so that the first signal sets the flag that the second one finds.
            flag::register_conditional_shutdown(signal, exit_code, Arc::clone(&self.raised))?;
            flag::register(signal, Arc::clone(&self.raised))?;
        }
        Ok(())
    }

    /// Interrupts, as a signal does.
    #[cfg(test)]
    pub(crate) fn raise(&self) {
        self.raised.store(true, Ordering::Relaxed);
    }

    /// Whether there was a signal.
    #[must_use]
    pub fn is_raised(&self) -> bool {
        self.raised.load(Ordering::Relaxed)
    }
}

/// Whether the process ignores a signal, according to Linux (`proc_pid_status(5)`, `SigIgn`); if that is unknown, it does not.
#[expect(clippy::disallowed_methods, reason = "a file that the kernel makes")]
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
    u32::try_from(signal - 1).is_ok_and(|bit| mask.checked_shr(bit).is_some_and(|mask| mask & 1 == 1))
}
