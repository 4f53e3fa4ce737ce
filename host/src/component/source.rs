//! The bytes of a component: those of the official phase, which is part of this program, or those of somebody else's.

use super::engine::EngineError;
use kubephase_core::digest::Digest;
use kubephase_engine::running;
use std::io::{self, Read as _};
use std::ops::Deref;
use std::path::Path;
use wasmtime::Engine;
use wasmtime::component::Component;

/// The official phase. What is known of it was worked out by the build, from the same bytes.
static WASM: &[u8] = include_bytes!(env!("PHASE_WASM"));
/// Its code for every processor of this target.
static CODE: &[u8] = include_bytes!(env!("PHASE_CODE"));

/// The bytes of a component.
#[derive(Debug, Clone)]
pub enum ComponentBytes {
    /// Those of the official phase.
    Embedded,
    /// Those of a file or an artifact.
    Foreign(Vec<u8>),
}

impl Deref for ComponentBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Embedded => WASM,
            Self::Foreign(bytes) => bytes,
        }
    }
}

impl ComponentBytes {
    /// Reads a file: at most one byte more than `limit`, which is enough to see that it is too large.
    ///
    /// # Errors
    /// The error of the file system.
    pub fn read(path: &Path, limit: u64) -> io::Result<Self> {
        let mut bytes = Vec::new();
        #[expect(clippy::disallowed_types, reason = "the file of --phase")]
        let file = std::fs::File::open(path)?;
        file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
        Ok(Self::Foreign(bytes))
    }

    /// The digest; that of the official phase is known.
    #[must_use]
    pub fn digest(&self) -> Digest {
        match self {
            Self::Embedded => Digest::parse(env!("PHASE_DIGEST")).unwrap_or_else(|| Digest::of(WASM)),
            Self::Foreign(bytes) => Digest::of(bytes),
        }
    }
}

/// The official phase as the build compiled it.
///
/// # Errors
/// [`EngineError::Damaged`] if a byte of it is not as the build wrote it, and [`EngineError::Engine`] on a processor that it does not
/// run on.
pub(super) fn embedded_code() -> Result<(Engine, Component), EngineError> {
    ready(CODE)
}

fn ready(code: &[u8]) -> Result<(Engine, Component), EngineError> {
    if env!("PHASE_CODE_CHECKSUM").parse() != Ok(crc32fast::hash(code)) {
        return Err(EngineError::Damaged);
    }
    let unusable = |error: wasmtime::Error| EngineError::Engine(error.root_cause().to_string());
    let engine = running().map_err(unusable)?;
    // SAFETY: the engine wants what it compiled itself, unchanged. The build compiled this with the same engine, and the checksum says that
    // it is unchanged. Whoever can change both can change all of this program.
    #[expect(unsafe_code, reason = "code cannot be checked; this is a part of the program")]
    let component = unsafe { Component::deserialize(&engine, code) }.map_err(unusable)?;
    Ok((engine, component))
}

#[cfg(test)]
mod tests {
    use super::{CODE, ComponentBytes, Digest, WASM, ready};
    use crate::component::engine::EngineError;

    #[test]
    fn what_the_build_found_out_is_true() {
        assert_eq!(ComponentBytes::Embedded.digest(), Digest::of(WASM));
        // Compiled again, for the target of this program.
        assert!(kubephase_engine::precompile(WASM, env!("TARGET_TRIPLE")).unwrap() == CODE);
        assert!(ready(CODE).is_ok());
    }

    #[test]
    fn one_changed_byte_is_noticed() {
        let mut code = CODE.to_vec();
        for at in [0, code.len() / 3, code.len() / 2, code.len() - 1] {
            code[at] ^= 1;
            assert!(matches!(ready(&code), Err(EngineError::Damaged)), "{at}");
            code[at] ^= 1;
        }
        assert!(ready(&code).is_ok());
    }
}
