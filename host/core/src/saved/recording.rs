//! A recording of the requests to a cluster and its answers, for replaying the same run without a cluster.
//!
//! Answers are found by their requests; several answers to one request are kept in order. The file contains no secrets: for a
//! Secret value that no phase may see it records only what a phase is told about it (length, character classes, how many distinct
//! ones), which other values are equal, and whether the user gave it. In a replay, another value of the same shape takes its
//! place.

use super::body::{Reveals, secret_entries};
use super::document::{self, SavedError};
use super::shape::{Shape, standing_in};
use crate::document::{API_VERSION, DocumentKind, OtherKind};
use crate::object::{Object, ObjectRef};
use crate::question::{Drawn, RandomValue, Server};
use crate::request::Request;
use crate::secret::{LAST_APPLIED, SecretOrigin, Secrets};
use crate::write::{Write, WriteMode};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, VecDeque};
use zeroize::Zeroizing;

/// The member that stands for a value that is not in the file.
const VALUE: &str = "$value";

/// The recorded requests and answers of one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Recording {
    /// The version of the format.
    api_version: String,
    /// What the document is.
    kind: String,
    /// The time used in the run.
    pub now: String,
    /// The API server.
    server: ServerDocument,
    /// Random strings that were generated; the visible ones with their value.
    random: BTreeMap<String, Option<String>>,
    /// The length of each secret random string.
    secret_lengths: BTreeMap<String, usize>,
    /// The answers to each request, in their order.
    exchanges: BTreeMap<String, VecDeque<RecordedAnswer>>,
    /// Whether the overwritten Secret values that an undo restores were available.
    #[serde(default)]
    has_values: bool,
    /// The digest of everything else in the file.
    #[serde(default)]
    digest: String,
}

/// The API server.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ServerDocument {
    /// Its version.
    version: String,
    /// The URL it was reached at.
    url: String,
    /// The trusted certificate authority, PEM.
    certificate_authority: String,
    /// The trusted certificate authority: `sha256:<hex>` of each public key.
    certificate_authority_pins: Vec<String>,
}

/// The answer to a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum RecordedAnswer {
    /// Objects, without their hidden values.
    Objects(Vec<Value>),
    /// A text, if there was one.
    Text(Option<String>),
    /// Errors of this request or of requests sent with it.
    Errors(Vec<ErrorDocument>),
}

/// A recorded error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ErrorDocument {
    /// The type of error, as a word.
    pub kind: String,
    /// The printed line.
    pub line: String,
}

impl Recording {
    /// An empty recording.
    #[must_use]
    pub fn new(now: &str) -> Self {
        Self {
            api_version: API_VERSION.to_owned(),
            kind: DocumentKind::Recording.to_string(),
            now: now.to_owned(),
            server: ServerDocument::default(),
            random: BTreeMap::new(),
            secret_lengths: BTreeMap::new(),
            exchanges: BTreeMap::new(),
            has_values: false,
            digest: String::new(),
        }
    }

    /// Parses a file.
    ///
    /// # Errors
    /// [`SavedError`] if it is not a recording, or was edited.
    pub fn parse(text: &str) -> Result<Self, SavedError> {
        let unreadable = |error: serde_json::Error| SavedError::NoRecording(error.to_string());
        document::check_text(text)?;
        let value: Value = crate::unique::parse(text.as_bytes()).map_err(unreadable)?;
        document::check_digest(&value)?;
        let recording: Self = serde_json::from_value(value).map_err(unreadable)?;
        let other = |error: OtherKind| SavedError::NoRecording(error.to_string());
        DocumentKind::Recording.check(&recording.api_version, &recording.kind).map_err(other)?;
        Ok(recording)
    }

    /// The text of the file.
    #[must_use]
    pub fn text(&self) -> String {
        document::text(self)
    }

    /// The API server that answered.
    #[must_use]
    pub fn server(&self) -> Server {
        let ServerDocument { version, url, certificate_authority, certificate_authority_pins } = self.server.clone();
        Server { version, url, certificate_authority, certificate_authority_pins }
    }

    /// Records which API server answers.
    pub fn note_server(&mut self, server: &Server) {
        let Server { version, url, certificate_authority, certificate_authority_pins } = server.clone();
        self.server = ServerDocument { version, url, certificate_authority, certificate_authority_pins };
    }

    /// Records the version of the API server, which is known after the first answer.
    pub fn note_version(&mut self, version: &str) {
        version.clone_into(&mut self.server.version);
    }

    /// Records that the values an undo restores were available.
    pub const fn note_values(&mut self) {
        self.has_values = true;
    }

    /// Whether the values an undo restores were available.
    #[must_use]
    pub const fn has_values(&self) -> bool {
        self.has_values
    }

    /// Records the generated random strings.
    pub fn note_random(&mut self, random: &[RandomValue], secrets: &Secrets) {
        for drawn in random {
            match &drawn.value {
                Drawn::Clear(text) => self.random.insert(drawn.name.clone(), Some(text.clone())),
                Drawn::Hidden(id) => {
                    let length = secrets.resolve(id).map_or(0, <[u8]>::len);
                    self.secret_lengths.insert(drawn.name.clone(), length);
                    self.random.insert(drawn.name.clone(), None)
                }
            };
        }
    }

    /// The generated random strings; asterisks replace secret ones.
    #[must_use]
    pub fn random(&self, secrets: &mut Secrets) -> Vec<RandomValue> {
        let mut masks = 0_usize;
        let drawn = self.random.iter().map(|(name, text)| {
            let value = text.clone().map_or_else(
                || {
                    let mut mask = "*".repeat(self.secret_lengths.get(name).copied().unwrap_or_default());
                    if masks > 0 {
                        // Keeps different secrets different.
                        let number = masks.to_string();
                        mask.replace_range(mask.len().saturating_sub(number.len()).., &number);
                    }
                    masks += 1;
                    Drawn::Hidden(secrets.hide(mask.as_bytes(), SecretOrigin::Drawn))
                },
                Drawn::Clear,
            );
            RandomValue { name: name.clone(), value }
        });
        drawn.collect()
    }

