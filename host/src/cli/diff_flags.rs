//! Flags of `phase diff`.

use super::output::format;
use super::phase_flags::{BoundFlags, SupplyFlags};
use clap::Args;
use kubephase_core::format::Format;
use std::convert::Infallible;
use std::path::PathBuf;

pub(super) const DIFF_EXAMPLES: &str = "Examples:
  # What may the new version do that this one may not?
  kubectl bootstrap-token phase diff embedded other.wasm

  # And what would it do to this cluster that this one would not?
  kubectl bootstrap-token phase diff embedded other.wasm --against live --grant grant.yaml";

/// Flags of `phase diff`.
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// The phase that is used now, as `--phase` takes it
    #[arg(value_name = "OLD")]
    pub old: String,
    /// The phase that may be used from now on
    #[arg(value_name = "NEW")]
    pub new: String,
    /// Compare the plans of both, too, for the objects that are there: live, dir:PATH or empty
    #[arg(long, value_name = "WHERE")]
    pub against: Option<String>,
    /// The task of which plans are compared
    #[arg(long, value_name = "TASK", default_value = "apply", requires = "against")]
    pub task: String,
    /// A kubeadm configuration file, or - for standard input, for the plans
    #[arg(short, long, alias = "config", value_name = "FILE", requires = "against")]
    pub filename: Option<PathBuf>,
    /// The time to reckon with instead of now, RFC 3339
    #[arg(long, value_name = "TIME", requires = "against")]
    pub now: Option<String>,
    /// What the phases are allowed, as `phase inspect -o grant` prints it; can be repeated
    #[arg(long, value_name = "FILE", requires = "against")]
    pub grant: Vec<PathBuf>,
    /// Whose phases are trusted; without it ~/.config/kubectl-bootstrap-token/policy.yaml
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// Output format
    #[arg(short, long, value_parser = format::<Infallible>(), value_name = "FORMAT", default_value = "text")]
    pub output: Format,
    /// What they may use.
    #[command(flatten)]
    pub bounds: BoundFlags,
    /// Where they come from.
    #[command(flatten)]
    pub supply: SupplyFlags,
}
