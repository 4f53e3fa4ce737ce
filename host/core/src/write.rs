//! What is sent to the API server: secrets are in place, preconditions are filled in.

use crate::object::ObjectRef;
use serde_json::{Map, Value};
use std::fmt;

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
