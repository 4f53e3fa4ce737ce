//! Arguments of `explain`.

use clap::Args;

/// Examples of `explain`.
pub(super) const EXPLAIN_EXAMPLES: &str = "Examples:
  # What does this finding of an audit mean, and what can I do?
  kubectl bootstrap-token explain token-no-expiry

  # What does a node need for a step of `check`?
  kubectl bootstrap-token explain signature

  # All rules and steps
  kubectl bootstrap-token explain";

/// Arguments of `explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// A rule of `audit`, or a step of `check`; all are listed without one
    #[arg(value_name = "RULE|STEP")]
    pub name: Option<String>,
}
