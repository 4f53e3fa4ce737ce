//! A folder of Kubernetes YAML as a cluster. Everything works on it except what requires a server.
//!
//! Objects are read from all `.yaml`, `.yml` and `.json` files below the folder, which may be manifests from Git or dumps of
//! `kubectl get -o yaml`. A changed object is written to the file it came from, a new one to a file of its own. No `uid` or
//! `resourceVersion` is added to the files; as its version, each object has the digest of its content.

use super::{Cluster, ClusterError, Observation, Written};
use crate::cluster::error::ClusterErrorKind;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use kubephase_core::audit::FilePlace;
use kubephase_core::log::{Listener, Nobody};
use kubephase_core::object::{Object, ObjectRef};
use kubephase_core::policy::PermittedReads;
use kubephase_core::question::Server;
use kubephase_core::secret::FIELDS;
use kubephase_core::selector::Selector;
use kubephase_core::write::{Expected, Write, WriteMode};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

#[cfg(test)]
mod corpus;
mod edit;
mod foreign;
mod index;
mod manifest;
mod neighbours;
mod place;
#[cfg(test)]
mod refusals;
mod span;
mod store;
#[cfg(test)]
mod tests;
mod unusable;

pub use store::Folder;

/// The objects of a folder, or none.
pub struct Files<'a> {
    folder: RefCell<Folder>,
    server: Server,
    listener: &'a dyn Listener,
    /// The messages so far.
    told: RefCell<BTreeSet<String>>,
}

impl Files<'static> {
    /// A folder in place of the cluster behind `server`, without messages.
    #[must_use]
    pub fn new(folder: Folder, server: Server) -> Self {
        Self::telling(folder, server, &Nobody)
    }
}

impl<'a> Files<'a> {
    /// Like [`Files::new`], with a listener that receives each message once.
    #[must_use]
    pub fn telling(folder: Folder, server: Server, listener: &'a dyn Listener) -> Self {
        Self { folder: RefCell::new(folder), server, listener, told: RefCell::default() }
    }

    fn tell(&self, lines: impl IntoIterator<Item = String>) {
        for line in lines {
            if self.told.borrow_mut().insert(line.clone()) {
                self.listener.hear(&line);
            }
        }
    }
}

impl Cluster for Files<'_> {
    fn server(&self) -> &Server {
        &self.server
    }

    fn uid(&self) -> Result<Option<String>, Vec<ClusterError>> {
        Ok(None)
    }

    fn observe(&self, reads: &PermittedReads<'_>) -> Result<Observation, Vec<ClusterError>> {
        let folder = self.folder.borrow();
        let mut observation = Observation { version: self.server.version.clone(), ..Observation::default() };
        // A thousand lists may contain the same objects: their shown form is computed once, but each use counts towards the
        // limit.
        let mut told = BTreeMap::new();
        let mut left = folder.most();
        for selector in reads.selectors() {
            folder.check_once(selector).map_err(|error| vec![error])?;
            let objects = match selector {
                Selector::One(target) => {
                    folder.check_usable(target).map_err(|error| vec![error])?;
                    folder.one(target).into_iter().collect()
                }
                Selector::Many(list) => {
                    let left_out = folder.left_out(&list.of, list.namespace.as_ref(), |stub| reads.may_show(selector, stub));
                    self.tell(left_out.map_err(|error| vec![error])?);
                    // Whether a selector is valid does not depend on the objects.
                    if list.selects(&Object::new(Map::new())).is_none() {
                        let text = format!("a folder does not support the selector `{}{}`", list.labels, list.fields);
                        return Err(vec![ClusterError::unavailable(text)]);
                    }
                    // Hidden values must not be discoverable by selecting on them.
                    let there = told.entry((&list.of, list.namespace.as_ref())).or_insert_with(|| {
                        let all = folder.all(&list.of, list.namespace.as_ref());
                        all.filter(|shown| reads.may_show(selector, &shown.object)).collect::<Vec<_>>()
                    });
                    let chosen = there.iter().filter(|shown| list.selects(&shown.object) == Some(true));
                    let counted = chosen.map(|shown| {
                        left = left.checked_sub(shown.bytes)?;
                        Some(shown.object.clone())
                    });
                    counted.collect::<Option<Vec<_>>>().ok_or_else(|| vec![folder.too_much("the requested objects")])?
                }
            };
            observation.snapshot.insert(selector.clone(), objects);
        }
        Ok(observation)
    }

    fn file_of(&self, target: &ObjectRef) -> Option<FilePlace> {
        self.folder.borrow().file_of(target)
    }

    fn write(&self, writes: &[&Write], mode: WriteMode) -> Vec<Result<Written, ClusterError>> {
        let mut folder = self.folder.borrow_mut();
        writes.iter().map(|write| self.write_one(&mut folder, write, mode)).collect()
    }
}

