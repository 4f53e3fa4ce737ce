//! The plugin, with a phase of ours.

use crate::Phase;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Runs the plugin. A phase that is inspected is an argument, else it is a flag.
pub(crate) fn host(phase: Phase, component: &Path, arguments: &[&str]) -> Output {
    let mut command = plugin();
    command.args(arguments);
    if arguments.first() != Some(&"phase") {
        command.arg("--phase");
    }
    command.arg(component).args(phase.flags).output().unwrap()
}

/// The plugin, which knows nothing of the machine that it is on.
pub(crate) fn plugin() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kubectl-bootstrap_token"));
    command
        .env_clear()
        .env("HOME", env!("CARGO_TARGET_TMPDIR"))
        // Compiled once for all cases.
        .env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"))
        .stdin(Stdio::null());
    command
}
