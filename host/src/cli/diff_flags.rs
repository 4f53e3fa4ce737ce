//! Flags of `phase diff`.

use super::output::format;
use super::phase_flags::{BoundFlags, SupplyFlags};
use clap::Args;
use kubephase_core::format::Format;
use std::convert::Infallible;
use std::path::PathBuf;

pub(super) const DIFF_EXAMPLES: &str = "Examples:
  # What may the new version do that the old one may not?
  kubectl bootstrap-token phase diff embedded other.wasm

  # And what would it do to this cluster that the old one would not?
  kubectl bootstrap-token phase diff embedded other.wasm --against live --grant grant.yaml";

/// Flags of `phase diff`.
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// The phase in use now, as for `--phase`
    #[arg(value_name = "OLD")]
    pub old: String,
    /// The phase to compare it with
    #[arg(value_name = "NEW")]
    pub new: String,
    /// Also compare the plans of both phases, for these objects: live, dir:PATH or empty
    #[arg(long, value_name = "WHERE")]
    pub against: Option<String>,
    /// The task whose plans are compared
    #[arg(long, value_name = "TASK", default_value = "apply", requires = "against")]
    pub task: String,
    /// kubeadm configuration file, or - for standard input, for the plans
    #[arg(short, long, alias = "config", value_name = "FILE", requires = "against")]
    pub filename: Option<PathBuf>,
    /// Use this time (RFC 3339) instead of the current time
    #[arg(long, value_name = "TIME", requires = "against")]
    pub now: Option<String>,
    /// A grant for the phases, as `phase inspect -o grant` prints it; can be repeated
    #[arg(long, value_name = "FILE", requires = "against")]
    pub grant: Vec<PathBuf>,
    /// Trust policy (default: ~/.config/kubectl-bootstrap-token/policy.yaml)
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// Output format
    #[arg(short, long, value_parser = format::<Infallible>(), value_name = "FORMAT", default_value = "text")]
    pub output: Format,
    /// Limits of the phases.
    #[command(flatten)]
    pub bounds: BoundFlags,
    /// Where the phases come from.
    #[command(flatten)]
    pub supply: SupplyFlags,
}
