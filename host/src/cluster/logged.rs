//! A cluster that logs its requests, for `-v 6`. Bodies are never logged: they may contain secrets.

use super::{Cluster, ClusterError, Observation, Written};
use kubephase_core::log::{Level, Log};
use kubephase_core::object::kube_system;
use kubephase_core::policy::PermittedReads;
use kubephase_core::question::Server;
use kubephase_core::write::{Write, WriteMode};

/// A cluster with logged requests and answers.
pub struct Logged<'a> {
    cluster: Box<dyn Cluster + 'a>,
    log: &'a dyn Log,
}

impl<'a> Logged<'a> {
    /// Logs the requests to a cluster.
    #[must_use]
    pub const fn new(cluster: Box<dyn Cluster + 'a>, log: &'a dyn Log) -> Self {
        Self { cluster, log }
    }

    fn tell(&self, text: impl Fn() -> String) {
        self.log.line(Level::Requests, &text);
    }
}

impl Cluster for Logged<'_> {
    fn server(&self) -> &Server {
        self.cluster.server()
    }

    fn uid(&self) -> Result<Option<String>, Vec<ClusterError>> {
        let answer = self.cluster.uid();
        let result = if answer.is_ok() { "found" } else { "failed" };
        self.tell(|| format!("GET {}: {result}", kube_system().path()));
        answer
    }

    fn observe(&self, reads: &PermittedReads<'_>) -> Result<Observation, Vec<ClusterError>> {
        let answer = self.cluster.observe(reads);
        for selector in reads.selectors() {
            self.tell(|| {
                let path = selector.path();
                match answer.as_ref().ok().and_then(|answer| answer.snapshot.answer(selector)) {
                    Some(objects) => format!("GET {path}: {} found", objects.len()),
                    None => format!("GET {path}: failed"),
                }
            });
        }
        answer
    }

    fn write(&self, writes: &[&Write], mode: WriteMode) -> Vec<Result<Written, ClusterError>> {
        let answers = self.cluster.write(writes, mode);
        for (write, answer) in writes.iter().zip(&answers) {
            self.tell(|| {
                let method = write.method();
                let tried = if mode == WriteMode::DryRun { " as a dry run" } else { "" };
                let answer = if answer.is_ok() { "done" } else { "failed" };
                format!("{method} {}{tried}: {answer}", write.target.path())
            });
        }
        answers
    }
}
