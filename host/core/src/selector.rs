//! Selectors for reads.

use crate::name::{Namespace, ObjectName};
use crate::object::{ApiResource, Object, ObjectRef};
use std::fmt;

/// A read of one object or of several.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Selector {
    /// A single object.
    One(ObjectRef),
    /// The objects of a list.
    Many(ListRef),
}

/// All objects of a kind that match label and field selectors.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListRef {
    /// The kind.
    pub of: ApiResource,
    /// The namespace; `None` for all namespaces or for a cluster-scoped kind.
    pub namespace: Option<Namespace>,
    /// A label selector; empty for all.
    pub labels: String,
    /// A field selector; empty for all.
    pub fields: String,
}

impl ListRef {
    /// A field that must not be used to select these objects; `None` if every field is allowed.
    ///
    /// For Secrets an API server supports only the fields `metadata.name`, `metadata.namespace` and `type`
    /// (`core/v1/conversion.go`, `AddFieldLabelConversionsForSecret`). Any other field would allow guessing a hidden value: the
    /// objects in the answer show whether the guess was right.
    #[must_use]
    pub fn forbidden_field(&self) -> Option<&str> {
        let names = self.fields.split(',').map(|term| term.split(['=', '!']).next().unwrap_or_default().trim());
        let is_known = |name: &&str| name.is_empty() || ["metadata.name", "metadata.namespace", "type"].contains(name);
        if self.of.is_secret() { names.into_iter().find(|name| !is_known(name)) } else { None }
    }

    /// Whether an object of this kind and namespace matches, evaluated without an API server. `None` for selectors other than
    /// `name=value`, `name==value` and `name!=value` separated by commas (`apimachinery/pkg/fields`, and the equivalent part of
    /// `apimachinery/pkg/labels`).
    #[must_use]
    pub fn selects(&self, object: &Object) -> Option<bool> {
        let field = |path: &str| {
            let parts = path.split('.').collect::<Vec<_>>();
            let (first, rest) = parts.split_first()?;
            rest.iter().try_fold(object.fields().get(*first)?, |value, part| value.get(part))?.as_str().map(str::to_owned)
        };
        let label = |name: &str| object.fields().get("metadata")?.get("labels")?.get(name)?.as_str().map(str::to_owned);
        Some(all_hold(&self.fields, field)? && all_hold(&self.labels, label)?)
    }
}

/// Whether all terms of a selector match, a missing value being empty; `None` if a term is not supported.
fn all_hold(selector: &str, find: impl Fn(&str) -> Option<String>) -> Option<bool> {
    let mut terms = selector.split(',').map(str::trim).filter(|term| !term.is_empty());
    terms.try_fold(true, |so_far, term| {
        // Only characters that names and values may contain (`apimachinery/pkg/util/validation`).
        if !term.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./:=!".contains(&b)) {
            return None;
        }
        let (name, value) = term.split_once('=')?;
        let holds = match name.strip_suffix('!') {
            Some(name) => find(name).unwrap_or_default() != value,
            None => find(name).unwrap_or_default() == value.strip_prefix('=').unwrap_or(value),
        };
        Some(so_far && holds)
    })
}

impl Selector {
    /// The reference to an object in the answer; `None` if its name is invalid.
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

    /// The URL path of the read, without the query.
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

#[cfg(test)]
mod tests {
    use super::ListRef;
    use crate::object::{Object, secrets};
    use serde_json::json;

    #[test]
    fn secrets_are_not_chosen_by_what_is_in_them() {
        let maps = crate::object::ApiResource::parse("", "v1", "configmaps", "ConfigMap").unwrap();
        for (fields, expected) in [
            ("", None),
            ("type=t,metadata.name!=n", None),
            (" metadata.namespace == a ,", None),
            ("data.pin!=1", Some("data.pin")),
            ("type=t,data.pin=1", Some("data.pin")),
            ("stringData.pin==1", Some("stringData.pin")),
            ("metadata.annotations.a=1", Some("metadata.annotations.a")),
            ("data", Some("data")),
        ] {
            let list = |of| ListRef { of, namespace: None, labels: String::new(), fields: fields.to_owned() };
            assert_eq!(list(secrets()).forbidden_field(), expected, "{fields}");
            assert_eq!(list(maps.clone()).forbidden_field(), None, "{fields}");
        }
    }

    #[test]
    fn simple_selectors_need_no_server() {
        let object = json!({ "type": "t", "metadata": { "name": "n", "labels": { "a.b/c": "x" } } });
        let object = Object::new(object.as_object().unwrap().clone());
        for (fields, labels, expected) in [
            ("", "", Some(true)),
            ("type=t", "", Some(true)),
            ("type==t,metadata.name=n", "a.b/c=x", Some(true)),
            ("type!=t", "", Some(false)),
            ("type=t", "a.b/c!=x", Some(false)),
            ("spec.x=", "other=", Some(true)),
            ("type", "", None),
            ("", "a in (x)", None),
            ("type=t&watch=true", "", None),
            ("", "a", None),
        ] {
            let list = ListRef { of: secrets(), namespace: None, labels: labels.to_owned(), fields: fields.to_owned() };
            assert_eq!(list.selects(&object), expected, "{fields} {labels}");
        }
    }
}
