//! Which phase is run, and what it may do and use.

use super::verify_flags::TrustFlags;
use clap::Args;
use std::path::PathBuf;

/// Which phase, and what it may do.
#[derive(Debug, Args)]
#[command(next_help_heading = "Phase")]
pub struct PhaseFlags {
    /// The phase to run: a file, or embedded for the one in this plugin
    #[arg(long, value_name = "PHASE", default_value = "embedded")]
    pub phase: String,
    /// What the phase is allowed to do, as `phase inspect -o grant` prints it; can be repeated
    #[arg(long, value_name = "FILE")]
    pub grant: Vec<PathBuf>,
    /// Whom to trust.
    #[command(flatten)]
    pub trust: TrustFlags,
    /// What it may use.
    #[command(flatten)]
    pub bounds: BoundFlags,
}

/// What a phase may use.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Phase")]
pub struct BoundFlags {
    /// Let the phase import WASI 0.2, with no files, sockets, arguments or environment, and a clock that stands still
    #[arg(long)]
    pub allow_wasi: bool,
    /// Let the phase have components with code nested in it, as those made of JavaScript have
    #[arg(long)]
    pub allow_nested: bool,
    /// Change a limit, like fuel=2G, memory=128Mi or call-time=30s; `phase inspect` shows all; can be repeated
    #[arg(long, value_name = "NAME=VALUE")]
    pub limit: Vec<String>,
}
