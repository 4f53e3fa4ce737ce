//! The question put to a phase, and what it needs to know.

use crate::secret::SecretId;
use crate::selector::Selector;
use serde_json::Value;

/// The API server, as described to a phase.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Server {
    /// The version; empty if there is no server or it is not known yet.
    pub version: String,
    /// The URL it is reached at; empty if there is no server.
    pub url: String,
    /// The trusted certificate authority, PEM; may be empty.
    pub certificate_authority: String,
    /// `sha256:<hex>` of the public key of each certificate in it.
    pub certificate_authority_pins: Vec<String>,
}

/// The user's question, without what the host found out later.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// The name of the task.
    pub task: String,
    /// The parameters of the task; secrets in them are handles.
    pub parameters: Value,
    /// The documents of the configuration file; secrets in them are handles.
    pub documents: Vec<Value>,
    /// The time, RFC 3339 in UTC, whole seconds.
    pub now: String,
}

/// A random string requested by a phase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RandomRequest {
    /// The name that the answer is found by.
    pub name: String,
    /// The characters to draw from, all different.
    pub alphabet: Vec<char>,
    /// The number of characters.
    pub length: usize,
    /// Whether the phase may see it.
    pub visibility: Visibility,
}

/// Whether a phase may see a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// The phase sees the value.
    Clear,
    /// The phase gets a handle.
    Hidden,
}

/// A generated random string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RandomValue {
    /// The name of the request.
    pub name: String,
    /// The string, or its handle.
    pub value: Drawn,
}

/// A generated string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Drawn {
    /// In clear text.
    Clear(String),
    /// As a handle.
    Hidden(SecretId),
}

/// What a phase needs to know before it plans.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needs {
    /// The objects to read.
    pub reads: Vec<Selector>,
    /// The random strings to generate.
    pub random: Vec<RandomRequest>,
}
