//! Converts reads and writes to HTTP requests.

use crate::cluster::ClusterError;
use http::{Method, Request};
use kubephase_core::object::{ApiResource, ObjectRef};
use kubephase_core::saved::FIELD_MANAGER;
use kubephase_core::selector::Selector;
use kubephase_core::write::{Expected, Verb, Write, WriteMode};
use serde_json::{Map, Value, json};

/// The user agent, in kubectl's form.
const USER_AGENT: &str = concat!("kubectl-bootstrap_token/", env!("CARGO_PKG_VERSION"));

/// A request that can be sent.
pub(super) struct Prepared {
    pub(super) request: Request<Vec<u8>>,
    /// Whether "not found" is an answer and not an error.
    pub(super) may_be_absent: bool,
}

fn prepare(method: Method, uri: &str, content_type: &str, body: Vec<u8>) -> Result<Request<Vec<u8>>, ClusterError> {
    let request = Request::builder()
        .method(method)
        .uri(uri)
        .header(http::header::USER_AGENT, USER_AGENT)
        .header(http::header::ACCEPT, "application/json")
        .header(http::header::CONTENT_TYPE, content_type);
    request.body(body).map_err(ClusterError::unavailable)
}

/// Requests the version.
pub(super) fn version() -> Result<Prepared, ClusterError> {
    Ok(Prepared { request: prepare(Method::GET, "/version", "application/json", Vec::new())?, may_be_absent: false })
}

/// Requests a path.
pub(super) fn path(path: &str) -> Result<Prepared, ClusterError> {
    Ok(Prepared { request: prepare(Method::GET, path, "application/json", Vec::new())?, may_be_absent: false })
}

/// Reads the objects that a selector matches.
pub(super) fn read(selector: &Selector) -> Result<Prepared, ClusterError> {
    match selector {
        Selector::One(object) => read_one(object),
        Selector::Many(list) => {
            let mut query = form_urlencoded::Serializer::new(String::new());
            for (name, value) in [("labelSelector", &list.labels), ("fieldSelector", &list.fields)] {
                if !value.is_empty() {
                    query.append_pair(name, value);
                }
            }
            let uri = format!("{}?{}", list.of.path(list.namespace.as_ref()), query.finish());
            Ok(Prepared { request: prepare(Method::GET, &uri, "application/json", Vec::new())?, may_be_absent: false })
        }
    }
}

/// Reads an object, which may be missing.
pub(super) fn read_one(object: &ObjectRef) -> Result<Prepared, ClusterError> {
    let request = prepare(Method::GET, &object.path(), "application/json", Vec::new())?;
    Ok(Prepared { request, may_be_absent: true })
}

/// Creates a review, which is never stored, like a SubjectAccessReview.
pub(super) fn review(of: &ApiResource, body: &Map<String, Value>) -> Result<Prepared, ClusterError> {
    let body = serde_json::to_vec(body).map_err(ClusterError::unavailable)?;
    Ok(Prepared { request: prepare(Method::POST, &of.path(None), "application/json", body)?, may_be_absent: false })
}

/// Makes a write, for real or as a dry run.
pub(super) fn write(write: &Write, mode: WriteMode) -> Result<Prepared, ClusterError> {
    let object = write.target.path();
    let collection = write.target.of.path(write.target.namespace.as_ref());
    let mut query = match mode {
        WriteMode::Real => String::new(),
        WriteMode::DryRun => "dryRun=All&".to_owned(),
    };
    query.push_str("fieldManager=");
    query.push_str(FIELD_MANAGER);
    let json = "application/json";
    let (method, path, content_type, body) = match &write.verb {
        Verb::Create(body) => (Method::POST, collection, json, body.clone()),
        Verb::Replace(body) => (Method::PUT, object, json, with_preconditions(body, &write.expected)),
        Verb::MergePatch(body) => {
            (Method::PATCH, object, "application/merge-patch+json", with_preconditions(body, &write.expected))
        }
        Verb::Apply(body) => (Method::PATCH, object, "application/apply-patch+yaml", with_preconditions(body, &write.expected)),
        Verb::Delete => (Method::DELETE, object, json, delete_options(&write.expected, mode)),
    };
    let body = serde_json::to_vec(&body).map_err(ClusterError::unavailable)?;
    Ok(Prepared { request: prepare(method, &format!("{path}?{query}"), content_type, body)?, may_be_absent: false })
}

/// The body with the expected resource version: the API server refuses the write for any other.
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
