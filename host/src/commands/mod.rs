//! What each command does.

pub mod audit;
pub mod author;
pub mod check;
pub mod generate;
mod judge;
pub mod list;
mod load;
pub mod phase;
pub mod rbac;
pub mod run;
mod session;
mod supply;
mod trust;
mod undo;
pub mod version;
mod view;