impl Files<'_> {
    fn write_one(&self, folder: &mut Folder, write: &Write, mode: WriteMode) -> Result<Written, ClusterError> {
        folder.check_usable(&write.target)?;
        let found = folder.find(&write.target).map(|(place, fields)| (place, fields.clone()));
        check(write, found.as_ref().map(|(_, fields)| fields), mode)?;
        let (place, fields) = found.map_or((None, None), |(place, fields)| (Some(place), Some(fields)));
        let before = fields.map(Object::new);
        let Some(mut new) = write.foreseen(before.as_ref()).map(Object::into_fields) else {
            match (mode, place) {
                (WriteMode::Real, Some(place)) => folder.remove(&place)?,
                (WriteMode::DryRun, Some(place)) => folder.try_out(Some(&place), &write.target, &Value::Null)?,
                (_, None) => {}
            }
            return Ok(Written::Nothing);
        };
        if let (true, Some(before), Some(body)) = (write.target.of.is_secret(), &before, write.verb.body()) {
            keep_clear(before.fields(), &mut new, body);
        }
        check_kind(&write.target, &new)?;
        // An object that the plan deletes first is a different one.
        let before = before.filter(|_| write.expected != Expected::Deleted);
        check_type(&write.target, before.as_ref().map(Object::fields), &new)?;
        if mode == WriteMode::DryRun {
            folder.try_out(place.as_ref(), &write.target, &Value::Object(new.clone()))?;
        } else {
            match place {
                Some(place) => self.tell(folder.replace(&place, new.clone())?),
                None => self.tell(folder.add(&write.target, new.clone())?),
            }
        }
        Ok(Written::Object(shown(&new)))
    }
}

/// An API server does not store an object under another kind, nor a list, which for kubectl is anything with `items`.
fn check_kind(target: &ObjectRef, fields: &Map<String, Value>) -> Result<(), ClusterError> {
    let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
    let (version, kind) = (target.of.api_version(), target.of.kind());
    if text("apiVersion") == version && text("kind") == kind && !fields.contains_key("items") {
        return Ok(());
    }
    let text = format!("Error from folder (BadRequest): the content for {target} is not an object of {version}, {kind}");
    Err(ClusterError::unavailable(text))
}

/// Keeps each value of a Secret under the field that the manifest has it in: under `stringData` in clear text, because that field
/// would win when it is read again; and in its original spelling if the base64 bytes are the same.
fn keep_clear(before: &Map<String, Value>, new: &mut Map<String, Value>, body: &Map<String, Value>) {
    let map = |fields: &Map<String, Value>, name: &str| fields.get(name).and_then(Value::as_object).cloned().unwrap_or_default();
    let decoded = |value: &Value| {
        let text: String = value.as_str()?.split(['\n', '\r']).collect();
        STANDARD.decode(text).ok()
    };
    let (before_data, before_clear) = (map(before, "data"), map(before, "stringData"));
    let (mut data, mut clear) = (map(new, "data"), map(new, "stringData"));
    for key in map(body, "data").keys() {
        let bytes = data.get(key).and_then(decoded);
        let same = before_data.get(key).filter(|old| bytes.is_some() && decoded(old) == bytes);
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok()).filter(|_| before_clear.contains_key(key));
        clear.remove(key);
        match (text, same) {
            (Some(text), _) => {
                data.remove(key);
                clear.insert(key.clone(), json!(text));
            }
            (None, Some(same)) => drop(data.insert(key.clone(), same.clone())),
            (None, None) => {}
        }
    }
    for (name, values) in [("data", data), ("stringData", clear)] {
        match values.is_empty() && !before.contains_key(name) {
            true => new.remove(name),
            false => new.insert(name.to_owned(), Value::Object(values)),
        };
    }
}

