//! `create`, `list` and `delete`, with the flags of `kubeadm token` (kubeadm's `app/cmd/token.go`, `app/cmd/options/token.go`).

use super::args::{WaitFlags, WriteFlags};
use super::question_flags::{QuestionArgs, SettingFlags};
use clap::Args;

/// Examples of `create`.
pub(super) const CREATE_EXAMPLES: &str = "Examples:
  # A new token for 24 hours; the token is all that is printed
  kubectl bootstrap-token create

  # What to type on a new node
  kubectl bootstrap-token create --ttl 2h --print-join-command

  # What to type on a new control plane, after `kubeadm init phase upload-certs --upload-certs`
  kubectl bootstrap-token create --print-join-command --certificate-key KEY";

/// Examples of `list`.
pub(super) const LIST_EXAMPLES: &str = "Examples:
  # All tokens, their secret halves masked
  kubectl bootstrap-token list

  # Those that are over, but still there
  kubectl bootstrap-token list --expired

  # In the order in which they end
  kubectl bootstrap-token list --sort-by .expires -o jsonpath='{.token}{\"\\n\"}' --show-secrets";

/// Examples of `delete`.
pub(super) const DELETE_EXAMPLES: &str = "Examples:
  # By id, or by the whole token
  kubectl bootstrap-token delete abcdef 0a1b2c.0123456789abcdef";

/// Flags of `create`.
#[derive(Debug, Args)]
pub struct CreateArgs {
    /// How long the token lives, like 30m or 24h; 0 for ever (24h if nothing is said)
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true, conflicts_with = "filename")]
    pub ttl: Option<String>,
    /// What the token may be used for: signing, authentication (both if nothing is said)
    #[arg(long, value_name = "USAGE", value_delimiter = ',', conflicts_with = "filename")]
    pub usages: Vec<String>,
    /// Groups that the token logs in as, system:bootstrappers:… (the group of kubeadm's own RBAC rules if nothing is said)
    #[arg(long, value_name = "GROUP", value_delimiter = ',', conflicts_with = "filename")]
    pub groups: Vec<String>,
    /// What the token is for, for people
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true, conflicts_with = "filename")]
    pub description: Option<String>,
    /// Print the whole `kubeadm join` command instead of the token
    #[arg(long)]
    pub print_join_command: bool,
    /// Print a command for a control plane, with this key of `kubeadm init phase upload-certs`
    #[arg(long, value_name = "KEY", requires = "print_join_command", conflicts_with = "filename")]
    pub certificate_key: Option<String>,
    /// How it is carried out.
    #[command(flatten)]
    pub write: WriteFlags,
    /// Whether it ends with a look.
    #[command(flatten)]
    pub wait: WaitFlags,
    /// What the phase is asked.
    #[command(flatten)]
    pub question: QuestionArgs,
}

/// Flags of `delete`.
#[derive(Debug, Args)]
pub struct DeleteArgs {
    /// Ids of bootstrap tokens, or whole tokens
    #[arg(value_name = "ID|TOKEN", required = true)]
    pub tokens: Vec<String>,
    /// Do not mind tokens that do not exist
    #[arg(long)]
    pub ignore_not_found: bool,
    /// How it is carried out.
    #[command(flatten)]
    pub write: WriteFlags,
    /// Of whom it is asked.
    #[command(flatten)]
    pub setting: SettingFlags,
}

/// Flags of `list`.
#[derive(Debug, Args)]
pub struct TokenListArgs {
    /// text, wide, json, yaml, name or jsonpath=TEMPLATE
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    pub output: String,
    /// Show the secret halves
    #[arg(long)]
    pub show_secrets: bool,
    /// Only tokens that have expired
    #[arg(long)]
    pub expired: bool,
    /// Sort by this field, like .expires or .description
    #[arg(long, value_name = "PATH")]
    pub sort_by: Option<String>,
    /// Where tokens are read: live or dir:PATH
    #[arg(long, value_name = "WHERE", default_value = "live")]
    pub against: String,
    /// The time to reckon with instead of now, RFC 3339
    #[arg(long, value_name = "TIME")]
    pub now: Option<String>,
}
