//! Values that a phase may use but not see.
//!
//! A phase gets a *handle* instead: `{"$secret": "s1", …}` with facts about the value. Equal values have the same handle, so
//! that a phase can compare what it cannot read. What the phase gives back is put in place here and nowhere else, and only in the
//! data of a Secret or in a line for the person at the terminal.

use crate::object::{Object, ObjectRef};
use crate::permission::Permissions;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fmt;
use zeroize::Zeroizing;

/// The key that makes a JSON object a handle.
const HANDLE: &str = "$secret";

/// The id of a hidden value; meaningless outside the run that made it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SecretId(String);

impl SecretId {
    /// The id in a JSON handle; none if the value is not one. Other members are not looked at.
    #[must_use]
    pub fn from_handle(value: &Value) -> Option<Self> {
        value.as_object()?.get(HANDLE)?.as_str().map(|id| Self(id.to_owned()))
    }

    /// An id that a phase names; whether it exists is seen when it is resolved.
    #[must_use]
    pub fn named(id: &str) -> Self {
        Self(id.to_owned())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A handle where none may stand, or of a value that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MisplacedSecret {
    /// A handle outside the data of a Secret.
    #[error("a secret may only stand in the data of a Secret, not in `{0}`")]
    Outside(String),
    /// A handle that the host never gave out.
    #[error("`{0}` is not a secret that the host gave out")]
    Unknown(String),
    /// Data of a Secret that is neither text, base64 nor a handle.
    #[error("`{0}` is neither text nor a secret")]
    NotText(String),
}

/// The hidden values of a run, wiped from memory at its end.
#[derive(Default)]
pub struct Secrets(Vec<Zeroizing<Vec<u8>>>);

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({} values)", self.0.len())
    }
}

impl Secrets {
    /// Hides a value. The same value always gets the same id.
    pub fn hide(&mut self, value: &[u8]) -> SecretId {
        let present = self.0.iter().position(|known| known.as_slice() == value);
        let index = present.unwrap_or_else(|| {
            self.0.push(Zeroizing::new(value.to_vec()));
            self.0.len() - 1
        });
        SecretId(format!("s{}", index + 1))
    }

    /// The value behind an id; none if there is no such id.
    #[must_use]
    pub fn resolve(&self, id: &SecretId) -> Option<&[u8]> {
        let number: usize = id.0.strip_prefix('s')?.parse().ok()?;
        self.0.get(number.checked_sub(1)?).map(|value| value.as_slice())
    }

    /// The JSON that a phase sees instead of a value: the id, and facts that say how strong it is but not what it is.
    #[must_use]
    pub fn handle(&self, id: &SecretId) -> Value {
        let value = self.resolve(id).unwrap_or_default();
        let classes: Vec<&str> = [
            ("lower", value.iter().any(u8::is_ascii_lowercase)),
            ("upper", value.iter().any(u8::is_ascii_uppercase)),
            ("digit", value.iter().any(u8::is_ascii_digit)),
            ("other", value.iter().any(|b| !b.is_ascii_alphanumeric())),
        ]
        .into_iter()
        .filter_map(|(name, is_there)| is_there.then_some(name))
        .collect();
        let distinct = value.iter().collect::<std::collections::BTreeSet<_>>().len();
        json!({ HANDLE: id.0, "length": value.len(), "classes": classes, "distinct": distinct })
    }

    /// An object as a phase sees it: without `managedFields`, which no phase needs, and a Secret with handles under `data` and
    /// the keys that the phase may see in clear under `stringData`.
    #[must_use]
    pub fn shown(&mut self, target: &ObjectRef, object: &Object, permissions: &Permissions) -> Value {
        let mut fields = object.fields().clone();
        if let Some(metadata) = fields.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.remove("managedFields");
            if target.of.is_secret() {
                // kubectl keeps a copy of the whole Secret here.
                metadata
                    .get_mut("annotations")
                    .and_then(Value::as_object_mut)
                    .map(|annotations| annotations.remove("kubectl.kubernetes.io/last-applied-configuration"));
            }
        }
        if target.of.is_secret() {
            let (mut hidden, mut clear) = (Map::new(), Map::new());
            for (key, value) in object.fields().get("data").and_then(Value::as_object).into_iter().flatten() {
                let bytes = Zeroizing::new(value.as_str().and_then(|text| STANDARD.decode(text).ok()).unwrap_or_default());
                match std::str::from_utf8(&bytes) {
                    Ok(text) if permissions.reveal(target, key) => {
                        clear.insert(key.clone(), Value::String(text.to_owned()));
                    }
                    _ => {
                        let id = self.hide(&bytes);
                        hidden.insert(key.clone(), self.handle(&id));
                    }
                }
            }
            fields.insert("data".to_owned(), Value::Object(hidden));
            fields.insert("stringData".to_owned(), Value::Object(clear));
        }
        Value::Object(fields)
    }

    /// A body of a phase as the API server gets it: in a Secret, handles and `stringData` become base64 under `data`. `null`
    /// stays `null`, which in a merge patch removes a key.
    ///
    /// # Errors
    /// [`MisplacedSecret`] for a handle anywhere else, and for one that the host never gave out.
    pub fn placed(&self, target: &ObjectRef, body: &Map<String, Value>) -> Result<Map<String, Value>, MisplacedSecret> {
        let mut placed = Map::new();
        let mut data = BTreeMap::new();
        for (name, value) in body {
            match (target.of.is_secret(), name.as_str(), value) {
                (true, "data" | "stringData", Value::Object(entries)) => {
                    for (key, entry) in entries {
                        let path = format!("{name}.{key}");
                        data.insert(key.clone(), self.placed_entry(&path, entry, name == "data")?);
                    }
                }
                _ => {
                    refuse_handles(value, name)?;
                    placed.insert(name.clone(), value.clone());
                }
            }
        }
        if !data.is_empty() {
            placed.insert("data".to_owned(), Value::Object(data.into_iter().collect()));
        }
        Ok(placed)
    }

    fn placed_entry(&self, path: &str, entry: &Value, is_encoded: bool) -> Result<Value, MisplacedSecret> {
        if let Some(id) = SecretId::from_handle(entry) {
            let value = self.resolve(&id).ok_or_else(|| MisplacedSecret::Unknown(id.0.clone()))?;
            return Ok(Value::String(STANDARD.encode(value)));
        }
        match entry {
            Value::Null => Ok(Value::Null),
            Value::String(text) if is_encoded => Ok(Value::String(text.clone())),
            Value::String(text) => Ok(Value::String(STANDARD.encode(text))),
            _ => Err(MisplacedSecret::NotText(path.to_owned())),
        }
    }
}

