//! Owners of the fields of an object, from its `metadata.managedFields` (`structured-merge-diff/v6/fieldpath/serialize.go`).

use crate::object::Object;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// The field manager of the control plane's controllers, which write what no one else should: signatures in `cluster-info`.
pub const CONTROLLERS: &str = "kube-controller-manager";

/// A field, as the names that lead to it.
pub type Path = Vec<String>;

/// The names of the field managers of an object.
#[must_use]
pub fn managers(object: &Object) -> BTreeSet<String> {
    let name = |entry: &Value| entry.get("manager").and_then(Value::as_str).map(str::to_owned);
    managed_fields(object).filter_map(name).collect()
}

fn managed_fields(object: &Object) -> impl Iterator<Item = &Value> {
    let entries = object.fields().get("metadata").and_then(|metadata| metadata.get("managedFields")).and_then(Value::as_array);
    entries.into_iter().flatten()
}

/// The fields that only this manager owns. List items, which are named by their keys or values (`k:`, `v:`), are left out, with
/// everything in them.
#[must_use]
pub fn owned_alone(object: &Object, manager: &str) -> BTreeSet<Path> {
    let (mut own, mut others) = (Fields::default(), Fields::default());
    for entry in managed_fields(object) {
        let is_own = entry.get("manager").and_then(Value::as_str) == Some(manager);
        let fields = if is_own { &mut own } else { &mut others };
        if let Some(tree) = entry.get("fieldsV1").and_then(Value::as_object) {
            fields.collect(tree, &mut Vec::new());
        }
    }
    own.leaves.retain(|path| !others.holds(path));
    own.leaves
}

/// The fields owned by some managers.
#[derive(Default)]
struct Fields {
    /// Fields owned as a whole.
    leaves: BTreeSet<Path>,
    /// Fields owned in part.
    parts: BTreeSet<Path>,
}

impl Fields {
    fn collect(&mut self, tree: &Map<String, Value>, path: &mut Path) {
        for (name, below) in tree {
            let (Some(field), Some(below)) = (name.strip_prefix("f:"), below.as_object()) else { continue };
            path.push(field.to_owned());
            if below.is_empty() {
                self.leaves.insert(path.clone());
            } else {
                self.parts.insert(path.clone());
                self.collect(below, path);
            }
            path.pop();
        }
    }

    /// Whether a field or a part of it is owned. Owning its parent map, as in `"f:data": {}`, means only that the map exists: a
    /// map owned as a whole has no separately owned fields.
    fn holds(&self, path: &Path) -> bool {
        self.parts.contains(path) || self.leaves.contains(path)
    }
}

#[cfg(test)]
mod tests {
    use super::{CONTROLLERS, owned_alone};
    use crate::object::Object;
    use serde_json::{Value, json};

    fn alone(managed: &Value) -> Vec<String> {
        let object = json!({ "metadata": { "managedFields": managed } });
        let found = owned_alone(&Object::new(object.as_object().unwrap().clone()), CONTROLLERS);
        found.into_iter().map(|path| path.join("/")).collect()
    }

    #[test]
    fn a_field_of_two_managers_is_nobodys_alone() {
        let entry = |manager: &str, fields: Value| json!({ "manager": manager, "operation": "Update", "fieldsV1": fields });
        let signed = json!({ "f:data": { "f:jws-kubeconfig-abcdef": {}, "f:kubeconfig": {} } });
        let made = json!({ "f:data": { ".": {}, "f:kubeconfig": {} } });
        for (managed, expected) in [
            (json!(null), &[][..]),
            (json!([entry(CONTROLLERS, signed.clone())]), &["data/jws-kubeconfig-abcdef", "data/kubeconfig"]),
            (json!([entry("kubeadm", made), entry(CONTROLLERS, signed.clone())]), &["data/jws-kubeconfig-abcdef"]),
            // Another manager owns the map, or a part of it.
            (
                json!([entry(CONTROLLERS, signed), entry("a", json!({ "f:data": {} }))]),
                &["data/jws-kubeconfig-abcdef", "data/kubeconfig"],
            ),
            (json!([entry(CONTROLLERS, json!({ "f:spec": {} })), entry("a", json!({ "f:spec": { "f:b": {} } }))]), &[]),
            // List items and their contents are kept.
            (json!([entry(CONTROLLERS, json!({ "f:a": { "k:{\"b\":1}": { "f:c": {} }, "v:\"d\"": {} } }))]), &[]),
            (json!([entry("a", json!({ "f:data": { "f:b": {} } })), { "manager": CONTROLLERS, "fieldsV1": 1 }, 2]), &[]),
        ] {
            assert_eq!(alone(&managed), expected, "{managed}");
        }
    }
}
