//! Progress of a host's work.

use crate::object::ObjectRef;

/// A receiver for progress.
pub trait Progress {
    /// A write has started.
    fn begun(&self, target: &ObjectRef);

    /// A write has its answer, or will not get one.
    fn finished(&self, target: &ObjectRef);

    /// A request will be retried later, for this reason.
    fn delayed(&self, why: &str);

    /// The server sent a warning with this text.
    fn warned(&self, text: &str);
}

/// Discards all progress.
#[derive(Debug, Clone, Copy)]
pub struct Unseen;

impl Progress for Unseen {
    fn begun(&self, _target: &ObjectRef) {}
    fn finished(&self, _target: &ObjectRef) {}
    fn delayed(&self, _why: &str) {}
    fn warned(&self, _text: &str) {}
}
