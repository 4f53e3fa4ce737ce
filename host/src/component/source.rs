//! The bytes of a component: those of the official phase, which is part of this program, or those of somebody else's.

use kubephase_core::digest::Digest;
use std::io::{self, Read as _};
use std::ops::Deref;
use std::path::Path;

/// The official phase.
static WASM: &[u8] = include_bytes!(env!("PHASE_WASM"));

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

#[cfg(test)]
mod tests {
    use super::{ComponentBytes, Digest, WASM};
    use auditable_serde::DependencyKind;

    #[test]
    fn the_build_found_the_digest() {
        assert_eq!(ComponentBytes::Embedded.digest(), Digest::of(WASM));
    }

    #[test]
    fn it_says_what_it_is_built_of() {
        let mut sections = wasmparser::Parser::new(0).parse_all(WASM).filter_map(|payload| match payload.unwrap() {
            wasmparser::Payload::CustomSection(section) if section.name() == ".dep-v0" => Some(section.data()),
            _ => None,
        });
        let text = miniz_oxide::inflate::decompress_to_vec_zlib(sections.next().unwrap()).unwrap();
        assert!(sections.next().is_none(), "once");
        // The reader of cargo-auditable.
        let list: auditable_serde::VersionInfo = serde_json::from_slice(&text).unwrap();
        let kind = |name| list.packages.iter().find(|package| package.name == name).map(|package| package.kind);
        assert_eq!(kind("granit-parser"), Some(DependencyKind::Runtime));
        assert_eq!(kind("wit-bindgen-rust-macro"), Some(DependencyKind::Build));
        assert_eq!(kind("wasmtime"), None, "the host's");
        assert!(list.packages.iter().any(|package| package.root && package.name == "bootstrap-token-phase"));
    }

    #[test]
    fn it_has_no_path_of_this_machine() {
        let mut crates = memchr::memmem::find_iter(WASM, b"/registry/src/").peekable();
        assert!(crates.peek().is_some(), "panics name their files");
        assert!(crates.all(|at| WASM[..at].ends_with(b"/cargo")));
    }
}
