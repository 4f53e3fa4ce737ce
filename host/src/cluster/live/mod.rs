//! An API server. The only code that uses kube, and the only asynchronous code: one runtime, behind blocking calls.

mod answer;
mod attempt;
mod bounded;
mod budget;
mod connect;
mod credentials;
mod entry;
mod exec;
mod failure;
mod kubeconfig;
mod kuberc;
mod list;
mod merged;
mod node;
mod plain;
pub mod poll;
mod program;
mod proxy;
mod remembered;
mod request;
mod retry;
#[cfg(test)]
mod tests;
mod tls;
mod translate;
mod turns;
mod verifier;
mod warnings;

use super::error::{ClusterErrorKind, distinct};
use super::{Cluster, ClusterError, Observation, Permitted, Sink, Written};
use crate::interrupt::Interrupt;
use budget::Budget;
use futures_util::future::{join, join_all};
use kube::Client;
use kubephase_core::connection::{Patience, VersionUse};
use kubephase_core::log::{Level, Log};
use kubephase_core::object::kube_system;
use kubephase_core::policy::PermittedReads;
use kubephase_core::progress::Progress;
use kubephase_core::question::Server;
use kubephase_core::request::Request;
use kubephase_core::selector::Selector;
use kubephase_core::write::{Expected, Write, WriteMode};
use list::Owners;
use retry::{Acquaintance, Caller, Effect};
use serde_json::Value;
use std::cell::OnceCell;
use std::sync::{Mutex, PoisonError};
use tokio::runtime::Runtime;
use turns::Turn;

pub use kubeconfig::Target;
pub use merged::{Contexts, NameSort, kubeconfig_names};
pub use node::{Login, Vouching};
pub use plain::RawAnswer;
pub use turns::Turns;

/// The Kubernetes release that this plugin follows; `--match-server-version` requires it of a server.
const FOLLOWED: &str = "v1.37.2";

/// A connection to an API server.
pub struct Live<'a> {
    runtime: Runtime,
    client: OnceCell<Client>,
    target: Target,
    server: Server,
    version: OnceCell<String>,
    acquaintance: Acquaintance,
    manners: CallSettings<'a>,
    /// Held from the first connection to the end.
    turn: OnceCell<Turn<'a>>,
}

/// How the calls of a connection behave.
#[derive(Clone, Copy)]
pub struct CallSettings<'a> {
    /// The timeouts.
    pub patience: Patience,
    /// Whether the user has interrupted the process.
    pub interrupt: &'a Interrupt,
    /// Where progress is shown.
    pub progress: &'a dyn Progress,
    /// Where requests are logged.
    pub log: &'a dyn Log,
    /// Who calls, for the log; empty if a run has a single caller.
    pub caller: &'static str,
    /// How many bytes of the answers to concurrent requests are read.
    pub most_bytes: u64,
    /// How many clusters are read at once; `None` for one.
    pub turns: Option<&'a Concurrency>,
}

/// How much is done at once for several clusters. Waiting for servers costs nothing, so it has no bound here.
pub struct Concurrency {
    /// Clusters that are read, and about which the phase is asked: each holds what was read of it.
    pub readers: Turns,
    /// Credential plugins that run.
    pub plugins: Turns,
    /// What ends all of it.
    pub interrupt: Interrupt,
}

impl<'a> Live<'a> {
    /// Prepares a connection. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ClusterError`] if the operating system refuses a resource.
    pub fn prepare(target: Target, manners: CallSettings<'a>) -> Result<Self, ClusterError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(ClusterError::unavailable)?;
        let server = target.server();
        let (client, version, acquaintance) = (OnceCell::new(), OnceCell::new(), Acquaintance::default());
        Ok(Self { runtime, client, target, server, version, acquaintance, manners, turn: OnceCell::new() })
    }

    /// The state shared by all calls; connects on first use.
    fn caller(&self) -> Result<Caller<'_>, ClusterError> {
        let client = match self.client.get() {
            Some(client) => client.clone(),
            None => {
                let connected = self.runtime.block_on(connect::connect(&self.target, self.manners));
                // No request is sent then, and the log would not say which server was tried.
                let client = connected.inspect_err(|_| {
                    self.manners.log.line(Level::Requests, &|| format!("connecting to {} failed", self.server.url));
                })?;
                if let Some(turns) = self.manners.turns {
                    self.turn.get_or_init(|| turns.readers.take());
                }
                self.client.get_or_init(|| client).clone()
            }
        };
        let (server, host, budget) = (&self.server, self.target.host(), Budget::new(self.manners.most_bytes));
        let caller = Caller { client, server, host, manners: self.manners, acquaintance: &self.acquaintance, budget };
        if self.target.version == VersionUse::Matched && self.version.get().is_none() {
            let answer = self.runtime.block_on(caller.call(&Request::version(), Effect::None));
            let version =
                told(&answer.map_err(|error| ClusterError::unavailable(format!("couldn't read version from server: {error}")))?);
            if version != FOLLOWED {
                let what = format!("server version ({version}) differs from client version ({FOLLOWED})");
                return Err(ClusterError::unavailable(what));
            }
            self.version.get_or_init(|| version);
        }
        Ok(caller)
    }

    /// Makes all calls at once and returns the answers in their order.
    fn call_all(&self, requests: &[Request]) -> Result<Vec<Result<Value, ClusterError>>, ClusterError> {
        let caller = self.caller()?;
        let calls = requests.iter().map(|request| caller.call(request, Effect::None));
        Ok(self.runtime.block_on(join_all(calls)))
    }
}

