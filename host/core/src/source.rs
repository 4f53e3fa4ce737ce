//! The sources of a phase.

use crate::reference::{InvalidReference, Reference};
use std::fmt;
use std::path::PathBuf;

/// The location of a component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PhaseSource {
    /// The plugin itself.
    Embedded,
    /// A local file.
    File(PathBuf),
    /// An artifact in a registry, or in the local store after a pull.
    Artifact(Reference),
}

impl fmt::Display for PhaseSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Embedded => f.write_str("embedded"),
            Self::File(path) => path.display().fmt(f),
            Self::Artifact(reference) => reference.fmt(f),
        }
    }
}

/// The meaning of a text typed as a phase. It depends on the text, not on what exists, so that a planted file never runs instead
/// of an artifact whose digest was pinned, and a misspelled file name never becomes a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Typed {
    /// Unambiguous: the embedded phase, a file, or an artifact.
    One(PhaseSource),
    /// Ambiguous: a reference that ends like a file name.
    Both,
    /// Neither a file nor a reference, and why it is not a reference.
    Neither(InvalidReference),
}

impl Typed {
    /// Parses a text: a file starts with `./`, `../` or `/`, or ends in `.wasm`.
    #[must_use]
    pub fn of(text: &str) -> Self {
        if text == "embedded" {
            return Self::One(PhaseSource::Embedded);
        }
        let is_path = text == ".." || ["./", "/", "../"].iter().any(|start| text.starts_with(start));
        let is_component = text.ends_with(".wasm");
        match Reference::parse(text) {
            _ if is_path => Self::One(PhaseSource::File(PathBuf::from(text))),
            Ok(_) if is_component => Self::Both,
            Ok(reference) => Self::One(PhaseSource::Artifact(reference)),
            Err(_) if is_component => Self::One(PhaseSource::File(PathBuf::from(text))),
            Err(error) => Self::Neither(error),
        }
    }
}

/// When to contact a registry, named as a Pod's `imagePullPolicy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PullPolicy {
    /// Only if the local store does not have it.
    IfNotPresent,
    /// Every time.
    Always,
    /// Not at all.
    Never,
}

/// Access to registries. Certificate verification cannot be disabled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryAccess {
    /// `--plain-http`.
    pub transport: Transport,
    /// `--ca-file`: certificate authorities trusted in addition to the machine's.
    pub authorities: Option<PathBuf>,
    /// `HTTPS_PROXY`. It may hold a password.
    pub https_proxy: Option<String>,
    /// `NO_PROXY`.
    pub no_proxy: Option<String>,
    /// Credential files of docker and podman; the first one with credentials for the registry counts.
    pub logins: Vec<PathBuf>,
}

/// The transport for requests to a registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// Over verified TLS.
    Https,
    /// Plain HTTP, unencrypted.
    PlainHttp,
}
