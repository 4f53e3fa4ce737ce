//! Commands and their flags.

use super::kube_flags::KubeFlags;
use super::phase_flags::{BoundFlags, PhaseFlags};
use super::rbac_flags::{RBAC_EXAMPLES, RbacArgs};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Bootstrap tokens, their RBAC and cluster-info, as kubeadm makes them: planned by a sandboxed WebAssembly component, checked
/// and carried out by this plugin.
#[derive(Debug, Parser)]
#[command(name = "kubectl bootstrap-token", bin_name = "kubectl bootstrap-token", disable_version_flag = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Which API server, as whom.
    #[command(flatten)]
    pub kube: KubeFlags,
    /// How much to tell: 2 for what calls into the phase use, 6 for requests, 8 for what the phase is told and answers
    #[arg(short, long = "v", global = true, value_name = "LEVEL", default_value = "0", help_heading = "Options")]
    pub verbosity: u8,
}

/// A command about phases.
#[derive(Debug, Subcommand)]
pub enum PhaseCommand {
    /// Show what a phase is, what it asks for, and whether it would be run
    #[command(after_help = INSPECT_EXAMPLES)]
    Inspect(InspectArgs),
}

/// A command.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create or update bootstrap tokens, their RBAC and cluster-info, as `kubeadm init phase bootstrap-token`
    #[command(after_help = APPLY_EXAMPLES)]
    Apply(ApplyArgs),
    /// Show what `apply` would do; nothing is written
    #[command(after_help = PLAN_EXAMPLES)]
    Plan(PlanArgs),
    /// Print the smallest roles and bindings with which `apply` with the same arguments can be run; nothing is written
    #[command(after_help = RBAC_EXAMPLES)]
    Rbac(RbacArgs),
    /// Look at phases
    #[command(subcommand)]
    Phase(PhaseCommand),
    /// Print the version of this plugin and of the phase in it
    Version(VersionArgs),
}

const APPLY_EXAMPLES: &str = "Examples:
  # A new token for 24 hours, and all that a node needs to join with it
  kubectl bootstrap-token apply

  # Tokens from a kubeadm configuration
  kubectl bootstrap-token apply -f kubeadm.yaml

  # A token of your own, checked by the server but not stored
  kubectl bootstrap-token apply abcdef.0123456789abcdef --dry-run=server

  # Into a folder of manifests instead of a cluster
  kubectl bootstrap-token apply -f kubeadm.yaml --against dir:manifests";

const PLAN_EXAMPLES: &str = "Examples:
  # What would change on this cluster?
  kubectl bootstrap-token plan -f kubeadm.yaml

  # Fail if anything would change
  kubectl bootstrap-token plan -f kubeadm.yaml --exit-code";

const INSPECT_EXAMPLES: &str = "Examples:
  # What does this file ask for?
  kubectl bootstrap-token phase inspect other.wasm

  # A grant that allows all of it, to be reviewed and given with --grant
  kubectl bootstrap-token phase inspect other.wasm -o grant > grant.yaml";

/// What the phase is asked.
#[derive(Debug, Args)]
pub struct QuestionArgs {
    /// Which phase, and what it may do.
    #[command(flatten)]
    pub phase: PhaseFlags,
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
    /// Where objects are read and written: live, dir:PATH or empty
    #[arg(long, value_name = "WHERE", default_value = "live")]
    pub against: String,
    /// The time to reckon with instead of now, RFC 3339
    #[arg(long, value_name = "TIME")]
    pub now: Option<String>,
    /// Do not print the tokens, nor the join command
    #[arg(long)]
    pub skip_token_print: bool,
}

/// Flags of `apply`.
#[derive(Debug, Args)]
pub struct ApplyArgs {
    /// What the phase is asked.
    #[command(flatten)]
    pub question: QuestionArgs,
    /// none, client (plan only) or server (the server checks everything and stores nothing)
    #[arg(long, value_enum, value_name = "MODE", default_value = "none", num_args = 0..=1, require_equals = true, default_missing_value = "client")]
    pub dry_run: DryRunArg,
    /// Output format
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub output: FormatArg,
}

/// Flags of `plan`.
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// What the phase is asked.
    #[command(flatten)]
    pub question: QuestionArgs,
    /// Output format
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub output: FormatArg,
    /// Exit with 1 if anything would change
    #[arg(long)]
    pub exit_code: bool,
}

/// Flags of `version`.
#[derive(Debug, Args)]
pub struct VersionArgs {
    /// Output format
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub output: VersionFormatArg,
}

/// Flags of `phase inspect`.
#[derive(Debug, Args)]
pub struct InspectArgs {
    /// A file, or embedded
    #[arg(value_name = "PHASE")]
    pub phase: String,
    /// What it may use.
    #[command(flatten)]
    pub bounds: BoundFlags,
    /// Output format
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub output: InspectFormatArg,
}

/// `-o` of `phase inspect`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum InspectFormatArg {
    /// For people.
    Text,
    /// JSON.
    Json,
    /// YAML.
    Yaml,
    /// A grant of all that it asks for.
    Grant,
}

/// `--dry-run`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DryRunArg {
    /// Carry out.
    None,
    /// Plan only.
    Client,
    /// Let the server check.
    Server,
}

/// `-o`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FormatArg {
    /// For people.
    Text,
    /// JSON.
    Json,
    /// YAML.
    Yaml,
    /// The names of the objects.
    Name,
}

/// `-o` of `version`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum VersionFormatArg {
    /// For people.
    Text,
    /// JSON.
    Json,
    /// YAML.
    Yaml,
}
