//! A plan, with its state in its type.
//!
//! A plan starts as [`Proposed`]; [`crate::policy`] makes it [`Permitted`]; a dry run of all writes makes it [`Verified`], the
//! only state that can be applied. Skipping a check does not compile.

use crate::finding::Finding;
use crate::name::shortened;
use crate::operation::{Operation, OperationId};
use crate::output::Output;
use crate::write::Write;
use std::collections::{BTreeMap, BTreeSet};

/// The operations a phase proposes, in a state.
#[derive(Debug)]
pub struct Plan<S> {
    content: Content,
    state: S,
}

/// The parts of a plan that are the same in every state.
#[derive(Debug, Clone, PartialEq)]
pub struct Content {
    /// The operations, in the order they are reported in.
    pub operations: Vec<Operation>,
    /// The findings of the phase.
    pub findings: Vec<Finding>,
    /// Lines to show before the first operation.
    pub notes: Vec<String>,
    /// Lines that may hold secrets.
    pub outputs: Vec<Output>,
}

/// Proposed by a phase: well-formed, nothing else checked.
#[derive(Debug)]
pub struct Proposed(());

/// All operations are allowed.
#[derive(Debug)]
pub struct Permitted {
    /// The write of each operation; `None` for those that write nothing.
    writes: Vec<Option<Write>>,
}

/// The dry run of all writes succeeded.
#[derive(Debug)]
pub struct Verified {
    writes: Vec<Option<Write>>,
}

/// An invalid plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPlan {
    /// More operations than the limit.
    #[error("it proposes {found} operations, the limit is {limit}")]
    TooMany {
        /// The number of operations found.
        found: usize,
        /// The number allowed.
        limit: usize,
    },
    /// Two operations with the same id.
    #[error("operation id `{0}` is used twice")]
    Repeated(OperationId),
    /// An operation waits for one that does not exist.
    #[error("operation `{id}` comes after `{after}`, which does not exist")]
    Unknown {
        /// The waiting operation.
        id: OperationId,
        /// The missing operation.
        after: OperationId,
    },
    /// Two operations on one object that could run at the same time.
    #[error("operations `{0}` and `{1}` target the same object, but their order is not defined")]
    Unordered(OperationId, OperationId),
    /// Operations that wait for each other.
    #[error("operations depend on each other in a cycle: {}", first(.0))]
    Cycle(Vec<OperationId>),
}

/// The first of some ids, for a message.
fn first(ids: &[OperationId]) -> String {
    const MOST: usize = 10;
    let shown: Vec<String> = ids.iter().take(MOST).map(|id| shortened(&id.to_string()).into_owned()).collect();
    let more = ids.len().checked_sub(MOST).filter(|more| *more > 0).map(|more| format!(" and {more} more")).unwrap_or_default();
    format!("{}{more}", shown.join(", "))
}

impl<S> Plan<S> {
    /// The parts that do not depend on the state.
    pub const fn content(&self) -> &Content {
        &self.content
    }
}

impl Plan<Proposed> {
    /// Checks what a phase proposes.
    ///
    /// # Errors
    /// [`InvalidPlan`] if the operations cannot be ordered, or there are more than `limit`.
    pub fn propose(content: Content, limit: usize) -> Result<Self, InvalidPlan> {
        let found = content.operations.len();
        if found > limit {
            return Err(InvalidPlan::TooMany { found, limit });
        }
        for wave in waves(&content.operations)? {
            check_targets(wave.iter().filter_map(|index| content.operations.get(*index)))?;
        }
        Ok(Self { content, state: Proposed(()) })
    }

    /// Called only by [`crate::policy`]. `outputs` are those of the content as they may be shown.
    pub(crate) fn permit(self, writes: Vec<Option<Write>>, outputs: Vec<Output>) -> Plan<Permitted> {
        Plan { content: Content { outputs, ..self.content }, state: Permitted { writes } }
    }
}

/// The states of a plan whose writes are prepared.
pub trait Prepared {
    /// The write of each operation; `None` for those that write nothing.
    #[doc(hidden)]
    fn prepared(&self) -> &[Option<Write>];
}

impl Prepared for Permitted {
    fn prepared(&self) -> &[Option<Write>] {
        &self.writes
    }
}

impl Prepared for Verified {
    fn prepared(&self) -> &[Option<Write>] {
        &self.writes
    }
}

impl<S: Prepared> Plan<S> {
    /// The operations, each with its write if it has one.
    pub fn writes(&self) -> impl Iterator<Item = (&Operation, Option<&Write>)> {
        self.content.operations.iter().zip(self.state.prepared().iter().map(Option::as_ref))
    }

