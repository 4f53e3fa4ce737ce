//! The view of an object that a phase receives.

use super::{Home, LAST_APPLIED, SecretOrigin, Secrets};
use crate::object::{Object, ObjectRef};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

impl Secrets {
    /// An object as a phase sees it: without `managedFields`, which no phase needs; for a Secret, with handles under `data` and
    /// the keys that `reveals` accepts under `stringData`.
    #[must_use]
    pub fn shown(&mut self, target: &ObjectRef, object: &Object, reveals: impl Fn(&str) -> bool) -> Value {
        if !target.of.is_secret() {
            return Value::Object(unmanaged(object));
        }
        // Its values are hidden one by one: of ten thousand Secrets a copy of all would cost as much as the rest.
        let mut fields = copied(object, |name| name != "data");
        if let Some(annotations) =
            fields.get_mut("metadata").and_then(|metadata| metadata.get_mut("annotations")?.as_object_mut())
        {
            annotations.remove(LAST_APPLIED);
        }
        let home = home(target, object.fields());
        let (mut hidden, mut clear) = (Map::new(), Map::new());
        for (key, value) in object.fields().get("data").and_then(Value::as_object).into_iter().flatten() {
            let bytes = Zeroizing::new(value.as_str().and_then(|text| STANDARD.decode(text).ok()).unwrap_or_default());
            match std::str::from_utf8(&bytes) {
                Ok(text) if reveals(key) => {
                    clear.insert(key.clone(), Value::String(text.to_owned()));
                }
                _ => {
                    let id = self.hide(&bytes, SecretOrigin::Observed(home.clone(), key.clone()));
                    hidden.insert(key.clone(), self.handle(&id));
                }
            }
        }
        fields.insert("data".to_owned(), Value::Object(hidden));
        fields.insert("stringData".to_owned(), Value::Object(clear));
        Value::Object(fields)
    }
}

/// An object without `managedFields`: as a phase sees it, if it is no Secret.
#[must_use]
pub fn unmanaged(object: &Object) -> Map<String, Value> {
    copied(object, |_| true)
}

/// Some fields of an object, without `managedFields`.
fn copied(object: &Object, is_wanted: impl Fn(&str) -> bool) -> Map<String, Value> {
    let is_kept = |name: &str| name != "managedFields";
    let copy = |(name, value): (&String, &Value)| {
        let value = match value {
            Value::Object(metadata) if name == "metadata" => {
                metadata.iter().filter(|(name, _)| is_kept(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
            }
            other => other.clone(),
        };
        (name.clone(), value)
    };
    object.fields().iter().filter(|(name, _)| is_wanted(name)).map(copy).collect()
}

/// The group of a Secret; without a type it is `Opaque`, as for the API server.
pub(super) fn home(target: &ObjectRef, fields: &Map<String, Value>) -> Home {
    let of_type = fields.get("type").and_then(Value::as_str).filter(|text| !text.is_empty()).unwrap_or("Opaque");
    Home { namespace: target.namespace.clone(), of_type: of_type.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::super::Secrets;
    use crate::name::{Namespace, ObjectName};
    use crate::object::{ApiResource, Object, ObjectRef};
    use serde_json::json;

    #[test]
    fn a_phase_sees_only_what_is_revealed() {
        let target = ObjectRef {
            of: ApiResource::parse("", "v1", "secrets", "Secret").unwrap(),
            namespace: Some(Namespace::parse("kube-system").unwrap()),
            name: ObjectName::parse("a").unwrap(),
        };
        let found = json!({
            "metadata": { "name": "a", "managedFields": [], "annotations": { "kubectl.kubernetes.io/last-applied-configuration": "{}" } },
            "data": { "id": "YWJj", "key": "c2VjcmV0", "same": "c2VjcmV0", "binary": "/w==" },
        });
        let mut secrets = Secrets::default();
        let shown = secrets.shown(&target, &Object::new(found.as_object().unwrap().clone()), |key| key == "id");
        assert_eq!(shown["stringData"], json!({ "id": "abc" }));
        assert_eq!(shown["data"]["key"], json!({ "$secret": "s2", "length": 6, "classes": ["lower"], "distinct": 5 }));
        assert_eq!(shown["data"]["same"]["$secret"], "s2");
        assert_eq!(shown["metadata"], json!({ "name": "a", "annotations": {} }));
        assert!(!shown.to_string().contains("c2VjcmV0"));
    }
}
