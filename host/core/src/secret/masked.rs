//! Masks secrets in a diff that anyone may see (`kubectl/pkg/cmd/diff/diff.go`, `Masker`).

use super::LAST_APPLIED;
use serde_json::{Map, Value};

/// The mask for a value that is unchanged, or exists on one side only.
const DEFAULT: &str = "***";
const BEFORE: &str = "*** (before)";
const AFTER: &str = "*** (after)";

/// Masks the secret values of a Secret before and after a change, so that the diff still shows which ones differ: the values of
/// `data` and, unlike kubectl, of `stringData`, and kubectl's own copy of the object.
pub fn mask(mut before: Option<&mut Map<String, Value>>, mut after: Option<&mut Map<String, Value>>) {
    for field in ["data", "stringData"] {
        let was = before.as_deref_mut().and_then(|fields| fields.get_mut(field));
        let is = after.as_deref_mut().and_then(|fields| fields.get_mut(field));
        mask_entries(was, is);
    }
    mask_value(before.and_then(last_applied), after.and_then(last_applied));
}

fn last_applied(fields: &mut Map<String, Value>) -> Option<&mut Value> {
    fields.get_mut("metadata")?.get_mut("annotations")?.get_mut(LAST_APPLIED)
}

/// Masks each value of two maps; anything that is not a map is one value.
fn mask_entries(before: Option<&mut Value>, after: Option<&mut Value>) {
    match (before, after) {
        (Some(Value::Object(before)), Some(Value::Object(after))) => {
            before.iter_mut().for_each(|(key, value)| mask_value(Some(value), after.get_mut(key)));
            after.iter_mut().filter(|(key, _)| !before.contains_key(*key)).for_each(|(_, value)| mask_value(None, Some(value)));
        }
        (Some(Value::Object(entries)), None | Some(Value::Null)) | (None | Some(Value::Null), Some(Value::Object(entries))) => {
            entries.values_mut().for_each(|value| mask_value(Some(value), None));
        }
        (before, after) => mask_value(before, after),
    }
}

fn mask_value(before: Option<&mut Value>, after: Option<&mut Value>) {
    let (mut before, mut after) = (before, after);
    let differ = matches!((&before, &after), (Some(before), Some(after)) if before != after);
    let [was, is] = if differ { [BEFORE, AFTER] } else { [DEFAULT, DEFAULT] };
    for (value, mask) in [(&mut before, was), (&mut after, is)] {
        if let Some(value) = value {
            **value = Value::String(mask.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::mask;
    use serde_json::{Value, json};

    #[test]
    fn nothing_secret_is_seen_but_that_it_changed() {
        let data = |value: Value| json!({ "data": value });
        let applied = |value: &str| json!({ "metadata": { "annotations": { super::LAST_APPLIED: value, "a": "b" } } });
        for (before, after, expected_before, expected_after) in [
            (
                data(json!({ "same": "x", "other": "x", "gone": "x" })),
                data(json!({ "same": "x", "other": "y", "new": "y" })),
                data(json!({ "same": "***", "other": "*** (before)", "gone": "***" })),
                data(json!({ "same": "***", "other": "*** (after)", "new": "***" })),
            ),
            (data(json!({ "a": "x" })), Value::Null, data(json!({ "a": "***" })), Value::Null),
            (Value::Null, data(json!({ "a": "x" })), Value::Null, data(json!({ "a": "***" }))),
            (data(json!({ "a": "x" })), json!({}), data(json!({ "a": "***" })), json!({})),
            (data(Value::Null), data(json!({ "a": { "b": "x" } })), data(Value::Null), data(json!({ "a": "***" }))),
            // Not in the form of a Secret, but still masked.
            (data(json!("x")), data(json!("y")), data(json!("*** (before)")), data(json!("*** (after)"))),
            (data(json!(["x"])), data(json!({ "a": "x" })), data(json!("*** (before)")), data(json!("*** (after)"))),
            (json!({ "stringData": { "a": "x" } }), Value::Null, json!({ "stringData": { "a": "***" } }), Value::Null),
            (applied("x"), applied("y"), applied("*** (before)"), applied("*** (after)")),
            (applied("x"), json!({ "metadata": {} }), applied("***"), json!({ "metadata": {} })),
        ] {
            let (mut before, mut after) = (before, after);
            mask(before.as_object_mut(), after.as_object_mut());
            assert_eq!((before, after), (expected_before, expected_after));
        }
    }
}
