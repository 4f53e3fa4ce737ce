//! Translates kube's errors to kubectl's words. No kube error is passed on: its text repeats itself.

use crate::cluster::ClusterError;
use crate::cluster::error::ClusterErrorKind;
use kube::core::Status;
use std::error::Error as StdError;
use std::time::Duration;

/// An error of a request.
pub(super) fn kube_error(error: kube::Error, host: &str) -> ClusterError {
    match error {
        kube::Error::Api(status) => status_error(&status),
        kube::Error::Auth(error) => unable(&error.to_string()),
        other => connect_error(&other, host),
    }
}

/// The error in a Status of the API server.
pub(super) fn status_error(status: &Status) -> ClusterError {
    let kind = match status.reason.as_str() {
        "Conflict" | "AlreadyExists" => ClusterErrorKind::Conflict,
        "Unauthorized" => ClusterErrorKind::Unauthorized,
        "NotFound" => ClusterErrorKind::NotFound,
        "Forbidden" => ClusterErrorKind::Forbidden,
        _ => ClusterErrorKind::Refused,
    };
    let line = match status.reason.as_str() {
        "Unauthorized" => format!("error: You must be logged in to the server ({})", status.message),
        "Invalid" if status.details.is_some() => invalid(status),
        "" => format!("Error from server: {}", status.message),
        reason => format!("Error from server ({reason}): {}", status.message),
    };
    ClusterError::new(kind, indented(&line))
}

/// A server's text with several lines, of which only the first starts at the margin.
fn indented(text: &str) -> String {
    text.split(['\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}']).collect::<Vec<_>>().join("\n  ")
}

/// kubectl's form of a validation error.
fn invalid(status: &Status) -> String {
    let Some(details) = &status.details else { return format!("Error from server (Invalid): {}", status.message) };
    let head = format!("The {} \"{}\" is invalid", details.kind, details.name);
    let causes: Vec<String> = details.causes.iter().map(|cause| format!("{}: {}", cause.field, cause.message)).collect();
    match causes.as_slice() {
        [] => head,
        [cause] => format!("{head}: {cause}"),
        several => format!("{head}: \n* {}", several.join("\n* ")),
    }
}

