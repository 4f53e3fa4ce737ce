//! Operations that a phase proposes.

use crate::object::ObjectRef;
use crate::permission::Access;
use serde_json::{Map, Value};
use std::fmt;

/// The id of an operation: 1 to 300 visible ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OperationId(String);

impl OperationId {
    /// Parses an id; `None` if it is invalid.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_id = (1..=300).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        is_id.then(|| Self(text.to_owned()))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OperationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What to do with an object. Bodies contain handles instead of secrets.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Create the object.
    Create(Map<String, Value>),
    /// Replace the object.
    Replace(Map<String, Value>),
    /// Apply a merge patch (RFC 7386).
    MergePatch(Map<String, Value>),
    /// Apply it server-side.
    Apply(Map<String, Value>),
    /// Delete the object.
    Delete,
    /// Keep the object unchanged.
    Keep,
}

impl Action {
    /// The accesses that must be allowed.
    #[must_use]
    pub const fn accesses(&self) -> &'static [Access] {
        match self {
            Self::Create(_) => &[Access::Create],
            Self::Replace(_) | Self::MergePatch(_) => &[Access::Update],
            Self::Apply(_) => &[Access::Create, Access::Update],
            Self::Delete => &[Access::Delete],
            Self::Keep => &[Access::Read],
        }
    }

    /// The action as a verb.
    #[must_use]
    pub const fn verb(&self) -> &'static str {
        match self {
            Self::Create(_) => "create",
            Self::Replace(_) => "replace",
            Self::MergePatch(_) => "update",
            Self::Apply(_) => "apply",
            Self::Delete => "delete",
            Self::Keep => "keep",
        }
    }

    /// The body, if there is one.
    #[must_use]
    pub const fn body(&self) -> Option<&Map<String, Value>> {
        match self {
            Self::Create(body) | Self::Replace(body) | Self::MergePatch(body) | Self::Apply(body) => Some(body),
            Self::Delete | Self::Keep => None,
        }
    }
}

/// The precondition of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precondition {
    /// The object does not exist.
    Absent,
    /// The object is the one that was read.
    AsObserved,
    /// No condition.
    Any,
}

/// One operation that a phase proposes.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// Unique within the plan.
    pub id: OperationId,
    /// The object to change.
    pub target: ObjectRef,
    /// What to do with it.
    pub action: Action,
    /// The precondition.
    pub when: Precondition,
    /// The operations that must succeed first.
    pub after: Vec<OperationId>,
    /// The reason given by the phase, for users.
    pub reason: String,
}
