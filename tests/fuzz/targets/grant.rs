//! Grant files: what is read, and what it means when it is written again.

use kubectl_bootstrap_token::yaml;
use kubephase_core::grant::{Grant, GrantDocument};
use serde_json::Value;

/// Reads the bytes as a grant file. Whatever they are:
///
/// * nothing panics;
/// * what is read is written as a file that means the same;
/// * a text of JSON that is read has no key twice, as a second reader sees it.
pub fn grant(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(value) = yaml::parse_without_repetition(text) else { return };
    if let Ok(last_wins) = serde_json::from_str::<Value>(text) {
        assert_eq!(without_numbers(last_wins), without_numbers(value.clone()), "two readers");
    }
    let Ok(document) = serde_json::from_value::<GrantDocument>(value) else { return };
    let Ok(grant) = Grant::try_from(document) else { return };
    let written = yaml::write_document(&grant.to_document());
    let again: GrantDocument = serde_json::from_value(yaml::parse_without_repetition(&written).unwrap()).unwrap();
    assert_eq!(Grant::try_from(again).unwrap(), grant, "{written}");
}

/// No grant has a number, and JSON has more spellings of one than YAML has: `-0` is another one there.
fn without_numbers(value: Value) -> Value {
    match value {
        Value::Number(_) => Value::Null,
        Value::Array(items) => items.into_iter().map(without_numbers).collect(),
        Value::Object(fields) => Value::Object(fields.into_iter().map(|(key, value)| (key, without_numbers(value))).collect()),
        other => other,
    }
}
