//! `version`: this plugin and what is in it.

use crate::cli::args::VersionFormatArg;
use crate::component::admit::CONTRACTS;
use crate::component::engine::{ENGINE_FEATURES, ENGINE_VERSION};
use crate::component::wasi::AVAILABILITY;
use crate::config::PhaseConfig;
use crate::errors::Error;
use crate::phase::load::load;
use crate::render::document::{Syntax, write};
use crate::render::terminal::Printer;
use kubephase_core::anatomy::Availability;
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct VersionDocument {
    version: &'static str,
    platform: &'static str,
    contracts: &'static [&'static str],
    phase: PhaseDocument,
    engine: EngineDocument,
}

#[derive(Serialize)]
struct PhaseDocument {
    id: String,
    version: String,
    digest: String,
}

#[derive(Serialize)]
struct EngineDocument {
    name: &'static str,
    version: &'static str,
    features: &'static [&'static str],
    wasi: bool,
}

/// Prints the version.
///
/// # Errors
/// [`Error`] if the embedded phase does not answer, which would be a broken build.
pub fn version(format: VersionFormatArg, config: &PhaseConfig, printer: &Printer<'_>) -> Result<(), Error> {
    let loaded = load(config, printer)?;
    let document = VersionDocument {
        version: env!("CARGO_PKG_VERSION"),
        platform: env!("TARGET_TRIPLE"),
        contracts: CONTRACTS,
        phase: PhaseDocument {
            id: loaded.description.id.to_string(),
            version: loaded.description.version,
            digest: loaded.digest.to_string(),
        },
        engine: EngineDocument {
            name: "wasmtime",
            version: ENGINE_VERSION,
            features: ENGINE_FEATURES,
            wasi: AVAILABILITY == Availability::Included,
        },
    };
    match format {
        VersionFormatArg::Text => {
            printer.line(&format!("kubectl-bootstrap-token {} ({})", document.version, document.platform))?;
            printer.line(&format!("phase {} {}, {}", document.phase.id, document.phase.version, document.phase.digest))?;
            printer.line(&format!("contract kubephase:phase@{}", document.contracts.join(", ")))?;
            let EngineDocument { name, version, features, wasi } = &document.engine;
            let wasi = if *wasi { "with --allow-wasi" } else { "left out" };
            printer.line(&format!("engine {name} {version} ({}); WASI: {wasi}", features.join(", ")))?;
        }
        VersionFormatArg::Json => write(&document, Syntax::Json, printer)?,
        VersionFormatArg::Yaml => write(&document, Syntax::Yaml, printer)?,
    }
    Ok(())
}
