//! A cluster whose answers are recorded, and one that replays them.

use super::error::ClusterErrorKind;
use super::{Cluster, ClusterError, Observation, Written};
use kubephase_core::audit::FilePlace;
use kubephase_core::object::{Object, ObjectRef, kube_system};
use kubephase_core::policy::{PermittedReads, Policy};
use kubephase_core::question::Server;
use kubephase_core::request::Request;
use kubephase_core::saved::{ErrorDocument, RecordedAnswer, Recording, Redaction};
use kubephase_core::write::{Write, WriteMode};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// A recording, and what is needed to write or read it.
pub struct Recorder<'a> {
    recording: RefCell<Recording>,
    redaction: RefCell<Redaction>,
    policy: Policy<'a>,
}

impl<'a> Recorder<'a> {
    /// Records to an empty recording, or replays a complete one.
    #[must_use]
    pub const fn new(recording: Recording, redaction: Redaction, policy: Policy<'a>) -> Self {
        Self { recording: RefCell::new(recording), redaction: RefCell::new(redaction), policy }
    }

    /// The recording.
    pub const fn recording(&self) -> &RefCell<Recording> {
        &self.recording
    }

    fn reveals(&self, target: &ObjectRef, key: &str) -> bool {
        self.policy.reveals(target, key)
    }

    /// An object in its recorded form. If it may be written but not read, only its identity and version are recorded.
    fn redacted(&self, target: &ObjectRef, object: &Object) -> serde_json::Value {
        if !self.policy.may_show(target) {
            return identity(object);
        }
        self.redaction.borrow_mut().redacted(target, object, &|target, key| self.reveals(target, key))
    }

    fn key(&self, write: &Write, mode: WriteMode) -> String {
        self.redaction.borrow().key(write, mode, &|target, key| self.reveals(target, key))
    }

    fn add(&self, request: String, answer: RecordedAnswer) {
        self.recording.borrow_mut().add(request, answer);
    }

    /// The next answer to a request.
    fn take(&self, request: &str) -> Result<RecordedAnswer, Vec<ClusterError>> {
        match self.recording.borrow_mut().take(request) {
            Some(RecordedAnswer::Errors(errors)) => Err(errors.iter().map(error).collect()),
            Some(answer) => Ok(answer),
            None => {
                let shown = kubephase_core::name::shortened_to(request, 300);
                Err(vec![ClusterError::unavailable(format!("the recording has no answer to `{shown}`"))])
            }
        }
    }
}

/// The identity and version of an object.
fn identity(object: &Object) -> serde_json::Value {
    let metadata = ["name", "namespace", "uid", "resourceVersion"].map(|name| (name, object.metadata(name)));
    let metadata: BTreeMap<&str, &str> = metadata.into_iter().filter_map(|(name, text)| Some((name, text?))).collect();
    let field = |name: &str| object.fields().get(name);
    serde_json::json!({ "apiVersion": field("apiVersion"), "kind": field("kind"), "metadata": metadata })
}

/// The names of the kinds of errors.
const KINDS: [(&str, ClusterErrorKind); 9] = [
    ("conflict", ClusterErrorKind::Conflict),
    ("not-found", ClusterErrorKind::NotFound),
    ("refused", ClusterErrorKind::Refused),
    ("unauthorized", ClusterErrorKind::Unauthorized),
    ("forbidden", ClusterErrorKind::Forbidden),
    ("untrusted", ClusterErrorKind::Untrusted),
    ("unavailable", ClusterErrorKind::Unavailable),
    ("too-long", ClusterErrorKind::TooLong),
    ("unknown", ClusterErrorKind::Unknown),
];

fn document(error: &ClusterError) -> ErrorDocument {
    let kind = KINDS.iter().find(|(_, kind)| *kind == error.kind).map_or("refused", |(word, _)| word);
    ErrorDocument { kind: kind.to_owned(), line: error.to_string() }
}

fn error(document: &ErrorDocument) -> ClusterError {
    let kind = KINDS.iter().find(|(word, _)| *word == document.kind).map_or(ClusterErrorKind::Refused, |(_, kind)| *kind);
    ClusterError::new(kind, document.line.clone())
}

/// A cluster whose answers are recorded.
pub struct Recorded<'a> {
    cluster: Box<dyn Cluster + 'a>,
    recorder: &'a Recorder<'a>,
}

impl<'a> Recorded<'a> {
    /// Records the answers of a cluster.
    #[must_use]
    pub fn new(cluster: Box<dyn Cluster + 'a>, recorder: &'a Recorder<'a>) -> Self {
        recorder.recording.borrow_mut().note_server(cluster.server());
        Self { cluster, recorder }
    }
}

