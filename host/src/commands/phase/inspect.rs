//! `phase inspect`: the properties and permissions of a phase, and whether it would be run.

use crate::artifact::ArtifactError;
use crate::artifact::pull::{ArtifactPlace, ArtifactSummary};
use crate::component::{Digest, structure, wasi};
use crate::config::{PhaseConfig, limits};
use crate::consent::{Applicant, grant_of};
use crate::errors::Error;
use crate::phase::load::admit;
use crate::phase::supply::{supplied, with_supply};
use crate::render::claim::ClaimReport;
use crate::render::document::show;
use crate::render::inspection::{AdmissionVerdict, Inspection};
use crate::render::terminal::Printer;
use crate::yaml;
use kubephase_core::format::{Format, GrantFormat};
use kubephase_core::limits::Limit;
use kubephase_core::outcome::Outcome;
use kubephase_core::reference::Reference;
use kubephase_core::source::PhaseSource;

/// Shows a phase. A refused phase is shown too, where it can be read; the answer is then no.
///
/// # Errors
/// [`Error`] if the file cannot be read.
pub(super) fn inspect(config: &PhaseConfig, format: Format<GrantFormat>, printer: &Printer<'_>) -> Result<Outcome, Error> {
    if let PhaseSource::Artifact(reference) = &config.source {
        return artifact(reference, config, format, printer);
    }
    let supplied = supplied(config, printer)?;
    let (size, digest, structure) =
        (supplied.component().len(), Digest::of(supplied.component()), structure(supplied.component()));
    let loaded = admit(config, supplied, printer);
    let limits = Limit::ALL.map(|limit| (limit, limits::shown(limit, config.limits)));
    let format = match format.shared() {
        Ok(format) => format,
        Err(GrantFormat) => return grant(loaded?.applicant(config), printer),
    };
    let (verdict, description) = match &loaded {
        Ok(loaded) => (AdmissionVerdict::Admitted, Some(&loaded.description)),
        Err(error) => (AdmissionVerdict::Refused(error.lines()), None),
    };
    let outcome = if description.is_some() { Outcome::Done } else { Outcome::No };
    let source = config.source.to_string();
    let inspection = Inspection {
        source: &source,
        size,
        digest: digest.to_string(),
        structure: &structure,
        wasi: wasi::AVAILABILITY,
        verdict,
        description,
        limits: &limits,
    };
    show(&inspection, format, printer)?;
    Ok(outcome)
}

/// Shows the claims in the config of an artifact. The component is not read; whether the claims are true is checked when it runs.
fn artifact(
    reference: &Reference,
    config: &PhaseConfig,
    format: Format<GrantFormat>,
    printer: &Printer<'_>,
) -> Result<Outcome, Error> {
    let glance: ArtifactSummary = with_supply(config, printer, |supply| supply.glance(reference))?;
    let (layer, digest) = &glance.manifest.layer;
    let pinned = reference.pinned(&glance.digest).to_string();
    let format = match format.shared() {
        Ok(format) => format,
        Err(GrantFormat) => {
            let claim = glance.claim.as_ref().ok_or_else(|| ArtifactError::NoClaim(reference.to_string()))?;
            let (source, description) = (&config.source, &claim.description);
            return grant(Applicant { source, digest, description, extras: config.extras }, printer);
        }
    };
    let place = match glance.place {
        ArtifactPlace::LocalStore => "the local store",
        ArtifactPlace::Registry => "the registry",
    };
    let report =
        ClaimReport { reference: &pinned, place, size: layer.size, digest: digest.to_string(), claim: glance.claim.as_ref() };
    show(&report, format, printer)?;
    Ok(Outcome::Done)
}

/// Prints a grant for everything that a phase requests.
fn grant(applicant: Applicant<'_>, printer: &Printer<'_>) -> Result<Outcome, Error> {
    let grants = applicant.description.tasks.iter().map(|task| grant_of(applicant, task, task.permissions.clone()));
    let grant = grants.reduce(|mut grant, other| {
        grant.tasks.extend(other.tasks);
        grant
    });
    printer.document(&grant.map_or_else(String::new, |grant| yaml::write_document(&grant.to_document())))?;
    Ok(Outcome::Done)
}
