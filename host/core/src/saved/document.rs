//! What all our files have.

use crate::digest::Digest;
use crate::name::{InvalidName, Namespace, ObjectName};
use crate::object::{ApiResource, ObjectRef};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Why a file is not carried out. Nothing was written in any of these cases.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SavedError {
    /// Not JSON, or not of this form.
    #[error("it is no plan: {0}")]
    Unreadable(String),
    /// Not JSON, or not of this form.
    #[error("it is no recording: {0}")]
    NoRecording(String),
    /// Of another kind or version.
    #[error("it is `{api_version}, {kind}`, which this plugin does not carry out")]
    Kind {
        /// The version.
        api_version: String,
        /// The kind.
        kind: String,
    },
    /// Not as it was written.
    #[error("it was changed after it was written: its digest does not fit")]
    Edited,
    /// Made by another component.
    #[error("it was made by the phase {planned}, and this is {given}")]
    OtherPhase {
        /// The digest in the file.
        planned: String,
        /// The digest of the phase that is there.
        given: String,
    },
    /// Made for another cluster.
    #[error("it was made for another cluster: {0}")]
    OtherCluster(String),
    /// Made from other input.
    #[error("it was made from another configuration than the one that is given now")]
    OtherInput,
    /// It sends nodes to an endpoint that is not given again.
    #[error("it sends nodes to `{planned}`, {}", .given.as_ref().map_or_else(|| "which is not given".to_owned(), |given| format!("and `{given}` is given")))]
    Endpoint {
        /// Where it sends them.
        planned: String,
        /// What the flag says; none without it.
        given: Option<String>,
    },
    /// An endpoint is given, and it was made without one.
    #[error("it was made without an endpoint for nodes, and `{0}` is given")]
    NoEndpoint(String),
    /// Another time is given.
    #[error("it reckons with the time at which it was made, so that --now cannot be given")]
    OtherTime,
    /// Tokens in it were left out, and are not given.
    #[error("it needs {}, of which no secret is in it", needed(.0))]
    MissingTokens(Vec<String>),
    /// Something else in the configuration was left out.
    #[error("it needs its configuration file again, since the secrets in that are not in the plan")]
    MissingInput,
    /// A token is given that it is not about.
    #[error("it is not about the token {0} that is given")]
    OtherToken(String),
    /// Overwritten values of Secrets are not there.
    #[error("the values of Secrets that it restores are not on this machine any more")]
    MissingValues,
    /// It changes what the phase may not write.
    #[error("it changes {0}, which the phase that it names may not write")]
    Beyond(String),
    /// A hidden value would be written where it was not taken from.
    #[error("it puts a value of a Secret into `{place}` of {object}, where it does not belong")]
    Misplaced {
        /// The object.
        object: String,
        /// The fields that lead there.
        place: String,
    },
    /// Objects changed since.
    #[error("it is stale: {} changed since it was made", if .0.len() == 1 { "an object" } else { "objects" })]
    Stale(Vec<String>),
    /// The phase proposes something else.
    #[error("the phase does not propose what the plan says: {0} differ")]
    Different(&'static str),
}

/// Tokens that have to be given again.
fn needed(ids: &[String]) -> String {
    let again: Vec<String> = ids.iter().map(|id| format!("the token {id} again")).collect();
    again.join(" and ")
}

/// An object in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ObjectDocument {
    /// `apiVersion`.
    pub api_version: String,
    /// `kind`.
    pub kind: String,
    /// The plural name in URLs.
    pub resource: String,
    /// Its namespace; none for a cluster-scoped kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Its name.
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

/// A document with its digest in it. It shows that a file was changed by mistake, not who made it: whoever changes it on purpose can
/// make a new one.
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

/// Refuses a document whose digest does not fit.
pub(super) fn check_digest(value: &Value) -> Result<(), SavedError> {
    if with_digest(value) == *value { Ok(()) } else { Err(SavedError::Edited) }
}

/// A document as it stands in its file.
pub(super) fn text(document: &impl Serialize) -> String {
    let value = with_digest(document);
    serde_json::to_string_pretty(&value).unwrap_or_default() + "\n"
}
