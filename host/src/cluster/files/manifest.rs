//! The text of a file and its changes: every unchanged byte stays.
//!
//! A file is split where the parser starts documents, and only the piece of the changed document is edited. The result counts
//! only if the manifest parser finds the intended value in it, and the previous values in all other documents.

use super::edit;
use super::span::{self, Piece};
use crate::yaml::{self, YamlError};
use serde_json::Value;
use std::ops::Range;

/// Longer documents are rewritten: the editor, which keeps a tree of all whitespace, takes a second for this size, bytes.
const MOST_EDITED: usize = 4 << 20;

/// Marks a text as UTF-8; not part of any document.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// A manifest file.
pub(super) struct Manifest {
    text: String,
    /// The documents that are not empty, in order; null in place of a removed one.
    documents: Vec<Value>,
}

/// The future state of a file.
#[derive(Debug)]
pub(super) struct Revision {
    /// The complete text; empty if no document is left.
    pub(super) text: String,
    /// How the document was changed.
    pub(super) way: Way,
}

/// How a document is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// In place, and nowhere else.
    Edited,
    /// Rewritten as a whole, without its comments and spellings: a difference cannot be made in place, like a value from an
    /// alias.
    Rewritten,
}

impl Manifest {
    /// Parses a file; returns the text if that fails.
    pub(super) fn parse(text: String) -> Result<Self, (String, YamlError)> {
        match read(&text) {
            Ok(documents) => Ok(Self { text, documents }),
            Err(error) => Err((text, error)),
        }
    }

    /// A new file with one document.
    pub(super) fn of(document: Value) -> Self {
        Self { text: written(&document, false), documents: vec![document] }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn documents(&self) -> &[Value] {
        &self.documents
    }

    /// The line of a field of a document; `None` if it is unknown.
    pub(super) fn line(&self, index: usize, path: &[String]) -> Option<usize> {
        span::line(&self.text, self.present(index)?, path)
    }

    /// Adopts a revision after it was stored.
    pub(super) fn become_revision(&mut self, revision: Revision, index: usize, document: Value) {
        self.text = revision.text;
        if let Some(slot) = self.documents.get_mut(index) {
            *slot = document;
        }
    }

    /// The file with one document changed; null removes it, with its separator.
    ///
    /// # Errors
    /// Why the file cannot be changed, as words that follow its name.
    pub(super) fn revised(&self, index: usize, document: &Value) -> Result<Revision, String> {
        let mut documents = self.documents.clone();
        let slot = documents.get_mut(index).ok_or("the document is gone")?;
        let before = std::mem::replace(slot, document.clone());
        let expected: Vec<Value> = documents.iter().filter_map(without_gaps).collect();
        if expected.is_empty() {
            return Ok(Revision { text: String::new(), way: Way::Edited });
        }
        let pieces = span::pieces(&self.text).filter(|pieces| Some(pieces.len()) == self.present(self.documents.len()));
        let piece = pieces.as_ref().zip(self.present(index)).and_then(|(pieces, at)| pieces.get(at));
        let piece = piece.ok_or("its documents cannot be separated")?;
        let (before, after) = (without_gaps(&before).unwrap_or_default(), without_gaps(document));
        for (text, way) in self.candidates(piece, &before, after.as_ref()) {
            if self.holds(&text, &expected) {
                return Ok(Revision { text, way });
            }
            if way == Way::Edited {
                self.refuse_repetition(piece)?;
            }
        }
        Err("it cannot be changed without changing other parts".to_owned())
    }

    /// The number of documents before one.
    fn present(&self, index: usize) -> Option<usize> {
        Some(self.documents.get(..index)?.iter().filter(|document| !document.is_null()).count())
    }

    /// The possible results, the best first.
    fn candidates<'a>(
        &'a self,
        piece: &'a Piece,
        before: &'a Value,
        after: Option<&'a Value>,
    ) -> impl Iterator<Item = (String, Way)> + 'a {
        let edited = move || match after {
            Some(after) => {
                let start = if self.text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len_utf8() } else { 0 };
                let range = piece.all.start.max(start)..piece.all.end;
                let old = self.text.get(range.clone()).filter(|old| old.len() <= MOST_EDITED)?;
                self.with(range, &edit::edited(old, before, after)?)
            }
            None => self.with(piece.gone.clone(), ""),
        };
        let is_json = self.is_json();
        let rewritten = move || {
            let new = written(after?, is_json);
            let ends = self.text.get(piece.root.clone())?.ends_with('\n');
            let new = new.strip_suffix('\n').filter(|_| !ends).unwrap_or(&new);
            let head = self.text.get(piece.all.start..piece.root.start)?;
            // Content on the line of a marker continues on lines of its own.
            let split = if head.is_empty() || head.ends_with('\n') || is_json { "" } else { "\n" };
            let new = format!("{split}{new}");
            let new = if self.text.contains("\r\n") { new.replace('\n', "\r\n") } else { new };
            self.with(piece.root.clone(), &new)
        };
        let edits = std::iter::once_with(edited).flatten().map(|text| (text, Way::Edited));
        edits.chain(std::iter::once_with(rewritten).flatten().map(|text| (text, Way::Rewritten)))
    }

    fn with(&self, range: Range<usize>, new: &str) -> Option<String> {
        Some([self.text.get(..range.start)?, new, self.text.get(range.end..)?].concat())
    }

    /// Whether a text contains these documents, and is JSON if this file is.
    fn holds(&self, text: &str, expected: &[Value]) -> bool {
        read(text).is_ok_and(|found| found == expected) && (!self.is_json() || serde_json::from_str::<Value>(text).is_ok())
    }

    fn is_json(&self) -> bool {
        self.text.trim_start().starts_with('{') && serde_json::from_str::<Value>(&self.text).is_ok()
    }

    /// Of duplicate keys the last one counts, as for kubectl; rewriting the document would silently drop the first.
    fn refuse_repetition(&self, piece: &Piece) -> Result<(), String> {
        let text = self.text.get(piece.root.clone()).unwrap_or_default();
        match yaml::repeated_key(text) {
            Some(key) => Err(format!("the key `{key}` appears twice in the same map: remove one of the two")),
            None => Ok(()),
        }
    }
}

