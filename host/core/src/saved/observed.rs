//! What a plan was made from: the objects that were found, and what became of them since.

use super::document::{ObjectDocument, SavedError};
use crate::digest::Digest;
use crate::manifest::settled;
use crate::name::Namespace;
use crate::object::Object;
use crate::selector::Selector;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The objects that a selector found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ObservedDocument {
    /// What was looked for.
    selector: Value,
    /// What there was.
    found: Vec<FoundDocument>,
}

/// An object that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct FoundDocument {
    /// The object.
    object: String,
    /// Its UID; missing in a folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    uid: Option<String>,
    /// Its version when it was read; missing in a folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    resource_version: Option<String>,
    /// The digest of what it holds, without what the API server and the controllers of the control plane write; missing for a Secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    content: Option<String>,
}

impl FoundDocument {
    /// Whether nobody but the control plane changed the object: its controllers sign `cluster-info` for each new token.
    fn is_as(&self, before: &Self) -> bool {
        let is_settled = self.content.is_some() && self.content == before.content;
        self.uid == before.uid && (self.resource_version == before.resource_version || is_settled)
    }
}

impl ObservedDocument {
    pub(super) fn new(selector: &Selector, objects: &[Object]) -> Self {
        let (of, namespace) = match selector {
            Selector::One(object) => (&object.of, object.namespace.as_ref()),
            Selector::Many(list) => (&list.of, list.namespace.as_ref()),
        };
        let mut found: Vec<FoundDocument> = objects
            .iter()
            .map(|object| {
                let place = object.metadata("namespace").or(namespace.map(Namespace::as_str));
                let place = place.map(|namespace| format!(" in {namespace}")).unwrap_or_default();
                FoundDocument {
                    object: format!("{of}/{}{place}", object.metadata("name").unwrap_or_default()),
                    uid: object.uid().map(str::to_owned),
                    resource_version: object.resource_version().map(str::to_owned),
                    content: content(object).filter(|_| !of.is_secret()),
                }
            })
            .collect();
        found.sort_by(|a, b| a.object.cmp(&b.object));
        let selector = match selector {
            Selector::One(object) => json!(ObjectDocument::from(object)),
            Selector::Many(list) => json!({
                "apiVersion": list.of.api_version(),
                "kind": list.of.kind(),
                "resource": list.of.plural(),
                "namespace": list.namespace.as_ref().map(ToString::to_string),
                "labelSelector": list.labels,
                "fieldSelector": list.fields,
            }),
        };
        Self { selector, found }
    }

    /// Whether the same objects are found as before.
    pub(super) fn is_as(&self, before: &Self) -> bool {
        let objects = |observed: &Self| observed.found.iter().map(|found| found.object.clone()).collect::<Vec<_>>();
        self.selector == before.selector
            && objects(self) == objects(before)
            && self.found.iter().zip(&before.found).all(|(now, then)| now.is_as(then))
    }
}

/// Checks that all objects are still as they were found.
///
/// # Errors
/// [`SavedError::Stale`] with each object that changed.
pub(super) fn check(before: &[ObservedDocument], now: &[ObservedDocument]) -> Result<(), SavedError> {
    let (then, now) = (found(before), found(now));
    let moved = then.iter().filter_map(|(object, found)| match now.get(object) {
        Some(present) if present.is_as(found) => None,
        Some(present) if present.uid != found.uid => Some(format!("{object} was deleted and created again")),
        Some(present) => {
            let version = |found: &FoundDocument| super::plan::text(found.resource_version.as_ref());
            Some(format!("{object} was changed (resourceVersion {}, now {})", version(found), version(present)))
        }
        None => Some(format!("{object} was deleted")),
    });
    let new = now.keys().filter(|object| !then.contains_key(*object)).map(|object| format!("{object} was created"));
    let moved: Vec<String> = moved.chain(new).collect();
    if moved.is_empty() { Ok(()) } else { Err(SavedError::Stale(moved)) }
}

fn found(observed: &[ObservedDocument]) -> BTreeMap<&str, &FoundDocument> {
    observed.iter().flat_map(|observed| &observed.found).map(|found| (found.object.as_str(), found)).collect()
}

fn content(object: &Object) -> Option<String> {
    Some(Digest::of(serde_json::to_string(&settled(object)).ok()?.as_bytes()).to_string())
}
