//! What the phase is asked, of whom, and about which cluster.

use super::headings::RECORDINGS;
use super::phase_flags::PhaseFlags;
use clap::Args;
use std::path::PathBuf;

/// The question for the phase.
#[derive(Debug, Args)]
pub struct QuestionArgs {
    /// Bootstrap token like abcdef.0123456789abcdef (default: the file's, or a new one each time)
    #[arg(value_name = "TOKEN")]
    pub positional_token: Option<String>,
    /// Bootstrap token, as a flag (`--token` is kubectl's bearer token)
    #[arg(long, value_name = "TOKEN", conflicts_with = "positional_token")]
    pub bootstrap_token: Option<String>,
    /// kubeadm configuration: a file, a folder of files, or - for standard input; can be repeated
    #[arg(short, long, alias = "config", value_name = "FILE", value_delimiter = ',')]
    pub filename: Vec<PathBuf>,
    /// Where nodes reach the API server, for cluster-info and the join command
    #[arg(long, value_name = "HOST:PORT")]
    pub control_plane_endpoint: Option<String>,
    /// Do not print tokens or the join command
    #[arg(long)]
    pub skip_token_print: bool,
    /// Which phase and which cluster.
    #[command(flatten)]
    pub setting: SettingFlags,
}

/// Whether tokens are left alone.
#[derive(Debug, Args)]
pub struct TokenlessFlag {
    /// Only RBAC and cluster-info: create or change no tokens, not even those in the file
    #[arg(long, conflicts_with_all = ["positional_token", "bootstrap_token"])]
    pub no_token: bool,
}

/// Which phase, at what time, and on which objects.
#[derive(Debug, Args)]
pub struct SettingFlags {
    /// Where to read and write objects: live, dir:PATH or empty
    #[arg(long, value_name = "WHERE", default_value = "live")]
    pub against: String,
    /// Use this time (RFC 3339) instead of the current time
    #[arg(long, value_name = "TIME", help_heading = RECORDINGS)]
    pub now: Option<String>,
    /// Record the cluster's answers, without secrets, for --replay
    #[arg(long, value_name = "FILE", conflicts_with = "replay", help_heading = RECORDINGS)]
    pub record: Option<PathBuf>,
    /// Replay a recording instead of contacting the cluster
    #[arg(long, value_name = "FILE", help_heading = RECORDINGS)]
    pub replay: Option<PathBuf>,
    // Last, since its heading in the help text holds for all that follows.
    /// Which phase, and what it may do.
    #[command(flatten)]
    pub phase: PhaseFlags,
}
