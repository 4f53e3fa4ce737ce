//! `phase verify`: whether a phase is trusted, who signed it, and which rule says so. Nothing of it is run.

use super::trust::{Judge, judged};
use crate::cli::verify_flags::VerifyFormatArg;
use crate::component::admit::AdmissionError;
use crate::component::source;
use crate::config::PhaseConfig;
use crate::errors::Error;
use crate::render::document::{Syntax, write};
use crate::render::terminal::Printer;
use crate::render::verification::Verification;
use kubephase_core::digest::Digest;
use kubephase_core::outcome::Outcome;
use kubephase_core::trust::{Candidate, Refusal, Trusted};

/// Says whether a phase that is here is trusted.
///
/// # Errors
/// [`Error`] if that cannot be told: the file, the policy, a key or the bundle cannot be read.
pub fn verify(config: &PhaseConfig, format: VerifyFormatArg, printer: &Printer<'_>) -> Result<Outcome, Error> {
    let unreadable = |source| Error::Source { path: config.source.to_string(), source };
    let bytes = source::bytes(&config.source, config.limits.file_bytes).map_err(unreadable)?;
    if bytes.len() as u64 > config.limits.file_bytes {
        return Err(AdmissionError::TooLarge(config.limits.file_bytes).into());
    }
    let decision = judged(config, &bytes)?;
    tell(&config.source.to_string(), &Digest::of(&bytes), &decision, (format, printer))
}

/// An artifact of a registry, as far as it must be known to be judged: nothing of the phase was fetched.
#[derive(Debug, Clone, Copy)]
pub struct Artifact<'a> {
    /// The reference, as people know it.
    pub reference: &'a str,
    /// Registry and repository, without tag and digest.
    pub repository: &'a str,
    /// The digest of the manifest.
    pub digest: &'a Digest,
    /// What was found beside it.
    pub candidates: &'a [Candidate],
}

/// Says whether an artifact is trusted.
///
/// # Errors
/// [`Error`] if the policy or a key cannot be read.
pub fn verify_artifact(
    config: &PhaseConfig,
    artifact: Artifact<'_>,
    format: VerifyFormatArg,
    printer: &Printer<'_>,
) -> Result<Outcome, Error> {
    let Artifact { reference, repository, digest, candidates } = artifact;
    let decision = Judge::of(&config.trust)?.artifact(repository, digest, candidates);
    tell(reference, digest, &decision, (format, printer))
}

/// Tells what was decided of a phase.
fn tell(
    source: &str,
    digest: &Digest,
    decision: &Result<Trusted, Refusal>,
    (format, printer): (VerifyFormatArg, &Printer<'_>),
) -> Result<Outcome, Error> {
    let verification = Verification { source, digest, decision };
    match format {
        VerifyFormatArg::Json => write(&verification.document(), Syntax::Json, printer)?,
        VerifyFormatArg::Yaml => write(&verification.document(), Syntax::Yaml, printer)?,
        VerifyFormatArg::Text => verification.text(printer)?,
    }
    Ok(if decision.is_ok() { Outcome::Done } else { Outcome::No })
}
