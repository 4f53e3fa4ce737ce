//! Values that may be hidden from the phase.

use alloc::{borrow::ToOwned, string::String};
use serde_json::{Value, json};

/// The key that makes a JSON object a handle.
pub const HANDLE: &str = "$secret";

/// A string that the phase knows either by its text or only by a handle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Text {
    /// In clear text.
    Clear(String),
    /// The id of a handle. Equal ids are equal values.
    Hidden(String),
}

impl Text {
    /// Reads a JSON string or a handle; `None` for anything else.
    #[must_use]
    pub fn from_json(value: &Value) -> Option<Self> {
        match value {
            Value::String(text) => Some(Self::Clear(text.clone())),
            Value::Object(fields) => fields.get(HANDLE)?.as_str().map(|id| Self::Hidden(id.to_owned())),
            _ => None,
        }
    }

    /// As JSON, the way it appears in the body of an object.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match self {
            Self::Clear(text) => Value::String(text.clone()),
            Self::Hidden(id) => json!({ HANDLE: id }),
        }
    }
}
