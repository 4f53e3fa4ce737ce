//! What is to be read.

use crate::name::Namespace;
use crate::object::{ApiResource, ObjectRef};
use std::fmt;

/// One object or several.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Selector {
    /// This object.
    One(ObjectRef),
    /// These objects.
    Many(ListRef),
}

/// All objects of a kind that selectors match.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListRef {
    /// The kind.
    pub of: ApiResource,
    /// The namespace; none for all or for a cluster-scoped kind.
    pub namespace: Option<Namespace>,
    /// A label selector; empty for all.
    pub labels: String,
    /// A field selector; empty for all.
    pub fields: String,
}

impl Selector {
    /// The URL path of what is read, without the query.
    #[must_use]
    pub fn path(&self) -> String {
        match self {
            Self::One(object) => object.path(),
            Self::Many(list) => list.of.path(list.namespace.as_ref()),
        }
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(object) => object.fmt(f),
            Self::Many(list) => list.of.fmt(f),
        }
    }
}
