//! Calls to a server that fails in turn: what is sent again, what is looked at first, and what is reported.

use super::{Acquaintance, Budget, CallSettings, Caller, Effect};
use crate::cluster::live::list::Owners;
use crate::cluster::live::tests::Lines;
use crate::interrupt::Interrupt;
use futures_util::future::join_all;
use http::Response;
use kube::Client;
use kube::client::Body;
use kubephase_core::connection::Patience;
use kubephase_core::log::Silent;
use kubephase_core::name::{Namespace, ObjectName};
use kubephase_core::object::{ApiResource, Object, ObjectRef};
use kubephase_core::progress::Unseen;
use kubephase_core::question::Server;
use kubephase_core::request::Request;
use kubephase_core::selector::{ListRef, Selector};
use kubephase_core::write::{Expected, Verb, Write, WriteMode};
use serde_json::{Map, Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::thread::Scope;
use std::time::Duration;

/// What the server does with a request.
#[derive(Clone, Copy)]
enum Turn {
    /// The status, and the object with this version and value.
    One(u16, &'static str, &'static str),
    /// This text.
    Text(&'static str),
    /// A Status with this code and reason; one of `NotFound` names the object.
    Status(u16, &'static str),
    /// A Status `NotFound` that names no object: the server does not know the kind.
    NoKind,
    /// It asks for an hour.
    Hour,
    /// An answer that ends in the middle.
    Truncated,
    /// A page for people.
    Page,
    /// The connection breaks.
    Broken,
}

use Turn::{Broken, Hour, NoKind, One, Page, Status, Text, Truncated};

impl Turn {
    fn answer(self) -> Result<Response<Body>, std::io::Error> {
        let (code, content_type, body) = match self {
            One(code, version, value) => (code, "application/json", object(version, value).to_string()),
            Status(code, reason) => {
                let status = json!({
                    "kind": "Status", "apiVersion": "v1", "status": "Failure", "message": reason, "reason": reason, "code": code,
                    "details": { "name": "b", "kind": "configmaps" },
                });
                (code, "application/json", status.to_string())
            }
            NoKind => {
                let status = json!({ "kind": "Status", "apiVersion": "v1", "status": "Failure", "message": "no kind", "reason": "NotFound", "details": {} });
                (404, "application/json", status.to_string())
            }
            Hour => {
                (429, "application/json", json!({ "kind": "Status", "reason": "TooManyRequests", "message": "busy" }).to_string())
            }
            Text(text) => (200, "application/json", text.to_owned()),
            Truncated => (200, "application/json", "{\"kind\": \"ConfigM".to_owned()),
            Page => (200, "text/html", "<html>".to_owned()),
            Broken => return Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset)),
        };
        let response = Response::builder().status(code).header("Content-Type", content_type);
        let response = if matches!(self, Hour) { response.header("Retry-After", "3600") } else { response };
        Ok(response.body(Body::from(body.into_bytes())).unwrap())
    }
}

fn object(version: &str, value: &str) -> Value {
    let metadata = json!({ "name": "b", "namespace": "a", "uid": "u", "resourceVersion": version });
    json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": { "x": value } })
}

fn write(verb: Verb, expected: Expected) -> Write {
    let of = ApiResource::parse("", "v1", "configmaps", "ConfigMap").unwrap();
    let (namespace, name) = (Namespace::parse("a").unwrap(), ObjectName::parse("b").unwrap());
    Write { target: ObjectRef { of, namespace: Some(namespace), name }, verb, expected }
}

fn body() -> Map<String, Value> {
    json!({ "data": { "x": "new" } }).as_object().unwrap().clone()
}

fn create() -> Write {
    write(Verb::Create(body()), Expected::Absent)
}

fn patch() -> Write {
    write(Verb::MergePatch(body()), Expected::Same { uid: Some("u".to_owned()), resource_version: Some("1".to_owned()) })
}

fn delete() -> Write {
    write(Verb::Delete, Expected::Same { uid: Some("u".to_owned()), resource_version: Some("1".to_owned()) })
}

/// What a call does.
#[derive(Clone, Copy)]
enum Called {
    Read,
    List,
    Write(fn() -> Write),
}

const READ: Called = Called::Read;
const LIST: Called = Called::List;
const CREATE: Called = Called::Write(create);
const PATCH: Called = Called::Write(patch);
const DELETE: Called = Called::Write(delete);

/// Where a list is read, and its objects go.
#[derive(Clone, Copy)]
struct Place<'scope, 'env> {
    threads: &'scope Scope<'scope, 'env>,
    selector: &'env Selector,
    found: &'env Mutex<Vec<Object>>,
}

/// Makes one call; returns the methods that were sent, and the result.
async fn call(called: Called, total: Duration, turns: &[Turn], place: Place<'_, '_>) -> (String, String) {
    let (left, sent) = (Arc::new(Mutex::new(turns.iter().copied().collect::<VecDeque<_>>())), Arc::new(Mutex::new(Vec::new())));
    let service = tower::service_fn({
        let (left, sent) = (Arc::clone(&left), Arc::clone(&sent));
        move |request: http::Request<Body>| {
            sent.lock().unwrap().push(request.method().to_string());
            std::future::ready(left.lock().unwrap().pop_front().unwrap_or(Broken).answer())
        }
    });
    let interrupt = Interrupt::default();
    let patience = Patience { answer: None, total };
    let manners = CallSettings {
        patience,
        interrupt: &interrupt,
        progress: &Unseen,
        log: &Silent,
        caller: "",
        most_bytes: 1 << 20,
        turns: None,
    };
    let acquaintance = Acquaintance::default();
    // It has answered before.
    acquaintance.is_known.set(true);
    let caller = Caller {
        client: Client::new(service, "default"),
        server: &Server::default(),
        host: "cp:6443".to_owned(),
        manners,
        budget: Budget::new(1 << 20),
        acquaintance: &acquaintance,
    };
    let answer = match called {
        Called::Write(write) => {
            let write = write();
            caller.call(&Request::write(&write, WriteMode::Real), Effect::Stored(&write)).await
        }
        Called::Read => caller.call(&Request::object(&create().target), Effect::None).await,
        Called::List => {
            let Place { threads, selector, found } = place;
            caller.read(selector, Owners::Skipped, threads, found).await.map(|()| {
                let names: Vec<String> =
                    found.lock().unwrap().iter().filter_map(|object| object.metadata("name").map(str::to_owned)).collect();
                json!({ "data": { "x": names.join(" ") } })
            })
        }
    };
    let result = match answer {
        Ok(Value::Null) => "nothing".to_owned(),
        Ok(object) => object["data"]["x"].to_string(),
        Err(error) => format!("{:?}: {error}", error.kind),
    };
    assert!(left.lock().unwrap().is_empty(), "it does not send all: {result}");
    (sent.lock().unwrap().join(" "), result)
}

/// What is called, how long it is tried, what the server does, the methods that are sent, and the result.
type Case = (Called, Duration, &'static [Turn], &'static str, &'static str);

const MINUTE: Duration = Duration::from_secs(60);
const ABSENT: Turn = Status(404, "NotFound");
const WHOLE: Turn =
    Text(r#"{"kind":"ConfigMapList","apiVersion":"v1","items":[{"metadata":{"name":"b"}},{"metadata":{"name":"c"}}]}"#);
const HALF: Turn = Text(r#"{"kind":"ConfigMapList","apiVersion":"v1","items":[{"metadata":{"name":"a"}},{"metad"#);
const EMPTY: Turn = Text(r#"{"kind":"ConfigMapList","apiVersion":"v1","items":null}"#);
const PODS: Turn = Text(r#"{"kind":"PodList","apiVersion":"v1","items":[]}"#);
const EXISTS: &str = "Conflict: Error from server (AlreadyExists): configmaps \"b\" already exists";
const CHANGED: &str = "Conflict: Error from server (Conflict): Operation cannot be fulfilled on configmaps \"b\": the object has been \
     modified; please apply your changes to the latest version and try again";

const CASES: [Case; 30] = [
    // Reads.
    (READ, MINUTE, &[One(200, "1", "a")], "GET", "\"a\""),
    (READ, MINUTE, &[ABSENT], "GET", "nothing"),
    (READ, MINUTE, &[Status(503, "ServiceUnavailable"), One(200, "1", "a")], "GET GET", "\"a\""),
    (READ, MINUTE, &[Broken, Truncated, Status(429, "TooManyRequests"), ABSENT], "GET GET GET GET", "nothing"),
    (READ, MINUTE, &[Status(403, "Forbidden")], "GET", "Forbidden: Error from server (Forbidden): Forbidden"),
    (READ, MINUTE, &[NoKind], "GET", "NotFound: Error from server (NotFound): no kind"),
    // Who asks for more time than there is gets no further request.
    (
        READ,
        Duration::from_secs(1),
        &[Hour],
        "GET",
        "Refused: Error from server (TooManyRequests): busy\n(tried for 1s; --timeout sets how long)",
    ),
    (
        READ,
        MINUTE,
        &[Page],
        "GET",
        "Unavailable: error: no API server answers at cp:6443: the answer to \
            `/api/v1/namespaces/a/configmaps/b` is `text/html` and not JSON",
    ),
    // Of a list only the attempt counts that came to its end.
    (LIST, MINUTE, &[WHOLE], "GET", "\"b c\""),
    (LIST, MINUTE, &[HALF, Broken, WHOLE], "GET GET GET", "\"b c\""),
    (LIST, MINUTE, &[Status(503, "ServiceUnavailable"), HALF, EMPTY], "GET GET GET", "\"\""),
    (LIST, MINUTE, &[Status(403, "Forbidden")], "GET", "Forbidden: Error from server (Forbidden): Forbidden"),
    (
        LIST,
        MINUTE,
        &[PODS],
        "GET",
        "Unavailable: error: the server answered for configmaps with `v1, PodList`, but only `v1, ConfigMap` is allowed: \
            the answer is ignored",
    ),
    (
        LIST,
        MINUTE,
        &[Page],
        "GET",
        "Unavailable: error: no API server answers at cp:6443: the answer to `/api/v1/configmaps` is `text/html` and not JSON",
    ),
    // A write that the server did not process is sent again at once.
    (CREATE, MINUTE, &[One(201, "1", "new")], "POST", "\"new\""),
    (CREATE, MINUTE, &[Status(429, "TooManyRequests"), One(201, "1", "new")], "POST POST", "\"new\""),
    (CREATE, MINUTE, &[Status(409, "AlreadyExists")], "POST", "Conflict: Error from server (AlreadyExists): AlreadyExists"),
    // One that may have been stored is looked for first: it was not.
    (CREATE, MINUTE, &[Broken, ABSENT, One(201, "1", "new")], "POST GET POST", "\"new\""),
    (CREATE, MINUTE, &[Status(500, "InternalError"), ABSENT, One(201, "1", "new")], "POST GET POST", "\"new\""),
    (PATCH, MINUTE, &[Status(504, "Timeout"), One(200, "1", "old"), One(200, "2", "new")], "PATCH GET PATCH", "\"new\""),
    (DELETE, MINUTE, &[Broken, One(200, "1", "old"), One(200, "1", "old")], "DELETE GET DELETE", "\"old\""),
    // It was.
    (CREATE, MINUTE, &[Truncated, One(200, "1", "new")], "POST GET", "\"new\""),
    (PATCH, MINUTE, &[Broken, One(200, "2", "new")], "PATCH GET", "\"new\""),
    (DELETE, MINUTE, &[Status(502, ""), ABSENT], "DELETE GET", "nothing"),
    // The look fails as well, and is repeated; the doubt stays.
    (CREATE, MINUTE, &[Broken, Broken, Status(503, ""), One(200, "1", "new")], "POST GET GET GET", "\"new\""),
    // Another client was there.
    (CREATE, MINUTE, &[Broken, One(200, "1", "other")], "POST GET", EXISTS),
    (PATCH, MINUTE, &[Broken, One(200, "2", "other")], "PATCH GET", CHANGED),
    (PATCH, MINUTE, &[Broken, ABSENT], "PATCH GET", "Conflict: Error from server (NotFound): configmaps \"b\" not found"),
    // The time is over: what nobody knows is reported as that, and a refusal as a refusal.
    (
        CREATE,
        Duration::ZERO,
        &[Status(500, "InternalError")],
        "POST",
        "Unknown: Error from server (InternalError): InternalError",
    ),
    (
        CREATE,
        Duration::ZERO,
        &[Status(429, "TooManyRequests")],
        "POST",
        "Refused: Error from server (TooManyRequests): TooManyRequests",
    ),
];

#[test]
fn a_call_is_repeated_until_it_is_answered() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let of = create().target.of;
    let selector = &Selector::Many(ListRef { of, namespace: None, labels: String::new(), fields: String::new() });
    let found: Vec<_> = CASES.iter().map(|_| Mutex::new(Vec::new())).collect();
    let results = std::thread::scope(|threads| {
        let calls = CASES
            .iter()
            .zip(&found)
            .map(|((called, total, turns, ..), found)| call(*called, *total, turns, Place { threads, selector, found }));
        // Side by side, since each waits between its attempts.
        runtime.block_on(join_all(calls))
    });
    for ((_, _, _, sent, result), (found, said)) in CASES.iter().zip(results) {
        assert_eq!((found.as_str(), said.as_str()), (*sent, *result));
    }
}

/// Answered, broken or silent, at once or again: each attempt has a line, with its query.
#[test]
fn each_attempt_is_logged() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    for (turn, expected) in [
        (Some(Status(503, "ServiceUnavailable")), "503 Service Unavailable"),
        (Some(Broken), "failed ("),
        (None, "failed (no answer)"),
        (Some(One(201, "1", "new")), "201 Created"),
    ] {
        let (interrupt, lines, acquaintance) = (Interrupt::default(), Lines::default(), Acquaintance::default());
        let service = tower::service_fn(move |_: http::Request<Body>| async move {
            match turn {
                Some(turn) => turn.answer(),
                None => std::future::pending().await,
            }
        });
        let client = runtime.block_on(async { Client::new(service, "default") });
        let patience = Patience { answer: Some(Duration::from_millis(20)), total: Duration::ZERO };
        let manners = CallSettings {
            patience,
            interrupt: &interrupt,
            progress: &Unseen,
            log: &lines,
            caller: "the node",
            most_bytes: 1 << 20,
            turns: None,
        };
        let (host, budget) = ("cp:6443".to_owned(), Budget::new(1 << 20));
        let server = Server { url: "https://cp:6443".to_owned(), ..Server::default() };
        let caller = Caller { client, server: &server, host, manners, budget, acquaintance: &acquaintance };
        let request = Request::write(&create(), WriteMode::DryRun);
        let _ = runtime.block_on(caller.call(&request, Effect::None));
        let _ = runtime.block_on(caller.glance(&request));
        let url = "POST https://cp:6443/api/v1/namespaces/a/configmaps?dryRun=All&fieldManager=kubectl-bootstrap-token";
        let found = lines.0.borrow();
        assert_eq!(found.len(), 2, "a call and a glance: {found:?}");
        assert!(found.iter().all(|line| line.starts_with(&format!("{url} {expected}"))), "{found:?}");
    }
}
