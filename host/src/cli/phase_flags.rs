//! Which phase is run, and what it may do and use.

use super::headings::{PHASE, REGISTRY};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Which phase, and what it may do.
#[derive(Debug, Args)]
#[command(next_help_heading = PHASE)]
pub struct PhaseFlags {
    /// The phase to run: embedded for the one in this plugin, a file, or a reference like registry.example.com/phases/token:1.37
    #[arg(long, value_name = "PHASE", default_value = "embedded")]
    pub phase: String,
    /// A grant for the phase, as `phase inspect -o grant` prints it; can be repeated
    #[arg(long, value_name = "FILE")]
    pub grant: Vec<PathBuf>,
    /// Whom to trust.
    #[command(flatten)]
    pub trust: TrustFlags,
    /// Limits of the phase.
    #[command(flatten)]
    pub bounds: BoundFlags,
    /// Where the phase comes from.
    #[command(flatten)]
    pub supply: SupplyFlags,
}

/// Where a phase with a reference comes from.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = REGISTRY)]
pub struct SupplyFlags {
    /// When to pull a phase from its registry: IfNotPresent (in the local store), Always or Never
    #[arg(long, value_enum, value_name = "POLICY", default_value = "IfNotPresent", ignore_case = true)]
    pub pull: PullArg,
    /// How registries are reached.
    #[command(flatten)]
    pub registry: RegistryFlags,
}

/// How registries are reached.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = REGISTRY)]
pub struct RegistryFlags {
    /// Use plain HTTP, for a private registry without TLS
    #[arg(long)]
    pub plain_http: bool,
    /// Additional CA certificates for registries
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
}

/// `--pull`, in the words of a Pod's `imagePullPolicy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum PullArg {
    /// If it is not in the local store.
    #[default]
    #[value(name = "IfNotPresent")]
    IfNotPresent,
    /// Each time.
    #[value(name = "Always")]
    Always,
    /// Not at all.
    #[value(name = "Never")]
    Never,
}

/// What a phase may use.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = PHASE)]
pub struct BoundFlags {
    /// Let the phase import WASI 0.2, without files, sockets, arguments or environment, and with a stopped clock
    #[arg(long)]
    pub allow_wasi: bool,
    /// Allow nested components, as produced by the JavaScript toolchain
    #[arg(long)]
    pub allow_nested: bool,
    /// Set a limit, e.g. fuel=2G, memory=128Mi or call-time=30s; `phase inspect` shows all; can be repeated
    #[arg(long, value_name = "NAME=VALUE")]
    pub limit: Vec<String>,
}

/// Whom to trust.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = PHASE)]
pub struct TrustFlags {
    /// Trust policy (default: ~/.config/kubectl-bootstrap-token/policy.yaml)
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// Signature of a local file, as `cosign sign-blob --bundle` writes it (default: FILE.sigstore.json)
    #[arg(long, value_name = "FILE")]
    pub bundle: Option<PathBuf>,
}
