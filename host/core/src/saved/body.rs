//! Bodies in undo files: what is compared, what is restored, and Secret values, which are kept elsewhere.

use crate::manifest::settled;
use crate::object::{Object, ObjectRef};
use crate::secret::LAST_APPLIED;
use crate::write::SERVER_METADATA;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// Overwritten Secret values, base64, by their names in the file.
pub type Values = BTreeMap<String, Zeroizing<String>>;

/// Whether a Secret value with this key may be in the file.
pub type Reveals<'a> = &'a dyn Fn(&ObjectRef, &str) -> bool;

/// The member that stands for a value that is not in the file.
const PLACE: &str = "$value";
/// The mask of hidden values in comparisons.
const HIDDEN: &str = "***";
/// The mask of a value that was overwritten.
const OVERWRITTEN: &str = "*** (overwritten)";

/// An object without what the API server sets.
pub(super) fn bare(object: &Object) -> Map<String, Value> {
    let mut fields = object.fields().clone();
    fields.remove("status");
    if let Some(metadata) = fields.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.retain(|name, _| !SERVER_METADATA.contains(&name.as_str()));
    }
    fields
}

/// An object in the form used for comparison: without what others write, hidden values masked.
pub(super) fn compared(target: &ObjectRef, object: &Object, reveals: Reveals<'_>) -> Value {
    let mut fields = settled(object);
    for (_, value) in secret_entries(target, &mut fields, reveals) {
        *value = json!(HIDDEN);
    }
    Value::Object(fields)
}

/// The values of a Secret that must not be in a file.
pub(super) fn secret_entries<'a>(
    target: &'a ObjectRef,
    fields: &'a mut Map<String, Value>,
    reveals: Reveals<'a>,
) -> impl Iterator<Item = (&'a String, &'a mut Value)> {
    let data = fields.get_mut("data").and_then(Value::as_object_mut).filter(|_| target.of.is_secret());
    data.into_iter().flatten().filter(|(key, value)| value.is_string() && !reveals(target, key))
}

/// A body with each hidden value moved to `values`.
pub(super) fn hidden(
    target: &ObjectRef,
    mut body: Map<String, Value>,
    reveals: Reveals<'_>,
    values: &mut Values,
) -> Map<String, Value> {
    for (key, value) in secret_entries(target, &mut body, reveals) {
        let name = place_of(target, key);
        if let Value::String(text) = std::mem::replace(value, json!({ PLACE: name })) {
            values.insert(name, Zeroizing::new(text));
        }
    }
    if target.of.is_secret()
        && let Some(annotations) = body.get_mut("metadata").and_then(|metadata| metadata.get_mut("annotations"))
        && let Some(Value::String(text)) = annotations.as_object_mut().and_then(|fields| fields.remove(LAST_APPLIED))
    {
        // kubectl's own copy of the whole Secret.
        let name = place_of(target, LAST_APPLIED);
        annotations[LAST_APPLIED] = json!({ PLACE: name });
        values.insert(name, Zeroizing::new(text));
    }
    body
}

/// Checks that each value missing from the file is where [`hidden`] took it from: under the same key of the same Secret. An
/// edited file could otherwise reveal the values of one object in another. Returns the place of the first one that is not.
pub(super) fn misplaced(target: &ObjectRef, body: &Map<String, Value>) -> Option<String> {
    let is_home = |path: &[&str], value: &Value| {
        let key = match path {
            ["data", key] => *key,
            ["metadata", "annotations", LAST_APPLIED] => LAST_APPLIED,
            _ => return false,
        };
        target.of.is_secret() && *value == json!({ PLACE: place_of(target, key) })
    };
    let found = body.iter().find_map(|(name, value)| outside(&[name], value, &is_home));
    found.or_else(|| body.contains_key(PLACE).then(|| PLACE.to_owned()))
}

fn outside(path: &[&str], value: &Value, is_home: &dyn Fn(&[&str], &Value) -> bool) -> Option<String> {
    let below = |name: &str, value: &Value| outside(&[path, &[name]].concat(), value, is_home);
    match value {
        Value::Object(fields) if fields.contains_key(PLACE) => (!is_home(path, value)).then(|| path.join(".")),
        Value::Object(fields) => fields.iter().find_map(|(name, value)| below(name, value)),
        Value::Array(items) => items.iter().find_map(|item| below("[]", item)),
        _ => None,
    }
}

/// The name of a value: each object has one body, so names stay unique when undo plans are merged.
fn place_of(target: &ObjectRef, key: &str) -> String {
    format!("{}/{key}", target.path())
}

/// The name of a value that is not in the file.
fn place(value: &Value) -> Option<&str> {
    value.as_object()?.get(PLACE)?.as_str()
}

/// The names of the values that a body needs.
pub(super) fn places(body: &Map<String, Value>) -> Vec<String> {
    let below = |value: &Value| match (place(value), value) {
        (Some(name), _) => vec![name.to_owned()],
        (None, Value::Object(fields)) => places(fields),
        _ => Vec::new(),
    };
    body.values().flat_map(below).collect()
}

/// Whether all values of a body are available.
pub(super) fn is_whole(body: &Map<String, Value>, values: &Values) -> bool {
    places(body).iter().all(|name| values.contains_key(name))
}

/// A body with its values filled in.
pub(super) fn revealed(body: &Map<String, Value>, values: &Values) -> Map<String, Value> {
    let reveal = |value: &Value| match (place(value).and_then(|name| values.get(name)), value) {
        (Some(text), _) => Value::String(text.to_string()),
        (None, Value::Object(fields)) => Value::Object(revealed(fields, values)),
        (None, other) => other.clone(),
    };
    body.iter().map(|(name, value)| (name.clone(), reveal(value))).collect()
}

/// A body with a mask in place of each value that is not in the file. It is another one than in comparisons: the value was overwritten.
pub(super) fn masked(body: &Map<String, Value>) -> Map<String, Value> {
    let values = places(body).into_iter().map(|name| (name, Zeroizing::new(OVERWRITTEN.to_owned()))).collect();
    revealed(body, &values)
}

/// Whether a merge patch (RFC 7386) changes nothing.
pub(super) fn is_within(patch: &Map<String, Value>, fields: &Map<String, Value>) -> bool {
    patch.iter().all(|(name, value)| match (value, fields.get(name)) {
        (Value::Null, found) => found.is_none_or(Value::is_null),
        (Value::Object(patch), Some(Value::Object(fields))) => is_within(patch, fields),
        (value, found) => found == Some(value),
    })
}

/// The merge patch (RFC 7386) that turns the first into the second.
pub(super) fn difference(from: &Map<String, Value>, to: &Map<String, Value>) -> Map<String, Value> {
    let mut patch = Map::new();
    patch.extend(from.keys().filter(|name| !to.contains_key(*name)).map(|name| (name.clone(), Value::Null)));
    for (name, value) in to {
        match (from.get(name), value) {
            (Some(before), value) if before == value => {}
            (Some(Value::Object(before)), Value::Object(value)) => {
                patch.insert(name.clone(), Value::Object(difference(before, value)));
            }
            _ => {
                patch.insert(name.clone(), value.clone());
            }
        }
    }
    patch
}
