//! The life of a component: [`source`] → bytes → [`admit`] → [`Admitted`] → [`engine`] → [`Phase`], which answers three
//! questions. No later stage can be reached without the earlier ones.

mod abi;
pub mod admit;
pub mod digest;
pub mod engine;
pub mod source;

pub use abi::{CallError, Facts, Phase, Problem};
pub use admit::Admitted;
pub use digest::Digest;
