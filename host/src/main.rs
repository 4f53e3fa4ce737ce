//! `kubectl bootstrap-token`: collects the process's inputs, runs, and exits.

use kubectl_bootstrap_token::component::compiler;
use kubectl_bootstrap_token::{Streams, complete, run};
use std::process::ExitCode;

fn main() -> ExitCode {
    abort_on_panic();
    forbid_core_files();
    if let Some(code) = compiler::takes_over(std::env::args_os()) {
        return code;
    }
    let (args, mut streams) = (std::env::args_os().collect::<Vec<_>>(), Streams::of_process());
    let outcome = complete(&args, &mut streams).unwrap_or_else(|| run(args.into_iter(), &mut streams));
    ExitCode::from(outcome.exit_code())
}

/// A bug ends the process at once. The profile's `panic = "abort"` would do the same, but cargo has it for no build script, and the engine
/// would be built twice.
fn abort_on_panic() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        report(info);
        std::process::abort();
    }));
}

/// Disables core files of this process and its children, which would contain credentials. If that fails, the process runs
/// nevertheless.
#[cfg(unix)]
fn forbid_core_files() {
    let _ = rlimit::setrlimit(rlimit::Resource::CORE, 0, 0);
}

#[cfg(not(unix))]
const fn forbid_core_files() {}
