//! `version`: this plugin and what is in it.

use crate::cli::args::VersionFormatArg;
use crate::component::{Admitted, Phase, source};
use crate::config::LIMITS;
use crate::errors::Error;
use crate::render::document::{Syntax, write};
use crate::render::terminal::Printer;
use serde::Serialize;
use std::path::Path;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct VersionDocument {
    version: &'static str,
    platform: &'static str,
    contract: &'static str,
    phase: PhaseDocument,
}

#[derive(Serialize)]
struct PhaseDocument {
    id: String,
    version: String,
    digest: String,
}

/// Prints the version.
///
/// # Errors
/// [`Error`] if the embedded phase does not answer, which would be a broken build.
pub fn version(format: VersionFormatArg, cache: Option<&Path>, printer: &mut Printer<'_>) -> Result<(), Error> {
    let admitted = Admitted::admit(source::embedded(), LIMITS)?;
    let description = Phase::load(&admitted, LIMITS, cache)?.describe()?;
    let document = VersionDocument {
        version: env!("CARGO_PKG_VERSION"),
        platform: env!("TARGET_TRIPLE"),
        contract: "kubephase:phase@0.1.0",
        phase: PhaseDocument { id: description.id, version: description.version, digest: admitted.digest().to_string() },
    };
    match format {
        VersionFormatArg::Text => {
            printer.line(&format!("kubectl-bootstrap-token {} ({})", document.version, document.platform))?;
            printer.line(&format!("phase {} {}, {}", document.phase.id, document.phase.version, document.phase.digest))?;
            printer.line(&format!("contract {}", document.contract))?;
        }
        VersionFormatArg::Json => write(&document, Syntax::Json, printer)?,
        VersionFormatArg::Yaml => write(&document, Syntax::Yaml, printer)?,
    }
    Ok(())
}
