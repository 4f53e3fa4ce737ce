//! The results of a run, as data.

use crate::object::ObjectRef;
use crate::operation::OperationId;

/// The results of a plan's operations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// How far the run went.
    pub mode: Mode,
    /// One entry per operation, in the order of the plan.
    pub entries: Vec<ReportEntry>,
}

/// How far a run went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Planned only.
    Client,
    /// Server-side dry run; nothing was stored.
    Server,
    /// Applied.
    Applied,
}

/// The result of one operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportEntry {
    /// The id of the operation.
    pub id: OperationId,
    /// The object of the operation.
    pub target: ObjectRef,
    /// The reason given by the phase.
    pub reason: String,
    /// The result of the operation.
    pub result: EntryResult,
}

/// The result of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryResult {
    /// It succeeded, or would succeed.
    Done(Effect),
    /// It failed, with this error.
    Failed(String),
    /// It failed because the object changed after it was read.
    Stale(String),
    /// Its answer was lost: it may or may not have succeeded.
    Unknown(String),
    /// It was not attempted: another operation failed, or the user cancelled.
    NotDone,
}

/// The effect on an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It was created.
    Created,
    /// It was changed.
    Updated,
    /// It is unchanged.
    Unchanged,
    /// It was deleted.
    Deleted,
}

impl Effect {
    /// The effect as a word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Unchanged => "unchanged",
            Self::Deleted => "deleted",
        }
    }
}

impl Report {
    /// Whether every operation succeeded.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.entries.iter().all(|entry| matches!(entry.result, EntryResult::Done(_)))
    }

    /// Whether another attempt is useful: objects changed in the meantime, and nothing else went wrong.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        let has = |wanted: fn(&EntryResult) -> bool| self.entries.iter().any(|entry| wanted(&entry.result));
        has(|result| matches!(result, EntryResult::Stale(_)))
            && !has(|result| matches!(result, EntryResult::Failed(_) | EntryResult::Unknown(_)))
    }

    /// The report of another attempt, merged with what an earlier one had done: objects unchanged in this attempt keep the
    /// earlier effect.
    #[must_use]
    pub fn after(mut self, earlier: &Self) -> Self {
        for entry in &mut self.entries {
            let before = earlier.entries.iter().find(|before| before.id == entry.id).map(|before| &before.result);
            if let (EntryResult::Done(Effect::Unchanged), Some(EntryResult::Done(effect))) = (&entry.result, before) {
                entry.result = EntryResult::Done(*effect);
            }
        }
        // A deletion that precedes a creation is not planned again; nor is one that another writer already made.
        let is_over = |before: &&ReportEntry| {
            matches!(before.result, EntryResult::Done(_)) && !self.entries.iter().any(|entry| entry.id == before.id)
        };
        let mut entries: Vec<ReportEntry> = earlier.entries.iter().filter(is_over).cloned().collect();
        entries.append(&mut self.entries);
        Self { mode: self.mode, entries }
    }

    /// The number of operations that changed something, or may have.
    #[must_use]
    pub fn changes(&self) -> usize {
        let is_change = |entry: &&ReportEntry| match &entry.result {
            EntryResult::Done(effect) => *effect != Effect::Unchanged,
            EntryResult::Unknown(_) => true,
            EntryResult::Failed(_) | EntryResult::Stale(_) | EntryResult::NotDone => false,
        };
        self.entries.iter().filter(is_change).count()
    }
}

#[cfg(test)]
mod tests {
    use super::{Effect, EntryResult, Mode, Report, ReportEntry};
    use crate::name::ObjectName;
    use crate::object::{ApiResource, ObjectRef};
    use crate::operation::OperationId;

    fn report(results: &[(&str, EntryResult)]) -> Report {
        let entry = |(id, result): &(&str, EntryResult)| ReportEntry {
            id: OperationId::parse(id).unwrap(),
            target: ObjectRef {
                of: ApiResource::parse("", "v1", "nodes", "Node").unwrap(),
                namespace: None,
                name: ObjectName::parse("a").unwrap(),
            },
            reason: String::new(),
            result: result.clone(),
        };
        Report { mode: Mode::Applied, entries: results.iter().map(entry).collect() }
    }

    #[test]
    fn attempts_add_up() {
        use Effect::{Created, Deleted, Unchanged, Updated};
        use EntryResult::{Done, Failed, NotDone, Stale};
        let stale = || Stale("changed".to_owned());
        let first = report(&[("a/delete", Done(Deleted)), ("a", Done(Created)), ("b", stale()), ("c", NotDone)]);
        assert!(first.is_stale());
        let second = report(&[("a", Done(Unchanged)), ("b", Done(Unchanged)), ("c", Done(Updated))]).after(&first);
        let expected = [("a/delete", Done(Deleted)), ("a", Done(Created)), ("b", Done(Unchanged)), ("c", Done(Updated))];
        assert_eq!(second, report(&expected));
        assert!(!second.is_stale() && second.is_complete());
        // Another writer deleted the object first.
        let first = report(&[("a/delete", stale()), ("a", NotDone)]);
        assert_eq!(report(&[("a", Done(Created))]).after(&first), report(&[("a", Done(Created))]));
        assert!(!report(&[("a", stale()), ("b", Failed("no".to_owned()))]).is_stale());
    }
}
