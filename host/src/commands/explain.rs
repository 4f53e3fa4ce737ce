//! `explain`: what a rule of an audit or a step of a joining node means.

use crate::config::{ConfigError, PhaseConfig};
use crate::errors::Error;
use crate::phase::load::load;
use crate::render::explanation::{explained, listed};
use crate::render::terminal::Printer;
use kubephase_core::join::Step;
use kubephase_core::outcome::Outcome;

/// Explains one rule of the embedded phase or one step, or lists all.
///
/// # Errors
/// [`ConfigError::Flag`] for another name.
pub(super) fn explain(config: &PhaseConfig, name: Option<&str>, printer: &Printer<'_>) -> Result<Outcome, Error> {
    let rules = load(config, printer)?.description.rules;
    let Some(name) = name else {
        listed(&rules, printer)?;
        return Ok(Outcome::Done);
    };
    // Both have names of their own, in lower case.
    let name = &name.to_lowercase();
    let rule = rules.iter().find(|rule| rule.id == *name);
    let step = Step::ALL.into_iter().find(|step| step.name() == name);
    if rule.is_none() && step.is_none() {
        let rule = "it is neither a rule of `audit` nor a step of `check`; `explain` lists all";
        return Err(ConfigError::Flag { flag: "RULE|STEP", value: name.clone(), rule }.into());
    }
    explained(rule, step, printer)?;
    Ok(Outcome::Done)
}
