//! What people need who write a phase: the beginning of one, and its tests.

mod handles;
pub mod new;
pub mod test;
