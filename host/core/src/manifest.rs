//! Turns a change into a manifest, and the steps that a manifest cannot express.
//!
//! Applying a file adds and changes fields. It does not remove what another manager owns, and it cannot delete.

use crate::change::{Change, Fate};
use crate::object::Object;
use crate::ownership::{CONTROLLERS, Path, owned_alone};
use crate::secret::LAST_APPLIED;
use crate::write::SERVER_METADATA;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// The object as a manifest for `kubectl apply --server-side`; `None` if it will not exist. It omits what the API server sets,
/// the status, kubectl's own copy of the object, and fields that only the controllers of the control plane write: applying the
/// file later would overwrite those.
#[must_use]
pub fn manifest(change: &Change<'_>) -> Option<Map<String, Value>> {
    let mut fields = own_fields(change.after.as_ref()?);
    if let Some(before) = &change.before {
        for path in owned_alone(before, CONTROLLERS) {
            // Fields that the plan changes are kept.
            if look_up(before.fields(), &path) == look_up(&fields, &path) {
                remove(&mut fields, &path);
            }
        }
    }
    Some(fields)
}

/// An object without the fields its writers do not own: those of the API server and the control plane's controllers, the status
/// and kubectl's own copy.
#[must_use]
pub fn settled(object: &Object) -> Map<String, Value> {
    let mut fields = own_fields(object);
    owned_alone(object, CONTROLLERS).iter().for_each(|path| remove(&mut fields, path));
    fields
}

/// The fields that the plan removes, as a merge patch (RFC 7386) that removes them; `None` if there are none. A list counts as
/// one value.
#[must_use]
pub fn removal(change: &Change<'_>) -> Option<Map<String, Value>> {
    match (&change.before, &change.after, change.fate) {
        (Some(before), Some(after), Fate::Written) => missing(&own_fields(before), &own_fields(after)),
        _ => None,
    }
}

/// The paths of the fields that differ, such as `data.kubeconfig`; none for an object that is created or deleted. What the API server
/// sets does not count, and a list is one value.
#[must_use]
pub fn differing_fields(change: &Change<'_>) -> Vec<String> {
    match (&change.before, &change.after) {
        (Some(before), Some(after)) => differing("", &own_fields(before), &own_fields(after)),
        _ => Vec::new(),
    }
}

fn differing(path: &str, before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<String> {
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let below = |name: &String| match (before.get(name), after.get(name)) {
        (was, is) if was == is => Vec::new(),
        (Some(Value::Object(was)), Some(Value::Object(is))) => differing(&format!("{path}{name}."), was, is),
        _ => vec![format!("{path}{name}")],
    };
    names.into_iter().flat_map(below).collect()
}

/// The fields that a manifest has.
fn own_fields(object: &Object) -> Map<String, Value> {
    let mut fields = object.fields().clone();
    fields.remove("status");
    if let Some(metadata) = fields.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.retain(|name, _| !SERVER_METADATA.contains(&name.as_str()));
    }
    remove(&mut fields, &["metadata", "annotations", LAST_APPLIED].map(str::to_owned));
    fields
}

/// The keys of `before` that `after` lacks, each `null`.
fn missing(before: &Map<String, Value>, after: &Map<String, Value>) -> Option<Map<String, Value>> {
    let mut patch = Map::new();
    for (name, value) in before.iter().filter(|(_, value)| !value.is_null()) {
        match (value, after.get(name)) {
            (_, None | Some(Value::Null)) => {
                patch.insert(name.clone(), Value::Null);
            }
            (Value::Object(before), Some(Value::Object(after))) => {
                patch.extend(missing(before, after).map(|below| (name.clone(), Value::Object(below))));
            }
            _ => {}
        }
    }
    (!patch.is_empty()).then_some(patch)
}

fn look_up<'a>(fields: &'a Map<String, Value>, path: &Path) -> Option<&'a Value> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(fields.get(first)?, |value, name| value.get(name))
}

