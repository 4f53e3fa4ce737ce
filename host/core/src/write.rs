//! Requests to the API server, with secrets in place and preconditions filled in.

use crate::object::{Object, ObjectRef};
use serde_json::{Map, Value};
use std::fmt;

/// Fields of `metadata` that the API server sets.
pub const SERVER_METADATA: [&str; 7] =
    ["uid", "resourceVersion", "creationTimestamp", "generation", "managedFields", "selfLink", "deletionTimestamp"];

/// One write. It may hold secret values, so its body is neither printed nor serialised.
pub struct Write {
    /// The object to write.
    pub target: ObjectRef,
    /// The verb and its body.
    pub verb: Verb,
    /// The precondition.
    pub expected: Expected,
}

/// The verb of a write, with its complete body.
pub enum Verb {
    /// POST.
    Create(Map<String, Value>),
    /// PUT.
    Replace(Map<String, Value>),
    /// PATCH with a merge patch.
    MergePatch(Map<String, Value>),
    /// PATCH, server-side apply.
    Apply(Map<String, Value>),
    /// DELETE.
    Delete,
}

/// The object state that a write is meant for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// It does not exist.
    Absent,
    /// It does not exist once an earlier write of the same plan has deleted it.
    Deleted,
    /// It exists with this identity and version.
    Same {
        /// `metadata.uid`.
        uid: Option<String>,
        /// `metadata.resourceVersion`.
        resource_version: Option<String>,
    },
    /// Any state.
    Any,
}

impl Verb {
    /// The body, if the verb has one.
    #[must_use]
    pub const fn body(&self) -> Option<&Map<String, Value>> {
        match self {
            Self::Create(body) | Self::Replace(body) | Self::MergePatch(body) | Self::Apply(body) => Some(body),
            Self::Delete => None,
        }
    }
}

impl Write {
    /// The expected object after this write, without the defaults that the API server adds; `None` if it is deleted. `metadata`
    /// set by the API server is unchanged.
    #[must_use]
    pub fn foreseen(&self, before: Option<&Object>) -> Option<Object> {
        let before = || before.map(|object| object.fields().clone()).unwrap_or_default();
        let merged = |patch: &Map<String, Value>| {
            let mut value = Value::Object(before());
            json_patch::merge(&mut value, &Value::Object(patch.clone()));
            match value {
                Value::Object(fields) => fields,
                _ => Map::new(),
            }
        };
        let fields = match &self.verb {
            Verb::Create(body) => body.clone(),
            Verb::Replace(body) => {
                let mut fields = body.clone();
                let known = before().remove("metadata").and_then(|mut metadata| metadata.as_object_mut().map(std::mem::take));
                if let (Some(known), Some(metadata)) = (known, fields.get_mut("metadata").and_then(Value::as_object_mut)) {
                    let set = known.into_iter().filter(|(name, _)| SERVER_METADATA.contains(&name.as_str()));
                    metadata.extend(set);
                }
                fields
            }
            // Only the simple part of server-side apply: lists are replaced, not merged by their keys.
            Verb::MergePatch(body) | Verb::Apply(body) => merged(body),
            Verb::Delete => return None,
        };
        Some(Object::new(fields))
    }
}

/// The result of a write whose answer was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happened {
    /// It was stored.
    Yes,
    /// It was not stored: the object is unchanged.
    No,
    /// The object is neither in its earlier state nor in the state that this write leaves.
    Otherwise,
}

impl Write {
    /// Whether this write was stored, judged by the current object. If another writer did exactly the same, the result is the
    /// same and the difference does not matter.
    #[must_use]
    pub fn happened(&self, found: Option<&Object>) -> Happened {
        let is_as_before = |object: &Object| match &self.expected {
            Expected::Same { uid, resource_version } => {
                object.uid() == uid.as_deref() && object.resource_version() == resource_version.as_deref()
            }
            Expected::Absent | Expected::Deleted => false,
            Expected::Any => true,
        };
        let is_another = |object: &Object| match &self.expected {
            Expected::Same { uid: Some(uid), .. } => object.uid() != Some(uid),
            _ => false,
        };
        match (&self.verb, found) {
            (Verb::Delete, None) => Happened::Yes,
            (Verb::Delete, Some(object)) if is_another(object) => Happened::Yes,
            (Verb::Create(_), None) => Happened::No,
            (_, Some(object)) if self.leaves(object) => Happened::Yes,
            (_, Some(object)) if is_as_before(object) => Happened::No,
            _ => Happened::Otherwise,
        }
    }

    /// Whether an object is in the state that this write leaves, ignoring additional fields.
    fn leaves(&self, object: &Object) -> bool {
        let holds = |body: &Map<String, Value>| body.iter().all(|(name, value)| holds(object.fields().get(name), value));
        match &self.verb {
            Verb::Create(body) | Verb::Replace(body) | Verb::MergePatch(body) | Verb::Apply(body) => holds(body),
            Verb::Delete => false,
        }
    }
}

