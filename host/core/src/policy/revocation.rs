//! Operations that only remove rights.

use crate::operation::{Action, Operation, Precondition};
use crate::snapshot::{Lookup, Snapshot};
use serde_json::{Map, Value};

/// Whether an operation only removes rights from subjects: it deletes a RoleBinding or ClusterRoleBinding that was read, or keeps
/// some of its subjects and changes nothing else.
///
/// The object must be unchanged when the operation is applied; otherwise a subject removed in the meantime could return.
pub(super) fn is_revocation(operation: &Operation, snapshot: &Snapshot) -> bool {
    let Operation { target, action, when, .. } = operation;
    if !target.of.is_binding() || *when != Precondition::AsObserved {
        return false;
    }
    match (action, snapshot.look_up(target)) {
        (Action::Delete, Lookup::Present(_)) => true,
        (Action::MergePatch(patch), Lookup::Present(binding)) => {
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

#[cfg(test)]
mod tests {
    use super::is_revocation;
    use crate::name::ObjectName;
    use crate::object::{ApiResource, Object, ObjectRef};
    use crate::operation::{Action, Operation, OperationId, Precondition};
    use crate::selector::Selector;
    use crate::snapshot::Snapshot;
    use serde_json::{Map, Value, json};

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    fn operation(plural: &str, kind: &str, action: Action, when: Precondition) -> Operation {
        let group = if kind == "Secret" { "" } else { "rbac.authorization.k8s.io" };
        let of = ApiResource::parse(group, "v1", plural, kind).unwrap();
        let target = ObjectRef { of, namespace: None, name: ObjectName::parse("x").unwrap() };
        Operation { id: OperationId::parse("x").unwrap(), target, action, when, after: Vec::new(), reason: String::new() }
    }

    #[test]
    fn only_what_gives_nobody_anything_is_one() {
        use Action::{Delete, MergePatch, Replace};
        use Precondition::{Any, AsObserved};
        let (a, b) = (json!({ "kind": "User", "name": "a" }), json!({ "kind": "User", "name": "b" }));
        let other = json!({ "kind": "Group", "name": "a" });
        let binding = json!({ "roleRef": { "name": "view" }, "subjects": [a, b] });
        let subjects = |subjects: &[&Value]| MergePatch(object(json!({ "subjects": subjects })));
        let more = |field: &str| MergePatch(object(json!({ "subjects": [], field: {} })));
        for (number, action, when, expected) in [
            (0, Delete, AsObserved, true),
            (1, Delete, Any, false),
            (2, subjects(&[]), AsObserved, true),
            (3, subjects(&[&b]), AsObserved, true),
            (4, subjects(&[&b]), Any, false),
            (5, subjects(&[&a, &b]), AsObserved, true),
            (6, subjects(&[&a, &other]), AsObserved, false),
            (7, MergePatch(object(json!({ "subjects": { "0": a } }))), AsObserved, false),
            (8, MergePatch(object(json!({ "subjects": null }))), AsObserved, false),
            (9, MergePatch(Map::new()), AsObserved, false),
            (10, more("roleRef"), AsObserved, false),
            (11, more("metadata"), AsObserved, false),
            (12, Replace(object(json!({ "roleRef": { "name": "view" }, "subjects": [] }))), AsObserved, false),
            (13, Action::Apply(object(json!({ "subjects": [] }))), AsObserved, false),
        ] {
            for (plural, kind, is_binding) in [
                ("clusterrolebindings", "ClusterRoleBinding", true),
                ("rolebindings", "RoleBinding", true),
                ("roles", "Role", false),
                ("secrets", "Secret", false),
            ] {
                let operation = operation(plural, kind, action.clone(), when);
                let mut snapshot = Snapshot::default();
                assert!(!is_revocation(&operation, &snapshot), "{number} {kind} was not read");
                snapshot.insert(Selector::One(operation.target.clone()), Vec::new());
                assert!(!is_revocation(&operation, &snapshot), "{number} {kind} is not there");
                snapshot.insert(Selector::One(operation.target.clone()), vec![Object::new(object(binding.clone()))]);
                assert_eq!(is_revocation(&operation, &snapshot), expected && is_binding, "{number} {kind}");
            }
        }
    }
}
