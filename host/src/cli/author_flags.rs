//! Flags of `phase new` and `phase test`, for people who write a phase.

use super::output::format;
use super::phase_flags::{BoundFlags, SupplyFlags};
use clap::Args;
use kubephase_core::format::{Format, JunitFormat};
use std::path::PathBuf;

/// Examples for the help text.
pub(super) const NEW_EXAMPLES: &str = "Examples:
  # A phase that builds, with its cases
  kubectl bootstrap-token phase new my-phase
  cd my-phase
  rustup target add wasm32-unknown-unknown
  cargo build --release
  kubectl bootstrap-token phase test cases";

/// Examples for the help text.
pub(super) const TEST_EXAMPLES: &str = "Examples:
  # The phase that was built beside this folder
  kubectl bootstrap-token phase test cases

  # What it answers now is what it shall answer; read the difference before you commit it
  kubectl bootstrap-token phase test cases --bless

  # Another build of it, for a pipeline
  kubectl bootstrap-token phase test cases --phase other.wasm -o junit > cases.xml";

/// Flags of `phase new`.
#[derive(Debug, Args)]
pub struct NewArgs {
    /// Its name: lower case letters, digits and dashes
    #[arg(value_name = "NAME")]
    pub name: String,
    /// The folder that it is written into, which must be empty or not there; without this one of its name
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

/// Flags of `phase test`.
#[derive(Debug, Args)]
pub struct TestArgs {
    /// The folder of the cases, each a folder with request.yaml, expected.yaml and observed/
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
    /// The phase: a file, embedded, or a reference; without this the one in DIR/../target/wasm32-*/release
    #[arg(long, value_name = "PHASE")]
    pub phase: Option<String>,
    /// Write what the phase answers as what is expected
    #[arg(long)]
    pub bless: bool,
    /// Output format
    #[arg(short, long, value_parser = format::<JunitFormat>(), value_name = "FORMAT", default_value = "text")]
    pub output: Format<JunitFormat>,
    /// What it may use.
    #[command(flatten)]
    pub bounds: BoundFlags,
    /// Where it comes from.
    #[command(flatten)]
    pub supply: SupplyFlags,
}
