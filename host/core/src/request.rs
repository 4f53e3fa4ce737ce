//! Requests to an API server, as values: the same value is sent, logged with `-v 6`, recorded and compared.
//!
//! The paths and parameters are those of the Kubernetes API ("API concepts"); the options of a write are in `apimachinery`'s
//! `meta/v1` (`CreateOptions`, `UpdateOptions`, `PatchOptions`, `DeleteOptions`).

use crate::object::{ApiResource, ObjectRef};
use crate::selector::Selector;
use crate::write::{Expected, Verb, Write, WriteMode};
use serde_json::{Map, Value, json};
use std::fmt;

/// The name under which the API server records what this plugin wrote (`managedFields`).
pub const FIELD_MANAGER: &str = "kubectl-bootstrap-token";

/// The method of a request (RFC 9110 §9, RFC 5789).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Creates.
    Post,
    /// Replaces.
    Put,
    /// Changes fields.
    Patch,
    /// Deletes.
    Delete,
}

impl Method {
    /// The method as it is sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// What "not found" means as an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absence {
    /// That the object does not exist: an answer like any other.
    Answer,
    /// That the request failed.
    Failure,
}

/// A request. It may hold secret values, so it is printed without its body.
#[derive(Clone, PartialEq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path, without a query.
    pub path: String,
    /// The parameters of the query, in the order they are sent in.
    pub query: Vec<(&'static str, String)>,
    /// The content type of the body.
    pub content_type: &'static str,
    /// The body.
    pub body: Option<Map<String, Value>>,
    /// What "not found" means.
    pub absence: Absence,
}

const JSON: &str = "application/json";

impl Request {
    /// Reads a path.
    #[must_use]
    pub fn get(path: &str) -> Self {
        let (path, query) = (path.to_owned(), Vec::new());
        Self { method: Method::Get, path, query, content_type: JSON, body: None, absence: Absence::Failure }
    }

    /// Reads the version of the server.
    #[must_use]
    pub fn version() -> Self {
        Self::get("/version")
    }

    /// Reads an object, which may be missing.
    #[must_use]
    pub fn object(object: &ObjectRef) -> Self {
        Self { absence: Absence::Answer, ..Self::get(&object.path()) }
    }

    /// Reads the objects that a selector matches.
    #[must_use]
    pub fn read(selector: &Selector) -> Self {
        match selector {
            Selector::One(object) => Self::object(object),
            Selector::Many(list) => {
                let selectors = [("labelSelector", &list.labels), ("fieldSelector", &list.fields)];
                let given = selectors.into_iter().filter(|(_, value)| !value.is_empty());
                let query = given.map(|(name, value)| (name, value.clone())).collect();
                Self { query, ..Self::get(&list.of.path(list.namespace.as_ref())) }
            }
        }
    }

    /// Creates a review, which the server answers and does not store, like a SubjectAccessReview.
    #[must_use]
    pub fn review(of: &ApiResource, body: &Map<String, Value>) -> Self {
        Self { method: Method::Post, body: Some(body.clone()), ..Self::get(&of.path(None)) }
    }

    /// Makes a write, for real or as a dry run.
    #[must_use]
    pub fn write(write: &Write, mode: WriteMode) -> Self {
        let object = || write.target.path();
        let collection = || write.target.of.path(write.target.namespace.as_ref());
        let guarded = |body| with_preconditions(body, &write.expected);
        let (method, path, content_type, body) = match &write.verb {
            Verb::Create(body) => (Method::Post, collection(), JSON, body.clone()),
            Verb::Replace(body) => (Method::Put, object(), JSON, guarded(body)),
            Verb::MergePatch(body) => (Method::Patch, object(), "application/merge-patch+json", guarded(body)),
            Verb::Apply(body) => (Method::Patch, object(), "application/apply-patch+yaml", guarded(body)),
            Verb::Delete => (Method::Delete, object(), JSON, delete_options(&write.expected, mode)),
        };
        let dry_run = (mode == WriteMode::DryRun).then(|| ("dryRun", "All".to_owned()));
        let query = dry_run.into_iter().chain([("fieldManager", FIELD_MANAGER.to_owned())]).collect();
        Self { method, path, query, content_type, body: Some(body), absence: Absence::Failure }
    }

    /// Path and query.
    #[must_use]
    pub fn uri(&self) -> String {
        if self.query.is_empty() {
            return self.path.clone();
        }
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.query).finish();
        format!("{}?{query}", self.path)
    }
}

/// The method, the path and the query: a request without its body.
impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method.as_str(), self.uri())
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Request({self})")
    }
}

/// The body with the expected UID and resource version: the API server refuses the write for any other.
fn with_preconditions(body: &Map<String, Value>, expected: &Expected) -> Map<String, Value> {
    let mut body = body.clone();
    if let Expected::Same { uid, resource_version } = expected {
        let metadata = body.entry("metadata").or_insert_with(|| json!({}));
        if let Some(fields) = metadata.as_object_mut() {
            for (name, value) in [("uid", uid), ("resourceVersion", resource_version)] {
                if let Some(value) = value {
                    fields.insert(name.to_owned(), json!(value));
                }
            }
        }
    }
    body
}

/// The options of a DELETE. `dryRun` must be in the body: if a DELETE has a body, the API server takes all options from it and
/// ignores the query, so a dry run requested in the query would really delete.
fn delete_options(expected: &Expected, mode: WriteMode) -> Map<String, Value> {
    let mut options = Map::new();
    if mode == WriteMode::DryRun {
        options.insert("dryRun".to_owned(), json!(["All"]));
    }
    if let Expected::Same { uid, resource_version } = expected {
        options.insert("preconditions".to_owned(), json!({ "uid": uid, "resourceVersion": resource_version }));
    }
    options
}

#[cfg(test)]
mod tests;
