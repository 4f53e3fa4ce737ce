//! What is signed is JSON in which each object has each key once.

use super::Unsigned;
use kubephase_core::unique;
use serde::de::DeserializeOwned;

/// Reads a JSON text as a value of some type, whose fields may be fewer.
///
/// # Errors
/// [`Unsigned::NotJson`] for what is not JSON, has a key twice or something behind it, and [`Unsigned::OtherShape`] for another type.
pub(super) fn read<T: DeserializeOwned>(what: &'static str, bytes: &[u8]) -> Result<T, Unsigned> {
    let value = unique::parse(bytes).map_err(|_| Unsigned::NotJson(what))?;
    serde_json::from_value(value).map_err(|_| Unsigned::OtherShape(what))
}
