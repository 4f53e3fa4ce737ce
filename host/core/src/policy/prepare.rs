//! Turns an operation into the write that is sent: secrets in place, preconditions filled in.

use super::{OperationProblem, body};
use crate::object::Object;
use crate::operation::{Action, Operation, Precondition};
use crate::secret::{Before, Destination, Placement, Secrets, Shows};
use crate::snapshot::{Lookup, Snapshot};
use crate::write::{Expected, Verb, Write};
use serde_json::{Map, Value};

/// An operation, and the context for preparing it.
pub(super) struct Preparation<'a> {
    /// The operation to prepare.
    pub(super) operation: &'a Operation,
    /// Whether the same plan deletes the object first.
    pub(super) is_recreation: bool,
    /// The objects that were read.
    pub(super) snapshot: &'a Snapshot,
    /// The hidden values.
    pub(super) secrets: &'a Secrets,
    /// Who is shown which keys of the object.
    pub(super) shows: Shows<'a>,
}

impl Preparation<'_> {
    /// The write; `None` if the operation writes nothing.
    pub(super) fn write(&self, placement: &mut Placement) -> Result<Option<Write>, OperationProblem> {
        let Operation { target, action, .. } = self.operation;
        if let Some(body) = action.body() {
            body::check_identity(target, body, matches!(action, Action::MergePatch(_)))?;
        }
        let expected = self.expected()?;
        let mut place = |body: &Map<String, Value>| self.place(placement, body);
        let verb = match action {
            Action::Create(body) => Verb::Create(place(body)?),
            Action::Replace(body) => Verb::Replace(place(body)?),
            Action::MergePatch(body) => Verb::MergePatch(place(body)?),
            Action::Apply(body) => Verb::Apply(place(body)?),
            Action::Delete => Verb::Delete,
            Action::Keep => return Ok(None),
        };
        Ok(Some(Write { target: target.clone(), verb, expected }))
    }

    fn place(&self, placement: &mut Placement, body: &Map<String, Value>) -> Result<Map<String, Value>, OperationProblem> {
        let target = &self.operation.target;
        // The snapshot is only reliable for a write that fails if the object differs.
        let before = match (&self.operation.action, self.operation.when, self.snapshot.look_up(target)) {
            (Action::Create(_), _, _) => Before::New,
            (_, Precondition::AsObserved, Lookup::Present(object)) => Before::Exactly(object),
            _ => Before::Unknown,
        };
        Ok(self.secrets.placed(placement, &Destination { target, before, shows: self.shows }, body)?)
    }

    fn expected(&self) -> Result<Expected, OperationProblem> {
        let same = |object: &Object| Expected::Same {
            uid: object.uid().map(str::to_owned),
            resource_version: object.resource_version().map(str::to_owned),
        };
        match (self.operation.when, &self.operation.action) {
            (Precondition::Absent, Action::Create(_)) if self.is_recreation => Ok(Expected::Deleted),
            (Precondition::Absent, Action::Create(_)) => match self.snapshot.look_up(&self.operation.target) {
                Lookup::Present(_) => Err(OperationProblem::Present),
                Lookup::Absent | Lookup::NotRead => Ok(Expected::Absent),
            },
            (Precondition::Absent, _) | (_, Action::Create(_)) => Err(OperationProblem::Precondition),
            (Precondition::AsObserved, _) => match self.snapshot.look_up(&self.operation.target) {
                Lookup::Present(object) => Ok(same(object)),
                Lookup::Absent | Lookup::NotRead => Err(OperationProblem::NotObserved),
            },
            // Custom resources are known to be of the permitted kind only if they were read; the answer to a deletion does not
            // include it.
            (Precondition::Any, Action::Delete) if self.operation.target.of.scope().is_none() => {
                match self.snapshot.look_up(&self.operation.target) {
                    Lookup::NotRead => Err(OperationProblem::NotObserved),
                    Lookup::Present(_) | Lookup::Absent => Ok(Expected::Any),
                }
            }
            (Precondition::Any, _) => Ok(Expected::Any),
        }
    }
}
