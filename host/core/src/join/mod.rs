//! Whether a node would join, and if not, why: the arguments of `kubeadm join` ([`command`]), the steps it takes ([`step`]), the
//! administrator's view ([`view`]), the diagnosis from all of it ([`diagnosis`]), and the join command itself ([`mod@line`]).

mod case;
pub mod command;
pub mod cure;
pub mod diagnosis;
pub mod distrust;
mod distrust_cause;
mod form;
pub mod line;
pub mod obstacle;
mod odd;
mod reason;
pub mod step;
#[cfg(test)]
mod tests;
mod token_cause;
pub mod view;

pub use crate::bootstrap_token::Token;
pub use command::{Endpoint, InvalidJoin, JoinCommand, Role, Trust};
pub use cure::CureFlags;
pub use diagnosis::{Cause, Diagnosis, JoinVerdict, diagnose};
pub use distrust::Distrust;
pub use form::JoinFormError;
pub use obstacle::{ContactObstacle, Page, Speech};
pub use reason::Reason;
pub use step::{Anonymous, Evidence, Result, Step, StepProblem, Taken};
pub use view::{ClusterView, Fit, KubeconfigUse, Sight, TokenFacts, TokenFlaw};
