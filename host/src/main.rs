//! `kubectl bootstrap-token`: gathers what the process was given, runs, and exits.

use kubectl_bootstrap_token::component::compiler;
use kubectl_bootstrap_token::{Streams, run};
use std::process::ExitCode;

fn main() -> ExitCode {
    forbid_core_files();
    if let Some(code) = compiler::takes_over(std::env::args_os()) {
        return code;
    }
    let outcome = run(std::env::args_os(), &mut Streams::of_process());
    ExitCode::from(outcome.exit_code())
}

/// No file gets an image of this process or of its children if they crash, which would hold credentials. Where that cannot be had, the
/// process runs nevertheless: it does not crash on purpose.
#[cfg(unix)]
fn forbid_core_files() {
    let _ = rlimit::setrlimit(rlimit::Resource::CORE, 0, 0);
}

#[cfg(not(unix))]
const fn forbid_core_files() {}
