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
    /// From now on the first signal is only remembered.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn listen(&self) -> io::Result<()> {
        for (signal, exit_code) in SIGNALS {
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
