//! The stages of a component: `source` → bytes → [`Vouched`] → [`admit`] → [`Admitted`] → [`engine`] → [`Phase`], which answers
//! three questions, each in its own sandbox. No stage can be reached without the earlier ones.

mod abi;
pub mod admit;
mod code;
pub mod code_cache;
mod compile;
pub mod compiler;
mod contract;
mod effort;
pub mod engine;
mod sandbox;
mod source;
pub mod structure;
mod vouched;
pub mod wasi;

pub use abi::{CallError, CompiledPhase, Facts, InputProblem, Phase, PhaseRequest};
pub use admit::Admitted;
pub use code_cache::CodeCache;
pub use contract::CONTRACTS;
pub use kubephase_core::digest::Digest;
pub use sandbox::Stop;
pub use source::ComponentBytes;
pub use structure::structure;
pub use vouched::Vouched;
