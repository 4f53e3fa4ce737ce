//! `explain`: what a rule of an audit, or a step or a cause of a check means.

use crate::config::{ConfigError, PhaseConfig};
use crate::errors::Error;
use crate::phase::load::load;
use crate::render::explanation::{explained, listed};
use crate::render::terminal::Printer;
use kubephase_core::join::{Reason, Step};
use kubephase_core::outcome::Outcome;

/// How far what was typed may be from a name that is meant, as a part of its length: letters left out, added, replaced or swapped.
const SLIP: usize = 4;

/// Explains one rule of the embedded phase, step or cause, or lists all.
///
/// # Errors
/// [`ConfigError::Unexplained`] for another name.
pub(super) fn explain(config: &PhaseConfig, name: Option<&str>, printer: &Printer<'_>) -> Result<Outcome, Error> {
    let rules = load(config, printer)?.description.rules;
    let Some(name) = name else {
        listed(&rules, printer)?;
        return Ok(Outcome::Done);
    };
    // All names are in lower case. A rule and a cause may have the same.
    let name = name.to_lowercase();
    let rule = rules.iter().find(|rule| rule.id == name);
    let step = Step::ALL.into_iter().find(|step| step.name() == name);
    let reason = Reason::ALL.iter().copied().find(|reason| reason.name() == name);
    if rule.is_none() && step.is_none() && reason.is_none() {
        let known = rules.iter().map(|rule| rule.id.as_str()).chain(Step::ALL.map(Step::name));
        let known = known.chain(Reason::ALL.iter().map(|reason| reason.name()));
        let distance = |known: &&str| strsim::damerau_levenshtein(known, &name);
        let meant = known.min_by_key(distance).filter(|known| distance(known) * SLIP <= name.len()).map(str::to_owned);
        return Err(ConfigError::Unexplained { name, meant }.into());
    }
    explained(rule, step, reason, printer)?;
    Ok(Outcome::Done)
}
