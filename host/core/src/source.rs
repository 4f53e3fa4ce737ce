//! Where a phase comes from.

use crate::reference::{InvalidReference, Reference};
use std::fmt;
use std::path::PathBuf;

/// Where a component is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PhaseSource {
    /// In the plugin itself.
    Embedded,
    /// In a file.
    File(PathBuf),
    /// In a registry, or in the local store where it was put from there.
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

/// What a text is that was typed where a phase is wanted. The text decides and not what exists, so that a file that somebody put there is never
/// run in place of an artifact whose digest was pinned, and a misspelt file is never something in a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Typed {
    /// One thing: the phase in the plugin, a file, or an artifact.
    One(PhaseSource),
    /// A reference that ends like the name of a file.
    Both,
    /// Neither; why it is not a reference.
    Neither(InvalidReference),
}

impl Typed {
    /// Reads a text: a file starts with `./`, `../` or `/`, or ends in `.wasm`.
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

/// When a registry is asked, in the words of a Pod's `imagePullPolicy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PullPolicy {
    /// If the local store does not have it.
    IfNotPresent,
    /// Each time.
    Always,
    /// Not at all.
    Never,
}

/// How registries are reached. Whether their certificates are verified is not for anybody to say: they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryAccess {
    /// `--plain-http`.
    pub transport: Transport,
    /// `--ca-file`: authorities that are trusted beside the machine's.
    pub authorities: Option<PathBuf>,
    /// `HTTPS_PROXY`. It may hold a password.
    pub https_proxy: Option<String>,
    /// `NO_PROXY`.
    pub no_proxy: Option<String>,
    /// Files of docker and podman with logins; the first one that has one for the registry counts.
    pub logins: Vec<PathBuf>,
}

/// How requests to a registry travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// Over verified TLS.
    Https,
    /// In clear.
    PlainHttp,
}
