//! Checks on a phase's output for every version of the contract: too long, too many, or not a valid name.

use super::CallError;
use kubephase_core::name::shortened;
use kubephase_core::operation::OperationId;
use serde_json::{Map, Value};

/// The maximum length of a name or an explanation, bytes.
pub(super) const TEXT_BYTES: usize = 16 * 1024;
/// The maximum length of a text in a description, bytes: an operator reads all of it before agreeing.
pub(super) const DESCRIPTION_TEXT_BYTES: usize = 500;
/// The maximum number of tasks, of permissions of a task, and of names or keys of a permission.
pub(super) const DESCRIPTION_ITEMS: usize = 100;
/// The maximum number of rules in a description.
pub(super) const RULES: usize = 1_000;
/// The maximum number of objects and lists that are read in one round.
pub(super) const READS: usize = 1_000;
/// The maximum length of a version, bytes.
pub(super) const VERSION_BYTES: usize = 64;
/// The maximum size of an object's body, bytes: that of an API server (`apiserver/pkg/server/config.go`, `MaxRequestBodyBytes`).
pub(super) const BODY_BYTES: usize = 3 * 1024 * 1024;
/// The maximum length of an output line, bytes.
pub(super) const LINE_BYTES: usize = 2_000;
/// The maximum number of random strings in a request.
pub(super) const RANDOM_STRINGS: usize = 256;
/// The minimum entropy of a hidden random string, bits: half of an AES key, and less than kubeadm's 82.
pub(super) const SECRET_BITS: f64 = 64.0;
/// The maximum number of output lines.
pub(super) const LINES: usize = 1_000;
/// The maximum number of findings, and of problems in the input.
pub(super) const FINDINGS: usize = 100_000;
/// The maximum number of references of a finding.
pub(super) const REFERENCES: usize = 100;

pub(super) fn invalid(problem: impl ToString) -> CallError {
    CallError::Invalid(problem.to_string())
}

/// A text or a selector within the maximum length.
pub(super) fn text(text: String) -> Result<String, CallError> {
    bounded(text, TEXT_BYTES)
}

pub(super) fn bounded(text: String, limit: usize) -> Result<String, CallError> {
    if text.len() > limit {
        return Err(invalid(format!("a text of {} bytes, the limit is {limit}", text.len())));
    }
    Ok(text)
}

/// The items of a list, at most `limit`, each converted to a core type.
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
        Err(invalid("a version with characters other than visible ASCII"))
    }
}

/// Refuses duplicate names.
pub(super) fn check_unique<'a>(names: impl Iterator<Item = &'a str>) -> Result<(), CallError> {
    let mut seen = std::collections::BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(invalid(format!("the name `{}` twice", shortened(name))));
        }
    }
    Ok(())
}

/// A selector: kubectl's `-l` accepts no control characters.
pub(super) fn visible(selector: String) -> Result<String, CallError> {
    if selector.chars().any(char::is_control) {
        return Err(invalid("a selector with control characters"));
    }
    text(selector)
}

/// A word that identifies an answer.
pub(super) fn word(text: String) -> Result<String, CallError> {
    let is_word = !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
    if is_word {
        bounded(text, DESCRIPTION_TEXT_BYTES)
    } else {
        Err(invalid("an empty name, or one with characters other than visible ASCII"))
    }
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
