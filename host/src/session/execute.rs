//! Applying a plan: independent operations run concurrently, the first failure stops it, and the report always says what was done
//! and what was not.

use crate::cluster::{Cluster, Written, error::ClusterErrorKind};
use crate::interrupt::Interrupt;
use kubephase_core::object::{Object, ObjectRef};
use kubephase_core::operation::{Action, Operation};
use kubephase_core::plan::{Plan, Verified};
use kubephase_core::report::{Effect, EntryResult, Mode, Report, ReportEntry};
use kubephase_core::write::{Expected, Verb, Write, WriteMode};

/// The result of applying a plan.
#[derive(Debug)]
pub struct Executed {
    /// What happened to each object.
    pub report: Report,
    /// The objects as the successful writes left them, in the order of the writes; `None` after a deletion.
    pub written: Vec<(ObjectRef, Option<Object>)>,
}

/// Applies a verified plan; the type rules out any other.
#[must_use]
pub fn execute(plan: &Plan<Verified>, cluster: &dyn Cluster, interrupt: &Interrupt) -> Executed {
    let operations = &plan.content().operations;
    // An unchanged object needs no write.
    let untouched = |operation: &Operation| match operation.action {
        Action::Keep => EntryResult::Done(Effect::Unchanged),
        _ => EntryResult::NotDone,
    };
    let mut results: Vec<EntryResult> = operations.iter().map(untouched).collect();
    let mut left = Vec::new();
    for wave in plan.waves() {
        if interrupt.is_raised() {
            break;
        }
        let writes: Vec<&Write> = wave.iter().filter_map(|(_, write)| *write).collect();
        let mut written = if writes.is_empty() { Vec::new() } else { cluster.write(&writes, WriteMode::Real) }.into_iter();
        for (place, write) in &wave {
            let result = match write {
                None => EntryResult::Done(Effect::Unchanged),
                Some(write) => match written.next() {
                    Some(Ok(written)) => {
                        let effect = effect_of(operations.get(*place), write, &written);
                        // Some kinds answer a deletion with the deleted object.
                        let object = written.into_object().filter(|_| !matches!(write.verb, Verb::Delete));
                        left.push((write.target.clone(), object));
                        EntryResult::Done(effect)
                    }
                    Some(Err(error)) if error.kind == ClusterErrorKind::Conflict => EntryResult::Stale(error.to_string()),
                    Some(Err(error)) if error.kind == ClusterErrorKind::Unknown => EntryResult::Unknown(error.to_string()),
                    Some(Err(error)) => EntryResult::Failed(error.to_string()),
                    None => EntryResult::NotDone,
                },
            };
            if let Some(slot) = results.get_mut(*place) {
                *slot = result;
            }
        }
        if results.iter().any(|result| !matches!(result, EntryResult::Done(_) | EntryResult::NotDone)) {
            break;
        }
    }
    Executed { report: report(operations, Mode::Applied, results), written: left }
}

/// The report of a plan as if it had been applied; nothing is written.
#[must_use]
pub fn foresee(operations: &[Operation], mode: Mode) -> Report {
    let results = operations.iter().map(|operation| EntryResult::Done(intended(&operation.action))).collect();
    report(operations, mode, results)
}

fn report(operations: &[Operation], mode: Mode, results: Vec<EntryResult>) -> Report {
    let entries = operations.iter().zip(results).map(|(operation, result)| ReportEntry {
        id: operation.id.clone(),
        target: operation.target.clone(),
        reason: operation.reason.clone(),
        result,
    });
    Report { mode, entries: entries.collect() }
}

const fn intended(action: &Action) -> Effect {
    match action {
        Action::Create(_) => Effect::Created,
        Action::Replace(_) | Action::MergePatch(_) | Action::Apply(_) => Effect::Updated,
        Action::Delete => Effect::Deleted,
        Action::Keep => Effect::Unchanged,
    }
}

/// The intended effect of the operation, or "unchanged" if the server returns the same resource version.
fn effect_of(operation: Option<&Operation>, write: &Write, written: &Written) -> Effect {
    let effect = operation.map_or(Effect::Updated, |operation| intended(&operation.action));
    match (&write.expected, written) {
        (Expected::Same { resource_version: Some(before), .. }, Written::Object(object))
            if effect == Effect::Updated && object.resource_version() == Some(before) =>
        {
            Effect::Unchanged
        }
        _ => effect,
    }
}