/// The documents of a text that are not empty. Items of a `SecretList` need not have a kind, as for kubectl
/// (`apimachinery/pkg/apis/meta/v1/unstructured`, `decodeToList`).
fn read(text: &str) -> Result<Vec<Value>, YamlError> {
    let mut documents = yaml::parse_documents(text)?;
    documents.retain(|document| !document.is_null());
    for document in documents.iter_mut().filter(|document| super::store::is_list(document)) {
        let text = |name: &str| document.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (version, kind) = (text("apiVersion"), text("kind"));
        let Some(kind) = kind.strip_suffix("List").filter(|kind| !kind.is_empty()) else { continue };
        let items = document.get_mut("items").and_then(Value::as_array_mut).into_iter().flatten();
        for fields in items.filter_map(Value::as_object_mut) {
            fields.entry("kind").or_insert_with(|| kind.into());
            fields.entry("apiVersion").or_insert_with(|| version.clone().into());
        }
    }
    Ok(documents)
}

fn written(document: &Value, is_json: bool) -> String {
    match is_json {
        true => serde_json::to_string_pretty(document).unwrap_or_default() + "\n",
        false => yaml::write_documents(std::slice::from_ref(document)),
    }
}

/// A document without the gaps of removed items; `None` if all of it was removed.
fn without_gaps(document: &Value) -> Option<Value> {
    let mut document = Some(document).filter(|document| !document.is_null())?.clone();
    if super::store::is_list(&document)
        && let Some(items) = document.get_mut("items").and_then(Value::as_array_mut)
    {
        items.retain(|item| !item.is_null());
    }
    Some(document)
}
