//! YAML as Kubernetes' tools read and write it.

use serde_json::Value;
use serde_saphyr::{DuplicateKeyPolicy, options};

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
    let options = options! {
        with_snippet: false,
        legacy_octal_numbers: true,
        duplicate_keys: DuplicateKeyPolicy::LastWins,
    };
    let documents = serde_saphyr::from_multiple_with_options(text, options);
    documents.map_err(|error| YamlError(error.to_string().lines().next().unwrap_or_default().to_owned()))
}

/// Writes documents, separated by `---`.
#[must_use]
pub fn write_documents(documents: &[Value]) -> String {
    let written: Vec<String> =
        documents.iter().map(|document| serde_saphyr::to_string(document).unwrap_or_else(|_| document.to_string())).collect();
    written.join("---\n")
}
