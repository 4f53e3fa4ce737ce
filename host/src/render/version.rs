//! The versions of this plugin and its parts.

use super::document::Shown;
use super::terminal::Printer;
use kubephase_core::document::{DocumentHead, DocumentKind};
use kubephase_core::saved::PhaseDocument;
use serde::Serialize;
use std::io;

/// The output of `version`.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct VersionDocument {
    #[serde(flatten)]
    head: DocumentHead,
    /// The version of the plugin.
    version: &'static str,
    /// The target triple that it is built for.
    platform: &'static str,
    /// The versions of the contract that it supports.
    contracts: &'static [&'static str],
    /// The phase that is part of it.
    phase: PhaseDocument,
    /// The WebAssembly engine.
    engine: EngineDocument,
}

/// The WebAssembly engine.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct EngineDocument {
    /// The name of the engine.
    pub name: &'static str,
    /// The version of the engine.
    pub version: &'static str,
    /// The cargo features that the engine is built with.
    pub features: &'static [&'static str],
    /// Whether this build includes WASI, for phases that may import it.
    pub wasi: bool,
}

impl VersionDocument {
    /// The versions of this plugin with its embedded phase.
    #[must_use]
    pub const fn new(contracts: &'static [&'static str], phase: PhaseDocument, engine: EngineDocument) -> Self {
        let (version, platform) = (env!("CARGO_PKG_VERSION"), env!("TARGET_TRIPLE"));
        Self { head: DocumentKind::Version.head(), version, platform, contracts, phase, engine }
    }
}

impl Shown for VersionDocument {
    fn text(&self, printer: &Printer<'_>) -> io::Result<()> {
        printer.line(&format!("kubectl-bootstrap-token {} ({})", self.version, self.platform))?;
        printer.line(&format!("phase {} {}, {}", self.phase.id, self.phase.version, self.phase.digest))?;
        printer.line(&format!("contract kubephase:phase@{}", self.contracts.join(", ")))?;
        let EngineDocument { name, version, features, wasi } = &self.engine;
        let wasi = if *wasi { "with --allow-wasi" } else { "left out" };
        printer.line(&format!("engine {name} {version} ({}); WASI: {wasi}", features.join(", ")))
    }

    fn document(&self) -> impl Serialize {
        self
    }
}
