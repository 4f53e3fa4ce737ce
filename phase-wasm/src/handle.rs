//! Values that may be hidden from the phase.

use alloc::{borrow::ToOwned, string::String};
use serde_json::{Value, json};

/// The key that makes a JSON object a handle.
pub const HANDLE: &str = "$secret";

/// A string of which the phase knows either the text or only a handle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Text {
    /// In clear.
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

    /// The form in which it stands in a body.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match self {
            Self::Clear(text) => Value::String(text.clone()),
            Self::Hidden(id) => json!({ HANDLE: id }),
        }
    }
}
