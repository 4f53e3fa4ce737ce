//! YAML as Kubernetes' tools read and write it.

use kubephase_core::unique;
use serde::Serialize;
use serde_json::Value;
use serde_saphyr::{DuplicateKeyPolicy, Options, options, ser_options};

/// A text that is not YAML. Of the parser's message only the first line is kept: the others quote the text, which may hold
/// secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct YamlError(String);

/// Reads all documents of a text. Plain scalars have the types of YAML 1.1, so that `yes` is a boolean, and of two equal keys the
/// last one counts, as in `sigs.k8s.io/yaml`.
///
/// # Errors
/// [`YamlError`] for malformed YAML, and for aliases that expand beyond reason.
pub fn parse_documents(text: &str) -> Result<Vec<Value>, YamlError> {
    serde_saphyr::from_multiple_with_options(text, reading(DuplicateKeyPolicy::LastWins)).map_err(|error| first_line(&error))
}

/// Reads a text that is one document; nothing but comments is null. One that starts with a brace must be JSON, as for kubeadm.
///
/// # Errors
/// As [`parse_documents`], and for more than one document.
pub fn parse_document(text: &str) -> Result<Value, YamlError> {
    if text.trim_start().starts_with('{') {
        return serde_json::from_str(text).map_err(|error| YamlError(format!("not valid JSON: {error}")));
    }
    serde_saphyr::from_str_with_options(text, reading(DuplicateKeyPolicy::LastWins)).map_err(|error| first_line(&error))
}

/// Reads a file of ours, YAML or JSON: a key that stands twice is refused, since of two the last one would count, and the first is what
/// people see.
///
/// # Errors
/// As [`parse_document`], and for repeated keys.
pub fn parse_without_repetition(text: &str) -> Result<Value, YamlError> {
    if let Some(value) = text.trim_start().starts_with('{').then(|| unique::parse(text.as_bytes()).ok()).flatten() {
        return Ok(value);
    }
    serde_saphyr::from_str_with_options(text, reading(DuplicateKeyPolicy::Error)).map_err(|error| match error {
        // The parser's own words are for programmers.
        serde_saphyr::Error::DuplicateMappingKey { key: Some(key), location } => {
            YamlError(format!("the key `{key}` stands twice, for the second time in line {}", location.line()))
        }
        other => first_line(&other),
    })
}

/// A key that stands twice in one map of a document; none if all are different.
#[must_use]
pub fn repeated_key(text: &str) -> Option<String> {
    let read: Result<Value, _> = serde_saphyr::from_str_with_options(text, reading(DuplicateKeyPolicy::Error));
    match read {
        Err(serde_saphyr::Error::DuplicateMappingKey { key, .. }) => key,
        _ => None,
    }
}

fn reading(duplicate_keys: DuplicateKeyPolicy) -> Options {
    options! {
        with_snippet: false,
        legacy_octal_numbers: true,
        duplicate_keys: duplicate_keys,
    }
}

fn first_line(error: &serde_saphyr::Error) -> YamlError {
    YamlError(error.to_string().lines().next().unwrap_or_default().to_owned())
}

/// Splits a text as Kubernetes' `YAMLReader` does (`apimachinery/pkg/util/yaml/decoder.go`): at lines of `---` that nothing but a
/// comment follows, without the empty pieces. A piece of blanks or comments counts as a document.
///
/// # Errors
/// [`YamlError`] for a line that starts with `---` and goes on otherwise.
pub fn split_documents(text: &str) -> Result<Vec<&str>, YamlError> {
    let mut documents = Vec::new();
    let (mut start, mut end) = (0, 0);
    for line in text.split_inclusive('\n') {
        let next = end + line.len();
        if let Some(rest) = line.strip_prefix("---").map(str::trim) {
            if !rest.is_empty() && !rest.starts_with('#') {
                return Err(YamlError("a line that starts with `---` may go on with a comment only".to_owned()));
            }
            documents.extend(text.get(start..end));
            start = next;
        }
        end = next;
    }
    documents.extend(text.get(start..end));
    documents.retain(|document| !document.is_empty());
    Ok(documents)
}

/// Writes one document, its fields in their own order.
#[must_use]
pub fn write_document(document: &impl Serialize) -> String {
    // Our documents are maps of texts, which YAML can always hold.
    serde_saphyr::to_string(document).unwrap_or_default()
}

/// As [`write_document`], but a text without line breaks stays on one line, however long: in a comparison of lines it is one.
#[must_use]
pub fn write_unfolded(document: &impl Serialize) -> String {
    let options = ser_options! { folded_wrap_chars: usize::MAX };
    serde_saphyr::to_string_with_options(document, options).unwrap_or_default()
}

/// Writes documents, separated by `---`.
#[must_use]
pub fn write_documents(documents: &[Value]) -> String {
    let written: Vec<String> =
        documents.iter().map(|document| serde_saphyr::to_string(document).unwrap_or_else(|_| document.to_string())).collect();
    written.join("---\n")
}
