//! What the phase is asked, of whom, and about which cluster.

use super::phase_flags::PhaseFlags;
use clap::Args;
use std::path::PathBuf;

/// What the phase is asked.
#[derive(Debug, Args)]
pub struct QuestionArgs {
    /// The bootstrap token, like abcdef.0123456789abcdef; without one in here or in the file, a new one is made
    #[arg(value_name = "TOKEN")]
    pub positional_token: Option<String>,
    /// The bootstrap token, as a flag (`--token` is kubectl's, for the login)
    #[arg(long, value_name = "TOKEN", conflicts_with = "positional_token")]
    pub bootstrap_token: Option<String>,
    /// A kubeadm configuration file (v1beta2, v1beta3 or v1beta4), or - for standard input
    #[arg(short, long, alias = "config", value_name = "FILE")]
    pub filename: Option<PathBuf>,
    /// HOST or HOST:PORT by which nodes reach the API server, for cluster-info and the join command
    #[arg(long, value_name = "HOST:PORT")]
    pub control_plane_endpoint: Option<String>,
    /// Do not print the tokens, nor the join command
    #[arg(long)]
    pub skip_token_print: bool,
    /// Of whom, and about which cluster.
    #[command(flatten)]
    pub setting: SettingFlags,
}

/// Which phase is asked, when, and where its objects are.
#[derive(Debug, Args)]
pub struct SettingFlags {
    /// Where objects are read and written: live, dir:PATH or empty
    #[arg(long, value_name = "WHERE", default_value = "live")]
    pub against: String,
    /// The time to reckon with instead of now, RFC 3339
    #[arg(long, value_name = "TIME")]
    pub now: Option<String>,
    /// Write down what the cluster answers, without secrets, for --replay
    #[arg(long, value_name = "FILE", conflicts_with = "replay")]
    pub record: Option<PathBuf>,
    /// Let a recording answer instead of the cluster
    #[arg(long, value_name = "FILE")]
    pub replay: Option<PathBuf>,
    // Last, since its heading in the help text holds for all that follows.
    /// Which phase, and what it may do.
    #[command(flatten)]
    pub phase: PhaseFlags,
}
