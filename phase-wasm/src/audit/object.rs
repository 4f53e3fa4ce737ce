//! The fields of listed objects that rules look at. Texts are borrowed, not copied: there may be thousands of objects, and few of
//! them matter.

use alloc::{borrow::Cow, vec::Vec};
use core::fmt;
use core::marker::PhantomData;
use core::ops::Deref;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// A string, borrowed unless it has escapes.
pub(super) struct Text<'a>(Cow<'a, str>);

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// A Secret as the host shows it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Secret<'a> {
    #[serde(borrow)]
    pub(super) metadata: Metadata<'a>,
    #[serde(borrow, rename = "type")]
    pub(super) of_type: Option<Text<'a>>,
    /// Keys whose values are hidden.
    #[serde(borrow, default)]
    pub(super) data: Entries<'a>,
    /// Keys whose values are shown.
    #[serde(borrow, default)]
    pub(super) string_data: Entries<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Metadata<'a> {
    #[serde(borrow)]
    pub(super) name: Text<'a>,
    #[serde(borrow)]
    pub(super) namespace: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) creation_timestamp: Option<Text<'a>>,
    pub(super) deletion_timestamp: Option<IgnoredAny>,
    #[serde(borrow, default)]
    labels: Map<'a, IgnoredAny>,
}

impl Metadata<'_> {
    /// Whether the key of a label starts with this.
    pub(super) fn has_label(&self, prefix: &str) -> bool {
        self.labels.0.iter().any(|(key, _)| key.starts_with(prefix))
    }
}

/// A map in the order of the JSON text.
pub(super) struct Map<'a, V>(pub(super) Vec<(Text<'a>, V)>);

pub(super) type Entries<'a> = Map<'a, Entry<'a>>;

pub(super) enum Entry<'a> {
    /// In clear text.
    Clear(Text<'a>),
    Hidden(Handle<'a>),
}

/// What the host tells about a hidden value.
#[derive(Deserialize)]
pub(super) struct Handle<'a> {
    #[serde(borrow, rename = "$secret")]
    pub(super) id: Text<'a>,
    pub(super) length: Option<u64>,
    #[serde(default)]
    pub(super) classes: Classes,
    pub(super) distinct: Option<u64>,
}

/// Which classes of characters a hidden value has; none if the host does not say.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Classes {
    pub(super) lower: bool,
    pub(super) digit: bool,
    pub(super) others: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Role<'a> {
    #[serde(borrow)]
    pub(super) metadata: Metadata<'a>,
    #[serde(borrow)]
    pub(super) rules: Option<Vec<Rule<'a>>>,
    pub(super) aggregation_rule: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Rule<'a> {
    #[serde(borrow)]
    pub(super) verbs: Option<Vec<Text<'a>>>,
    #[serde(borrow)]
    pub(super) api_groups: Option<Vec<Text<'a>>>,
    #[serde(borrow)]
    pub(super) resources: Option<Vec<Text<'a>>>,
    #[serde(borrow)]
    pub(super) resource_names: Option<Vec<Text<'a>>>,
    #[serde(borrow, rename = "nonResourceURLs")]
    pub(super) urls: Option<Vec<Text<'a>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Binding<'a> {
    #[serde(borrow)]
    pub(super) metadata: Metadata<'a>,
    #[serde(borrow)]
    pub(super) role_ref: RoleRef<'a>,
    #[serde(borrow)]
    pub(super) subjects: Option<Vec<Subject<'a>>>,
}

#[derive(Deserialize)]
pub(super) struct RoleRef<'a> {
    #[serde(borrow)]
    pub(super) kind: Text<'a>,
    #[serde(borrow)]
    pub(super) name: Text<'a>,
}

/// A subject has no other fields, so it can be written back from these.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Subject<'a> {
    #[serde(borrow)]
    pub(super) kind: Text<'a>,
    #[serde(borrow)]
    pub(super) api_group: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) name: Text<'a>,
    #[serde(borrow)]
    pub(super) namespace: Option<Text<'a>>,
}

impl<V> Map<'_, V> {
    pub(super) fn get(&self, key: &str) -> Option<&V> {
        self.0.iter().find(|(other, _)| **other == *key).map(|(_, entry)| entry)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Cow<'de, str>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Cow::Borrowed(text))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Cow::Owned(text.into()))
            }
        }
        deserializer.deserialize_str(Read).map(Text)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Entry<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Entry<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or a handle")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Entry::Clear(Text(Cow::Borrowed(text))))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Entry::Clear(Text(Cow::Owned(text.into()))))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                Handle::deserialize(MapAccessDeserializer::new(map)).map(Entry::Hidden)
            }
        }
        deserializer.deserialize_any(Read)
    }
}

impl<V> Default for Map<'_, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de: 'a, 'a, V: Deserialize<'de>> Deserialize<'de> for Map<'a, V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read<V>(PhantomData<V>);
        impl<'de, V: Deserialize<'de>> Visitor<'de> for Read<V> {
            type Value = Map<'de, V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }

            fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
                Ok(Map::default())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                // As many entries as a token has, so that they are seldom moved.
                let mut entries = Vec::with_capacity(8);
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Map(entries))
            }
        }
        deserializer.deserialize_any(Read(PhantomData)).map(|Map(entries)| Self(entries))
    }
}

impl<'de> Deserialize<'de> for Classes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Classes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of character classes")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut names: A) -> Result<Self::Value, A::Error> {
                let mut classes = Classes::default();
                while let Some(name) = names.next_element::<Text<'de>>()? {
                    match &*name {
                        "lower" => classes.lower = true,
                        "digit" => classes.digit = true,
                        _ => classes.others = true,
                    }
                }
                Ok(classes)
            }
        }
        deserializer.deserialize_seq(Read)
    }
}
