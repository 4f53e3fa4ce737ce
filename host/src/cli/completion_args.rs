//! Flags of `completion`.

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use kubephase_core::shell::Shell;

/// Examples of `completion`.
pub(super) const COMPLETION_EXAMPLES: &str = "Examples:
  # For `kubectl bootstrap-token`, where kubectl's own completion is set up
  kubectl bootstrap-token completion kubectl > ~/.local/bin/kubectl_complete-bootstrap_token
  chmod +x ~/.local/bin/kubectl_complete-bootstrap_token

  # For `kubectl-bootstrap_token` itself
  source <(kubectl bootstrap-token completion bash)";

/// Flags of `completion`.
#[derive(Debug, Args)]
pub struct CompletionArgs {
    /// The shell, or kubectl for its own completion
    #[arg(value_name = "SHELL", value_parser = shell())]
    pub shell: Shell,
}

fn shell() -> impl TypedValueParser<Value = Shell> {
    let values = Shell::ALL.map(|(name, help, _)| PossibleValue::new(name).help(help));
    PossibleValuesParser::new(values).try_map(|name| Shell::parse(&name).ok_or("unknown shell"))
}
