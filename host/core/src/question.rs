//! What a phase is asked, and what it wants to know.

use crate::secret::SecretId;
use crate::selector::Selector;
use serde_json::Value;

/// The API server, as a phase is told of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Server {
    /// Its version; empty if there is none or it is not known yet.
    pub version: String,
    /// The URL by which it is reached; empty if there is none.
    pub url: String,
    /// The certificate authority that is trusted for it, PEM; may be empty.
    pub certificate_authority: String,
    /// `sha256:<hex>` of the public key of each certificate in it.
    pub certificate_authority_pins: Vec<String>,
}

/// A question without what the host found out meanwhile: what the user asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// The task.
    pub task: String,
    /// Its parameters; secrets in them are handles.
    pub parameters: Value,
    /// The documents of the configuration file; secrets in them are handles.
    pub documents: Vec<Value>,
    /// The time, RFC 3339 in UTC, whole seconds.
    pub now: String,
}

/// A random string that a phase asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RandomRequest {
    /// The name by which the answer is found.
    pub name: String,
    /// The characters to draw from, all different.
    pub alphabet: Vec<char>,
    /// How many.
    pub length: usize,
    /// Whether the phase may see it.
    pub visibility: Visibility,
}

/// Whether a phase may see a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// It may.
    Clear,
    /// It gets a handle.
    Hidden,
}

/// A random string that was drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RandomValue {
    /// The name of the request.
    pub name: String,
    /// The string or its handle.
    pub value: Drawn,
}

/// A drawn string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Drawn {
    /// In clear.
    Clear(String),
    /// As a handle.
    Hidden(SecretId),
}

/// What a phase wants to know before it plans.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needs {
    /// What to read.
    pub reads: Vec<Selector>,
    /// What to draw.
    pub random: Vec<RandomRequest>,
}
