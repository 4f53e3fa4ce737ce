//! Where an object is in a folder.

use serde_json::{Map, Value};
use std::path::PathBuf;

/// The place of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) file: PathBuf,
    pub(super) document: usize,
    /// The index of the item, if the document is a list.
    pub(super) item: Option<usize>,
}

/// A text of the metadata of an object.
pub(super) fn metadata<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    fields.get("metadata")?.get(name)?.as_str()
}
