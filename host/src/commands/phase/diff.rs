//! `phase diff`: which permissions another version of a phase adds, and how its plan for the same cluster differs.

use crate::component::structure;
use crate::config::difference::Comparison;
use crate::config::{PhaseConfig, Run};
use crate::consent::Person;
use crate::errors::Error;
use crate::phase::load::{Loaded, admit};
use crate::phase::supply::supplied;
use crate::render::document::show;
use crate::render::phase_difference::{Compared, ComparedPhase};
use crate::render::terminal::Printer;
use crate::session::observe::PlanInputs;
use crate::session::{Attempt, in_session_with};
use kubephase_core::grant::Grant;
use kubephase_core::outcome::Outcome;
use kubephase_core::phase_difference::{PhaseDifference, operations};
use kubephase_core::plan::Content;
use kubephase_core::question::RandomValue;
use kubephase_core::saved::PhaseDocument;
use kubephase_core::secret::Secrets;
use kubephase_core::snapshot::Snapshot;
use kubephase_core::structure::Structure;

/// How often both phases are asked again because an object changed between the two.
const ATTEMPTS: usize = 3;

/// Compares two phases and reports the differences. The answer is no if there are any.
///
/// # Errors
/// [`Error`] if a phase cannot be used, is not allowed to make a plan, or makes none.
pub(super) fn diff(comparison: Comparison, mut person: Person<'_>, printer: &Printer<'_>) -> Result<Outcome, Error> {
    let Comparison { mut old, mut new, run, format } = comparison;
    let (old_loaded, old_structure) = examined(&old, printer)?;
    let (new_loaded, new_structure) = examined(&new, printer)?;
    old.grants.retain(|(_, grant)| is_for(grant, &old_loaded) || !is_for(grant, &new_loaded));
    new.grants.retain(|(_, grant)| is_for(grant, &new_loaded) || !is_for(grant, &old_loaded));
    let difference =
        PhaseDifference::between((&old_structure, &old_loaded.description), (&new_structure, &new_loaded.description));
    let mut plans = None;
    let mut task = String::new();
    if let Some(mut run) = run {
        task.clone_from(&run.question.task);
        let phases = [(&old_loaded, &old), (&new_loaded, &new)];
        plans = Some(both(phases, &mut run, &mut person, printer)?);
    }
    let operations = plans.as_ref().map(|[old, new]| operations(old, new));
    let side =
        |loaded: &Loaded, config: &PhaseConfig| ComparedPhase { source: config.source.to_string(), phase: loaded.document() };
    let compared = Compared {
        old: side(&old_loaded, &old),
        new: side(&new_loaded, &new),
        difference: &difference,
        task: &task,
        operations: operations.as_deref(),
    };
    show(&compared, format, printer)?;
    let is_same = difference.is_empty() && operations.is_none_or(|operations| operations.is_empty());
    Ok(if is_same { Outcome::Done } else { Outcome::No })
}

/// Whether a grant may be for a phase. One that is for neither phase is refused later, with both.
fn is_for(grant: &Grant, loaded: &Loaded) -> bool {
    let PhaseDocument { id, digest, .. } = loaded.document();
    grant.phase.as_ref().is_none_or(|meant| *meant == id) && grant.digest.as_ref().is_none_or(|meant| *meant == digest)
}

/// A phase that has described itself, and the structure of its component.
fn examined(config: &PhaseConfig, printer: &Printer<'_>) -> Result<(Loaded, Structure), Error> {
    let supplied = supplied(config, printer)?;
    let structure = structure(supplied.component());
    Ok((admit(config, supplied, printer)?, structure))
}

/// The plans of both phases for the same objects, with the same random strings.
fn both(
    [old, new]: [(&Loaded, &PhaseConfig); 2],
    run: &mut Run,
    person: &mut Person<'_>,
    printer: &Printer<'_>,
) -> Result<[Content; 2], Error> {
    let mut secrets = std::mem::take(&mut run.secrets);
    for _ in 0..ATTEMPTS {
        let (before, known) = plan(old, &[], (run, &mut secrets), person.again(), printer)?;
        let (after, known_later) = plan(new, &known.random, (run, &mut secrets), person.again(), printer)?;
        if is_same(&known.snapshot, &known_later.snapshot) {
            return Ok([before, after]);
        }
    }
    Err(Error::Contended { attempts: ATTEMPTS, last: Vec::new() })
}

fn plan(
    (loaded, config): (&Loaded, &PhaseConfig),
    drawn: &[RandomValue],
    (run, secrets): (&mut Run, &mut Secrets),
    person: Person<'_>,
    printer: &Printer<'_>,
) -> Result<(Content, PlanInputs), Error> {
    run.phase = config.clone();
    in_session_with(loaded, run, secrets, person, printer, |session| {
        let Attempt { plan, known } = session.plan(drawn)?;
        Ok((plan.content().clone(), known))
    })
}

/// Whether both phases read the same objects.
fn is_same(old: &Snapshot, new: &Snapshot) -> bool {
    old.iter().filter(|(selector, _)| new.has(selector)).all(|(selector, objects)| new.found(selector) == objects)
}
