//! Everything that can go wrong, with what to do about it.

use crate::cluster::ClusterError;
use crate::component::admit::AdmissionError;
use crate::component::engine::EngineError;
use crate::component::{CallError, Problem};
use crate::config::ConfigError;
use crate::entropy::EntropyError;
use kubephase_core::description::NoSuchTask;
use kubephase_core::plan::InvalidPlan;
use kubephase_core::policy::Denial;
use std::error::Error as StdError;

/// Why a run ended before its first write.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What was typed.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The component was not admitted.
    #[error("the phase is refused")]
    Admission(#[from] AdmissionError),
    /// The engine.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The phase's answer.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The phase has no such task.
    #[error(transparent)]
    Task(#[from] NoSuchTask),
    /// The phase's plan.
    #[error("the phase proposed a plan that is not valid")]
    Plan(#[from] InvalidPlan),
    /// The phase wants what it may not have.
    #[error("the phase wants to do what it is not allowed to")]
    Denied(Vec<Denial>),
    /// The phase never stops asking.
    #[error("the phase still asks for more after {0} rounds")]
    Unsettled(usize),
    /// The cluster.
    #[error("the cluster cannot be used")]
    Cluster(Vec<ClusterError>),
    /// Other writers were always faster.
    #[error("other writers changed the objects in each of {attempts} attempts; nothing was written")]
    Contended {
        /// How often it was tried.
        attempts: usize,
        /// What happened the last time.
        last: Vec<ClusterError>,
    },
    /// No random numbers.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// The output could not be written.
    #[error("cannot write the output")]
    Output(#[from] std::io::Error),
}

impl Error {
    /// The lines to print: what failed, the cause once, and a hint.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        match self {
            // The server's words are kubectl's, and stand alone.
            Self::Cluster(errors) => split(errors),
            Self::Contended { last, .. } => [vec![format!("error: {self}")], split(last)].concat(),
            Self::Call(CallError::InvalidInput(problems)) => invalid_input(problems),
            Self::Denied(denials) => {
                let mut lines = vec![format!("error: {self}; nothing was sent")];
                lines.extend(denials.iter().map(|denial| format!("  {denial}")));
                lines
            }
            other => {
                let mut lines = vec![format!("error: {other}")];
                lines.extend(other.source().map(|cause| format!("  caused by: {}", chain(cause))));
                lines.extend(other.hint().map(|hint| format!("  hint: {hint}")));
                lines
            }
        }
    }

    const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Config(ConfigError::BootstrapTokenAsBearer) => Some("give it as the argument, or as --bootstrap-token"),
            Self::Admission(AdmissionError::Import(_)) => {
                Some("build it without WASI: for Rust, target wasm32-unknown-unknown with the linker wasm-component-ld")
            }
            Self::Admission(AdmissionError::CoreModule) => {
                Some("make a component of it: `wasm-tools component new module.wasm -o phase.wasm`")
            }
            _ => None,
        }
    }
}

fn split(errors: &[ClusterError]) -> Vec<String> {
    errors.iter().flat_map(|error| error.to_string().lines().map(str::to_owned).collect::<Vec<_>>()).collect()
}

fn invalid_input(problems: &[Problem]) -> Vec<String> {
    match problems {
        [problem] => vec![format!("error: {}: {}", problem.path, problem.message)],
        several => {
            let mut lines = vec![format!("error: the configuration has {} problems; nothing was sent", several.len())];
            lines.extend(several.iter().map(|problem| format!("  {}: {}", problem.path, problem.message)));
            lines
        }
    }
}

/// An error and its causes in one line.
fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
