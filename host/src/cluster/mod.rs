//! Where objects are read and written: an API server or a folder, behind one coarse and blocking interface.

pub mod certificates;
pub mod contact;
pub mod error;
pub mod files;
pub mod jws;
pub mod live;
pub mod logged;
pub mod recorded;

pub use error::ClusterError;

use kubephase_core::object::Object;
use kubephase_core::policy::PermittedReads;
use kubephase_core::question::Server;
use kubephase_core::selector::Selector;
use kubephase_core::snapshot::Snapshot;
use kubephase_core::write::{Write, WriteMode};

/// A cluster, or something that stands for one.
pub trait Cluster {
    /// Reads everything at once. What does not exist is absent from the answer.
    ///
    /// # Errors
    /// Every read that failed, each error once.
    fn observe(&self, reads: &PermittedReads<'_>) -> Result<Observation, Vec<ClusterError>>;

    /// What is known of the API server without asking it: all but the version.
    fn server(&self) -> &Server;

    /// The UID of the namespace `kube-system`, by which a cluster is told from others with the same address and authority; none for
    /// what is no cluster.
    ///
    /// # Errors
    /// The errors of reading it.
    fn uid(&self) -> Result<Option<String>, Vec<ClusterError>>;

    /// Carries out or tries all writes at once, and returns a result for each in the same order. A failure of one does not stop
    /// the others.
    fn write(&self, writes: &[&Write], mode: WriteMode) -> Vec<Result<Written, ClusterError>>;
}

/// What was read.
#[derive(Debug, Clone, Default)]
pub struct Observation {
    /// The objects.
    pub snapshot: Snapshot,
    /// The version of the API server; empty if there is none.
    pub version: String,
}

impl Observation {
    /// Adds the answer to a read, without what may not be told.
    fn insert(&mut self, reads: &PermittedReads<'_>, selector: &Selector, mut objects: Vec<Object>) {
        objects.retain(|object| reads.may_show(selector, object));
        self.snapshot.insert(selector.clone(), objects);
    }
}

/// What a write left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// This object.
    Object(Object),
    /// No object.
    Nothing,
}

impl Written {
    /// The object, if there is one.
    #[must_use]
    pub fn into_object(self) -> Option<Object> {
        match self {
            Self::Object(object) => Some(object),
            Self::Nothing => None,
        }
    }
}
