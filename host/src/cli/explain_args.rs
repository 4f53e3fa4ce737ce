//! Arguments of `explain`.

use clap::Args;

/// Examples of `explain`.
pub(super) const EXPLAIN_EXAMPLES: &str = "Examples:
  # What does this finding of an audit mean, and what can I do?
  kubectl bootstrap-token explain token-no-expiry

  # The same for what is in brackets behind a cause of `check`
  kubectl bootstrap-token explain token-unsigned

  # What does a node need for a step of `check`?
  kubectl bootstrap-token explain signature

  # All rules, steps and causes
  kubectl bootstrap-token explain";

/// Arguments of `explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// A rule of `audit`, or a step or a cause of `check`; all are listed without one
    #[arg(value_name = "RULE|STEP|CAUSE")]
    pub name: Option<String>,
}
