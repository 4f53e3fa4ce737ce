//! What is fuzzed, and what must hold for whatever bytes. Used by the binaries for cargo-fuzz and by the short run in CI.

mod admission;
mod certificates;
mod dice;
mod grant;
mod header;
mod plan;
mod reference;
mod signatures;
mod undo;

pub use admission::admission;
pub use certificates::certificates;
pub use grant::grant;
pub use header::header;
pub use plan::plan;
pub use reference::reference;
pub use signatures::signatures;
pub use undo::undo;
