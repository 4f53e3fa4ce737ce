//! `phase verify`: whether a phase is trusted, who signed it, and by which rule. The phase is not run.

use crate::component::admit::AdmissionError;
use crate::config::PhaseConfig;
use crate::errors::Error;
use crate::phase::supply::{supplied, with_supply};
use crate::phase::vouch::{PolicyJudge, judged};
use crate::render::document::show;
use crate::render::terminal::Printer;
use crate::render::verification::Verification;
use kubephase_core::digest::Digest;
use kubephase_core::format::Format;
use kubephase_core::outcome::Outcome;
use kubephase_core::source::PhaseSource;
use kubephase_core::trust::{TrustRefusal, Trusted};

/// Reports whether a phase is trusted.
///
/// # Errors
/// [`Error`] if that is unknown: the phase, its signatures, the policy or a key cannot be read.
pub(super) fn verify(config: &PhaseConfig, format: Format, printer: &Printer<'_>) -> Result<Outcome, Error> {
    let tell = |digest: &Digest, decision| tell(&config.source.to_string(), digest, &decision, (format, printer));
    let path = match &config.source {
        PhaseSource::Artifact(reference) => {
            let (digest, candidates) = with_supply(config, printer, |supply| supply.evidence(reference))?;
            return tell(&digest, PolicyJudge::of(&config.trust)?.artifact(reference, &digest, &candidates));
        }
        PhaseSource::Embedded => None,
        PhaseSource::File(path) => Some(path.as_path()),
    };
    let supplied = supplied(config, printer)?;
    let bytes = supplied.component();
    if bytes.len() as u64 > config.limits.file_bytes {
        return Err(AdmissionError::TooLarge(config.limits.file_bytes).into());
    }
    tell(&Digest::of(bytes), judged(config, path, bytes)?)
}

/// Prints the decision.
fn tell(
    source: &str,
    digest: &Digest,
    decision: &Result<Trusted, TrustRefusal>,
    (format, printer): (Format, &Printer<'_>),
) -> Result<Outcome, Error> {
    let verification = Verification { source, digest, decision };
    show(&verification, format, printer)?;
    Ok(if decision.is_ok() { Outcome::Done } else { Outcome::No })
}
