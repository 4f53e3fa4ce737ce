//! Parses signed JSON, in which the keys of each object must be unique.

use super::Unsigned;
use kubephase_core::unique;
use serde::de::DeserializeOwned;

/// Parses a JSON text as a type that may have fewer fields.
///
/// # Errors
/// [`Unsigned::NotJson`] for text that is not JSON, has duplicate keys or trailing data, and [`Unsigned::OtherShape`] for another
/// type.
pub(super) fn read<T: DeserializeOwned>(what: &'static str, bytes: &[u8]) -> Result<T, Unsigned> {
    let value = unique::parse(bytes).map_err(|_| Unsigned::NotJson(what))?;
    serde_json::from_value(value).map_err(|_| Unsigned::OtherShape(what))
}
