//! A build without a compiler: it runs the phase in it.

use crate::component::code::Code;
use crate::component::engine::EngineError;
use kubephase_core::limits::Limits;
use std::ffi::OsString;
use std::process::ExitCode;

/// No process compiles.
pub fn takes_over(_: impl Iterator<Item = OsString>) -> Option<ExitCode> {
    None
}

/// Refuses.
///
/// # Errors
/// [`EngineError::Sealed`].
pub(in crate::component) const fn code(_: &[u8], _: Limits) -> Result<Code, EngineError> {
    Err(EngineError::Sealed)
}
