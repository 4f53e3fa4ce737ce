//! Commands and their flags.

use super::audit_flags::{AUDIT_EXAMPLES, AuditArgs};
use super::check_flags::{CHECK_EXAMPLES, CheckArgs};
use super::completion_args::{COMPLETION_EXAMPLES, CompletionArgs};
use super::explain_args::{EXPLAIN_EXAMPLES, ExplainArgs};
use super::fleet_flags::{FleetFlags, WaveFlags};
use super::headings::EVERY_COMMAND;
use super::kube_flags::KubeFlags;
use super::output::format;
use super::phase_args::PhaseCommand;
use super::question_flags::{QuestionArgs, TokenlessFlag};
use super::rbac_flags::{RBAC_EXAMPLES, RbacArgs};
use super::rotate_flags::{ROTATE_EXAMPLES, RotateArgs};
use super::token_flags::{
    CREATE_EXAMPLES, CreateArgs, DELETE_EXAMPLES, DeleteArgs, LIST_EXAMPLES, RENEW_EXAMPLES, RenewArgs, TokenListArgs,
};
use super::undo_flags::{PlanCommand, UNDO_EXAMPLES, UndoArgs};
use super::write_flags::{WaitFlags, WriteFlags};
use clap::{Args, Parser, Subcommand, ValueEnum};
use kubephase_core::format::{Format, PlanFormat};
use std::convert::Infallible;
use std::path::PathBuf;

/// Manage bootstrap tokens, their RBAC and cluster-info as kubeadm does: a sandboxed WebAssembly component plans, this plugin checks
/// and applies.
#[derive(Debug, Parser)]
#[command(name = "kubectl bootstrap-token", bin_name = "kubectl bootstrap-token", version)]
pub struct Cli {
    /// The command.
    #[command(subcommand)]
    pub command: Command,
    /// How to reach the API server.
    #[command(flatten)]
    pub kube: KubeFlags,
    /// Log level: 2 shows resource use, 6 requests, 8 everything exchanged with the phase
    #[arg(short, long = "v", global = true, value_name = "LEVEL", default_value = "0", help_heading = EVERY_COMMAND, value_parser = level)]
    pub verbosity: u8,
    /// Use colours: auto (on a terminal, unless NO_COLOR is set), always or never
    #[arg(
        long,
        global = true,
        value_enum,
        hide_possible_values = true,
        value_name = "WHEN",
        default_value = "auto",
        help_heading = EVERY_COMMAND
    )]
    pub color: ColorArg,
}

/// When colours are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ColorArg {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always, as for a pager that shows them
    Always,
    /// Never
    Never,
}

fn level(text: &str) -> Result<u8, &'static str> {
    text.parse().map_err(|_| "must be a number like 6")
}

/// A command.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create or update bootstrap tokens, their RBAC and cluster-info, like `kubeadm init phase bootstrap-token`
    #[command(after_help = APPLY_EXAMPLES)]
    Apply(ApplyArgs),
    /// Show what `apply` would do; nothing is written
    #[command(after_help = PLAN_EXAMPLES)]
    Plan(PlanArgs),
    /// Undo what `apply`, `create`, `renew` or `delete` changed, if nobody else has changed it since
    #[command(after_help = UNDO_EXAMPLES)]
    Undo(UndoArgs),
    /// Print the minimal roles and bindings that `apply` needs with the same arguments; nothing is written
    #[command(after_help = RBAC_EXAMPLES)]
    Rbac(RbacArgs),
    /// Create new bootstrap tokens, like `kubeadm token create`
    #[command(after_help = CREATE_EXAMPLES)]
    Create(CreateArgs),
    /// List bootstrap tokens, like `kubeadm token list`
    #[command(alias = "get", after_help = LIST_EXAMPLES)]
    List(TokenListArgs),
    /// Give bootstrap tokens another end; nothing else about them changes
    #[command(after_help = RENEW_EXAMPLES)]
    Renew(RenewArgs),
    /// Hand out a token that is always good for a while: two of one name take turns, and the older one ends
    #[command(after_help = ROTATE_EXAMPLES)]
    Rotate(Box<RotateArgs>),
    /// Delete bootstrap tokens, like `kubeadm token delete`
    #[command(after_help = DELETE_EXAMPLES)]
    Delete(DeleteArgs),
    /// Print a new bootstrap token without storing it, like `kubeadm token generate`
    Generate,
    /// The same token commands, named as in kubeadm
    #[command(subcommand, hide = true)]
    Token(TokenCommand),
    /// Check whether a node can join with a token or a `kubeadm join` line, and why not; exits with 0, 1, or 2 if that cannot be determined
    #[command(after_help = CHECK_EXAMPLES)]
    Check(CheckArgs),
    /// Audit bootstrap tokens, their RBAC and cluster-info; exits with 0, 1 if a finding counts, or 2 if the audit failed
    #[command(after_help = AUDIT_EXAMPLES)]
    Audit(AuditArgs),
    /// Explain a rule of `audit`, or a step or a cause of `check`: what it means, why it matters, what to do
    #[command(after_help = EXPLAIN_EXAMPLES)]
    Explain(ExplainArgs),
    /// Inspect phases, fetch them from registries and archives, write and test your own
    #[command(subcommand)]
    Phase(PhaseCommand),
    /// Print a completion script for a shell, or for kubectl's own completion
    #[command(after_help = COMPLETION_EXAMPLES)]
    Completion(CompletionArgs),
    /// Print the flags that many commands share, such as those for connections, phases and registries
    Options,
    /// Print the version of this plugin and of its embedded phase
    Version(VersionArgs),
}

