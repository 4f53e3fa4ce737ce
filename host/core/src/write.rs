//! What is sent to the API server: secrets are in place, preconditions are filled in.

use crate::object::{Object, ObjectRef};
use serde_json::{Map, Value};
use std::fmt;

/// Fields of `metadata` that the API server sets.
pub const SERVER_METADATA: [&str; 7] =
    ["uid", "resourceVersion", "creationTimestamp", "generation", "managedFields", "selfLink", "deletionTimestamp"];

/// One write. It may hold secret values, so it neither prints nor serialises its body.
pub struct Write {
    /// The object.
    pub target: ObjectRef,
    /// What to do.
    pub verb: Verb,
    /// What must hold.
    pub expected: Expected,
}

/// What to do, with complete bodies.
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

/// The state of the object that a write is meant for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// It does not exist.
    Absent,
    /// It does not exist any more once an earlier write of the same plan has deleted it.
    Deleted,
    /// It is this one in this version.
    Same {
        /// `metadata.uid`.
        uid: Option<String>,
        /// `metadata.resourceVersion`.
        resource_version: Option<String>,
    },
    /// Anything.
    Any,
}

impl Write {
    /// The object as this write leaves it, as far as can be told without the API server, which adds defaults; none if it is gone.
    /// What the API server sets in `metadata` stays as it was.
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
            // Of server-side apply only the simple part: lists are replaced, not merged by their keys.
            Verb::MergePatch(body) | Verb::Apply(body) => merged(body),
            Verb::Delete => return None,
        };
        Some(Object::new(fields))
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

/// Whether a write is carried out or only tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteMode {
    /// Carried out.
    Real,
    /// Tried with `dryRun=All`: authorisation, admission and validation run, nothing is stored.
    DryRun,
}
