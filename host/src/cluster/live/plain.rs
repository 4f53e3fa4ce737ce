//! Single calls, for a command that is no phase.

use super::{Live, answer, request};
use crate::cluster::ClusterError;
use kubephase_core::object::{ApiResource, Object, ObjectRef};
use kubephase_core::selector::Selector;
use serde_json::{Map, Value};

impl Live<'_> {
    /// Connects, TLS included. Nothing is asked yet.
    ///
    /// # Errors
    /// [`ClusterError`] if there is no connection.
    pub fn reach(&self) -> Result<(), ClusterError> {
        self.caller().map(|_| ())
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