/// Whether a value has everything that a patch adds and nothing that it removes. The API server may add fields to both.
fn holds(found: Option<&Value>, patch: &Value) -> bool {
    match (found, patch) {
        (None, patch) => patch.is_null(),
        (Some(Value::Object(found)), Value::Object(patch)) => patch.iter().all(|(name, value)| holds(found.get(name), value)),
        (Some(Value::Array(found)), Value::Array(patch)) => {
            found.len() == patch.len() && found.iter().zip(patch).all(|(found, value)| holds(Some(found), value))
        }
        (Some(found), patch) => found == patch,
    }
}

impl fmt::Debug for Write {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = match self.verb {
            Verb::Create(_) => "create",
            Verb::Replace(_) => "replace",
            Verb::MergePatch(_) => "patch",
            Verb::Apply(_) => "apply",
            Verb::Delete => "delete",
        };
        write!(f, "Write({verb} {})", self.target)
    }
}

/// Whether a write is applied or is a dry run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteMode {
    /// Applied.
    Real,
    /// A dry run with `dryRun=All`: authorization, admission and validation run, nothing is stored.
    DryRun,
}

#[cfg(test)]
mod tests {
    use super::{Expected, Happened, Verb, Write};
    use crate::name::{Namespace, ObjectName};
    use crate::object::{ApiResource, Object, ObjectRef};
    use serde_json::{Map, Value, json};

    fn fields(value: &Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn a_lost_answer_is_told_by_the_object() {
        use Happened::{No, Otherwise, Yes};
        let body = |value: Value| fields(&json!({ "data": value }));
        let create = || (Verb::Create(body(json!({ "a": [{ "b": 1 }] }))), Expected::Absent);
        let same = || Expected::Same { uid: Some("u".to_owned()), resource_version: Some("1".to_owned()) };
        let patch = || (Verb::MergePatch(body(json!({ "a": "new", "gone": null }))), same());
        let delete = || (Verb::Delete, same());
        let found = |uid: &str, version: &str, data: Value| {
            Some(json!({ "metadata": { "uid": uid, "resourceVersion": version }, "data": data }))
        };
        for ((verb, expected), found, happened) in [
            (create(), None, No),
            // The API server added a default.
            (create(), found("u", "1", json!({ "a": [{ "b": 1, "c": 2 }] })), Yes),
            (create(), found("u", "1", json!({ "a": [{ "b": 2 }] })), Otherwise),
            (create(), found("u", "1", json!({ "a": [] })), Otherwise),
            (patch(), None, Otherwise),
            (patch(), found("u", "1", json!({ "a": "old", "gone": "x" })), No),
            (patch(), found("u", "2", json!({ "a": "new", "other": "y" })), Yes),
            (patch(), found("u", "2", json!({ "a": "new", "gone": "x" })), Otherwise),
            (patch(), found("u", "2", json!({ "a": "newer" })), Otherwise),
            (delete(), None, Yes),
            (delete(), found("u", "1", json!({})), No),
            (delete(), found("u", "2", json!({})), Otherwise),
            (delete(), found("v", "3", json!({})), Yes),
            ((Verb::Delete, Expected::Any), found("u", "1", json!({})), No),
        ] {
            let target = ObjectRef {
                of: ApiResource::parse("", "v1", "configmaps", "ConfigMap").unwrap(),
                namespace: Some(Namespace::parse("a").unwrap()),
                name: ObjectName::parse("b").unwrap(),
            };
            let write = Write { target, verb, expected };
            let object = found.as_ref().map(|found| Object::new(fields(found)));
            assert_eq!(write.happened(object.as_ref()), happened, "{write:?} {found:?}");
        }
    }

    #[test]
    fn what_a_write_leaves_is_foreseen() {
        let before = json!({ "metadata": { "uid": "u", "name": "b", "labels": { "x": "y" } }, "data": { "a": "1", "b": "2" } });
        let body = json!({ "metadata": { "name": "b" }, "data": { "a": "3", "b": null } });
        for (verb, expected) in [
            (Verb::Create(fields(&body)), Some(body.clone())),
            (
                Verb::Replace(fields(&body)),
                Some(json!({ "metadata": { "uid": "u", "name": "b" }, "data": { "a": "3", "b": null } })),
            ),
            (
                Verb::MergePatch(fields(&body)),
                Some(json!({ "metadata": { "uid": "u", "name": "b", "labels": { "x": "y" } }, "data": { "a": "3" } })),
            ),
            (Verb::Delete, None),
        ] {
            let target = ObjectRef {
                of: ApiResource::parse("", "v1", "nodes", "Node").unwrap(),
                namespace: None,
                name: ObjectName::parse("b").unwrap(),
            };
            let write = Write { target, verb, expected: Expected::Any };
            let after = write.foreseen(Some(&Object::new(fields(&before)))).map(|object| Value::Object(object.into_fields()));
            assert_eq!(after, expected, "{write:?}");
        }
    }
}
