//! What a host shows of its work while it works.

use crate::object::ObjectRef;

/// Where it is shown.
pub trait Progress {
    /// A write is under way.
    fn begun(&self, target: &ObjectRef);

    /// A write has its answer, or gets none.
    fn finished(&self, target: &ObjectRef);

    /// A request is tried again later, because of this.
    fn delayed(&self, why: &str);

    /// The server warns with this text.
    fn warned(&self, text: &str);
}

/// Nobody looks.
#[derive(Debug, Clone, Copy)]
pub struct Unseen;

impl Progress for Unseen {
    fn begun(&self, _target: &ObjectRef) {}
    fn finished(&self, _target: &ObjectRef) {}
    fn delayed(&self, _why: &str) {}
    fn warned(&self, _text: &str) {}
}
