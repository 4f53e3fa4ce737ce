//! Operations that take rights and give none.

use crate::operation::{Action, Operation, Precondition};
use crate::snapshot::{Known, Snapshot};
use serde_json::{Map, Value};

/// Whether an operation only takes rights from subjects: it deletes a RoleBinding or ClusterRoleBinding that was read, or leaves it some
/// of the subjects that it had and changes nothing else.
///
/// What was read must still hold when it is carried out, else a subject could come back that somebody took out meanwhile.
pub(super) fn is_revocation(operation: &Operation, snapshot: &Snapshot) -> bool {
    let Operation { target, action, when, .. } = operation;
    if !target.of.is_binding() || *when != Precondition::AsObserved {
        return false;
    }
    match (action, snapshot.look_up(target)) {
        (Action::Delete, Known::Present(_)) => true,
        (Action::MergePatch(patch), Known::Present(binding)) => {
            is_of_subjects(patch) && subjects(patch).iter().all(|subject| subjects(binding.fields()).contains(subject))
        }
        _ => false,
    }
}

fn is_of_subjects(patch: &Map<String, Value>) -> bool {
    patch.len() == 1 && patch.get("subjects").is_some_and(Value::is_array)
}

fn subjects(body: &Map<String, Value>) -> &[Value] {
    body.get("subjects").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