    /// Like [`Plan::writes`], in an order in which they can be applied.
    pub fn writes_in_turn(&self) -> impl Iterator<Item = (&Operation, Option<&Write>)> {
        let turns = waves(&self.content.operations).unwrap_or_default().into_iter().flatten();
        turns.filter_map(|index| {
            let write = self.state.prepared().get(index).and_then(Option::as_ref);
            Some((self.content.operations.get(index)?, write))
        })
    }
}

impl Plan<Permitted> {
    /// Omits operations, except those that a remaining one depends on.
    #[must_use]
    pub fn without(mut self, ids: &BTreeSet<OperationId>) -> Self {
        let mut stays: BTreeSet<OperationId> = BTreeSet::new();
        let operations = &self.content.operations;
        let before: BTreeMap<&OperationId, &[OperationId]> =
            operations.iter().map(|operation| (&operation.id, operation.after.as_slice())).collect();
        let mut found: Vec<&OperationId> =
            operations.iter().map(|operation| &operation.id).filter(|id| !ids.contains(id)).collect();
        while let Some(id) = found.pop() {
            if stays.insert(id.clone()) {
                found.extend(before.get(id).copied().unwrap_or_default());
            }
        }
        let both = self.content.operations.into_iter().zip(self.state.writes);
        (self.content.operations, self.state.writes) = both.filter(|(operation, _)| stays.contains(&operation.id)).unzip();
        self
    }

    /// Treats the plan as verified, for a user who disabled the dry run (`--precheck=none`).
    #[must_use]
    pub fn unchecked(self) -> Plan<Verified> {
        Plan { content: self.content, state: Verified { writes: self.state.writes } }
    }

    /// Tries all writes at once: `attempt` receives them and returns a result for each.
    ///
    /// # Errors
    /// The failed operations with the errors from `attempt`; also if it returned too few results.
    pub fn verify<T, E>(
        self,
        attempt: impl FnOnce(&[&Write]) -> Vec<Result<T, E>>,
    ) -> Result<Plan<Verified>, Vec<(OperationId, Option<E>)>> {
        let tried = self.content.operations.iter().zip(&self.state.writes);
        let (ids, writes): (Vec<_>, Vec<_>) =
            tried.filter_map(|(operation, write)| Some((&operation.id, write.as_ref()?))).unzip();
        let mut results = if writes.is_empty() { Vec::new() } else { attempt(&writes) }.into_iter();
        let failed: Vec<_> = ids
            .into_iter()
            .filter_map(|id| match results.next() {
                Some(Ok(_)) => None,
                Some(Err(error)) => Some((id.clone(), Some(error))),
                None => Some((id.clone(), None)),
            })
            .collect();
        if !failed.is_empty() {
            return Err(failed);
        }
        Ok(Plan { content: self.content, state: Verified { writes: self.state.writes } })
    }
}

impl Plan<Verified> {
    /// Groups of operations that can be applied at the same time, in order; each operation with its position in the plan and its
    /// write.
    #[must_use]
    pub fn waves(&self) -> Vec<Vec<(usize, Option<&Write>)>> {
        let waves = waves(&self.content.operations).unwrap_or_default();
        let write = |index| (index, self.state.writes.get(index).and_then(Option::as_ref));
        waves.into_iter().map(|wave| wave.into_iter().map(write).collect()).collect()
    }
}

/// Refuses two operations on one object.
fn check_targets<'a>(wave: impl Iterator<Item = &'a Operation>) -> Result<(), InvalidPlan> {
    let mut targets = BTreeMap::new();
    for operation in wave {
        if let Some(other) = targets.insert(&operation.target, &operation.id) {
            return Err(InvalidPlan::Unordered(other.clone(), operation.id.clone()));
        }
    }
    Ok(())
}

/// The positions of operations, grouped so that each group depends only on earlier ones.
fn waves(operations: &[Operation]) -> Result<Vec<Vec<usize>>, InvalidPlan> {
    let mut position = BTreeMap::new();
    for (index, operation) in operations.iter().enumerate() {
        if position.insert(&operation.id, index).is_some() {
            return Err(InvalidPlan::Repeated(operation.id.clone()));
        }
    }
    let mut waiting: Vec<usize> = operations.iter().map(|operation| operation.after.len()).collect();
    let mut followers: Vec<Vec<usize>> = vec![Vec::new(); operations.len()];
    for (index, operation) in operations.iter().enumerate() {
        for after in &operation.after {
            let unknown = || InvalidPlan::Unknown { id: operation.id.clone(), after: after.clone() };
            let before = *position.get(after).ok_or_else(unknown)?;
            followers.get_mut(before).ok_or_else(unknown)?.push(index);
        }
    }
    let mut ready: Vec<usize> = (0..operations.len()).filter(|index| waiting.get(*index) == Some(&0)).collect();
    let mut waves = Vec::new();
    while !ready.is_empty() {
        let mut next = Vec::new();
        for follower in ready.iter().filter_map(|index| followers.get(*index)).flatten() {
            if let Some(count) = waiting.get_mut(*follower) {
                *count -= 1;
                if *count == 0 {
                    next.push(*follower);
                }
            }
        }
        next.sort_unstable();
        waves.push(std::mem::replace(&mut ready, next));
    }
    let stuck: Vec<OperationId> =
        operations.iter().zip(&waiting).filter(|(_, count)| **count > 0).map(|(operation, _)| operation.id.clone()).collect();
    if stuck.is_empty() { Ok(waves) } else { Err(InvalidPlan::Cycle(stuck)) }
}

