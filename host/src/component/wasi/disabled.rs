//! A build without WASI: nothing can be linked, so a phase that imports it is not admitted.

use crate::component::sandbox::{Asked, Guest};
use wasmtime::component::Linker;

/// The empty context of an instance.
pub(in crate::component) struct Context;

impl Context {
    pub(in crate::component) const fn new(_asked: &Asked<'_>) -> Self {
        Self
    }

    pub(in crate::component) const fn output(&self) -> Option<String> {
        None
    }
}

/// Adds no functions.
pub(in crate::component) const fn add_to_linker(_linker: &mut Linker<Guest>) -> wasmtime::Result<()> {
    Ok(())
}