    /// Adds the answer to a request.
    pub fn add(&mut self, request: String, answer: RecordedAnswer) {
        self.exchanges.entry(request).or_default().push_back(answer);
    }

    /// Takes the next answer to a request; `None` if there is none left.
    pub fn take(&mut self, request: &str) -> Option<RecordedAnswer> {
        let answers = self.exchanges.get_mut(request)?;
        let answer = answers.pop_front();
        if answers.is_empty() {
            self.exchanges.remove(request);
        }
        answer
    }

    /// The recorded requests that were not made again.
    #[must_use]
    pub fn left_over(&self) -> Vec<&str> {
        self.exchanges.keys().map(String::as_str).collect()
    }
}

/// Removes secrets from what is recorded, and fills in values of the same shape on replay.
pub struct Redaction {
    /// The values given by the user, by their ids.
    given: Vec<(String, Zeroizing<Vec<u8>>)>,
    /// Other values, in the order they occurred in.
    others: Vec<Zeroizing<Vec<u8>>>,
}

/// What is recorded of a removed value.
#[derive(Debug, Serialize, Deserialize)]
enum Left {
    /// A value given by the user, by its id.
    #[serde(rename = "given")]
    Given(String),
    /// The n-th other value.
    #[serde(rename = "other")]
    Other(usize, Shape),
}

impl Redaction {
    /// Distinguishes the user's values from others.
    #[must_use]
    pub fn new(secrets: &Secrets) -> Self {
        Self { given: secrets.given(), others: Vec::new() }
    }

    /// An object without the values that no phase may see.
    pub fn redacted(&mut self, target: &ObjectRef, object: &Object, reveals: Reveals<'_>) -> Value {
        let mut fields = object.fields().clone();
        if target.of.is_secret() {
            for (_, value) in secret_entries(target, &mut fields, reveals) {
                let bytes = value.as_str().and_then(|text| STANDARD.decode(text).ok()).map(Zeroizing::new).unwrap_or_default();
                *value = json!({ VALUE: self.left(&bytes) });
            }
            // kubectl keeps a copy of the whole Secret here.
            let annotations = fields.get_mut("metadata").and_then(|metadata| metadata.get_mut("annotations"));
            if let Some(copy) = annotations.and_then(|annotations| annotations.get_mut(LAST_APPLIED)) {
                *copy = json!("***");
            }
        }
        Value::Object(fields)
    }

    /// The object with values of the same shape.
    #[must_use]
    pub fn restored(&self, value: Value) -> Option<Object> {
        let Value::Object(mut fields) = value else { return None };
        let data = fields.get_mut("data").and_then(Value::as_object_mut);
        for value in data.into_iter().flat_map(Map::values_mut) {
            let Some(left) = value.get(VALUE) else { continue };
            let bytes = match serde_json::from_value(left.clone()).ok()? {
                Left::Given(id) => self.given.iter().find(|(known, _)| *known == id)?.1.to_vec(),
                Left::Other(number, shape) => standing_in(number, &shape),
            };
            *value = Value::String(STANDARD.encode(bytes));
        }
        Some(Object::new(fields))
    }

    /// A write as it is compared: the request with its body, in which all hidden values are equal, except those given by the
    /// user.
    #[must_use]
    pub fn key(&self, write: &Write, mode: WriteMode, reveals: Reveals<'_>) -> String {
        let mut request = Request::write(write, mode);
        let mut body = request.body.take().unwrap_or_default();
        for (_, value) in secret_entries(&write.target, &mut body, reveals) {
            let bytes = value.as_str().and_then(|text| STANDARD.decode(text).ok()).map(Zeroizing::new).unwrap_or_default();
            let given = self.given.iter().find(|(_, known)| *known == bytes).map(|(id, _)| id.clone());
            *value = json!({ VALUE: given });
        }
        if let Some(annotations) = body.get_mut("metadata").and_then(|metadata| metadata.get_mut("annotations"))
            && write.target.of.is_secret()
            && let Some(copy) = annotations.get_mut(LAST_APPLIED)
        {
            *copy = json!("***");
        }
        format!("{request} {}", Value::Object(body))
    }

    fn left(&mut self, bytes: &Zeroizing<Vec<u8>>) -> Left {
        if let Some((id, _)) = self.given.iter().find(|(_, known)| known == bytes) {
            return Left::Given(id.clone());
        }
        let place = self.others.iter().position(|known| known == bytes);
        let number = place.unwrap_or_else(|| {
            self.others.push(bytes.clone());
            self.others.len() - 1
        });
        Left::Other(number, Shape::of(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::{Recording, Secrets};
    use crate::question::{Drawn, RandomValue};
    use crate::secret::SecretOrigin;

    #[test]
    fn what_was_different_stays_different() {
        let (mut secrets, mut again) = (Secrets::default(), Secrets::default());
        let drawn = ["a", "b", "c"].map(|name| RandomValue {
            name: name.to_owned(),
            value: Drawn::Hidden(secrets.hide(format!("{name}-secret").as_bytes(), SecretOrigin::Drawn)),
        });
        let mut recording = Recording::new("2040-01-01T00:00:00Z");
        recording.note_random(&drawn, &secrets);
        assert_eq!(recording.random(&mut again).len(), 3);
        assert_eq!(again.values().map(String::from_utf8_lossy).collect::<Vec<_>>(), ["********", "*******1", "*******2"]);
    }
}
