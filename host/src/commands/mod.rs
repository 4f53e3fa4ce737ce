//! What each command does.

pub mod run;
pub mod version;
