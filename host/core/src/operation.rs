//! One proposed API operation.

use crate::object::ObjectRef;
use crate::permission::Access;
use serde_json::{Map, Value};
use std::fmt;

/// The id of an operation: 1 to 300 visible ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OperationId(String);

impl OperationId {
    /// Checks an id; none if it is not one.
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

/// What to do to an object. Bodies hold handles instead of secrets.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Create it.
    Create(Map<String, Value>),
    /// Replace it.
    Replace(Map<String, Value>),
    /// Merge a patch (RFC 7386) into it.
    MergePatch(Map<String, Value>),
    /// Apply it server-side.
    Apply(Map<String, Value>),
    /// Delete it.
    Delete,
    /// Nothing: it is as it should be.
    Keep,
}

impl Action {
    /// The accesses that must be allowed for it.
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

    /// What it does, as a verb.
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

/// What must hold when an operation is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precondition {
    /// The object does not exist.
    Absent,
    /// The object is the one that was read.
    AsObserved,
    /// Nothing.
    Any,
}

/// One proposed API operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// Its id.
    pub id: OperationId,
    /// The object.
    pub target: ObjectRef,
    /// What to do to it.
    pub action: Action,
    /// Under which condition.
    pub when: Precondition,
    /// What must have succeeded before.
    pub after: Vec<OperationId>,
    /// Why, for people.
    pub reason: String,
}
