//! The commands of `phase` and their flags.

use super::author_flags::{NEW_EXAMPLES, NewArgs, TEST_EXAMPLES, TestArgs};
use super::diff_flags::{DIFF_EXAMPLES, DiffArgs};
use super::output::format;
use super::phase_flags::{BoundFlags, RegistryFlags, SupplyFlags, TrustFlags};
use super::verify_flags::{VERIFY_EXAMPLES, VerifyArgs};
use clap::{Args, Subcommand};
use kubephase_core::format::{Format, GrantFormat, Names};
use std::convert::Infallible;
use std::path::PathBuf;

/// A command about phases.
#[derive(Debug, Subcommand)]
pub enum PhaseCommand {
    /// Phases as artifacts.
    #[command(flatten)]
    Artifact(ArtifactCommand),
    /// Compare two versions of a phase: permissions and plans; exits with 0, or 1 if something differs
    #[command(after_help = DIFF_EXAMPLES)]
    Diff(DiffArgs),
    /// Create a phase of your own in Rust, with test cases; it builds with one command
    #[command(after_help = NEW_EXAMPLES)]
    New(NewArgs),
    /// Check that a phase gives the expected answer for each of its cases; exits with 0, 1, or 2 if the cases cannot be run
    #[command(after_help = TEST_EXAMPLES)]
    Test(TestArgs),
}

/// A command about what a phase is, and where it comes from.
#[derive(Debug, Subcommand)]
pub enum ArtifactCommand {
    /// Show a phase, the permissions it requests, and whether it would run; for an artifact, what its config says
    #[command(after_help = INSPECT_EXAMPLES)]
    Inspect(InspectArgs),
    /// Verify that a phase is trusted, and show who signed it; exits with 0, 1 if it is not trusted, or 2 if that cannot be determined
    #[command(after_help = VERIFY_EXAMPLES)]
    Verify(VerifyArgs),
    /// Fetch a phase from a registry into the local store
    #[command(after_help = PULL_EXAMPLES)]
    Pull(PullArgs),
    /// Push a phase to a registry and print its reference with the digest
    #[command(after_help = PUSH_EXAMPLES)]
    Push(PushArgs),
    /// List the phases in the local store
    List(PhaseListArgs),
    /// Remove phases from the local store
    Remove(RemoveArgs),
    /// Save a phase with its signatures to an archive, for a machine without a network
    #[command(after_help = SAVE_EXAMPLES)]
    Save(SaveArgs),
    /// Load the phases of an archive into the local store
    Load(LoadArgs),
    /// Write the component of a phase to a file
    Export(ExportArgs),
    /// Show or empty the cache of compiled phases
    #[command(subcommand)]
    Cache(CacheCommand),
}

/// A command about the compiled phases on this machine.
#[derive(Debug, Subcommand)]
pub enum CacheCommand {
    /// List the compiled phases on this machine, the latest first
    List(CacheListArgs),
    /// Remove all compiled phases from this machine; each is compiled again when it is needed
    Clean,
}

/// Flags of `phase cache list`.
#[derive(Debug, Args)]
pub struct CacheListArgs {
    /// Output format
    #[arg(short, long, value_parser = format::<Infallible>(), value_name = "FORMAT", default_value = "text")]
    pub output: Format,
}

const INSPECT_EXAMPLES: &str = "Examples:
  # Which permissions does this file request?
  kubectl bootstrap-token phase inspect other.wasm

  # Which permissions does a published phase declare? Only its config is fetched
  kubectl bootstrap-token phase inspect registry.example.com/phases/token:1.37

  # A grant for all of them, to be reviewed and passed with --grant
  kubectl bootstrap-token phase inspect other.wasm -o grant > grant.yaml";

