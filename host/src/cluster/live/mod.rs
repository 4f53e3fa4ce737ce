//! An API server. The only code that knows kube, and the only asynchronous code: one runtime, behind blocking calls.

mod connect;
mod exec;
mod kubeconfig;
mod request;
mod translate;

use super::{Cluster, ClusterError, Observation, Written, error::distinct};
use kube::Client;
use kubephase_core::object::Object;
use kubephase_core::policy::PermittedReads;
use kubephase_core::question::Server;
use kubephase_core::selector::Selector;
use kubephase_core::write::{Expected, Write, WriteMode};
use serde_json::Value;
use std::cell::OnceCell;
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

pub use kubeconfig::Target;

/// A connection to an API server.
pub struct Live {
    runtime: Runtime,
    client: OnceCell<Client>,
    target: Target,
    server: Server,
    version: OnceCell<String>,
    timeout: Option<Duration>,
}

impl Live {
    /// Prepares a connection. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ClusterError`] if the operating system does not let us.
    pub fn prepare(target: Target, timeout: Option<Duration>) -> Result<Self, ClusterError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(ClusterError::unavailable)?;
        let server = target.server();
        Ok(Self { runtime, client: OnceCell::new(), target, server, version: OnceCell::new(), timeout })
    }

    /// The client, connected at the first use.
    fn client(&self) -> Result<Client, ClusterError> {
        if let Some(client) = self.client.get() {
            return Ok(client.clone());
        }
        let client = self.runtime.block_on(connect::connect(&self.target, self.timeout))?;
        Ok(self.client.get_or_init(|| client).clone())
    }

    /// Sends all requests at once and returns the answers in their order.
    fn send_all(&self, requests: Vec<request::Prepared>) -> Result<Vec<Result<Value, ClusterError>>, ClusterError> {
        let client = self.client()?;
        let host = self.target.host();
        let count = requests.len();
        self.runtime.block_on(async {
            let mut tasks = JoinSet::new();
            for (index, request) in requests.into_iter().enumerate() {
                let (client, host, timeout) = (client.clone(), host.clone(), self.timeout);
                tasks.spawn(async move { (index, request::send(&client, request, timeout, &host).await) });
            }
            let mut answers: Vec<_> = (0..count).map(|_| Err(ClusterError::unavailable("the request was not sent"))).collect();
            while let Some(done) = tasks.join_next().await {
                if let Ok((index, answer)) = done
                    && let Some(slot) = answers.get_mut(index)
                {
                    *slot = answer;
                }
            }
            Ok(answers)
        })
    }
}

impl Cluster for Live {
    fn server(&self) -> &Server {
        &self.server
    }

    fn observe(&self, reads: &PermittedReads) -> Result<Observation, Vec<ClusterError>> {
        let selectors = reads.selectors();
        let mut requests = selectors.iter().map(request::read).collect::<Result<Vec<_>, _>>().map_err(|error| vec![error])?;
        let asks_version = self.version.get().is_none();
        if asks_version {
            // In the same flight: the phase is asked again once the version is known.
            requests.push(request::version().map_err(|error| vec![error])?);
        }
        let mut answers = self.send_all(requests).map_err(|error| vec![error])?;
        let mut errors = Vec::new();
        if asks_version && let Some(answer) = answers.pop() {
            match answer {
                Ok(version) => {
                    let text = version.get("gitVersion").and_then(Value::as_str).unwrap_or_default();
                    self.version.get_or_init(|| text.to_owned());
                }
                Err(error) => errors.push(error),
            }
        }
        let mut observation = Observation { version: self.version.get().cloned().unwrap_or_default(), ..Observation::default() };
        for (selector, answer) in selectors.iter().zip(answers) {
            match answer {
                Ok(value) => observation.snapshot.insert(selector.clone(), objects(selector, value)),
                Err(error) => errors.push(error),
            }
        }
        if errors.is_empty() { Ok(observation) } else { Err(distinct(errors)) }
    }

    fn write(&self, writes: &[&Write], mode: WriteMode) -> Vec<Result<Written, ClusterError>> {
        let requests = match writes.iter().map(|write| request::write(write, mode)).collect::<Result<Vec<_>, _>>() {
            Ok(requests) => requests,
            Err(error) => return writes.iter().map(|_| Err(error.clone())).collect(),
        };
        let answers = match self.send_all(requests) {
            Ok(answers) => answers,
            Err(error) => return writes.iter().map(|_| Err(error.clone())).collect(),
        };
        let written = writes.iter().zip(answers).map(|(write, answer)| match answer {
            // The object is still there since its deletion was only tried too. Authorisation, admission and validation came first.
            Err(error)
                if mode == WriteMode::DryRun
                    && write.expected == Expected::Deleted
                    && error.kind == super::error::ClusterErrorKind::Conflict =>
            {
                Ok(Written::Nothing)
            }
            Err(error) => Err(error),
            Ok(Value::Object(fields)) => Ok(Written::Object(Object::new(fields))),
            Ok(_) => Ok(Written::Nothing),
        });
        written.collect()
    }
}

/// The objects in the answer to a read. Items of a list lack apiVersion and kind.
fn objects(selector: &Selector, answer: Value) -> Vec<Object> {
    match (selector, answer) {
        (Selector::One(_), Value::Object(fields)) => vec![Object::new(fields)],
        (Selector::Many(list), Value::Object(mut fields)) => {
            let Some(Value::Array(items)) = fields.remove("items") else { return Vec::new() };
            let item = |item| match item {
                Value::Object(mut fields) => {
                    fields.insert("apiVersion".to_owned(), Value::String(list.of.api_version()));
                    fields.insert("kind".to_owned(), Value::String(list.of.kind().to_owned()));
                    Some(Object::new(fields))
                }
                _ => None,
            };
            items.into_iter().filter_map(item).collect()
        }
        _ => Vec::new(),
    }
}