#[cfg(test)]
mod tests {
    use super::{Content, InvalidPlan, Plan, waves};
    use crate::name::ObjectName;
    use crate::object::{ApiResource, ObjectRef};
    use crate::operation::{Action, Operation, OperationId, Precondition};

    fn operation((id, after): &(&str, &[&str])) -> Operation {
        Operation {
            id: OperationId::parse(id).unwrap(),
            target: ObjectRef {
                of: ApiResource::parse("", "v1", "nodes", "Node").unwrap(),
                namespace: None,
                name: ObjectName::parse(if *id == "c" { "c" } else { "a" }).unwrap(),
            },
            action: Action::Keep,
            when: Precondition::Any,
            after: after.iter().map(|after| OperationId::parse(after).unwrap()).collect(),
            reason: String::new(),
        }
    }

    /// Operations with their dependencies, and the expected groups.
    type Case<'a> = (&'a [(&'a str, &'a [&'a str])], Result<Vec<Vec<usize>>, InvalidPlan>);

    #[test]
    fn one_object_is_changed_by_one_operation_at_a_time() {
        let propose = |operations: &[(&str, &[&str])]| {
            let operations = operations.iter().map(operation).collect();
            let content = Content { operations, findings: Vec::new(), notes: Vec::new(), outputs: Vec::new() };
            Plan::propose(content, 10).map(|_| ())
        };
        let id = |text| OperationId::parse(text).unwrap();
        assert_eq!(propose(&[("a", &[]), ("b", &["a"])]), Ok(()));
        assert_eq!(propose(&[("a", &[]), ("b", &[])]), Err(InvalidPlan::Unordered(id("a"), id("b"))));
    }

    #[test]
    fn what_others_build_on_is_not_left_out() {
        let chain: &[(&str, &[&str])] = &[("a", &[]), ("b", &["a"]), ("c", &["b"])];
        let fork: &[(&str, &[&str])] = &[("a", &[]), ("b", &["a"]), ("c", &["a"])];
        for (operations, left_out, stays) in [
            (chain, &[][..], "abc"),
            (chain, &["a"], "abc"),
            (chain, &["a", "b"], "abc"),
            (chain, &["c", "unknown"], "ab"),
            (chain, &["a", "c"], "ab"),
            (chain, &["a", "b", "c"], ""),
            (fork, &["a", "b"], "ac"),
            (fork, &["b", "c"], "a"),
        ] {
            let operations = operations.iter().map(operation).collect();
            let content = Content { operations, findings: Vec::new(), notes: Vec::new(), outputs: Vec::new() };
            let plan = Plan::propose(content, 10);
            let ids = left_out.iter().map(|id| OperationId::parse(id).unwrap()).collect();
            let plan = plan.unwrap().permit(vec![None, None, None], Vec::new()).without(&ids);
            let left: String = plan.writes().map(|(operation, _)| operation.id.as_str()).collect();
            assert_eq!(left, stays, "{left_out:?}");
        }
    }

    #[test]
    fn operations_are_grouped_by_what_they_wait_for() {
        let id = |text| OperationId::parse(text).unwrap();
        let cases: [Case<'_>; 6] = [
            (&[], Ok(vec![])),
            (&[("a", &[]), ("b", &[])], Ok(vec![vec![0, 1]])),
            (&[("a", &["b"]), ("b", &[]), ("c", &["a", "b"])], Ok(vec![vec![1], vec![0], vec![2]])),
            (&[("a", &[]), ("a", &[])], Err(InvalidPlan::Repeated(id("a")))),
            (&[("a", &["b"])], Err(InvalidPlan::Unknown { id: id("a"), after: id("b") })),
            (&[("a", &["b"]), ("b", &["a"]), ("c", &[])], Err(InvalidPlan::Cycle(vec![id("a"), id("b")]))),
        ];
        for (operations, expected) in cases {
            let operations: Vec<_> = operations.iter().map(operation).collect();
            assert_eq!(waves(&operations), expected);
        }
    }
}
