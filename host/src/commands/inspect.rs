//! `phase inspect`: what a phase is and asks for, and whether it would be run.

use super::load::load;
use crate::cli::args::InspectFormatArg;
use crate::component::{Digest, anatomy, source, wasi};
use crate::config::{PhaseConfig, limits};
use crate::consent::grant_of;
use crate::errors::Error;
use crate::render::document::{Syntax, write};
use crate::render::inspection::{Inspection, Verdict};
use crate::render::terminal::Printer;
use crate::yaml;
use kubephase_core::limits::Limit;
use kubephase_core::outcome::Outcome;

/// Shows a phase. What can be read is shown of a refused one too, and the answer is then no.
///
/// # Errors
/// [`Error`] if the file cannot be read.
pub fn inspect(config: &PhaseConfig, format: InspectFormatArg, printer: &Printer<'_>) -> Result<Outcome, Error> {
    let unreadable = |source| Error::Source { path: config.source.to_string(), source };
    let bytes = source::bytes(&config.source, config.limits.file_bytes).map_err(unreadable)?;
    let (size, digest, anatomy) = (bytes.len(), Digest::of(&bytes), anatomy(&bytes));
    let loaded = load(config, printer);
    let limits = Limit::ALL.map(|limit| (limit, limits::shown(limit, config.limits)));
    if format == InspectFormatArg::Grant {
        let loaded = loaded?;
        let tasks = loaded.description.tasks.iter();
        let grants = tasks.map(|task| grant_of(loaded.applicant(config), task, task.permissions.clone()));
        let grant = grants.reduce(|mut grant, other| {
            grant.tasks.extend(other.tasks);
            grant
        });
        printer.document(&grant.map_or_else(String::new, |grant| yaml::write_document(&grant.to_document())))?;
        return Ok(Outcome::Done);
    }
    let (verdict, description) = match &loaded {
        Ok(loaded) => (Verdict::Admitted, Some(&loaded.description)),
        Err(error) => (Verdict::Refused(error.lines()), None),
    };
    let outcome = if description.is_some() { Outcome::Done } else { Outcome::No };
    let source = config.source.to_string();
    let inspection = Inspection {
        source: &source,
        size,
        digest: digest.to_string(),
        anatomy: &anatomy,
        wasi: wasi::AVAILABILITY,
        verdict,
        description,
        limits: &limits,
    };
    match format {
        InspectFormatArg::Json => write(&inspection.document(), Syntax::Json, printer)?,
        InspectFormatArg::Yaml => write(&inspection.document(), Syntax::Yaml, printer)?,
        InspectFormatArg::Text | InspectFormatArg::Grant => inspection.text(printer)?,
    }
    Ok(outcome)
}
