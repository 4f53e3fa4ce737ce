//! What became of an attempt that gave no usable answer.

use crate::cluster::error::ClusterError;
use std::time::Duration;

/// Why an attempt gave no usable answer.
#[derive(Debug)]
pub(super) struct Failure {
    /// The error to report if there is no other attempt.
    pub(super) error: ClusterError,
    /// Whether another attempt is useful.
    pub(super) again: Again,
    /// Whether the server sent anything.
    pub(super) heard: Heard,
    /// How long the server asks to wait.
    pub(super) retry_after: Option<Duration>,
}

/// Whether another attempt is useful.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    /// No: the server would answer the same.
    Never,
    /// Yes: the server did not process this one.
    Harmless,
    /// Yes, but this one may have had its effect.
    Doubtful,
}

/// Whether the server sent anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    /// An answer of any kind.
    Answer,
    /// Nothing.
    Nothing,
}

impl Failure {
    /// Nothing came from the server.
    pub(super) const fn unheard(error: ClusterError, again: Again) -> Self {
        Self { error, again, heard: Heard::Nothing, retry_after: None }
    }
}
