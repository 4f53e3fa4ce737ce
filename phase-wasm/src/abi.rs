//! The bindings generated from the contract in `wit/`. Only this module names them; all others use the types that it re-exports.

#[allow(missing_docs, reason = "generated; the documentation is in wit/")]
#[allow(unsafe_code, reason = "generated: the component ABI passes pointers")]
#[allow(clippy::undocumented_unsafe_blocks, reason = "generated")]
#[allow(clippy::allow_attributes_without_reason, reason = "generated")]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "generated")]
#[allow(unreachable_pub, reason = "generated")]
pub(crate) mod generated {
    wit_bindgen::generate!({ world: "phase-component", path: "../wit/0.2.0", additional_derives: [PartialEq], pub_export_macro: true });
}

pub use generated::exports::kubephase::phase::types::*;

#[cfg(target_arch = "wasm32")]
pub(crate) use generated::export;
/// The exports of the component; `guest.rs` implements them, which is compiled for wasm only.
pub use generated::exports::kubephase::phase::phase::Guest;
