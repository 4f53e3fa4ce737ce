//! `kubectl bootstrap-token`: gathers what the process was given, runs, and exits.

use kubectl_bootstrap_token::component::compiler;
use kubectl_bootstrap_token::{Streams, run};
use std::process::ExitCode;

fn main() -> ExitCode {
    if let Some(code) = compiler::takes_over(std::env::args_os()) {
        return code;
    }
    let outcome = run(std::env::args_os(), &mut Streams::of_process());
    ExitCode::from(outcome.exit_code())
}
