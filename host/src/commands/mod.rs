//! What each command does.

pub mod inspect;
mod load;
pub mod run;
pub mod version;
