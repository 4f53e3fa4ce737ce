//! Reads and writes YAML like the tools of Kubernetes.

use kubephase_core::unique;
use serde::Serialize;
use serde_json::Value;
use serde_saphyr::{DuplicateKeyPolicy, Options, options, ser_options};

/// A text that is not YAML. Only the first line of the parser's message is kept: the others quote the text, which may contain
/// secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct YamlError(String);

/// Parses all documents of a text. Plain scalars have the types of YAML 1.1, so that `yes` is a boolean, and of two equal keys
/// the last one counts, as in `sigs.k8s.io/yaml`.
///
/// # Errors
/// [`YamlError`] for malformed YAML, and for aliases that expand excessively.
pub fn parse_documents(text: &str) -> Result<Vec<Value>, YamlError> {
    serde_saphyr::from_multiple_with_options(text, reading(DuplicateKeyPolicy::LastWins)).map_err(|error| first_line(&error))
}

/// Parses a text with one document; only comments give null. A text that starts with a brace must be JSON, as for kubeadm.
///
/// # Errors
/// Like [`parse_documents`], and for more than one document.
pub fn parse_document(text: &str) -> Result<Value, YamlError> {
    if text.trim_start().starts_with('{') {
        return serde_json::from_str(text).map_err(|error| YamlError(format!("not valid JSON: {error}")));
    }
    serde_saphyr::from_str_with_options(text, reading(DuplicateKeyPolicy::LastWins)).map_err(|error| first_line(&error))
}

/// Parses a file of the operator, YAML or JSON: duplicate keys are refused, because the last one would count, but a reader sees
/// the first.
///
/// # Errors
/// Like [`parse_document`], and for duplicate keys.
pub fn parse_without_repetition(text: &str) -> Result<Value, YamlError> {
    if let Some(value) = text.trim_start().starts_with('{').then(|| unique::parse(text.as_bytes()).ok()).flatten() {
        return Ok(value);
    }
    serde_saphyr::from_str_with_options(text, reading(DuplicateKeyPolicy::Error)).map_err(|error| match error {
        // The parser's own message is meant for programmers.
        serde_saphyr::Error::DuplicateMappingKey { key: Some(key), location } => {
            YamlError(format!("the key `{key}` appears twice, the second time in line {}", location.line()))
        }
        other => first_line(&other),
    })
}

/// A duplicate key in a map of a document; `None` if all are unique.
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

/// Splits a text like Kubernetes' `YAMLReader` (`apimachinery/pkg/util/yaml/decoder.go`) and parses the pieces: at lines of `---`
/// followed by nothing but a comment, without the empty pieces. A piece with only whitespace or comments counts as a document.
///
/// # Errors
/// [`YamlError`] like [`parse_document`], with the line in the whole text, and for a line that starts with `---` and continues in
/// another way.
pub fn parse_pieces(text: &str) -> Result<Vec<Value>, YamlError> {
    let mut documents = Vec::new();
    for (lines_before, piece) in pieces(text)? {
        // Parsed again with as many lines before it, for the right line in the error.
        let in_place = || parse_document(&["\n".repeat(lines_before).as_str(), piece].concat());
        documents.push(parse_document(piece).map_err(|error| in_place().err().unwrap_or(error))?);
    }
    Ok(documents)
}

/// The pieces of a text, and how many lines are before each.
fn pieces(text: &str) -> Result<Vec<(usize, &str)>, YamlError> {
    let mut pieces = Vec::new();
    let (mut start, mut end, mut lines_before) = (0, 0, 0);
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let next = end + line.len();
        if let Some(rest) = line.strip_prefix("---").map(str::trim) {
            if !rest.is_empty() && !rest.starts_with('#') {
                return Err(YamlError(format!("line {}: only a comment may follow `---` on its line", number + 1)));
            }
            pieces.extend(text.get(start..end).map(|piece| (lines_before, piece)));
            (start, lines_before) = (next, number + 1);
        }
        end = next;
    }
    pieces.extend(text.get(start..end).map(|piece| (lines_before, piece)));
    pieces.retain(|(_, piece)| !piece.is_empty());
    Ok(pieces)
}

/// Writes one document, its fields in their own order.
#[must_use]
pub fn write_document(document: &impl Serialize) -> String {
    // The documents are maps of strings, which YAML can always hold.
    serde_saphyr::to_string(document).unwrap_or_default()
}

/// Like [`write_document`], but a string without line breaks stays on one line, however long: a line diff needs that.
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

#[cfg(test)]
mod tests {
    use super::parse_pieces;

    #[test]
    fn an_error_names_the_line_of_the_whole_text() {
        for (text, line) in [
            ("a: 1\nb:\n\t- c\n", "line 3"),
            ("---\na: 1\nb:\n\t- c\n", "line 4"),
            ("a: 1\n---\nb: [\n---\nc: 1\n", "line 3"),
            ("a: 1\n---\n{\n\"b\": }\n", "line 4"),
            ("a: 1\n--- b\n", "line 2"),
        ] {
            let error = parse_pieces(text).unwrap_err().to_string();
            assert!(error.contains(line), "{text}: {error}");
        }
    }
}
