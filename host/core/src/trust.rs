//! Which artifacts are trusted.

mod candidate;

pub use candidate::Candidate;
