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