impl Cluster for Live<'_> {
    fn server(&self) -> &Server {
        &self.server
    }

    fn uid(&self) -> Result<Option<String>, Vec<ClusterError>> {
        let answer = self.call_all(&[Request::object(&kube_system())]).and_then(|mut answers| answers.pop().transpose());
        let namespace = answer.map_err(|error| vec![error])?;
        let uid = namespace.and_then(|namespace| namespace.get("metadata")?.get("uid")?.as_str().map(str::to_owned));
        uid.map(Some).ok_or_else(|| vec![ClusterError::unavailable("the namespace kube-system has no UID")])
    }

    fn observe(&self, reads: &PermittedReads<'_>) -> Result<Observation, Vec<ClusterError>> {
        let caller = self.caller().map_err(|error| vec![error])?;
        let sink = |selector| (selector, Mutex::new(Permitted { reads, selector, sink: Vec::new() }));
        let sinks: Vec<_> = reads.selectors().iter().map(sink).collect();
        let (read, version) = std::thread::scope(|threads| {
            let read = sinks.iter().map(|(selector, sink)| caller.read(selector, owners(reads, selector), threads, sink));
            // Together with the reads: the phase is asked again once the version is known.
            let asks_version = self.version.get().is_none() && self.target.version == VersionUse::Told;
            let version = async { if asks_version { Some(caller.call(&Request::version(), Effect::None).await) } else { None } };
            self.runtime.block_on(join(join_all(read), version))
        });
        let mut errors = Vec::new();
        match version {
            None => {}
            Some(Ok(version)) => {
                self.version.get_or_init(|| told(&version));
            }
            Some(Err(error)) => errors.push(error),
        }
        let mut observation = Observation { version: self.version.get().cloned().unwrap_or_default(), ..Observation::default() };
        for ((selector, sink), read) in sinks.into_iter().zip(read) {
            match read {
                Ok(()) => {
                    let permitted = sink.into_inner().unwrap_or_else(PoisonError::into_inner);
                    observation.snapshot.insert(selector.clone(), permitted.sink);
                }
                Err(error) => errors.push(error),
            }
        }
        if errors.is_empty() { Ok(observation) } else { Err(distinct(errors)) }
    }

    fn each(&self, reads: &PermittedReads<'_>, sink: &mut dyn Sink) -> Result<(), Vec<ClusterError>> {
        let caller = self.caller().map_err(|error| vec![error])?;
        for selector in reads.selectors() {
            let permitted = Mutex::new(Permitted { reads, selector, sink: &mut *sink });
            let read = std::thread::scope(|threads| {
                self.runtime.block_on(caller.read(selector, owners(reads, selector), threads, &permitted))
            });
            read.map_err(|error| vec![error])?;
        }
        Ok(())
    }

    fn write(&self, writes: &[&Write], mode: WriteMode) -> Vec<Result<Written, ClusterError>> {
        let progress = self.manners.progress;
        let write_one = async |caller: &Caller<'_>, write: &Write| {
            let request = Request::write(write, mode);
            if mode == WriteMode::DryRun {
                return caller.call(&request, Effect::None).await;
            }
            progress.begun(&write.target);
            let answer = caller.call(&request, Effect::Stored(write)).await;
            progress.finished(&write.target);
            answer
        };
        let answers = match self.caller() {
            Ok(caller) => self.runtime.block_on(join_all(writes.iter().map(|write| write_one(&caller, write)))),
            Err(error) => return writes.iter().map(|_| Err(error.clone())).collect(),
        };
        writes.iter().zip(answers).map(|(write, answer)| written(write, mode, answer)).collect()
    }
}

/// Whether the owners of fields are needed of the objects in an answer.
fn owners(reads: &PermittedReads<'_>, selector: &Selector) -> Owners {
    match selector {
        Selector::Many(list) if !reads.needs_owners(list) => Owners::Skipped,
        Selector::Many(_) | Selector::One(_) => Owners::Kept,
    }
}

/// The version in an answer.
fn told(answer: &Value) -> String {
    answer.get("gitVersion").and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// The result of a write by its answer.
fn written(write: &Write, mode: WriteMode, answer: Result<Value, ClusterError>) -> Result<Written, ClusterError> {
    match (answer, &write.expected) {
        (Ok(answer), _) => answer::written(write, answer),
        // The object still exists because its deletion was a dry run too. Authorization, admission and validation have passed by
        // then.
        (Err(error), Expected::Deleted) if mode == WriteMode::DryRun && error.kind == ClusterErrorKind::Conflict => {
            Ok(Written::Nothing)
        }
        // It existed when it was read.
        (Err(error), Expected::Same { .. }) if error.kind == ClusterErrorKind::NotFound => {
            Err(ClusterError::new(ClusterErrorKind::Conflict, error.to_string()))
        }
        (Err(error), _) => Err(error),
    }
}
