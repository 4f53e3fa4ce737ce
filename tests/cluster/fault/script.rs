//! What a proxy is told to do, and what it saw.

use http::{Request, StatusCode};
use hyper::body::Bytes;
use serde_json::json;
use std::time::{Duration, Instant};

/// Something that the test does while a request waits.
pub(crate) type Hook = Box<dyn FnOnce() + Send>;

/// A fault, done to one request and to what hangs on it.
pub(crate) enum Fault {
    /// The connection breaks. All requests before this one have been answered, and the client has read the answers.
    Cut(Cut),
    /// An answer that is not the API server's; `is_forwarded` says whether the API server saw the request all the same.
    Said { answer: http::Response<Bytes>, is_forwarded: bool },
    /// Forwarded; the head of the answer with the true `content-length`, half of the body, and then the stream ends.
    Truncated,
    /// Forwarded; half of the body as if that were all of it.
    Unreadable,
    /// Forwarded at once, and answered once the hook has run and the time is over.
    Late(Hook, Duration),
    /// Forwarded and never answered.
    Silent,
    /// Once the hook has run, another fault; or none, and it is forwarded. No later request overtakes it.
    First(Hook, Option<Box<Fault>>),
}

/// How a connection breaks.
pub(crate) enum Cut {
    /// The request is not forwarded, and the connection is reset.
    ResetBefore,
    /// The request and those behind it are forwarded; when the API server has answered it, the hook runs and the connection is
    /// reset.
    ResetAfter(Hook),
    /// The request is not forwarded, the connection is closed, and further ones are refused: for a while, or for good.
    Refused(Option<Duration>),
    /// The request is not forwarded, and nothing is heard on this connection any more. It stays open, and others can be made.
    Swallowed,
    /// The request is not forwarded, and this connection and all further ones are reset. The hook runs when the client has come
    /// back for the second time.
    Deaf(Hook),
}

/// A request as the proxy saw it.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(super) method: String,
    /// With the query.
    pub(super) path: String,
    /// What the API server said; 0 if it was not asked, or did not answer.
    pub(super) status: u16,
    pub(super) at: Instant,
}

impl Seen {
    pub(super) fn new<B>(request: &Request<B>) -> Self {
        let path = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
        Self { method: request.method().to_string(), path, status: 0, at: Instant::now() }
    }

    pub(super) fn is_dry_run(&self) -> bool {
        self.path.contains("dryRun=All")
    }

    /// Whether it changes something.
    pub(crate) fn is_write(&self) -> bool {
        self.method != "GET" && !self.is_dry_run()
    }
}

/// For which requests a fault is meant: given are the request's index in order of arrival and itself.
pub(crate) type When = Box<dyn Fn(usize, &Seen) -> bool + Send>;

/// The request with an index.
pub(super) fn at(wanted: usize) -> When {
    Box::new(move |index, _| index == wanted)
}

/// The next request that is tried only.
pub(super) fn dry_run() -> When {
    Box::new(|_, seen| seen.is_dry_run())
}

/// The next request that changes something.
pub(super) fn write() -> When {
    Box::new(|_, seen| seen.is_write())
}

/// Faults, each for the first request that it is meant for.
pub(crate) type Script = Vec<(When, Fault)>;

/// What a proxy does and saw in a run of the client.
#[derive(Default)]
pub(crate) struct Record {
    script: Script,
    pub(super) seen: Vec<Seen>,
    /// The requests that a fault was done to.
    pub(crate) fired: Vec<usize>,
    /// Whether a hook failed.
    pub(super) has_failed: bool,
}

impl Record {
    pub(super) fn new(script: Script) -> Self {
        Self { script, ..Self::default() }
    }

    /// Notes a request and returns its index and its fault.
    pub(super) fn arrived(&mut self, seen: Seen) -> (usize, Option<Fault>) {
        let index = self.seen.len();
        let place = self.script.iter().position(|(when, _)| when(index, &seen));
        self.seen.push(seen);
        let fault = place.map(|place| self.script.remove(place).1);
        self.fired.extend(fault.is_some().then_some(index));
        (index, fault)
    }
}

/// An answer of an API server that does not do what it is asked, or of something before it. With 429 it asks to wait for a second.
pub(super) fn status(code: u16, reason: &str, is_forwarded: bool) -> Fault {
    said(code, reason, is_forwarded, "1")
}

/// An API server that wants to be left alone for longer than there are numbers for.
pub(super) fn wait_without_end() -> Fault {
    said(429, "TooManyRequests", false, "18446744073709551615")
}

/// The API server's yes, and more of it than a quarter of a MiB.
pub(super) fn too_long() -> Fault {
    let answer = http::Response::new(Bytes::from(format!(r#"{{"metadata": {{"name": "{}"}}}}"#, "x".repeat(300 << 10))));
    Fault::Said { answer, is_forwarded: true }
}

fn said(code: u16, reason: &str, is_forwarded: bool, retry_after: &'static str) -> Fault {
    let body = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": "a fault of the test", "reason": reason, "code": code,
    });
    let mut answer = http::Response::new(body.to_string().into());
    *answer.status_mut() = StatusCode::from_u16(code).unwrap();
    answer.headers_mut().insert("content-type", http::HeaderValue::from_static("application/json"));
    if code == 429 {
        answer.headers_mut().insert("retry-after", http::HeaderValue::from_static(retry_after));
    }
    Fault::Said { answer, is_forwarded }
}

/// What an API server of another release answers when it is asked which one it is.
pub(crate) fn release(git_version: &str) -> (When, Fault) {
    let answer = http::Response::new(Bytes::from(json!({ "gitVersion": git_version }).to_string()));
    (Box::new(|_, seen| seen.path == "/version"), Fault::Said { answer, is_forwarded: false })
}

/// The answer of a load balancer that does not reach the API server.
pub(super) fn bad_gateway() -> Fault {
    let mut answer = http::Response::new(Bytes::from_static(b"<html><h1>502 Bad Gateway</h1></html>\n"));
    *answer.status_mut() = StatusCode::BAD_GATEWAY;
    answer.headers_mut().insert("content-type", http::HeaderValue::from_static("text/html"));
    Fault::Said { answer, is_forwarded: false }
}
