//! Cluster errors, in kubectl's words (`k8s.io/kubectl/pkg/cmd/util/helpers.go`).

use std::fmt;

/// Why a request to a cluster failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterError {
    /// The kind of error, which determines how it is handled.
    pub kind: ClusterErrorKind,
    /// The line that kubectl would print, with its prefix.
    line: String,
}

/// Kinds of errors that are handled differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClusterErrorKind {
    /// The object was changed or created by another client.
    Conflict,
    /// The object, or its namespace or kind, does not exist.
    NotFound,
    /// The API server refused the request.
    Refused,
    /// The API server rejects the credentials.
    Unauthorized,
    /// The API server accepts the credentials, but forbids the request.
    Forbidden,
    /// The server's certificate is not trusted.
    Untrusted,
    /// No answer: there is no connection, or no usable configuration.
    Unavailable,
    /// An answer or a folder exceeds the size limit.
    TooLong,
    /// A write was sent and its answer was lost: it may or may not have been stored.
    Unknown,
}

impl ClusterError {
    /// An error with the complete line to print.
    #[must_use]
    pub const fn new(kind: ClusterErrorKind, line: String) -> Self {
        Self { kind, line }
    }

    /// An error of the configuration or the connection, after kubectl's `error: `.
    #[must_use]
    pub fn unavailable(text: impl fmt::Display) -> Self {
        Self::new(ClusterErrorKind::Unavailable, format!("error: {text}"))
    }

    /// An error about an exceeded size limit, after kubectl's `error: `.
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

/// The errors to report for several concurrent requests: each different one once, in order. Rejected credentials explain all
/// others: the API server answers one request with them and closes the connection on the rest. If answers together exceed the
/// limit, the first one is named.
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
