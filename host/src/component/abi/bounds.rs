//! What is refused of the words of a phase, whatever the version of the contract: what is too long, too much, or not a name.

use super::CallError;
use kubephase_core::name::shortened;
use kubephase_core::operation::OperationId;
use serde_json::{Map, Value};

/// The longest text that names or explains something, bytes.
pub(super) const TEXT_BYTES: usize = 16 * 1024;
/// The longest text in a description, bytes: a person reads all of it before saying yes.
pub(super) const DESCRIPTION_TEXT_BYTES: usize = 500;
/// The most tasks, permissions of a task, and names or keys of a permission.
pub(super) const DESCRIPTION_ITEMS: usize = 100;
/// The most objects or lists that are read in one round.
pub(super) const READS: usize = 1_000;
/// The longest version, bytes.
pub(super) const VERSION_BYTES: usize = 64;
/// The longest body of an object, bytes: what an API server takes (`apiserver/pkg/server/config.go`, `MaxRequestBodyBytes`).
pub(super) const BODY_BYTES: usize = 3 * 1024 * 1024;
/// The longest line for people, bytes.
pub(super) const LINE_BYTES: usize = 2_000;
/// The most random strings of a request.
pub(super) const RANDOM_STRINGS: usize = 256;
/// The fewest bits of a random string that the phase may not see: half of an AES key, and less than kubeadm's 82.
pub(super) const SECRET_BITS: f64 = 64.0;
/// The most lines for people.
pub(super) const LINES: usize = 1_000;
/// The most findings, and problems of the input.
pub(super) const FINDINGS: usize = 100_000;
/// The most references of a finding.
pub(super) const REFERENCES: usize = 100;

pub(super) fn invalid(problem: impl ToString) -> CallError {
    CallError::Invalid(problem.to_string())
}

/// A text for people or a selector, of bearable length.
pub(super) fn text(text: String) -> Result<String, CallError> {
    bounded(text, TEXT_BYTES)
}

pub(super) fn bounded(text: String, limit: usize) -> Result<String, CallError> {
    if text.len() > limit {
        return Err(invalid(format!("a text of {} bytes, the limit is {limit}", text.len())));
    }
    Ok(text)
}

/// The items of a list of bearable length, each as a core type.
pub(super) fn list<T, U>(
    what: &str,
    limit: usize,
    items: Vec<T>,
    item: impl Fn(T) -> Result<U, CallError>,
) -> Result<Vec<U>, CallError> {
    if items.len() > limit {
        return Err(invalid(format!("{} {what}, the limit is {limit}", items.len())));
    }
    items.into_iter().map(item).collect()
}

pub(super) fn version(version: String) -> Result<String, CallError> {
    if version.bytes().all(|b| b.is_ascii_graphic()) {
        bounded(version, VERSION_BYTES)
    } else {
        Err(invalid("a version that is no word"))
    }
}

/// Refuses a name that finds two things.
pub(super) fn check_unique<'a>(names: impl Iterator<Item = &'a str>) -> Result<(), CallError> {
    let mut seen = std::collections::BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(invalid(format!("the name `{}` twice", shortened(name))));
        }
    }
    Ok(())
}

/// A selector: what kubectl takes after `-l` has no control characters.
pub(super) fn visible(selector: String) -> Result<String, CallError> {
    if selector.chars().any(char::is_control) {
        return Err(invalid("a selector with control characters"));
    }
    text(selector)
}

/// A word that finds an answer.
pub(super) fn word(text: String) -> Result<String, CallError> {
    let is_word = !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
    if is_word { bounded(text, DESCRIPTION_TEXT_BYTES) } else { Err(invalid("a name that is no word")) }
}

pub(super) fn operation_id(text: &str) -> Result<OperationId, CallError> {
    OperationId::parse(text).ok_or_else(|| invalid("an operation id must be 1 to 300 visible characters"))
}

pub(super) fn body(json: &str) -> Result<Map<String, Value>, CallError> {
    if json.len() > BODY_BYTES {
        return Err(invalid(format!("a body of {} bytes, the limit is {BODY_BYTES}", json.len())));
    }
    serde_json::from_str(json).map_err(|error| invalid(format!("a body that is not a JSON object: {error}")))
}
