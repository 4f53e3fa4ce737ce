//! Flags of `phase verify`, and whom to trust.

use super::output::format;
use super::phase_flags::{SupplyFlags, TrustFlags};
use clap::Args;
use kubephase_core::format::Format;
use std::convert::Infallible;
use std::path::PathBuf;

/// Examples for the help text.
pub(super) const VERIFY_EXAMPLES: &str = "Examples:
  # Does the policy trust this file?
  kubectl bootstrap-token phase verify other.wasm

  # Is it signed by this key? The signature is in other.wasm.sigstore.json
  kubectl bootstrap-token phase verify other.wasm --key cosign.pub

  # Does the policy trust this artifact? Only its manifest and signatures are fetched
  kubectl bootstrap-token phase verify registry.example.com/phases/token:1.37

  # How to sign a file
  cosign sign-blob --key cosign.key --bundle other.wasm.sigstore.json \\
    --signing-config sc.json --trusted-root tr.json -y other.wasm";

/// Flags of `phase verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// embedded, a file, or a reference
    #[arg(value_name = "PHASE")]
    pub phase: String,
    /// Public key (PEM); one of the given keys must have signed the phase, regardless of the policy; can be repeated
    #[arg(long, value_name = "FILE", conflicts_with = "policy")]
    pub key: Vec<PathBuf>,
    /// Output format
    #[arg(short, long, value_parser = format::<Infallible>(), value_name = "FORMAT", default_value = "text")]
    pub output: Format,
    /// Set a limit, e.g. file=64Mi; can be repeated
    #[arg(long, value_name = "NAME=VALUE")]
    pub limit: Vec<String>,
    /// Whom to trust.
    #[command(flatten)]
    pub trust: TrustFlags,
    /// Where the phase comes from.
    #[command(flatten)]
    pub supply: SupplyFlags,
}
