//! Where the bytes of a component come from: so far from this binary.

use std::borrow::Cow;

/// The official phase, built by `build.rs`.
#[must_use]
pub const fn embedded() -> Cow<'static, [u8]> {
    Cow::Borrowed(include_bytes!(env!("PHASE_WASM")))
}
