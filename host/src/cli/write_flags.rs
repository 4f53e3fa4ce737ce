//! Flags of the commands that write.

use super::headings::SAFETY;
use super::output::format;
use clap::{Args, ValueEnum};
use kubephase_core::format::{Format, Names, OwnFormat};
use std::fmt;
use std::path::PathBuf;

/// How a plan is applied, and what is printed.
#[derive(Debug, Args)]
pub struct WriteFlags<Own: OwnFormat = Names> {
    /// none, client (plan only) or server (checks every write, stores nothing)
    #[arg(long, value_enum, hide_possible_values = true, value_name = "MODE", default_value = "none", num_args = 0..=1, require_equals = true, default_missing_value = "client")]
    pub dry_run: DryRunArg,
    /// server (all writes are dry-run on the server before the first one) or none
    #[arg(long, value_enum, hide_possible_values = true, value_name = "MODE", default_value = "server", help_heading = SAFETY)]
    pub precheck: PrecheckArg,
    /// Where to write the undo plan, for `undo FILE` (default: in ~/.local/state/kubectl-bootstrap-token/undo)
    #[arg(long, value_name = "FILE", help_heading = SAFETY)]
    pub undo_out: Option<PathBuf>,
    /// Output format
    #[arg(short, long, value_parser = format::<Own>(), value_name = "FORMAT", default_value = "text")]
    pub output: Format<Own>,
}

/// Whether a command waits until nodes can join.
#[derive(Debug, Args)]
pub struct WaitFlags {
    /// Wait until `check` finds that a node can join with the result; 30s if no duration is given
    #[arg(long, value_name = "DURATION", num_args = 0..=1, require_equals = true, default_missing_value = "30s")]
    pub wait: Option<String>,
}

/// `--dry-run`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DryRunArg {
    /// Apply.
    #[value(alias = "false")]
    None,
    /// Plan only; `true` as in kubeadm.
    #[value(alias = "true")]
    Client,
    /// Let the server check.
    Server,
}

impl fmt::Display for DryRunArg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Client => "client",
            Self::Server => "server",
        })
    }
}

/// `--precheck`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PrecheckArg {
    /// A dry run of all writes on the server.
    Server,
    /// No dry run.
    None,
}
