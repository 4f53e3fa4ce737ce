//! What is to be read.

use crate::name::{Namespace, ObjectName};
use crate::object::{ApiResource, Object, ObjectRef};
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
    /// Which object in the answer this is; none if its name is none.
    #[must_use]
    pub fn target_of(&self, object: &Object) -> Option<ObjectRef> {
        match self {
            Self::One(target) => Some(target.clone()),
            Self::Many(list) => Some(ObjectRef {
                of: list.of.clone(),
                namespace: object.metadata("namespace").and_then(|namespace| Namespace::parse(namespace).ok()),
                name: ObjectName::parse(object.metadata("name")?).ok()?,
            }),
        }
    }

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
