//! What a request is answered with.

/// The expected size of an answer, which determines its timeout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    /// A small answer.
    Little,
    /// A token, which is small.
    Token,
    /// A component.
    Component,
}