const PULL_EXAMPLES: &str = "Examples:
  # Into the local store
  kubectl bootstrap-token phase pull registry.example.com/phases/token:1.37

  # Exactly this version
  kubectl bootstrap-token phase pull registry.example.com/phases/token@sha256:0123…

  # From a private registry without TLS
  kubectl bootstrap-token phase pull 127.0.0.1:5000/phases/token:1.37 --plain-http";

const PUSH_EXAMPLES: &str = "Examples:
  # Push it, and sign what was pushed, without any service
  ref=$(kubectl bootstrap-token phase push phase.wasm registry.example.com/phases/token:1.37)
  cosign signing-config create --out sc.json && cosign trusted-root create --out tr.json
  cosign sign --key cosign.key --signing-config sc.json --trusted-root tr.json -y \"$ref\"";

const SAVE_EXAMPLES: &str = "Examples:
  # To a machine without a network
  kubectl bootstrap-token phase save registry.example.com/phases/token:1.37 token.tar
  kubectl bootstrap-token phase load token.tar";

/// Flags of `phase inspect`.
#[derive(Debug, Args)]
pub struct InspectArgs {
    /// embedded, a file, or a reference
    #[arg(value_name = "PHASE")]
    pub phase: String,
    /// Output format
    #[arg(short, long, value_parser = format::<GrantFormat>(), value_name = "FORMAT", default_value = "text")]
    pub output: Format<GrantFormat>,
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

/// Flags of `phase pull`.
#[derive(Debug, Args)]
pub struct PullArgs {
    /// REGISTRY/REPOSITORY:TAG or REGISTRY/REPOSITORY@DIGEST
    #[arg(value_name = "REFERENCE")]
    pub reference: String,
    /// Whom to trust.
    #[command(flatten)]
    pub trust: TrustFlags,
    /// Limits of the phase.
    #[command(flatten)]
    pub bounds: BoundFlags,
    /// How registries are reached.
    #[command(flatten)]
    pub registry: RegistryFlags,
}

/// Flags of `phase push`.
#[derive(Debug, Args)]
pub struct PushArgs {
    /// A file, or embedded
    #[arg(value_name = "FILE")]
    pub phase: String,
    /// REGISTRY/REPOSITORY:TAG
    #[arg(value_name = "REFERENCE")]
    pub reference: String,
    /// Whom to trust.
    #[command(flatten)]
    pub trust: TrustFlags,
    /// Limits of the phase.
    #[command(flatten)]
    pub bounds: BoundFlags,
    /// How registries are reached.
    #[command(flatten)]
    pub registry: RegistryFlags,
}

/// Flags of `phase list`.
#[derive(Debug, Args)]
pub struct PhaseListArgs {
    /// Output format
    #[arg(short, long, value_parser = format::<Names>(), value_name = "FORMAT", default_value = "text")]
    pub output: Format<Names>,
}

/// Flags of `phase remove`.
#[derive(Debug, Args)]
pub struct RemoveArgs {
    /// References, or digests as `phase list -o json` shows them
    #[arg(value_name = "REFERENCE|DIGEST", required = true)]
    pub what: Vec<String>,
}

/// Flags of `phase save`.
#[derive(Debug, Args)]
pub struct SaveArgs {
    /// The phase; pulled if it is not in the local store
    #[arg(value_name = "REFERENCE")]
    pub reference: String,
    /// The archive, an OCI image layout as tar
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
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

/// Flags of `phase load`.
#[derive(Debug, Args)]
pub struct LoadArgs {
    /// The archive, an OCI image layout as tar
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Name for the phase in the archive, if the archive has one phase and no full name
    #[arg(long, value_name = "REFERENCE")]
    pub name: Option<String>,
    /// Whom to trust.
    #[command(flatten)]
    pub trust: TrustFlags,
    /// Limits of the phase.
    #[command(flatten)]
    pub bounds: BoundFlags,
}

/// Flags of `phase export`.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// embedded, or a reference; pulled if it is not in the local store
    #[arg(value_name = "PHASE")]
    pub phase: String,
    /// Output file
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
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
