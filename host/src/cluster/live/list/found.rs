//! What is read of a list, with serde: the items go to a sink one by one, and what stands beside them is returned.

use super::Owners;
use crate::cluster::live::answer::{is_of, other_kind};
use crate::cluster::{ClusterError, Sink};
use kubephase_core::object::{ApiResource, Object};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;
use std::io::Read;

/// The field with the objects of a list.
pub(super) const ITEMS: &str = "items";
/// The field of an object's metadata that says who owns its fields.
const MANAGED: &str = "managedFields";

/// What was found of a list so far.
pub(super) struct Found<'a> {
    of: &'a ApiResource,
    /// The version of the kind, as objects have it.
    pub(super) version: String,
    owners: Owners,
    sink: &'a mut (dyn Sink + 'a),
    /// Whether an item had no kind of its own.
    pub(super) has_bare: bool,
    /// The error of an item.
    pub(super) unfit: Option<ClusterError>,
}

impl<'a> Found<'a> {
    pub(super) fn new(of: &'a ApiResource, owners: Owners, sink: &'a mut (dyn Sink + 'a)) -> Self {
        Self { of, version: of.api_version(), owners, sink, has_bare: false, unfit: None }
    }

    /// Reads a list, and returns what stands beside its items.
    ///
    /// # Errors
    /// [`serde_json::Error`] if it is not JSON, something stands behind it, or it is not a list.
    pub(super) fn read(&mut self, from: impl Read) -> serde_json::Result<Map<String, Value>> {
        let mut json = serde_json::Deserializer::from_reader(from);
        let head = Whole(self).deserialize(&mut json)?;
        json.end().map(|()| head)
    }

    /// Takes an item, which lacks `apiVersion` and `kind` where the list has them for all items.
    fn take<E: Error>(&mut self, mut item: Map<String, Value>) -> Result<(), E> {
        for (name, value) in [("apiVersion", self.version.as_str()), ("kind", self.of.kind())] {
            if !item.contains_key(name) {
                self.has_bare = true;
                item.insert(name.to_owned(), Value::String(value.to_owned()));
            }
        }
        if !is_of(&item, self.of) {
            self.unfit = Some(other_kind(self.of, &item));
            return Err(E::custom("another kind"));
        }
        self.sink.take(Object::new(item));
        Ok(())
    }
}

/// The list itself.
struct Whole<'f, 'a>(&'f mut Found<'a>);

impl<'de> DeserializeSeed<'de> for Whole<'_, '_> {
    type Value = Map<String, Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Whole<'_, '_> {
    type Value = Map<String, Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        let mut head = Map::new();
        while let Some(name) = fields.next_key::<String>()? {
            let value = if name == ITEMS {
                fields.next_value_seed(Items(&mut *self.0))?;
                Value::Null
            } else {
                fields.next_value()?
            };
            head.insert(name, value);
        }
        Ok(head)
    }
}

/// The items of a list; none if they are null. Of two `items` the last ones count, as everywhere in an answer.
struct Items<'f, 'a>(&'f mut Found<'a>);

impl<'de> DeserializeSeed<'de> for Items<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.0.sink.begin();
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Items<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while let Some(item) = items.next_element_seed(Fields(self.0.owners.into()))? {
            self.0.take(item)?;
        }
        Ok(())
    }
}

/// What is skipped of an object.
#[derive(Clone, Copy)]
enum Skipped {
    /// Nothing.
    Nothing,
    /// The owners of its fields, in its metadata.
    Owners,
    /// The same, of the metadata themselves.
    OwnersHere,
}

impl From<Owners> for Skipped {
    fn from(owners: Owners) -> Self {
        match owners {
            Owners::Kept => Self::Nothing,
            Owners::Skipped => Self::Owners,
        }
    }
}

/// An item, or its metadata.
struct Fields(Skipped);

impl<'de> DeserializeSeed<'de> for Fields {
    type Value = Map<String, Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Fields {
    type Value = Map<String, Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        let mut read = Map::new();
        while let Some(name) = fields.next_key::<String>()? {
            let value = match (name.as_str(), self.0) {
                (MANAGED, Skipped::OwnersHere) => {
                    fields.next_value::<IgnoredAny>()?;
                    continue;
                }
                ("metadata", Skipped::Owners) => Value::Object(fields.next_value_seed(Self(Skipped::OwnersHere))?),
                _ => fields.next_value()?,
            };
            read.insert(name, value);
        }
        Ok(read)
    }
}
