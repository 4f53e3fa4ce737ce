//! Common parts of all saved files.

use crate::digest::Digest;
use crate::document::DocumentKind;
use crate::name::{InvalidName, Namespace, ObjectName};
use crate::object::{ApiResource, ObjectRef};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Why a file is refused. Nothing has been written in any of these cases.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SavedError {
    /// Not JSON, or not in the form of a plan.
    #[error("it is not a plan: {0}")]
    Unreadable(String),
    /// Not JSON, or not in the form of a recording.
    #[error("it is not a recording: {0}")]
    NoRecording(String),
    /// Nothing to read.
    #[error("it is empty")]
    Empty,
    /// Another kind or version.
    #[error("it is `{api_version}, {kind}`, which this plugin cannot apply")]
    Kind {
        /// The version in the file.
        api_version: String,
        /// The kind in the file.
        kind: String,
    },
    /// A plan where an undo plan is needed.
    #[error("it is a plan, not an undo plan: apply it with `apply --plan`")]
    NotUndo,
    /// The file was edited.
    #[error("it was changed after it was written: its digest does not match")]
    Edited,
    /// It was made by another component.
    #[error("it was made by the phase {planned}, not by {given}")]
    OtherPhase {
        /// The digest in the file.
        planned: String,
        /// The digest of the current phase.
        given: String,
    },
    /// It was made for another cluster.
    #[error("it was made for another cluster: {0}")]
    OtherCluster(String),
    /// It was made from other input.
    #[error("it was made from a different configuration than the one given now")]
    OtherInput,
    /// It sends nodes to an endpoint that must be given again.
    #[error("it sends nodes to `{planned}`, {}", .given.as_ref().map_or_else(|| "but no endpoint is given".to_owned(), |given| format!("but `{given}` is given")))]
    Endpoint {
        /// The endpoint in the plan.
        planned: String,
        /// The endpoint in the flag; `None` without it.
        given: Option<String>,
    },
    /// An endpoint is given, but the plan was made without one.
    #[error("it was made without an endpoint for nodes, but `{0}` is given")]
    NoEndpoint(String),
    /// A different time is given.
    #[error("it uses the time at which it was made, so --now cannot be given")]
    OtherTime,
    /// The secrets of tokens are not in the file, and the tokens were not given again.
    #[error("it needs {}, whose secrets are not in the file", needed(.0))]
    MissingTokens(Vec<String>),
    /// Other parts of the configuration are not in the file.
    #[error("it needs its configuration file again, because the plan does not contain the secrets in it")]
    MissingInput,
    /// A token is given that it does not use.
    #[error("it does not use the given token {0}")]
    OtherToken(String),
    /// Overwritten Secret values are missing.
    #[error("the values of the Secrets it restores are no longer on this machine")]
    MissingValues,
    /// It changes something that the phase may not write.
    #[error("it changes {0}, which its phase may not write")]
    Beyond(String),
    /// A hidden value would be written elsewhere than where it was taken from.
    #[error("it puts a value of a Secret into `{place}` of {object}, where it is not allowed")]
    Misplaced {
        /// The object it would be written to.
        object: String,
        /// The path of the field.
        place: String,
    },
    /// Objects that changed since.
    #[error("it is stale: {} changed since it was made", if .0.len() == 1 { "an object" } else { "objects" })]
    Stale(Vec<String>),
    /// The phase now proposes something else.
    #[error("the phase no longer proposes this plan: {0} differ")]
    Different(&'static str),
}

/// The tokens that must be given again, as text.
fn needed(ids: &[String]) -> String {
    let again: Vec<String> = ids.iter().map(|id| format!("the token {id} again")).collect();
    again.join(" and ")
}

/// A reference to an object in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ObjectDocument {
    /// The `apiVersion` of the object.
    pub api_version: String,
    /// The `kind` of the object.
    pub kind: String,
    /// The plural name, as in URLs.
    pub resource: String,
    /// The namespace; missing for a cluster-scoped kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The name of the object.
    pub name: String,
}

impl From<&ObjectRef> for ObjectDocument {
    fn from(object: &ObjectRef) -> Self {
        Self {
            api_version: object.of.api_version(),
            kind: object.of.kind().to_owned(),
            resource: object.of.plural().to_owned(),
            namespace: object.namespace.as_ref().map(ToString::to_string),
            name: object.name.to_string(),
        }
    }
}

impl TryFrom<&ObjectDocument> for ObjectRef {
    type Error = InvalidName;

    fn try_from(document: &ObjectDocument) -> Result<Self, InvalidName> {
        let (group, version) = document.api_version.split_once('/').unwrap_or(("", &document.api_version));
        let of = ApiResource::parse(group, version, &document.resource, &document.kind)?;
        let namespace = document.namespace.as_deref().map(Namespace::parse).transpose()?;
        Self::new(of, namespace, ObjectName::parse(&document.name)?)
    }
}

/// The name of the member with the digest of all others.
const DIGEST: &str = "digest";

/// A document with its digest added. The digest detects accidental edits; it does not prove who made the file, because anyone who
/// edits it on purpose can compute a new one.
pub(super) fn with_digest(document: &impl Serialize) -> Value {
    let mut value = serde_json::to_value(document).unwrap_or_default();
    if let Some(fields) = value.as_object_mut() {
        fields.remove(DIGEST);
    }
    let digest = Digest::of(value.to_string().as_bytes()).to_string();
    if let Some(fields) = value.as_object_mut() {
        fields.insert(DIGEST.to_owned(), Value::String(digest));
    }
    value
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    api_version: String,
    kind: String,
}

/// The value in the text of a file of one of these kinds, and which.
///
/// # Errors
/// [`SavedError`] if it is not one of these files, or was edited.
pub(super) fn parsed(text: &str, kinds: &[DocumentKind]) -> Result<(DocumentKind, Value), SavedError> {
    check_text(text)?;
    let value: Value = crate::unique::parse(text.as_bytes()).map_err(unreadable)?;
    let head: Head = serde_json::from_value(value.clone()).map_err(unreadable)?;
    // Checked first: the digest of a file of another kind or version means nothing.
    let is_known = |kind: &&DocumentKind| kind.check(&head.api_version, &head.kind).is_ok();
    let Some(kind) = kinds.iter().find(is_known) else {
        return Err(SavedError::Kind { api_version: head.api_version, kind: head.kind });
    };
    check_digest(&value)?;
    Ok((*kind, value))
}

/// A file that is not in the form of its kind.
pub(super) fn unreadable(error: serde_json::Error) -> SavedError {
    SavedError::Unreadable(error.to_string())
}

/// Refuses a file without a text, of which a parser would only say where it ends.
pub(super) fn check_text(text: &str) -> Result<(), SavedError> {
    if text.trim().is_empty() { Err(SavedError::Empty) } else { Ok(()) }
}

/// Refuses a document whose digest does not match.
pub(super) fn check_digest(value: &Value) -> Result<(), SavedError> {
    if with_digest(value) == *value { Ok(()) } else { Err(SavedError::Edited) }
}

/// The text of a document, as written to its file.
pub(super) fn text(document: &impl Serialize) -> String {
    let value = with_digest(document);
    serde_json::to_string_pretty(&value).unwrap_or_default() + "\n"
}