/// Removes a field, and the maps around it that become empty.
fn remove(fields: &mut Map<String, Value>, path: &[String]) {
    match path {
        [] => {}
        [name] => {
            fields.remove(name);
        }
        [name, rest @ ..] => {
            let Some(below) = fields.get_mut(name).and_then(Value::as_object_mut) else { return };
            let was_empty = below.is_empty();
            remove(below, rest);
            if below.is_empty() && !was_empty {
                fields.remove(name);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{differing_fields, manifest, removal};
    use crate::change::{Change, Fate, WasRead};
    use crate::name::ObjectName;
    use crate::object::{ApiResource, Object, ObjectRef};
    use serde_json::{Value, json};

    /// The manifest and the removal for a change.
    fn said(before: &Value, after: &Value, fate: Fate) -> (Value, Value) {
        let of = ApiResource::parse("", "v1", "configmaps", "ConfigMap").unwrap();
        let target = ObjectRef { of, namespace: None, name: ObjectName::parse("a").unwrap() };
        let object = |value: &Value| value.as_object().map(|fields| Object::new(fields.clone()));
        let change = Change { target: &target, before: object(before), observed: WasRead::Yes, after: object(after), fate };
        (manifest(&change).into(), removal(&change).into())
    }

    #[test]
    fn a_manifest_has_what_a_person_would_write() {
        let before = json!({
            "metadata": {
                "name": "a", "uid": "1", "resourceVersion": "2", "generation": 3,
                "annotations": { "kubectl.kubernetes.io/last-applied-configuration": "{}" },
                "managedFields": [{
                    "manager": "kube-controller-manager",
                    "fieldsV1": { "f:data": { "f:signature": {}, "f:other": {} }, "f:status": {} },
                }],
            },
            "data": { "kubeconfig": "old", "signature": "s", "other": "o", "gone": "g" },
            "status": {},
        });
        let mut after = before.clone();
        after["data"] = json!({ "kubeconfig": "new", "signature": "s", "other": "changed" });
        let expected = json!({ "metadata": { "name": "a" }, "data": { "kubeconfig": "new", "other": "changed" } });
        assert_eq!(said(&before, &after, Fate::Written), (expected.clone(), json!({ "data": { "gone": null } })));
        assert_eq!(said(&before, &after, Fate::Recreated), (expected, Value::Null));
        assert_eq!(said(&before, &Value::Null, Fate::Deleted), (Value::Null, Value::Null));
        let kept = json!({ "metadata": { "name": "a" }, "data": { "kubeconfig": "old", "gone": "g" } });
        assert_eq!(said(&before, &before, Fate::Kept), (kept, Value::Null));
    }

    #[test]
    fn only_whole_fields_are_taken_away() {
        let metadata = json!({ "name": "a" });
        for (before, after, expected) in [
            (json!({ "rules": [1, 2] }), json!({ "rules": [1] }), json!(null)),
            (json!({ "rules": [1] }), json!({ "rules": null }), json!({ "rules": null })),
            (json!({ "rules": null }), json!({}), json!(null)),
            (
                json!({ "a": { "b": { "c": 1, "d": 1 } } }),
                json!({ "a": { "b": { "c": 2 } } }),
                json!({ "a": { "b": { "d": null } } }),
            ),
            (json!({ "a": { "b": 1 } }), json!({ "a": 1 }), json!(null)),
        ] {
            let whole = |part: &Value| {
                let mut whole = part.clone();
                whole["metadata"] = metadata.clone();
                whole
            };
            assert_eq!(said(&whole(&before), &whole(&after), Fate::Written).1, expected, "{before} {after}");
        }
    }

    #[test]
    fn what_differs_is_named_by_its_path() {
        let of = ApiResource::parse("", "v1", "configmaps", "ConfigMap").unwrap();
        let target = ObjectRef { of, namespace: None, name: ObjectName::parse("a").unwrap() };
        let object = |value: &Value| value.as_object().map(|fields| Object::new(fields.clone()));
        for (before, after, expected) in [
            (json!({ "data": { "a": "1" } }), json!({ "data": { "a": "1" } }), &[][..]),
            (
                json!({ "data": { "a": "1", "b": "2" } }),
                json!({ "data": { "a": "3", "c": "4" } }),
                &["data.a", "data.b", "data.c"],
            ),
            (json!({ "rules": [1, 2] }), json!({ "rules": [1] }), &["rules"]),
            (json!({}), json!({ "metadata": { "labels": { "a/b": "c" } } }), &["metadata"]),
            (json!({ "metadata": { "uid": "1", "resourceVersion": "2" } }), json!({ "metadata": { "uid": "3" } }), &[]),
            (json!({ "data": { "a": "1" } }), Value::Null, &[]),
            (Value::Null, json!({ "data": { "a": "1" } }), &[]),
        ] {
            let (before, after) = (object(&before), object(&after));
            let change = Change { target: &target, before, observed: WasRead::Yes, after, fate: Fate::Written };
            assert_eq!(differing_fields(&change), expected, "{change:?}");
        }
    }
}
