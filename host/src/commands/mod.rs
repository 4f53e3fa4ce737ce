//! What each command does.

pub mod audit;
pub mod check;
pub mod generate;
pub mod list;
pub mod phase;
pub mod rbac;
pub mod run;
pub mod version;
mod view;
