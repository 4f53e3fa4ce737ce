//! `phase verify`: whether a phase is trusted, who signed it, and which rule says so. Nothing of it is run.

use super::trust::judged;
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
use kubephase_core::trust::{Refusal, Trusted};

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

/// Tells what was decided of a phase: of one that is here, or of an artifact of a registry.
pub(super) fn tell(
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