/// An error below HTTP.
pub(super) fn connect_error(error: &(dyn StdError + 'static), host: &str) -> ClusterError {
    let mut cause = Some(error);
    let mut innermost = error.to_string();
    while let Some(error) = cause {
        innermost = error.to_string();
        if let Some(tls) = error.downcast_ref::<rustls::Error>() {
            let kind = match tls {
                rustls::Error::InvalidCertificate(_) => ClusterErrorKind::Untrusted,
                _ => ClusterErrorKind::Unavailable,
            };
            return ClusterError::new(kind, unable(&tls_error(tls)).to_string());
        }
        cause = match error.downcast_ref::<std::io::Error>() {
            Some(io) if io.kind() == std::io::ErrorKind::ConnectionRefused => {
                let line = format!("The connection to the server {host} was refused - did you specify the right host or port?");
                return ClusterError::new(ClusterErrorKind::Unavailable, line);
            }
            // rustls adds the address of its manual; Go says this.
            Some(io) if io.kind() == std::io::ErrorKind::UnexpectedEof => return unable("unexpected EOF"),
            // The source of an io::Error is the source of the error it wraps, not that error itself.
            Some(io) => io.get_ref().map(|inner| inner as &(dyn StdError + 'static)),
            None => error.source(),
        };
    }
    match innermost.strip_prefix(LOOKUP) {
        // Go names what it looked up.
        Some(why) => unable(&format!("lookup {}: {why}", host.rsplit_once(':').map_or(host, |(name, _)| name))),
        None => unable(&innermost),
    }
}

/// How the standard library begins the error of a name that cannot be resolved, which has no kind of its own.
const LOOKUP: &str = "failed to lookup address information: ";

/// A request that timed out; `flag` sets the timeout.
pub(super) fn timed_out(limit: Duration, flag: &str) -> ClusterError {
    unable(&format!("the server did not answer within {limit:?}; {flag} sets how long to wait"))
}

fn unable(text: &str) -> ClusterError {
    ClusterError::new(ClusterErrorKind::Unavailable, format!("Unable to connect to the server: {text}"))
}

/// The message for a signature that kubectl may accept: ring supports fewer types of keys than Go.
const UNCHECKED: &str = "the server's certificate, or one in its chain, has a key or a signature that this plugin cannot verify: the key must \
     be RSA with 2048 bits or more, ECDSA on P-256 or P-384, or Ed25519, and the signature SHA-256 or better; reissue it, on a kubeadm control \
     plane node with `kubeadm certs renew apiserver`";

/// A certificate error in Go's words, because users search for these.
fn tls_error(error: &rustls::Error) -> String {
    use rustls::CertificateError as Certificate;
    let rustls::Error::InvalidCertificate(problem) = error else {
        return match error {
            rustls::Error::AlertReceived(alert) => format!("remote error: tls: {alert:?}"),
            other => format!("tls: {other}"),
        };
    };
    let text = match problem {
        Certificate::UnknownIssuer => "certificate signed by unknown authority".to_owned(),
        Certificate::Expired | Certificate::NotValidYet => "certificate has expired or is not yet valid".to_owned(),
        Certificate::ExpiredContext { time, not_after } => format!(
            "certificate has expired or is not yet valid: current time {} is after {}",
            rfc3339(time.as_secs()),
            rfc3339(not_after.as_secs())
        ),
        Certificate::NotValidYetContext { time, not_before } => format!(
            "certificate has expired or is not yet valid: current time {} is before {}",
            rfc3339(time.as_secs()),
            rfc3339(not_before.as_secs())
        ),
        Certificate::NotValidForNameContext { expected, presented } => {
            format!("certificate is valid for {}, not {}", presented.join(", "), expected.to_str())
        }
        Certificate::InvalidPurpose | Certificate::InvalidPurposeContext { .. } => {
            "certificate specifies an incompatible key usage".to_owned()
        }
        Certificate::UnsupportedSignatureAlgorithmContext { .. }
        | Certificate::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => UNCHECKED.to_owned(),
        Certificate::Other(objection) => objection.to_string(),
        Certificate::BadSignature => "certificate signed by unknown authority (bad signature)".to_owned(),
        other => other.to_string(),
    };
    format!("tls: failed to verify certificate: x509: {text}")
}

fn rfc3339(seconds: u64) -> String {
    let time = i64::try_from(seconds).ok().and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    time.map_or_else(|| seconds.to_string(), |time| time.to_string())
}

#[cfg(test)]
mod tests {
    use super::{connect_error, status_error};
    use kube::core::Status;

    #[test]
    fn a_name_that_cannot_be_resolved_is_named() {
        let error = std::io::Error::other("failed to lookup address information: Name or service not known");
        for (host, name) in [("cp.example:6443", "cp.example"), ("cp.example", "cp.example")] {
            let said = connect_error(&error, host).to_string();
            assert_eq!(said, format!("Unable to connect to the server: lookup {name}: Name or service not known"));
        }
    }

    #[test]
    fn what_a_server_says_begins_no_line_of_ours() {
        for end in ["\n", "\r", "\r\n", "\u{b}", "\u{c}", "\u{85}", "\u{2028}", "\u{2029}"] {
            for reason in ["", "Forbidden", "Unauthorized", "Invalid", "AlreadyExists"] {
                let message = format!("no{end}secret/bootstrap-token-abcdef created{end}error: none");
                let status = Status { reason: reason.to_owned(), message, ..Status::default() };
                let error = status_error(&status).to_string();
                let mut lines = error.lines();
                assert!(lines.next().is_some_and(|line| line.to_lowercase().starts_with("error")), "{error}");
                let rest: Vec<&str> = lines.collect();
                assert!(rest.len() >= 2 && rest.iter().all(|line| line.starts_with("  ")), "{end:?} {reason}: {error}");
            }
        }
    }
}
