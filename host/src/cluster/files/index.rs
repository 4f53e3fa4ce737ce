//! An index of the objects in a folder by kind and name, so that a thousand selectors do not scan every object a thousand times.

use super::place::{Place, metadata};
use kubephase_core::name::Namespace;
use kubephase_core::object::{ApiResource, Object, ObjectRef};
use serde_json::{Map, Value};
use std::cell::OnceCell;
use std::collections::BTreeMap;

/// `apiVersion` and `kind`.
type Kind = (String, String);

/// Namespace and name.
type Name = (Option<String>, String);

/// The index of all objects.
#[derive(Default)]
pub(super) struct Index {
    /// By kind and name. Objects with the same name are refused ([`Index::twice`]).
    kinds: BTreeMap<Kind, BTreeMap<Name, Vec<usize>>>,
    entries: Vec<Entry>,
}

struct Entry {
    place: Place,
    /// Computed once.
    shown: OnceCell<Shown>,
}

/// The shown form of an object.
#[derive(Clone)]
pub(in crate::cluster) struct Shown {
    pub(in crate::cluster) object: Object,
    /// The length as JSON, bytes.
    pub(in crate::cluster) bytes: u64,
}

impl Index {
    /// Adds an object at its place in a file.
    pub(super) fn add(&mut self, place: Place, fields: &Map<String, Value>) {
        let Some((kind, name)) = keys(fields) else { return };
        self.kinds.entry(kind).or_default().entry(name).or_default().push(self.entries.len());
        self.entries.push(Entry { place, shown: OnceCell::new() });
    }

    /// Removes an object with these fields.
    pub(super) fn remove(&mut self, place: &Place, fields: &Map<String, Value>) {
        let Some((kind, name)) = keys(fields) else { return };
        let entries = &self.entries;
        if let Some(ids) = self.kinds.get_mut(&kind).and_then(|names| names.get_mut(&name)) {
            ids.retain(|id| entries.get(*id).is_none_or(|entry| entry.place != *place));
        }
    }

    /// The place of an object.
    pub(super) fn find(&self, target: &ObjectRef) -> Option<&Place> {
        Some(&self.entry(target)?.place)
    }

    /// The shown form of an object, which `make` computes from its place.
    pub(super) fn shown(&self, target: &ObjectRef, make: impl Fn(&Place) -> Option<Object>) -> Option<Shown> {
        self.entry(target)?.shown(&make)
    }

    /// The shown form of all objects of a kind, sorted by namespace and name like in an API server.
    pub(super) fn all(
        &self,
        of: &ApiResource,
        namespace: Option<&Namespace>,
        make: impl Fn(&Place) -> Option<Object>,
    ) -> impl Iterator<Item = Shown> {
        let names = self.kinds.get(&kind_of(of)).into_iter().flatten();
        let there =
            names.filter(move |((found, _), _)| namespace.is_none() || found.as_deref() == namespace.map(Namespace::as_str));
        there.flat_map(|(_, ids)| ids).filter_map(move |id| self.entries.get(*id)?.shown(&make))
    }

    /// Two places of the same object: which one counts is unknown. kubectl would apply one after the other.
    pub(super) fn twice(&self, of: &ApiResource, namespace: Option<&Namespace>, name: Option<&str>) -> Option<(&Place, &Place)> {
        let mut names = self.kinds.get(&kind_of(of))?.iter();
        names.find_map(|((found, called), ids)| {
            let is_meant = (namespace.is_none() || found.as_deref() == namespace.map(Namespace::as_str))
                && name.is_none_or(|name| name == called);
            let [first, second, ..] = ids.as_slice() else { return None };
            is_meant.then_some((&self.entries.get(*first)?.place, &self.entries.get(*second)?.place))
        })
    }

    fn entry(&self, target: &ObjectRef) -> Option<&Entry> {
        let name = (target.namespace.as_ref().map(ToString::to_string), target.name.to_string());
        self.entries.get(*self.kinds.get(&kind_of(&target.of))?.get(&name)?.first()?)
    }
}

impl Entry {
    fn shown(&self, make: impl Fn(&Place) -> Option<Object>) -> Option<Shown> {
        if let Some(shown) = self.shown.get() {
            return Some(shown.clone());
        }
        let object = make(&self.place)?;
        let bytes = serde_json::to_string(object.fields()).map_or(0, |text| text.len() as u64);
        Some(self.shown.get_or_init(|| Shown { object, bytes }).clone())
    }
}

fn kind_of(of: &ApiResource) -> Kind {
    (of.api_version(), of.kind().to_owned())
}

fn keys(fields: &Map<String, Value>) -> Option<(Kind, Name)> {
    let text = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
    let kind = (text("apiVersion")?, text("kind")?);
    Some((kind, (metadata(fields, "namespace").map(str::to_owned), metadata(fields, "name").unwrap_or_default().to_owned())))
}
