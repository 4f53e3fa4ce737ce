//! Checks that a body matches the object it is sent to.

use super::OperationProblem;
use crate::name::Namespace;
use crate::object::ObjectRef;
use crate::secret::FIELDS;
use serde_json::{Map, Value};

/// The metadata that a body may have.
/// Not owners and finalizers: an owner that does not exist makes the garbage collector delete the object, and a finalizer keeps
/// it forever; both need no more than the right to update.
const METADATA: [&str; 4] = ["name", "namespace", "labels", "annotations"];

/// The exact spelling of the fields that identify a body; Go's JSON ignores case, and the last field counts.
const IDENTITY: [&str; 3] = ["apiVersion", "kind", "metadata"];

/// Whether a field changes the meaning of a body for a program that applies manifests: kubectl reads anything with `items` as a
/// list (`apimachinery/pkg/apis/meta/v1/unstructured`, `unstructuredJSONScheme`) and applies its items.
fn is_ambiguous(name: &str) -> bool {
    // Go folds case like Unicode: the long s is an s, and the kelvin sign is a k.
    let folded = |name: &str| name.to_uppercase().to_lowercase();
    folded(name) == "items" || IDENTITY.iter().any(|known| *known != name && folded(known) == folded(name))
}

/// Refuses a body that does not match the target. A patch may omit unchanged fields.
pub(super) fn check_identity(target: &ObjectRef, body: &Map<String, Value>, is_patch: bool) -> Result<(), OperationProblem> {
    if body.get("metadata").is_some_and(|metadata| !metadata.is_object()) {
        return Err(OperationProblem::NoMetadata);
    }
    if let Some(name) = body.keys().find(|name| is_ambiguous(name)) {
        return Err(OperationProblem::Ambiguous(name.clone()));
    }
    if let Some(name) = body.keys().find(|name| target.of.is_secret() && !FIELDS.contains(&name.as_str())) {
        return Err(OperationProblem::NoField(name.clone()));
    }
    let metadata = body.get("metadata").and_then(Value::as_object);
    let field = |name: &str| metadata.and_then(|metadata| metadata.get(name));
    let api_version = target.of.api_version();
    let namespace = target.namespace.as_ref().map(Namespace::as_str);
    let claims = [
        ("apiVersion", body.get("apiVersion"), Some(api_version.as_str())),
        ("kind", body.get("kind"), Some(target.of.kind())),
        ("metadata.name", field("name"), Some(target.name.as_str())),
        ("metadata.namespace", field("namespace"), namespace),
    ];
    for (name, found, expected) in claims {
        let is_right = match found {
            None => is_patch || expected.is_none(),
            Some(found) => found.as_str() == expected && expected.is_some(),
        };
        if !is_right {
            let text = |value: Option<&str>| value.unwrap_or("nothing").to_owned();
            let found = found.map_or_else(|| text(None), |value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
            return Err(OperationProblem::OtherObject { field: name, found, expected: text(expected) });
        }
    }
    match metadata.into_iter().flat_map(Map::keys).find(|name| !METADATA.contains(&name.as_str())) {
        Some(name) => Err(OperationProblem::ReservedMetadata(name.clone())),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::check_identity;
    use crate::name::{Namespace, ObjectName};
    use crate::object::{ApiResource, ObjectRef};
    use serde_json::{Value, json};

    #[test]
    fn a_body_is_one_object_to_everybody() {
        let target = ObjectRef {
            of: ApiResource::parse("", "v1", "configmaps", "ConfigMap").unwrap(),
            namespace: None,
            name: ObjectName::parse("b").unwrap(),
        };
        let binding = json!([{ "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding" }]);
        for (name, is_right) in [
            ("items", false),
            ("Items", false),
            ("ITEMS", false),
            ("item\u{17f}", false),
            ("Kind", false),
            ("\u{212a}ind", false),
            ("apiversion", false),
            ("Metadata", false),
            ("data", true),
            ("item", true),
            ("binaryData", true),
        ] {
            for is_patch in [true, false] {
                let mut body = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "b" } });
                body[name] = binding.clone();
                let said = check_identity(&target, body.as_object().unwrap(), is_patch);
                assert_eq!(said.is_ok(), is_right, "{name:?} {said:?}");
            }
        }
    }

    #[test]
    fn a_secret_has_the_fields_of_a_secret() {
        let target = ObjectRef {
            of: ApiResource::parse("", "v1", "secrets", "Secret").unwrap(),
            namespace: Some(Namespace::parse("a").unwrap()),
            name: ObjectName::parse("b").unwrap(),
        };
        for (name, is_right) in [
            ("type", true),
            ("data", true),
            ("stringData", true),
            ("immutable", true),
            ("Data", false),
            ("stringdata", false),
            ("StringData", false),
            ("\u{17f}tringData", false),
            ("Type", false),
            ("binaryData", false),
        ] {
            for is_patch in [true, false] {
                let mut body = json!({ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "b", "namespace": "a" } });
                body[name] = json!({});
                let said = check_identity(&target, body.as_object().unwrap(), is_patch);
                assert_eq!(said.is_ok(), is_right, "{name:?} {said:?}");
            }
        }
    }

    #[test]
    fn a_body_is_of_its_target() {
        let target = ObjectRef {
            of: ApiResource::parse("", "v1", "configmaps", "ConfigMap").unwrap(),
            namespace: Some(Namespace::parse("a").unwrap()),
            name: ObjectName::parse("b").unwrap(),
        };
        let whole = |metadata: Value| json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata });
        for (body, is_patch, problem) in [
            (whole(json!({ "name": "b", "namespace": "a", "labels": {} })), false, None),
            (json!({ "data": {} }), true, None),
            (json!({ "data": {} }), false, Some("its body says `apiVersion` is `nothing`, its target says `v1`")),
            (
                whole(json!({ "name": "c", "namespace": "a" })),
                false,
                Some("its body says `metadata.name` is `c`, its target says `b`"),
            ),
            (whole(json!({ "name": "b" })), false, Some("its body says `metadata.namespace` is `nothing`, its target says `a`")),
            (json!({ "metadata": null }), true, Some("its body has a `metadata` that is not an object")),
            (json!({ "kind": "Secret" }), true, Some("its body says `kind` is `Secret`, its target says `ConfigMap`")),
            (
                json!({ "metadata": { "name": ["b"] } }),
                true,
                Some("its body says `metadata.name` is `[\"b\"]`, its target says `b`"),
            ),
            (json!({ "metadata": { "uid": "1" } }), true, Some("its body sets `metadata.uid`, which a phase may not set")),
            (
                whole(json!({ "name": "b", "namespace": "a", "generateName": "x" })),
                false,
                Some("its body sets `metadata.generateName`, which a phase may not set"),
            ),
        ] {
            let said = check_identity(&target, body.as_object().unwrap(), is_patch).err().map(|problem| problem.to_string());
            assert_eq!(said.as_deref(), problem);
        }
    }
}