/// A command of `kubeadm token`.
#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "there is one, and it is read once")]
pub enum TokenCommand {
    /// Create new bootstrap tokens
    Create(CreateArgs),
    /// List bootstrap tokens
    List(TokenListArgs),
    /// Delete bootstrap tokens
    Delete(DeleteArgs),
    /// Print a new bootstrap token without storing it
    Generate,
}

const APPLY_EXAMPLES: &str = "Examples:
  # A new token for 24 hours, and everything a node needs to join with it
  kubectl bootstrap-token apply

  # Tokens from a kubeadm configuration
  kubectl bootstrap-token apply -f kubeadm.yaml

  # A token of your own, checked by the server but not stored
  kubectl bootstrap-token apply abcdef.0123456789abcdef --dry-run=server

  # Into a folder of manifests instead of a cluster
  kubectl bootstrap-token apply -f kubeadm.yaml --against dir:manifests

  # The plans of `plan --clusters contexts --out plans`: one cluster first, then ten at a time
  kubectl bootstrap-token apply --plan plans --clusters contexts --wave 1,10";

const PLAN_EXAMPLES: &str = "Examples:
  # What would change on this cluster?
  kubectl bootstrap-token plan -f kubeadm.yaml

  # Have it reviewed, then apply exactly this plan
  kubectl bootstrap-token plan -f kubeadm.yaml --out plan.json
  kubectl bootstrap-token plan show plan.json -o diff
  kubectl bootstrap-token apply -f kubeadm.yaml --plan plan.json

  # Which lines would change; exit with 1 if any
  kubectl bootstrap-token plan -f kubeadm.yaml -o diff --exit-code

  # All objects as plain manifests, for GitOps; no cluster is contacted
  kubectl bootstrap-token plan -f kubeadm.yaml -o manifests --against empty > bootstrap.yaml
  kubectl apply --server-side -f bootstrap.yaml";

/// Flags of `apply`.
#[derive(Debug, Args)]
pub struct ApplyArgs {
    /// Apply a saved plan or undo plan, if nothing has changed since; with --clusters, a folder of plans
    #[arg(long, value_name = "FILE|DIR")]
    pub plan: Option<PathBuf>,
    /// How the plan is applied.
    #[command(flatten)]
    pub write: WriteFlags,
    /// Whether to wait for the result.
    #[command(flatten)]
    pub wait: WaitFlags,
    /// Whether tokens are left alone.
    #[command(flatten)]
    pub tokenless: TokenlessFlag,
    /// Which clusters, if there are several.
    #[command(flatten)]
    pub fleet: FleetFlags,
    /// How many of them at once.
    #[command(flatten)]
    pub waves: WaveFlags,
    /// The question for the phase.
    #[command(flatten)]
    pub question: QuestionArgs,
}

/// Flags of `plan`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct PlanArgs {
    /// What to do with a saved plan instead of making one.
    #[command(subcommand)]
    pub command: Option<PlanCommand>,
    /// Output format; manifests are for `kubectl apply --server-side`, with tokens in clear text
    #[arg(short, long, value_parser = format::<PlanFormat>(), value_name = "FORMAT", default_value = "text")]
    pub output: Format<PlanFormat>,
    /// Save the plan for `apply --plan`, without secrets; with --clusters, a folder of plans
    #[arg(long, value_name = "FILE|DIR")]
    pub out: Option<PathBuf>,
    /// Exit with 1 if anything would change
    #[arg(long)]
    pub exit_code: bool,
    /// Whether tokens are left alone.
    #[command(flatten)]
    pub tokenless: TokenlessFlag,
    /// Which clusters, if there are several.
    #[command(flatten)]
    pub fleet: FleetFlags,
    /// The question for the phase.
    #[command(flatten)]
    pub question: QuestionArgs,
}

/// Flags of `version`.
#[derive(Debug, Args)]
pub struct VersionArgs {
    /// Output format
    #[arg(short, long, value_parser = format::<Infallible>(), value_name = "FORMAT", default_value = "text")]
    pub output: Format,
}

#[cfg(test)]
mod tests {
    use super::Cli;
    use clap::{Command, CommandFactory as _};

    /// In a terminal of 100 columns, so that it can be pasted.
    #[test]
    fn a7_no_example_is_wrapped() {
        fn check(command: &Command) {
            let text = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            for line in text.lines() {
                assert!(line.chars().count() <= 100, "{}: {line}", command.get_name());
            }
            command.get_subcommands().for_each(check);
        }
        check(&Cli::command());
    }
}
