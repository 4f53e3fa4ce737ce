//! Bodies that a phase writes: right at first, then changed.

use super::super::dice::Dice;
use super::words::{self, KEYS, TYPES, handle};
use serde_json::{Map, Value, json};

/// The JSON text of a whole body for a target.
pub(super) fn whole(dice: &mut Dice<'_>, target: &Value) -> String {
    let mut body = identity(target);
    fill(dice, target, &mut body);
    changed(dice, body)
}

/// The JSON text of a patch, which says who it is for or not.
pub(super) fn patch(dice: &mut Dice<'_>, target: &Value) -> String {
    let mut body = if dice.is_one_in(2) { identity(target) } else { Map::new() };
    fill(dice, target, &mut body);
    changed(dice, body)
}

fn text(target: &Value, pointer: &str) -> String {
    target.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn identity(target: &Value) -> Map<String, Value> {
    let (group, version) = (text(target, "/of/group"), text(target, "/of/version"));
    let api_version = if group.is_empty() { version } else { format!("{group}/{version}") };
    let mut metadata = Map::from_iter([("name".to_owned(), json!(text(target, "/name")))]);
    let namespace = target.get("namespace").filter(|namespace| !namespace.is_null());
    metadata.extend(namespace.map(|namespace| ("namespace".to_owned(), namespace.clone())));
    let fields = [("apiVersion", json!(api_version)), ("kind", json!(text(target, "/of/kind"))), ("metadata", metadata.into())];
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn fill(dice: &mut Dice<'_>, target: &Value, body: &mut Map<String, Value>) {
    if text(target, "/of/kind") == "Secret" {
        if !dice.is_one_in(4) {
            let [a, b, opaque] = TYPES.map(|name| json!(name));
            let types = [a.clone(), a.clone(), a.clone(), b, opaque.clone(), opaque, json!(null), json!("")];
            body.insert("type".to_owned(), dice.pick_odd(&types, &[json!(5)]));
        }
        for field in ["data", "stringData"] {
            if dice.is_one_in(if field == "data" { 1 } else { 4 }) {
                let entries = dice.some(2, |dice| (dice.pick(&KEYS).to_owned(), entry(dice)));
                body.insert(field.to_owned(), Value::Object(entries.into_iter().collect()));
            }
        }
    } else if dice.is_one_in(2) {
        body.insert("data".to_owned(), json!({ (dice.pick(&KEYS)): words::text(dice) }));
    }
}

/// A value in the data of a Secret.
fn entry(dice: &mut Dice<'_>) -> Value {
    match dice.number(7) {
        0..=4 => handle(dice),
        5 => json!(dice.pick_odd(&["Y2xlYXI=", "clear", ""], &["$secret", "{\"$secret\":\"s1\"}"])),
        6 => Value::Null,
        _ => any(dice, 2),
    }
}

/// Whatever JSON.
fn any(dice: &mut Dice<'_>, depth: usize) -> Value {
    match dice.number(if depth == 0 { 4 } else { 6 }) {
        0 => Value::Null,
        1 => json!(dice.is_one_in(2)),
        2 => json!(dice.number(1_000)),
        3 => json!(words::text(dice)),
        4 => handle(dice),
        5 => Value::Array(dice.some(3, |dice| any(dice, depth - 1))),
        _ => Value::Object(dice.some(3, |dice| (words::text(dice), any(dice, depth - 1))).into_iter().collect()),
    }
}

/// What a body may have where it should not, or of another sort.
const PATHS: [&str; 18] = [
    "apiVersion",
    "kind",
    "metadata",
    "metadata",
    "data",
    "stringData",
    "type",
    "binaryData",
    "metadata.labels",
    "metadata.annotations",
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "metadata.resourceVersion",
    "metadata.generateName",
    "metadata.finalizers",
    "metadata.ownerReferences",
    "metadata.managedFields",
];

/// Puts something where something else was, or where nothing should be.
fn changed(dice: &mut Dice<'_>, mut body: Map<String, Value>) -> String {
    if dice.is_one_in(5) {
        let path = dice.pick(&PATHS);
        let value = if dice.is_one_in(3) { Value::Null } else { any(dice, 2) };
        match path.split_once('.') {
            None => drop(body.insert(path.to_owned(), value)),
            Some((outer, inner)) => {
                let outer = body.entry(outer).or_insert_with(|| json!({}));
                outer.as_object_mut().and_then(|outer| outer.insert(inner.to_owned(), value));
            }
        }
    }
    let text = Value::Object(body).to_string();
    match dice.pick_odd(&["whole"], &["cut", "twice", "own", "repeated"]) {
        "cut" => text.chars().take(dice.number(text.len())).collect(),
        "twice" => text.repeat(2),
        "own" => String::from_utf8_lossy(&dice.bytes(40)).into_owned(),
        // The last of two members with one name counts.
        "repeated" => text.replacen('{', "{\"kind\":\"Pod\",\"data\":{\"key\":{\"$secret\":\"s1\"}},", 1),
        _ => text,
    }
}
