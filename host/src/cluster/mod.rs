//! Where objects are read and written: an API server or a folder, behind one coarse, blocking interface.

pub mod certificates;
pub mod contact;
pub mod error;
pub mod files;
pub mod jws;
pub mod live;
pub mod recorded;

pub use error::ClusterError;

use kubephase_core::audit::FilePlace;
use kubephase_core::object::{Object, ObjectRef};
use kubephase_core::policy::PermittedReads;
use kubephase_core::question::Server;
use kubephase_core::selector::Selector;
use kubephase_core::snapshot::Snapshot;
use kubephase_core::write::{Write, WriteMode};

/// A cluster, or a substitute for one.
pub trait Cluster {
    /// Reads everything at once. A missing object is absent from the answer.
    ///
    /// # Errors
    /// Every read that failed, each error once.
    fn observe(&self, reads: &PermittedReads<'_>) -> Result<Observation, Vec<ClusterError>>;

    /// Reads everything, one selector after the other, and passes each object on instead of keeping it.
    ///
    /// # Errors
    /// The first read that failed. What was passed on by then counts for nothing.
    fn each(&self, reads: &PermittedReads<'_>, sink: &mut dyn Sink) -> Result<(), Vec<ClusterError>> {
        let observation = self.observe(reads)?;
        sink.begin();
        observation.snapshot.iter().flat_map(|(_, objects)| objects).for_each(|object| sink.take(object.clone()));
        Ok(())
    }

    /// The properties of the API server that are known without a request: all but the version.
    fn server(&self) -> &Server;

    /// The UID of the namespace `kube-system`, which distinguishes clusters with the same address and authority; `None` if this
    /// is not a real cluster.
    ///
    /// # Errors
    /// The errors of reading it.
    fn uid(&self) -> Result<Option<String>, Vec<ClusterError>>;

    /// Where an object is, if it is in a file.
    fn file_of(&self, _: &ObjectRef) -> Option<FilePlace> {
        None
    }

    /// Makes all writes at once, for real or as a dry run, and returns a result for each in the same order. A failure of one does
    /// not stop the others.
    fn write(&self, writes: &[&Write], mode: WriteMode) -> Vec<Result<Written, ClusterError>>;
}

/// Takes objects one by one, as they arrive.
pub trait Sink: Send {
    /// An answer begins, perhaps anew: what it gave before no longer counts.
    fn begin(&mut self);

    /// The next object.
    fn take(&mut self, object: Object);
}

impl Sink for Vec<Object> {
    fn begin(&mut self) {
        self.clear();
    }

    fn take(&mut self, object: Object) {
        self.push(object);
    }
}

impl<S: Sink + ?Sized> Sink for &mut S {
    fn begin(&mut self) {
        (**self).begin();
    }

    fn take(&mut self, object: Object) {
        (**self).take(object);
    }
}

/// A sink for what may be shown of an answer: the rest is gone before there is more of it.
struct Permitted<'a, S> {
    reads: &'a PermittedReads<'a>,
    selector: &'a Selector,
    sink: S,
}

impl<S: Sink> Sink for Permitted<'_, S> {
    fn begin(&mut self) {
        self.sink.begin();
    }

    fn take(&mut self, object: Object) {
        if self.reads.may_show(self.selector, &object) {
            self.sink.take(object);
        }
    }
}

/// The result of reading.
#[derive(Debug, Clone, Default)]
pub struct Observation {
    /// The objects and lists.
    pub snapshot: Snapshot,
    /// The version of the API server; empty if there is none.
    pub version: String,
}

impl Observation {
    /// Adds the answer to a read, without what must not be revealed.
    fn insert(&mut self, reads: &PermittedReads<'_>, selector: &Selector, mut objects: Vec<Object>) {
        objects.retain(|object| reads.may_show(selector, object));
        self.snapshot.insert(selector.clone(), objects);
    }
}

/// The result of a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// The object as stored.
    Object(Object),
    /// No object.
    Nothing,
}

impl Written {
    /// The stored object, if there is one.
    #[must_use]
    pub fn into_object(self) -> Option<Object> {
        match self {
            Self::Object(object) => Some(object),
            Self::Nothing => None,
        }
    }
}
