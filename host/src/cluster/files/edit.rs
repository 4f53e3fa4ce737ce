//! The changes that make one document of another: each is put where it belongs, and all around it stays.

use crate::yaml;
use serde_json::{Map, Value};
use similar::{Algorithm, DiffOp, capture_diff_slices};
use std::str::FromStr as _;
use yaml_edit::{Mapping, ScalarValue, Sequence, YamlFile, YamlNode, YamlValue};

/// The text of one document, changed from one value to another; none if the change has no place of its own. Whoever asks reads the result
/// again.
pub(super) fn edited(text: &str, before: &Value, after: &Value) -> Option<String> {
    let file = YamlFile::from_str(text).ok()?;
    if file.to_string() != text {
        return None;
    }
    let mut documents = file.documents();
    let document = documents.next()?;
    if documents.next().is_some() {
        return None;
    }
    edit_map(&document.as_mapping()?, before.as_object()?, after.as_object()?)?;
    Some(file.to_string())
}

fn edit_map(map: &Mapping, before: &Map<String, Value>, after: &Map<String, Value>) -> Option<()> {
    for (key, new) in after {
        match (map.get(key.as_str()), before.get(key)) {
            (_, Some(old)) if old == new => {}
            (Some(node), Some(old)) if is_within(old, new) => edit_within(&node, old, new)?,
            (Some(node), _) => map.set(key.as_str(), in_style_of(&node, new)?),
            (None, None) => map.set(key.as_str(), fresh(new)?),
            // It came by a merge key, and what is set here wins.
            (None, Some(_)) if map.get("<<").is_some() => map.set(key.as_str(), fresh(new)?),
            // It is spelt otherwise, like the number 1: a second one beside it would be a riddle.
            (None, Some(_)) => return None,
        }
    }
    before.keys().filter(|key| !after.contains_key(*key)).try_for_each(|key| map.remove(key.as_str()).map(drop))
}

fn edit_list(list: &Sequence, before: &[Value], after: &[Value]) -> Option<()> {
    let keyed = |values: &[Value]| values.iter().map(ToString::to_string).collect::<Vec<_>>();
    let changes = capture_diff_slices(Algorithm::Myers, &keyed(before), &keyed(after));
    // From the end, so that those before keep their numbers.
    for change in changes.iter().rev() {
        let (old, new) = (change.old_range(), change.new_range());
        if matches!(change, DiffOp::Equal { .. }) {
            continue;
        }
        let both = old.len().min(new.len());
        old.clone().skip(both).rev().try_for_each(|at| list.remove(at).map(drop))?;
        for at in new.clone().skip(both).rev() {
            list.insert(old.start + both, fresh(after.get(at)?)?);
        }
        for (at, to) in old.zip(new) {
            let (node, old, new) = (list.get(at)?, before.get(at)?, after.get(to)?);
            match is_within(old, new) {
                true => edit_within(&node, old, new)?,
                false => drop(list.set(at, in_style_of(&node, new)?)),
            }
        }
    }
    Some(())
}

/// Whether a value is a map or a list that stays one, with something in it.
fn is_within(before: &Value, after: &Value) -> bool {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => !before.is_empty() && !after.is_empty(),
        (Value::Array(before), Value::Array(after)) => !before.is_empty() && !after.is_empty(),
        _ => false,
    }
}

/// Changes what is in a map or a list; none if it is an alias.
fn edit_within(node: &YamlNode, before: &Value, after: &Value) -> Option<()> {
    match (node, before, after) {
        (YamlNode::Mapping(map), Value::Object(before), Value::Object(after)) => edit_map(map, before, after),
        (YamlNode::Sequence(list), Value::Array(before), Value::Array(after)) => edit_list(list, before, after),
        (YamlNode::TaggedNode(tagged), Value::Object(before), Value::Object(after)) => {
            edit_map(&tagged.as_mapping()?, before, after)
        }
        (YamlNode::TaggedNode(tagged), Value::Array(before), Value::Array(after)) => {
            edit_list(&tagged.as_sequence()?, before, after)
        }
        _ => None,
    }
}

/// A value with the quotes of the one that it replaces.
fn in_style_of(node: &YamlNode, value: &Value) -> Option<YamlValue> {
    let (YamlNode::Scalar(scalar), Value::String(text)) = (node, value) else { return fresh(value) };
    let source = scalar.to_string();
    Some(match source.trim_start().chars().next() {
        Some('\'') if !text.contains('\n') => ScalarValue::single_quoted(text).into(),
        Some('"') => ScalarValue::double_quoted(text).into(),
        Some('|' | '>') if text.contains('\n') => ScalarValue::literal(text).into(),
        _ => return fresh(value),
    })
}

/// A value as it is written where nothing was.
fn fresh(value: &Value) -> Option<YamlValue> {
    Some(match value {
        Value::Null => ScalarValue::null().into(),
        Value::Bool(value) => ScalarValue::from(*value).into(),
        Value::Number(number) => match number.as_i64() {
            Some(number) => ScalarValue::from(number).into(),
            None => ScalarValue::from(number.as_f64()?).into(),
        },
        Value::String(text) if text.contains('\n') && !text.contains('\r') => ScalarValue::literal(text).into(),
        // What our parser would take for a number or a boolean is quoted.
        Value::String(text) if yaml::parse_document(text).is_ok_and(|read| read == *value) => ScalarValue::string(text).into(),
        Value::String(text) => ScalarValue::double_quoted(text).into(),
        Value::Array(items) => YamlValue::from_sequence(items.iter().map(fresh).collect::<Option<_>>()?),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| Some((name.clone(), fresh(value)?)));
            YamlValue::Mapping(fields.collect::<Option<_>>()?)
        }
    })
}
