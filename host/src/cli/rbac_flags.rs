//! Flags of `rbac`.

use super::output::syntax;
use super::question_flags::{QuestionArgs, TokenlessFlag};
use clap::Args;
use kubephase_core::format::Syntax;
use std::path::PathBuf;

/// Examples for the help text.
pub(super) const RBAC_EXAMPLES: &str = "Examples:
  # Let `ci` run apply with this file, on the cluster as it is now
  kubectl bootstrap-token rbac -f kubeadm.yaml --subject user:ci | kubectl apply -f -

  # What an audit needs; it only reads
  kubectl bootstrap-token rbac --task audit --subject group:auditors | kubectl apply -f -

  # What a service account needs to set up a new cluster
  kubectl bootstrap-token rbac -f kubeadm.yaml --against empty --subject serviceaccount:ns:setup";

/// Flags of `rbac`.
#[derive(Debug, Args)]
pub struct RbacArgs {
    /// What `apply --plan` with this file needs
    #[arg(long, value_name = "FILE", conflicts_with = "control_plane_endpoint")]
    pub plan: Option<PathBuf>,
    /// The task to run: apply, create, renew, delete, audit or fix
    #[arg(long, value_name = "TASK", default_value = "apply", conflicts_with = "plan")]
    pub task: String,
    /// Who gets the rights: user:NAME, group:NAME or serviceaccount:NAMESPACE:NAME; can be repeated
    #[arg(long, value_name = "SUBJECT", default_value = "user:kubectl-bootstrap-token")]
    pub subject: Vec<String>,
    /// The name of the roles and bindings (default: kubectl-bootstrap-token:TASK:SUBJECT, so that each task and subject has its own)
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Output format
    #[arg(short, long, value_parser = syntax(), value_name = "FORMAT", default_value = "yaml")]
    pub output: Syntax,
    /// Whether tokens are left alone.
    #[command(flatten)]
    pub tokenless: TokenlessFlag,
    /// The question for the phase.
    #[command(flatten)]
    pub question: QuestionArgs,
}
