//! Single calls, for commands that run no phase.

use super::list::Owners;
use super::{Live, answer};
use crate::cluster::ClusterError;
use kubephase_core::object::{ApiResource, Object, ObjectRef};
use kubephase_core::request::Request;
use kubephase_core::selector::Selector;
use serde_json::{Map, Value};
use std::sync::{Mutex, PoisonError};

/// The first answer of an unknown server.
#[derive(Debug, Default)]
pub struct RawAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The header `Content-Type`; empty if it is missing.
    pub content_type: String,
    /// The header `Server`.
    pub server: Option<String>,
    /// The header `Location`.
    pub location: Option<String>,
    /// The header `Date`.
    pub date: Option<String>,
    /// The body; null if it is not JSON.
    pub body: Value,
}

impl RawAnswer {
    /// The requested object.
    ///
    /// # Errors
    /// [`ClusterError`] for an answer of another kind.
    pub fn object(self, object: &ObjectRef) -> Result<Object, ClusterError> {
        answer::object(object, self.body)
    }
}

impl Live<'_> {
    /// Connects, including TLS. No request is sent yet.
    ///
    /// # Errors
    /// [`ClusterError`] if no connection can be made.
    pub fn reach(&self) -> Result<(), ClusterError> {
        self.caller().map(|_| ())
    }

    /// Requests a path once, and returns any answer.
    ///
    /// # Errors
    /// [`ClusterError`] if there is no answer.
    pub fn glance(&self, path: &str) -> Result<RawAnswer, ClusterError> {
        self.runtime.block_on(self.caller()?.glance(&Request::get(path)))
    }

    /// Whether the server is reached through a proxy.
    #[must_use]
    pub const fn has_proxy(&self) -> bool {
        self.target.proxy.is_some()
    }

    /// Reads an object; `None` if it does not exist.
    ///
    /// # Errors
    /// [`ClusterError`] like for every call.
    pub fn get(&self, object: &ObjectRef) -> Result<Option<Object>, ClusterError> {
        answer::found(object, self.one(Request::object(object))?)
    }

    /// Reads the objects that a selector matches.
    ///
    /// # Errors
    /// [`ClusterError`] like for every call.
    pub fn select(&self, selector: &Selector) -> Result<Vec<Object>, ClusterError> {
        let (caller, found) = (self.caller()?, Mutex::new(Vec::new()));
        std::thread::scope(|threads| self.runtime.block_on(caller.read(selector, Owners::Skipped, threads, &found)))?;
        Ok(found.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    /// Creates a review, an object that is never stored (`authentication.k8s.io`, `authorization.k8s.io`), and returns the
    /// answer.
    ///
    /// # Errors
    /// [`ClusterError`] like for every call; its kind is `NotFound` if the server does not know the review.
    pub fn review(&self, of: &ApiResource, body: &Map<String, Value>) -> Result<Object, ClusterError> {
        match self.one(Request::review(of, body))? {
            Value::Object(fields) => Ok(Object::new(fields)),
            _ => Err(ClusterError::unavailable("the server's answer is not an object")),
        }
    }

    fn one(&self, request: Request) -> Result<Value, ClusterError> {
        let answer = self.call_all(&[request])?.pop();
        answer.unwrap_or_else(|| Err(ClusterError::unavailable("there is no answer")))
    }
}
