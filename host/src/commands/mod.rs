//! What each command does.

pub mod inspect;
mod load;
pub mod rbac;
pub mod run;
mod session;
pub mod version;
