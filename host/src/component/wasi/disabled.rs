//! A build without WASI: nothing can be linked, so no phase that imports it is admitted.

use crate::component::sandbox::{Asked, Guest};
use wasmtime::component::Linker;

/// Nothing.
pub(in crate::component) struct Context;

impl Context {
    pub(in crate::component) const fn new(_asked: &Asked<'_>) -> Self {
        Self
    }

    pub(in crate::component) const fn output(&self) -> Option<String> {
        None
    }
}

/// Adds nothing.
pub(in crate::component) const fn add_to_linker(_linker: &mut Linker<Guest>) -> wasmtime::Result<()> {
    Ok(())
}
