//! Flags of `audit`.

use super::output::format;
use super::question_flags::SettingFlags;
use clap::{Args, ValueEnum};
use kubephase_core::format::{AuditFormat, Format};
use std::path::PathBuf;

/// Examples for the help text.
pub(super) const AUDIT_EXAMPLES: &str = "Examples:
  # What is wrong with the tokens of this cluster, and with all that hangs on them?
  kubectl bootstrap-token audit

  # Manifests in Git, for code scanning
  kubectl bootstrap-token audit --against dir:manifests -o sarif > audit.sarif

  # Every cluster that the kubeconfig knows, for a pipeline
  kubectl bootstrap-token audit --all-contexts -o junit --fail-on high --ignore-file ignores.yaml

  # Save the cure as a plan, look at it, and carry it out
  kubectl bootstrap-token audit --fix-out fix.json
  kubectl bootstrap-token apply --plan fix.json";

/// Flags of `audit`.
#[derive(Debug, Args)]
pub struct AuditArgs {
    /// Output format
    #[arg(short, long, value_parser = format::<AuditFormat>(), value_name = "FORMAT", default_value = "text")]
    pub output: Format<AuditFormat>,
    /// Write it into a file too, in this format; can be repeated
    #[arg(long, value_name = "FORMAT=FILE")]
    pub output_file: Vec<String>,
    /// Exit with 1 if there is a finding of this severity or a worse one
    #[arg(long, value_enum, value_name = "SEVERITY", default_value = "medium")]
    pub fail_on: FailOnArg,
    /// Ignore what a rule finds, or what it finds about one object, KIND/NAME or NAMESPACE/KIND/NAME; can be repeated
    #[arg(long, value_name = "RULE[=OBJECT]")]
    pub ignore: Vec<String>,
    /// A file that says what to ignore, with reasons and for how long; can be repeated
    #[arg(long, value_name = "FILE")]
    pub ignore_file: Vec<PathBuf>,
    /// The longest life of a token that is no finding, like 24h or 720h; without it the phase's own
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true)]
    pub max_lifetime: Option<String>,
    /// Save a plan that cures what can be cured, for `apply --plan`; nothing is carried out
    #[arg(long, value_name = "FILE", conflicts_with_all = ["contexts", "all_contexts", "record", "replay"])]
    pub fix_out: Option<PathBuf>,
    /// Cure also what somebody may need: all of it, what a rule finds, or what it finds about one object; can be repeated
    #[arg(long, value_name = "all|RULE[=OBJECT]", require_equals = true, requires = "fix_out")]
    pub fix: Vec<String>,
    /// Audit the clusters of these kubeconfig contexts instead of one, side by side
    #[arg(long, value_name = "NAME,…", value_delimiter = ',', conflicts_with_all = ["all_contexts", "record", "replay"])]
    pub contexts: Vec<String>,
    /// Audit the clusters of all kubeconfig contexts
    #[arg(long, conflicts_with_all = ["record", "replay"])]
    pub all_contexts: bool,
    /// Of whom, and about which cluster.
    #[command(flatten)]
    pub setting: SettingFlags,
}

/// `--fail-on`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOnArg {
    /// Everything.
    Info,
    /// Low and worse.
    Low,
    /// Medium and worse.
    Medium,
    /// High and critical.
    High,
    /// Critical alone.
    Critical,
    /// Nothing.
    Never,
}
