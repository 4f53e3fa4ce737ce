//! The command line: what was typed, nothing more. Defaults are in [`crate::config`].

pub mod args;
pub mod audit_flags;
pub mod author_flags;
pub mod check_flags;
pub mod completion_args;
pub mod diff_flags;
pub mod explain_args;
pub mod fleet_flags;
pub mod handout;
mod headings;
pub mod help;
pub mod kube_flags;
mod output;
pub mod parser;
pub mod phase_args;
pub mod phase_flags;
pub mod question_flags;
pub mod rbac_flags;
pub mod rotate_flags;
mod switch;
pub mod token_flags;
pub mod undo_flags;
pub mod verify_flags;
pub mod words;
pub mod write_flags;
