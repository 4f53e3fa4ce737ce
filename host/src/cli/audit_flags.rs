//! Flags of `audit`.

use super::fleet_flags::FleetFlags;
use super::headings::FLEET;
use super::output::format;
use super::question_flags::SettingFlags;
use clap::{Args, Subcommand, ValueEnum};
use kubephase_core::format::{AuditFormat, Format};
use std::path::PathBuf;

/// Examples for the help text.
pub(super) const AUDIT_EXAMPLES: &str = "Examples:
  # Audit the tokens of this cluster, their RBAC and cluster-info
  kubectl bootstrap-token audit

  # Manifests in Git, for code scanning
  kubectl bootstrap-token audit --against dir:manifests -o sarif > audit.sarif

  # Every cluster in the kubeconfig, for a pipeline
  kubectl bootstrap-token audit --clusters contexts -o junit --fail-on high

  # Only what is new since yesterday fails
  kubectl bootstrap-token audit -o json --baseline yesterday.json --fail-on-new > today.json

  # Save the fixes as a plan, review it, and apply it
  kubectl bootstrap-token audit --fix-out fix.json
  kubectl bootstrap-token apply --plan fix.json";

/// Examples for the help text.
const MERGE_EXAMPLES: &str = "Examples:
  # Two halves of a fleet, by two jobs, and one page of both
  kubectl bootstrap-token audit --clusters capi --shard 1/2 --output-dir reports
  kubectl bootstrap-token audit --clusters capi --shard 2/2 --output-dir reports
  kubectl bootstrap-token audit merge reports -o html > fleet.html

  # For code scanning: as many files as it takes, with 20 clusters each
  kubectl bootstrap-token audit merge reports --output-file sarif=fleet.sarif";

/// Flags of `audit`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct AuditArgs {
    /// `audit merge`.
    #[command(subcommand)]
    pub command: Option<AuditCommand>,
    /// Output format
    #[arg(short, long, value_parser = format::<AuditFormat>(), value_name = "FORMAT", default_value = "text")]
    pub output: Format<AuditFormat>,
    /// Also write the report to a file, in this format; can be repeated
    #[arg(long, value_name = "FORMAT=FILE")]
    pub output_file: Vec<String>,
    /// Also write it to the cluster, as a ClusterReport of openreports.io
    #[arg(long)]
    pub report: bool,
    /// Exit with 1 on findings of this severity or worse
    #[arg(long, value_enum, value_name = "SEVERITY", default_value = "medium")]
    pub fail_on: FailOnArg,
    /// Ignore a rule, or a rule for one object (KIND/NAME or NAMESPACE/KIND/NAME); can be repeated
    #[arg(long, value_name = "RULE[=OBJECT]")]
    pub ignore: Vec<String>,
    /// A file of findings to ignore, with reasons and expiry; can be repeated
    #[arg(long, value_name = "FILE")]
    pub ignore_file: Vec<PathBuf>,
    /// The JSON report of an earlier audit, to say what is new
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Only findings that --baseline does not have count
    #[arg(long, requires = "baseline")]
    pub fail_on_new: bool,
    /// Longest lifetime of a token, e.g. 24h (default: the phase's)
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true)]
    pub max_lifetime: Option<String>,
    /// Save a plan that fixes the fixable findings, for `apply --plan`; nothing is written to the cluster
    #[arg(long, value_name = "FILE", conflicts_with_all = ["contexts", "all_contexts", "clusters", "record", "replay"])]
    pub fix_out: Option<PathBuf>,
    /// Also fix what may still be in use: everything, one rule, or one rule for one object; can be repeated
    #[arg(long, value_name = "all|RULE[=OBJECT]", require_equals = true, requires = "fix_out")]
    pub fix: Vec<String>,
    /// Audit the clusters of these kubeconfig contexts in parallel
    #[arg(long, value_name = "NAME,…", value_delimiter = ',', conflicts_with_all = ["all_contexts", "clusters", "record", "replay"], help_heading = FLEET)]
    pub contexts: Vec<String>,
    /// Audit the clusters of all kubeconfig contexts
    #[arg(long, conflicts_with_all = ["clusters", "record", "replay"], help_heading = FLEET)]
    pub all_contexts: bool,
    /// Which clusters of a fleet.
    #[command(flatten)]
    pub fleet: FleetFlags,
    /// Write a report for each cluster into this folder, for `audit merge`, and a table to standard output
    #[arg(long, value_name = "DIR", help_heading = FLEET)]
    pub output_dir: Option<PathBuf>,
    /// Ask again only where --output-dir has no report that is not older, e.g. 6h
    #[arg(long, value_name = "AGE", requires = "output_dir", help_heading = FLEET)]
    pub resume: Option<String>,
    /// Which phase and which cluster.
    #[command(flatten)]
    pub setting: SettingFlags,
}

/// A command below `audit`.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Merge the reports that `audit --output-dir` wrote into one
    #[command(after_help = MERGE_EXAMPLES)]
    Merge(MergeArgs),
}

/// Flags of `audit merge`.
#[derive(Debug, Args)]
pub struct MergeArgs {
    /// The folders with the reports
    #[arg(value_name = "DIR", required = true)]
    pub folders: Vec<PathBuf>,
    /// Output format
    #[arg(short, long, value_parser = format::<AuditFormat>(), value_name = "FORMAT", default_value = "text")]
    pub output: Format<AuditFormat>,
    /// Also write the report to a file, in this format; can be repeated
    #[arg(long, value_name = "FORMAT=FILE")]
    pub output_file: Vec<String>,
    /// Also write the reports to the current cluster, each as a ClusterReport of openreports.io
    #[arg(long)]
    pub report: bool,
}

/// `--fail-on`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOnArg {
    /// All findings.
    Info,
    /// Low and worse.
    Low,
    /// Medium and worse.
    Medium,
    /// High and critical.
    High,
    /// Only critical.
    Critical,
    /// No finding.
    Never,
}