/// Refuses any handle within a value.
fn refuse_handles(value: &Value, path: &str) -> Result<(), MisplacedSecret> {
    match value {
        Value::Object(fields) => {
            if fields.contains_key(HANDLE) {
                return Err(MisplacedSecret::Outside(path.to_owned()));
            }
            fields.iter().try_for_each(|(name, value)| refuse_handles(value, &format!("{path}.{name}")))
        }
        Value::Array(items) => {
            items.iter().enumerate().try_for_each(|(index, value)| refuse_handles(value, &format!("{path}[{index}]")))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{MisplacedSecret, Secrets};
    use crate::name::{Namespace, ObjectName};
    use crate::object::{ApiResource, Object, ObjectRef};
    use crate::permission::{Access, Pattern, Permission, Permissions};
    use serde_json::{Value, json};

    fn object_ref(plural: &str, kind: &str) -> ObjectRef {
        ObjectRef {
            of: ApiResource::parse("", "v1", plural, kind).unwrap(),
            namespace: Some(Namespace::parse("kube-system").unwrap()),
            name: ObjectName::parse("a").unwrap(),
        }
    }

    fn object(value: Value) -> Object {
        Object::new(value.as_object().unwrap().clone())
    }

    #[test]
    fn a_phase_sees_only_what_is_revealed() {
        let target = object_ref("secrets", "Secret");
        let permissions = Permissions(vec![Permission {
            access: vec![Access::Read],
            of: target.of.clone(),
            namespace: target.namespace.clone(),
            names: vec![Pattern::parse("a").unwrap()],
            reveal: vec![Pattern::parse("id").unwrap()],
            reason: String::new(),
        }]);
        let found = object(json!({
            "metadata": { "name": "a", "managedFields": [], "annotations": { "kubectl.kubernetes.io/last-applied-configuration": "{}" } },
            "data": { "id": "YWJj", "key": "c2VjcmV0", "same": "c2VjcmV0", "binary": "/w==" },
        }));
        let mut secrets = Secrets::default();
        let shown = secrets.shown(&target, &found, &permissions);
        assert_eq!(shown["stringData"], json!({ "id": "abc" }));
        assert_eq!(shown["data"]["key"], json!({ "$secret": "s2", "length": 6, "classes": ["lower"], "distinct": 5 }));
        assert_eq!(shown["data"]["same"]["$secret"], "s2");
        assert_eq!(shown["metadata"], json!({ "name": "a", "annotations": {} }));
        assert!(!shown.to_string().contains("c2VjcmV0"));
    }

    #[test]
    fn handles_are_placed_in_secrets_only() {
        let mut secrets = Secrets::default();
        let id = secrets.hide(b"secret");
        let handle = json!({ "$secret": id.as_str() });
        let place = |plural: &str, kind: &str, body: Value| {
            secrets.placed(&object_ref(plural, kind), body.as_object().unwrap()).map(Value::Object)
        };
        let body = json!({ "stringData": { "key": handle, "text": "abc" }, "data": { "gone": null, "raw": "YQ==" } });
        let expected = json!({ "data": { "key": "c2VjcmV0", "text": "YWJj", "gone": null, "raw": "YQ==" } });
        assert_eq!(place("secrets", "Secret", body), Ok(expected));
        let outside = |path: &str| Err(MisplacedSecret::Outside(path.to_owned()));
        assert_eq!(place("configmaps", "ConfigMap", json!({ "data": { "key": handle } })), outside("data.key"));
        let annotated = json!({ "metadata": { "annotations": { "a": [handle] } } });
        assert_eq!(place("secrets", "Secret", annotated), outside("metadata.annotations.a[0]"));
        let unknown = json!({ "data": { "key": { "$secret": "s2" } } });
        assert_eq!(place("secrets", "Secret", unknown), Err(MisplacedSecret::Unknown("s2".to_owned())));
        assert_eq!(
            place("secrets", "Secret", json!({ "data": { "key": { "a": handle } } })),
            Err(MisplacedSecret::NotText("data.key".to_owned()))
        );
    }
}
