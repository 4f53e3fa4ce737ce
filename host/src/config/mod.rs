//! From arguments to resolved commands: each command has its file here, and [`resolve`] makes one [`Order`] of a command line.
//! All defaults that are not on the command line are defined here.

pub mod apply;
pub mod audit;
pub mod cases;
pub mod check;
mod connection;
pub mod difference;
pub mod duration;
pub mod env;
mod error;
pub mod file;
pub mod fleet;
mod given;
mod handed;
pub mod kubeadm;
pub mod limits;
pub mod machine;
pub mod order;
pub mod phase;
pub mod question;
pub mod rbac;
pub mod rollout;
pub mod rotate;
pub mod run;
pub mod saved;
pub mod scaffold;
pub mod token;
pub mod trust;
pub mod undo;
mod unknown;

pub use crate::cli::handout::HandoutPlace;
pub use connection::connection;
pub use error::{CasesError, CheckError, ConfigError};
pub use given::Given;
pub use order::{Order, PhaseOrder, resolve};
pub use phase::{PhaseConfig, StoreConfig};
pub use run::{
    Against, Differences, PlanView, Precheck, RecordingUse, Run, RunAnswer, Stage, TokenPrint, UndoPlace, apply_command,
    show_command,
};
