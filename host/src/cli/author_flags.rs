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
  # The phase built next to this folder
  kubectl bootstrap-token phase test cases

  # Accept the current answers as expected; review the difference before you commit it
  kubectl bootstrap-token phase test cases --bless

  # Another build of it, for a pipeline
  kubectl bootstrap-token phase test cases --phase other.wasm -o junit > cases.xml";

/// Flags of `phase new`.
#[derive(Debug, Args)]
pub struct NewArgs {
    /// Name of the phase: lower case letters, digits and dashes
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Target folder, empty or not yet existing (default: NAME)
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

/// Flags of `phase test`.
#[derive(Debug, Args)]
pub struct TestArgs {
    /// Folder of the cases, each a folder with request.yaml, expected.yaml and observed/
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
    /// The phase: a file, embedded, or a reference (default: the one in DIR/../target/wasm32-*/release)
    #[arg(long, value_name = "PHASE")]
    pub phase: Option<String>,
    /// Rewrite expected.yaml from the phase's answers
    #[arg(long)]
    pub bless: bool,
    /// Output format
    #[arg(short, long, value_parser = format::<JunitFormat>(), value_name = "FORMAT", default_value = "text")]
    pub output: Format<JunitFormat>,
    /// Limits of the phase.
    #[command(flatten)]
    pub bounds: BoundFlags,
    /// Where the phase comes from.
    #[command(flatten)]
    pub supply: SupplyFlags,
}
