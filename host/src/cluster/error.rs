//! Errors of a cluster, in kubectl's words (`k8s.io/kubectl/pkg/cmd/util/helpers.go`).

use std::fmt;

/// Why a cluster did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterError {
    /// What to do about it, as far as a program can tell.
    pub kind: ClusterErrorKind,
    /// The line that kubectl would print, with its prefix.
    line: String,
}

/// Kinds of errors that are handled differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClusterErrorKind {
    /// Somebody changed or created the object meanwhile.
    Conflict,
    /// The API server answered and refused.
    Refused,
    /// There is no answer to be had: no connection, no credentials, no usable configuration.
    Unavailable,
}

impl ClusterError {
    /// An error with the whole line that is printed.
    #[must_use]
    pub const fn new(kind: ClusterErrorKind, line: String) -> Self {
        Self { kind, line }
    }

    /// An error of the configuration or the connection, behind kubectl's `error: `.
    #[must_use]
    pub fn unavailable(text: impl fmt::Display) -> Self {
        Self::new(ClusterErrorKind::Unavailable, format!("error: {text}"))
    }
}

impl fmt::Display for ClusterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line)
    }
}

impl std::error::Error for ClusterError {}

/// Each different error once, in order.
#[must_use]
pub fn distinct(errors: impl IntoIterator<Item = ClusterError>) -> Vec<ClusterError> {
    let mut seen = Vec::new();
    for error in errors {
        if !seen.contains(&error) {
            seen.push(error);
        }
    }
    seen
}