impl Cluster for Recorded<'_> {
    fn server(&self) -> &Server {
        self.cluster.server()
    }

    fn file_of(&self, target: &ObjectRef) -> Option<FilePlace> {
        self.cluster.file_of(target)
    }

    fn uid(&self) -> Result<Option<String>, Vec<ClusterError>> {
        let answer = self.cluster.uid();
        let told = match &answer {
            Ok(uid) => RecordedAnswer::Text(uid.clone()),
            Err(errors) => RecordedAnswer::Errors(errors.iter().map(document).collect()),
        };
        self.recorder.add(Request::object(&kube_system()).to_string(), told);
        answer
    }

    fn observe(&self, reads: &PermittedReads<'_>) -> Result<Observation, Vec<ClusterError>> {
        let answer = self.cluster.observe(reads);
        if let Ok(observation) = &answer {
            self.recorder.recording.borrow_mut().note_version(&observation.version);
        }
        for (place, selector) in reads.selectors().iter().enumerate() {
            let told = match &answer {
                Ok(observation) => {
                    let objects = observation.snapshot.found(selector).iter();
                    let told = objects.map(|object| match selector.target_of(object) {
                        Some(target) => self.recorder.redacted(&target, object),
                        // No Secret has a name that cannot be used in a request, and what may not be shown is not here.
                        None => serde_json::Value::Object(object.fields().clone()),
                    });
                    RecordedAnswer::Objects(told.collect())
                }
                // The errors are recorded once for all concurrent requests.
                Err(errors) if place == 0 => RecordedAnswer::Errors(errors.iter().map(document).collect()),
                Err(_) => RecordedAnswer::Errors(Vec::new()),
            };
            self.recorder.add(Request::read(selector).to_string(), told);
        }
        answer
    }

    fn write(&self, writes: &[&Write], mode: WriteMode) -> Vec<Result<Written, ClusterError>> {
        let answers = self.cluster.write(writes, mode);
        for (write, answer) in writes.iter().zip(&answers) {
            let told = match answer {
                Ok(Written::Object(object)) => RecordedAnswer::Objects(vec![self.recorder.redacted(&write.target, object)]),
                Ok(Written::Nothing) => RecordedAnswer::Objects(Vec::new()),
                Err(error) => RecordedAnswer::Errors(vec![document(error)]),
            };
            self.recorder.add(self.recorder.key(write, mode), told);
        }
        answers
    }
}

/// A cluster that replays recorded answers.
pub struct Replayed<'a> {
    recorder: &'a Recorder<'a>,
    server: Server,
}

impl<'a> Replayed<'a> {
    /// Replays the answers of a recorder.
    #[must_use]
    pub fn new(recorder: &'a Recorder<'a>) -> Self {
        let server = Server { version: String::new(), ..recorder.recording.borrow().server() };
        Self { recorder, server }
    }

    fn objects(&self, request: &str) -> Result<Vec<Object>, Vec<ClusterError>> {
        match self.recorder.take(request)? {
            RecordedAnswer::Objects(objects) => {
                let redaction = self.recorder.redaction.borrow();
                Ok(objects.into_iter().filter_map(|object| redaction.restored(object)).collect())
            }
            _ => Err(vec![ClusterError::unavailable(format!("the recording has a different kind of answer to `{request}`"))]),
        }
    }
}

impl Cluster for Replayed<'_> {
    fn server(&self) -> &Server {
        &self.server
    }

    fn uid(&self) -> Result<Option<String>, Vec<ClusterError>> {
        match self.recorder.take(&Request::object(&kube_system()).to_string())? {
            RecordedAnswer::Text(uid) => Ok(uid),
            _ => Ok(None),
        }
    }

    fn observe(&self, reads: &PermittedReads<'_>) -> Result<Observation, Vec<ClusterError>> {
        let version = self.recorder.recording.borrow().server().version;
        let mut observation = Observation { version, ..Observation::default() };
        let mut failures = Vec::new();
        for selector in reads.selectors() {
            match self.objects(&Request::read(selector).to_string()) {
                Ok(objects) => observation.insert(reads, selector, objects),
                Err(errors) => failures.push(errors),
            }
        }
        if failures.is_empty() { Ok(observation) } else { Err(failures.concat()) }
    }

    fn write(&self, writes: &[&Write], mode: WriteMode) -> Vec<Result<Written, ClusterError>> {
        let answer = |write: &&Write| match self.objects(&self.recorder.key(write, mode)) {
            Ok(mut objects) => Ok(objects.pop().map_or(Written::Nothing, Written::Object)),
            Err(mut errors) => Err(errors.pop().unwrap_or_else(|| ClusterError::unavailable("the recording has no error"))),
        };
        writes.iter().map(answer).collect()
    }
}

#[cfg(test)]
mod tests;
