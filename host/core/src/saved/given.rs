//! The secrets of a question: a plan lists them, but does not contain them.

use crate::question::Question;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// A secret of the question, which is not in the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GivenDocument {
    /// The id of its handle.
    pub secret: String,
    /// The id of the token whose secret half it is; missing for another secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_id: Option<String>,
}

/// The secrets of a question, in the order they were hidden in.
pub(super) fn given(question: &Question) -> Vec<GivenDocument> {
    let mut found = BTreeMap::new();
    std::iter::once(&question.parameters).chain(&question.documents).for_each(|value| collect_given(value, &mut found));
    // Sorted by number, not by text.
    let mut given: Vec<GivenDocument> = found.into_iter().map(|(secret, token_id)| GivenDocument { secret, token_id }).collect();
    given.sort_by_key(|given| (given.secret.len(), given.secret.clone()));
    given
}

fn collect_given(value: &Value, found: &mut BTreeMap<String, Option<String>>) {
    let handle = |value: &Value| Some(value.get("$secret")?.as_str()?.to_owned());
    match value {
        Value::Object(fields) => {
            if let Some(secret) = handle(value) {
                found.entry(secret).or_default();
                return;
            }
            if let (Some(id), Some(secret)) = (fields.get("id").and_then(Value::as_str), fields.get("secret").and_then(handle)) {
                found.insert(secret, Some(id.to_owned()));
            }
            fields.values().for_each(|value| collect_given(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| collect_given(value, found)),
        _ => {}
    }
}