/// The checks of an API server on existence and version.
fn check(write: &Write, found: Option<&Map<String, Value>>, mode: WriteMode) -> Result<(), ClusterError> {
    let target = &write.target;
    let conflict = |reason: &str, text: String| {
        Err(ClusterError::new(ClusterErrorKind::Conflict, format!("Error from folder ({reason}): {text}")))
    };
    match (&write.expected, found) {
        (Expected::Absent, Some(_)) => conflict("AlreadyExists", format!("{target} already exists")),
        (Expected::Deleted, Some(_)) if mode == WriteMode::Real => conflict("AlreadyExists", format!("{target} already exists")),
        (Expected::Same { .. }, None) => conflict("Conflict", format!("{target} is gone")),
        (Expected::Same { resource_version, .. }, Some(fields)) if *resource_version != Some(version(fields)) => {
            conflict("Conflict", format!("{target} has been modified; read it again"))
        }
        _ => Ok(()),
    }
}

/// The `type` of a Secret is immutable (`core/validation`, `ValidateSecretUpdate`): its contents were stored for that type.
fn check_type(target: &ObjectRef, before: Option<&Map<String, Value>>, after: &Map<String, Value>) -> Result<(), ClusterError> {
    let of_type = |fields: &Map<String, Value>| fields.get("type").cloned().unwrap_or_else(|| json!("Opaque"));
    match before {
        Some(before) if target.of.is_secret() && of_type(before) != of_type(after) => {
            Err(ClusterError::unavailable(format!("The Secret \"{}\" is invalid: type: field is immutable", target.name)))
        }
        _ => Ok(()),
    }
}

/// The object as an API server would return it: the `stringData` of a manifest under `data`, and a version, which is the digest
/// of its content.
fn shown(fields: &Map<String, Value>) -> Object {
    let version = version(fields);
    let mut fields = fields.clone();
    if fields.get("kind").is_some_and(|kind| kind == "Secret") {
        fields = shown_secret(fields);
    }
    if let Some(metadata) = fields.entry("metadata").or_insert_with(|| json!({})).as_object_mut() {
        metadata.insert("resourceVersion".to_owned(), json!(version));
    }
    Object::new(fields)
}

/// A Secret with the usual fields and only strings under `data`: any other entry is a value too, and is hidden as one.
fn shown_secret(mut fields: Map<String, Value>) -> Map<String, Value> {
    let values = |value: Option<Value>| match value {
        Some(Value::Object(values)) => values,
        _ => Map::new(),
    };
    let encoded = |value: &Value| match value {
        Value::String(text) => STANDARD.encode(text),
        // As in an API server, null is an empty string.
        Value::Null => String::new(),
        other => STANDARD.encode(other.to_string()),
    };
    let has_values = fields.contains_key("data") || fields.contains_key("stringData");
    let mut data: Map<String, Value> = values(fields.remove("data"))
        .into_iter()
        .map(|(key, value)| if value.is_string() { (key, value) } else { (key, json!(encoded(&value))) })
        .collect();
    data.extend(values(fields.remove("stringData")).into_iter().map(|(key, value)| (key, json!(encoded(&value)))));
    fields.retain(|name, _| FIELDS.contains(&name.as_str()));
    if has_values {
        fields.insert("data".to_owned(), Value::Object(data));
    }
    fields
}

fn version(fields: &Map<String, Value>) -> String {
    let text = serde_json::to_vec(fields).unwrap_or_default();
    Sha256::digest(text).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
