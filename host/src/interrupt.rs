//! Ctrl-C while writes are under way: what is in flight is finished, nothing is begun, and the report is told. A second one ends the
//! process at once.

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The exit codes of a process that a signal ended, as shells have them.
const SIGNALS: [(i32, i32); 2] = [(SIGINT, 128 + SIGINT), (SIGTERM, 128 + SIGTERM)];

/// Whether the user has had enough. Until [`Interrupt::listen`], a signal ends the process as it ends any other.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// From now on the first signal is only remembered. One that is ignored stays ignored.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn listen(&self) -> io::Result<()> {
        // Whoever started us with a signal ignored, as `nohup` and a shell do for what runs in the background, wants it so.
        for (signal, exit_code) in SIGNALS.into_iter().filter(|(signal, _)| !is_ignored(*signal)) {
            // In this order, so that the first signal sets what the second one finds.
            flag::register_conditional_shutdown(signal, exit_code, Arc::clone(&self.0))?;
            flag::register(signal, Arc::clone(&self.0))?;
        }
        Ok(())
    }

    /// Whether there was a signal.
    #[must_use]
    pub fn is_raised(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Whether the process ignores a signal, by what Linux says (`proc_pid_status(5)`, `SigIgn`); where nobody says it, it counts as not ignored.
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
    u32::try_from(signal - 1).is_ok_and(|bit| mask.checked_shr(bit).is_some_and(|mask| mask & 1 == 1))
}
