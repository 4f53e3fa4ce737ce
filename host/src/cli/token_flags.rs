//! `create`, `list` and `delete`, with the flags of `kubeadm token` (kubeadm's `app/cmd/token.go`, `app/cmd/options/token.go`).

use super::fleet_flags::FleetFlags;
use super::handout::{HandoutPlace, place};
use super::question_flags::{QuestionArgs, SettingFlags};
use super::write_flags::{WaitFlags, WriteFlags};
use clap::Args;
use kubephase_core::format::CreateFormat;

/// Examples of `create`.
pub(super) const CREATE_EXAMPLES: &str = "Examples:
  # A new token for 24 hours; the token is all that is printed
  kubectl bootstrap-token create

  # The command for a new node; what a machine is started with
  kubectl bootstrap-token create --ttl 2h --print-join-command
  kubectl bootstrap-token create --ttl 2h -o cloud-init --to file:user-data";

/// Examples of `list`.
pub(super) const LIST_EXAMPLES: &str = "Examples:
  # All tokens, secrets masked
  kubectl bootstrap-token list

  # Expired tokens that have not been removed yet
  kubectl bootstrap-token list --expired

  # In every cluster of the kubeconfig
  kubectl bootstrap-token list --clusters contexts

  # Sorted by expiry
  kubectl bootstrap-token list --sort-by .expires -o jsonpath='{.token}{\"\\n\"}' --show-secrets";

/// Examples of `delete`.
pub(super) const DELETE_EXAMPLES: &str = "Examples:
  # By id, or by the whole token
  kubectl bootstrap-token delete abcdef 0a1b2c.0123456789abcdef";

pub(super) const RENEW_EXAMPLES: &str = "Examples:
  # The token in a template lives for another week
  kubectl bootstrap-token renew abcdef --ttl 168h

  # All that are about to expire, by the names that `list` prints
  kubectl bootstrap-token renew $(kubectl bootstrap-token list -o name)";

/// Flags of `create`.
#[derive(Debug, Args)]
pub struct CreateArgs {
    /// Lifetime of the token, e.g. 30m or 24h; 0 means no expiry (default: 24h)
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true, conflicts_with = "filename")]
    pub ttl: Option<String>,
    /// Usages of the token: signing, authentication (default: both)
    #[arg(long, value_name = "USAGE", value_delimiter = ',', conflicts_with = "filename")]
    pub usages: Vec<String>,
    /// Groups of the token (default: system:bootstrappers:kubeadm:default-node-token)
    #[arg(long, value_name = "GROUP", value_delimiter = ',', conflicts_with = "filename")]
    pub groups: Vec<String>,
    /// Human-readable description of the token
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true, conflicts_with = "filename")]
    pub description: Option<String>,
    /// Print the whole `kubeadm join` command instead of the token
    #[arg(long)]
    pub print_join_command: bool,
    /// Print the command for a control plane, with this key of `kubeadm init phase upload-certs`
    #[arg(long, value_name = "KEY", requires = "print_join_command", conflicts_with = "filename")]
    pub certificate_key: Option<String>,
    /// How the plan is applied.
    #[command(flatten)]
    pub write: WriteFlags<CreateFormat>,
    /// Hand out what -o prints instead of printing it: file:PATH (0600) or secret/NAMESPACE/NAME
    #[arg(long, value_name = "PLACE", value_parser = place)]
    pub to: Option<HandoutPlace>,
    /// Whether to wait for the result.
    #[command(flatten)]
    pub wait: WaitFlags,
    /// The question for the phase.
    #[command(flatten)]
    pub question: QuestionArgs,
}

/// Flags of `delete`.
#[derive(Debug, Args)]
pub struct DeleteArgs {
    /// Ids of bootstrap tokens, whole tokens, or names as `list -o name` prints them
    #[arg(value_name = "ID|TOKEN|NAME", required = true)]
    pub tokens: Vec<String>,
    /// Do not fail if a token does not exist
    #[arg(long)]
    pub ignore_not_found: bool,
    /// How the plan is applied.
    #[command(flatten)]
    pub write: WriteFlags,
    /// Which phase and which cluster.
    #[command(flatten)]
    pub setting: SettingFlags,
}

/// Flags of `renew`.
#[derive(Debug, Args)]
pub struct RenewArgs {
    /// Ids of bootstrap tokens, whole tokens, or names as `list -o name` prints them
    #[arg(value_name = "ID|TOKEN|NAME", required = true)]
    pub tokens: Vec<String>,
    /// How long they live from now on, e.g. 30m or 24h; above 0
    #[arg(long, value_name = "DURATION", default_value = "24h", allow_hyphen_values = true)]
    pub ttl: String,
    /// How the plan is applied.
    #[command(flatten)]
    pub write: WriteFlags,
    /// Which phase and which cluster.
    #[command(flatten)]
    pub setting: SettingFlags,
}

/// Flags of `list`.
#[derive(Debug, Args)]
pub struct TokenListArgs {
    /// Only these tokens
    #[arg(value_name = "ID")]
    pub ids: Vec<String>,
    /// text, wide, json, yaml, name or jsonpath=TEMPLATE
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    pub output: String,
    /// Show secrets instead of masking them
    #[arg(long)]
    pub show_secrets: bool,
    /// Only expired tokens
    #[arg(long)]
    pub expired: bool,
    /// Print no header
    #[arg(long)]
    pub no_headers: bool,
    /// Accepted for compatibility with kubectl; all tokens are in kube-system
    #[arg(short = 'A', long, hide = true)]
    pub all_namespaces: bool,
    /// Sort by this field, e.g. .expires or .description
    #[arg(long, value_name = "PATH")]
    pub sort_by: Option<String>,
    /// Where to read tokens: live or dir:PATH
    #[arg(long, value_name = "WHERE", default_value = "live")]
    pub against: String,
    /// Use this time (RFC 3339) instead of the current time
    #[arg(long, value_name = "TIME")]
    pub now: Option<String>,
    /// Which clusters, if there are several.
    #[command(flatten)]
    pub fleet: FleetFlags,
}
