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
    /// The object, or what it would be in, does not exist.
    NotFound,
    /// The API server answered and refused.
    Refused,
    /// The API server does not take the credentials.
    Unauthorized,
    /// The API server takes the credentials, but does not allow it.
    Forbidden,
    /// The server's certificate is not to be trusted.
    Untrusted,
    /// There is no answer to be had: no connection, no usable configuration.
    Unavailable,
    /// There is more of an answer, or of a folder, than is read.
    TooLong,
    /// A write was sent and its answer was lost: it may have been stored or not.
    Unknown,
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

    /// An error of something that is longer than is read, behind kubectl's `error: `.
    #[must_use]
    pub fn too_long(text: impl fmt::Display) -> Self {
        Self::new(ClusterErrorKind::TooLong, format!("error: {text}"))
    }
}

impl fmt::Display for ClusterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line)
    }
}

impl std::error::Error for ClusterError {}

/// What to tell of the errors of a flight of requests: each different one once, in order. Refused credentials explain all others:
/// the API server answers one request with them and closes the connection on the rest. Of answers that are too long together, the first
/// is named.
#[must_use]
pub fn distinct(mut errors: Vec<ClusterError>) -> Vec<ClusterError> {
    let is_unauthorized = |error: &ClusterError| error.kind == ClusterErrorKind::Unauthorized;
    if errors.iter().any(is_unauthorized) {
        errors.retain(is_unauthorized);
    }
    let is_long = |error: &ClusterError| error.kind == ClusterErrorKind::TooLong;
    let mut seen: Vec<ClusterError> = Vec::new();
    for error in errors {
        let is_told = seen.iter().any(|other| *other == error || (is_long(other) && is_long(&error)));
        if !is_told {
            seen.push(error);
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::{ClusterError, ClusterErrorKind, distinct};

    #[test]
    fn a_flight_is_explained_once() {
        use ClusterErrorKind::{Refused, TooLong, Unauthorized, Unavailable};
        let error = |(kind, line): &(ClusterErrorKind, &str)| ClusterError::new(*kind, (*line).to_owned());
        for (errors, expected) in [
            (vec![(Refused, "a"), (Refused, "b"), (Refused, "a")], vec!["a", "b"]),
            (vec![(Unavailable, "closed"), (Unauthorized, "login"), (Unauthorized, "login")], vec!["login"]),
            (vec![(TooLong, "a is too long"), (Refused, "b"), (TooLong, "c is too long")], vec!["a is too long", "b"]),
        ] {
            let told = distinct(errors.iter().map(error).collect());
            assert_eq!(told.iter().map(ToString::to_string).collect::<Vec<_>>(), expected);
        }
    }
}
