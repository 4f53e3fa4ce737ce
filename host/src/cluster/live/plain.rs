//! Single calls, for a command that is no phase.

use super::{Live, answer, request};
use crate::cluster::ClusterError;
use kubephase_core::object::{ApiResource, Object, ObjectRef};
use kubephase_core::selector::Selector;
use serde_json::{Map, Value};

/// The first answer of a server that may be anything.
#[derive(Debug, Default)]
pub struct RawAnswer {
    /// Its status.
    pub status: u16,
    /// `Content-Type`; empty if it is missing.
    pub content_type: String,
    /// `Server`.
    pub server: Option<String>,
    /// `Location`.
    pub location: Option<String>,
    /// `Date`.
    pub date: Option<String>,
    /// The answer; null if it is not JSON.
    pub body: Value,
}

impl RawAnswer {
    /// The object that was asked for.
    ///
    /// # Errors
    /// [`ClusterError`] for an answer of another kind.
    pub fn object(self, object: &ObjectRef) -> Result<Object, ClusterError> {
        answer::object(object, self.body)
    }
}

impl Live<'_> {
    /// Connects, TLS included. Nothing is asked yet.
    ///
    /// # Errors
    /// [`ClusterError`] if there is no connection.
    pub fn reach(&self) -> Result<(), ClusterError> {
        self.caller().map(|_| ())
    }

    /// Asks once for a path, and returns what comes, whatever it is.
    ///
    /// # Errors
    /// [`ClusterError`] without an answer.
    pub fn glance(&self, path: &str) -> Result<RawAnswer, ClusterError> {
        let (request, caller) = (request::path(path)?, self.caller()?);
        self.runtime.block_on(caller.glance(&request))
    }

    /// Whether a proxy is asked for the server.
    #[must_use]
    pub const fn has_proxy(&self) -> bool {
        self.target.proxy.is_some()
    }

    /// Reads an object; none if it does not exist.
    ///
    /// # Errors
    /// [`ClusterError`] as for every call.
    pub fn get(&self, object: &ObjectRef) -> Result<Option<Object>, ClusterError> {
        Ok(match self.one(request::read_one(object)?)? {
            Value::Null => None,
            answer => Some(answer::object(object, answer)?),
        })
    }

    /// Reads what a selector selects.
    ///
    /// # Errors
    /// [`ClusterError`] as for every call.
    pub fn select(&self, selector: &Selector) -> Result<Vec<Object>, ClusterError> {
        answer::objects(selector, self.one(request::read(selector)?)?)
    }

    /// Asks a question that is put as the creation of an object which is never stored (`authentication.k8s.io`,
    /// `authorization.k8s.io`), and returns the answer.
    ///
    /// # Errors
    /// [`ClusterError`] as for every call; its kind is `NotFound` if the server does not know the question.
    pub fn review(&self, of: &ApiResource, body: &Map<String, Value>) -> Result<Object, ClusterError> {
        match self.one(request::review(of, body)?)? {
            Value::Object(fields) => Ok(Object::new(fields)),
            _ => Err(ClusterError::unavailable("the server's answer is no object")),
        }
    }

    fn one(&self, request: request::Prepared) -> Result<Value, ClusterError> {
        let answer = self.call_all(&[request])?.pop();
        answer.unwrap_or_else(|| Err(ClusterError::unavailable("there is no answer")))
    }
}
