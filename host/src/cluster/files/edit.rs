//! Edits a YAML document from one value to another: each change is made in place, and everything around it stays.

use crate::yaml;
use serde_json::{Map, Value};
use similar::{Algorithm, DiffOp, capture_diff_slices};
use std::str::FromStr as _;
use yaml_edit::{Mapping, ScalarValue, Sequence, YamlFile, YamlNode, YamlValue};

/// The text of one document, changed from one value to another; `None` if the change cannot be made in place. The caller parses
/// the result to verify it.
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
            // It came from a merge key, and a value set here takes precedence.
            (None, Some(_)) if map.get("<<").is_some() => map.set(key.as_str(), fresh(new)?),
            // It has another spelling, like the number 1: a second key beside it would be ambiguous.
            (None, Some(_)) => return None,
        }
    }
    before.keys().filter(|key| !after.contains_key(*key)).try_for_each(|key| map.remove(key.as_str()).map(drop))
}

fn edit_list(list: &Sequence, before: &[Value], after: &[Value]) -> Option<()> {
    let keyed = |values: &[Value]| values.iter().map(ToString::to_string).collect::<Vec<_>>();
    let changes = capture_diff_slices(Algorithm::Myers, &keyed(before), &keyed(after));
    // From the end, so that the earlier indices remain valid.
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

/// Whether a value is a non-empty map or list before and after the change.
fn is_within(before: &Value, after: &Value) -> bool {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => !before.is_empty() && !after.is_empty(),
        (Value::Array(before), Value::Array(after)) => !before.is_empty() && !after.is_empty(),
        _ => false,
    }
}

/// Edits the contents of a map or a list; `None` if it is an alias.
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

/// A value with the quotes of the one it replaces.
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

/// A value without a predecessor.
fn fresh(value: &Value) -> Option<YamlValue> {
    Some(match value {
        Value::Null => ScalarValue::null().into(),
        Value::Bool(value) => ScalarValue::from(*value).into(),
        Value::Number(number) => match number.as_i64() {
            Some(number) => ScalarValue::from(number).into(),
            None => ScalarValue::from(number.as_f64()?).into(),
        },
        Value::String(text) if text.contains('\n') && !text.contains('\r') => ScalarValue::literal(text).into(),
        // A string that the parser would take for a number or a boolean is quoted.
        Value::String(text) if yaml::parse_document(text).is_ok_and(|read| read == *value) => ScalarValue::string(text).into(),
        Value::String(text) => ScalarValue::double_quoted(text).into(),
        Value::Array(items) => YamlValue::from_sequence(items.iter().map(fresh).collect::<Option<_>>()?),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| Some((name.clone(), fresh(value)?)));
            YamlValue::Mapping(fields.collect::<Option<_>>()?)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::edited;
    use crate::yaml;

    #[test]
    fn a_list_has_its_items_in_their_order() {
        for (before, after) in [
            ("[a]", "[a, x, y, z]"),
            ("[a, b]", "[a, x, y, b]"),
            ("[a, b]", "[x, y, a, b]"),
            ("[a, b]", "[p, q, r]"),
            ("[a, b, c, d]", "[d]"),
            ("[a, b, c, d]", "[b, x]"),
            ("[{a: 1}]", "[{a: 1}, {b: 2}, {c: 3}]"),
            ("[[a]]", "[[a, x, y]]"),
        ] {
            for text in [format!("k: {before}\n"), block(before)] {
                let [old, new] = [text.as_str(), &format!("k: {after}")].map(|text| yaml::parse_document(text).unwrap());
                let edited = edited(&text, &old, &new).unwrap();
                assert_eq!(yaml::parse_document(&edited).unwrap(), new, "{text} to {after}: {edited}");
            }
        }
    }

    /// A flow list as a block list.
    fn block(flow: &str) -> String {
        let list = yaml::parse_document(flow).unwrap();
        list.as_array().unwrap().iter().fold("k:\n".to_owned(), |text, item| text + &format!("- {item}\n"))
    }
}
