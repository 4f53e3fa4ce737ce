//! Admission: what a file must be before it is compiled.

use super::digest::Digest;
use kubephase_core::limits::Limits;
use std::borrow::Cow;
use wasmparser::{Parser, Payload, Validator, WasmFeatures};

/// A component that may be compiled. Made here only.
pub struct Admitted {
    pub(super) bytes: Cow<'static, [u8]>,
    digest: Digest,
}

/// Why a file is not admitted.
#[derive(Debug, thiserror::Error)]
pub enum AdmissionError {
    /// Too big to be looked at.
    #[error("it has {found} bytes, the limit is {limit}")]
    TooLarge {
        /// Its size, bytes.
        found: usize,
        /// The limit, bytes.
        limit: usize,
    },
    /// Not WebAssembly, or not valid.
    #[error("it is not a valid WebAssembly component")]
    Invalid(#[source] wasmparser::BinaryReaderError),
    /// A module instead of a component.
    #[error("it is a core WebAssembly module, not a component")]
    CoreModule,
    /// It imports something.
    #[error("it imports `{0}`, and a phase may not import anything")]
    Import(String),
}

impl Admitted {
    /// Looks at the bytes of a file: a valid component of bearable size, without any import. There is no host function that a phase could call,
    /// so that there is none in which a check could be forgotten.
    ///
    /// # Errors
    /// [`AdmissionError`], with the first import by name.
    pub fn admit(bytes: Cow<'static, [u8]>, limits: Limits) -> Result<Self, AdmissionError> {
        if bytes.len() > limits.file_bytes {
            return Err(AdmissionError::TooLarge { found: bytes.len(), limit: limits.file_bytes });
        }
        if Parser::is_core_wasm(&bytes) {
            return Err(AdmissionError::CoreModule);
        }
        Validator::new_with_features(features()).validate_all(&bytes).map_err(AdmissionError::Invalid)?;
        let mut depth = 0_usize;
        for payload in Parser::new(0).parse_all(&bytes) {
            match payload.map_err(AdmissionError::Invalid)? {
                // Nested components and modules have imports of their own, which the component around them supplies.
                Payload::Version { .. } => depth += 1,
                Payload::End(_) => depth -= 1,
                Payload::ComponentImportSection(section) if depth == 1 => {
                    if let Some(import) = section.into_iter().next() {
                        return Err(AdmissionError::Import(import.map_err(AdmissionError::Invalid)?.name.name.to_owned()));
                    }
                }
                _ => {}
            }
        }
        let digest = Digest::of(&bytes);
        Ok(Self { bytes, digest })
    }

    /// The digest of the file.
    #[must_use]
    pub const fn digest(&self) -> &Digest {
        &self.digest
    }
}

/// What a component may use: WebAssembly as compilers emit it by default, and the component model. Each proposal that is left out
/// is code in the engine that a phase cannot reach.
fn features() -> WasmFeatures {
    WasmFeatures::MUTABLE_GLOBAL
        | WasmFeatures::SATURATING_FLOAT_TO_INT
        | WasmFeatures::SIGN_EXTENSION
        | WasmFeatures::REFERENCE_TYPES
        | WasmFeatures::MULTI_VALUE
        | WasmFeatures::BULK_MEMORY
        | WasmFeatures::FLOATS
        | WasmFeatures::GC_TYPES
        | WasmFeatures::COMPONENT_MODEL
}
