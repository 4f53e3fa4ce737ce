//! One attempt at a request, and what its failure means for the next.

use super::CallSettings;
use super::budget::{Budget, Sort};
use super::failure::{Again, Failure, Heard};
use super::list::{Items, Unfit};
use super::plain::RawAnswer;
use super::request::of_wire;
use super::translate::{connect_error, status_error, timed_out};
use super::warnings::warnings;
use crate::cluster::ClusterError;
use crate::cluster::error::ClusterErrorKind;
use http::{HeaderMap, StatusCode};
use kube::Client;
use kube::client::Body;
use kube::core::Status;
use kubephase_core::header;
use kubephase_core::log::Level;
use kubephase_core::request::{Absence, Request};
use serde_json::Value;
use std::time::Duration;
use tokio::time::Instant;

/// An answer whose body has not been read.
type Response = http::Response<Body>;

/// How an answer is received.
#[derive(Clone, Copy)]
pub(super) struct Ear<'a> {
    /// The address of the server, for the log.
    pub(super) url: &'a str,
    /// The name of the server in errors.
    pub(super) host: &'a str,
    /// How much of the answer is read.
    pub(super) budget: &'a Budget,
    /// Where warnings are shown, and the request and its status are logged.
    pub(super) manners: CallSettings<'a>,
}

impl Ear<'_> {
    /// Sends a request and logs what came back, in the words of kubectl's `-v 6` (`client-go/transport/round_trippers.go`).
    async fn send(self, client: &Client, request: &Request, wire: http::Request<Body>) -> Result<Response, kube::Error> {
        let begun = Instant::now();
        let answer = client.send(wire).await;
        self.tell(request, begun, &|| match &answer {
            Ok(answer) => answer.status().to_string(),
            Err(error) => format!("failed ({error})"),
        });
        answer
    }

    /// Logs what became of a request that was sent at this time.
    pub(super) fn tell(self, request: &Request, begun: Instant, status: &dyn Fn() -> String) {
        let taken = begun.elapsed().as_millis();
        self.manners.log.line(Level::Requests, &|| {
            let (method, url, uri, status) = (request.method.as_str(), self.url, request.uri(), status());
            let caller = if self.manners.caller.is_empty() { String::new() } else { format!(" as {}", self.manners.caller) };
            format!("{method} {url}{uri} {status} in {taken} milliseconds{caller}")
        });
    }
}

/// The status of a request that took longer than it may.
pub(super) const NO_ANSWER: &str = "failed (no answer)";

/// How often a request is sent again because the server closed the connection before it processed it.
const RESENDS: usize = 3;

/// How a successful answer is read.
#[derive(Clone, Copy)]
pub(super) enum Form<'scope, 'env> {
    /// As a whole: one object.
    Whole,
    /// As a list, whose objects go elsewhere.
    List(Items<'scope, 'env>),
}

/// Sends a request and returns the JSON of the answer; null for a list, and for a missing object, if that is an acceptable answer.
/// `limit` is the timeout, and the flag that sets it.
pub(super) async fn attempt(
    client: &Client,
    request: &Request,
    form: Form<'_, '_>,
    limit: Option<(Duration, &'static str)>,
    ear: Ear<'_>,
) -> Result<Value, Failure> {
    let (begun, answer) = (Instant::now(), resend(client, request, form, ear));
    match limit {
        Some((limit, flag)) => tokio::time::timeout(limit, answer).await.unwrap_or_else(|_| {
            ear.tell(request, begun, &|| NO_ANSWER.to_owned());
            Err(Failure::unheard(timed_out(limit, flag), Again::Doubtful))
        }),
        None => answer.await,
    }
}

/// Sends a request, again if the server did not process it.
///
/// An API server closes its connections now and then to spread its load (`--goaway-chance`), and always after it has refused
/// credentials. It names the last request that it still answers; later ones have had no effect, and belong on a new connection.
async fn resend(client: &Client, request: &Request, form: Form<'_, '_>, ear: Ear<'_>) -> Result<Value, Failure> {
    let wire = of_wire(request).map_err(|error| Failure::unheard(error, Again::Never))?;
    let mut resends = 0;
    loop {
        match ear.send(client, request, wire.clone().map(Body::from)).await {
            Ok(response) => return answer(response, request, form, ear).await,
            Err(error) if was_not_looked_at(&error) && resends < RESENDS => resends += 1,
            Err(kube::Error::Auth(error)) => {
                let text = format!("Unable to connect to the server: {error}");
                return Err(Failure::unheard(ClusterError::new(ClusterErrorKind::Unavailable, text), Again::Never));
            }
            Err(error) => {
                let again = if is_connect(&error) { Again::Harmless } else { Again::Doubtful };
                return Err(Failure::unheard(connect_error(&error, ear.host), again));
            }
        }
    }
}

/// Sends a request once, and returns any answer.
pub(super) async fn glance(client: &Client, request: &Request, ear: Ear<'_>) -> Result<RawAnswer, ClusterError> {
    let sent = ear.send(client, request, of_wire(request)?.map(Body::from)).await;
    let response = sent.map_err(|error| connect_error(&error, ear.host))?;
    let (head, body) = response.into_parts();
    let header = |name| head.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let bytes = ear.budget.read(body, Sort::Good, request, ear.host).await.map_err(|failure| failure.error)?;
    Ok(RawAnswer {
        status: head.status.as_u16(),
        content_type: header(http::header::CONTENT_TYPE).unwrap_or_default(),
        server: header(http::header::SERVER),
        location: header(http::header::LOCATION),
        date: header(http::header::DATE),
        body: serde_json::from_slice(&bytes).unwrap_or_default(),
    })
}

/// The parsed answer to a request.
async fn answer(response: Response, request: &Request, form: Form<'_, '_>, ear: Ear<'_>) -> Result<Value, Failure> {
    let (head, body) = response.into_parts();
    warnings(&head.headers).iter().for_each(|text| ear.manners.progress.warned(text));
    let cut_off = |error: ClusterError| Failure { error, again: Again::Doubtful, heard: Heard::Answer, retry_after: None };
    let unreadable = |error: serde_json::Error| match foreign(&head.headers) {
        Some(sort) => Failure { again: Again::Never, ..cut_off(no_api_server(ear.host, request, &sort)) },
        None => cut_off(ClusterError::unavailable(format!("the server's answer is not JSON: {error}"))),
    };
    match form {
        _ if !head.status.is_success() => {}
        Form::Whole => {
            let bytes = ear.budget.read(body, Sort::Good, request, ear.host).await?;
            return serde_json::from_slice(&bytes).map_err(unreadable);
        }
        Form::List(items) => {
            return items.read(body, request, ear.budget, ear.host).await?.map(|()| Value::Null).map_err(|unfit| match unfit {
                Unfit::Syntax(error) => unreadable(error),
                Unfit::Other(error) => Failure { again: Again::Never, ..cut_off(error) },
            });
        }
    }
    let bytes = ear.budget.read(body, Sort::Refusal, request, ear.host).await?;
    let status = match serde_json::from_slice::<Status>(&bytes) {
        Ok(status) => status,
        Err(error) if is_json(&head.headers) => return Err(unreadable(error)),
        Err(_) => bare_status(head.status, &bytes),
    };
    // The details are empty for a missing kind, and name the object if only that is missing.
    let names_object = status.details.as_ref().is_some_and(|details| !details.name.is_empty());
    if request.absence == Absence::Answer && status.reason == "NotFound" && names_object {
        return Ok(Value::Null);
    }
    let again = match head.status {
        StatusCode::TOO_MANY_REQUESTS => Again::Harmless,
        StatusCode::INTERNAL_SERVER_ERROR
        | StatusCode::BAD_GATEWAY
        | StatusCode::SERVICE_UNAVAILABLE
        | StatusCode::GATEWAY_TIMEOUT => Again::Doubtful,
        _ => Again::Never,
    };
    Err(Failure { error: status_error(&status), again, heard: Heard::Answer, retry_after: retry_after(&head.headers, &status) })
}

/// The content type of an answer that is not JSON: no API server sends such an answer to these requests.
fn foreign(headers: &HeaderMap) -> Option<String> {
    let said = headers.get(http::header::CONTENT_TYPE)?.to_str().ok()?;
    (!is_json(headers)).then(|| kubephase_core::name::shortened(said).into_owned())
}

fn no_api_server(host: &str, request: &Request, sort: &str) -> ClusterError {
    let path = &request.path;
    ClusterError::unavailable(format!("no API server answers at {host}: the answer to `{path}` is `{sort}` and not JSON"))
}

/// Whether the content type of an answer is JSON.
fn is_json(headers: &HeaderMap) -> bool {
    let said = headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    said.is_some_and(|said| said.starts_with("application/json"))
}

/// `Retry-After` in seconds, in the header (RFC 9110 §10.2.3) or in the API server's own form.
fn retry_after(headers: &HeaderMap, status: &Status) -> Option<Duration> {
    let header = header::retry_after(headers.get_all(http::header::RETRY_AFTER).iter().filter_map(|value| value.to_str().ok()));
    let details = status.details.as_ref().map(|details| u64::from(details.retry_after_seconds)).filter(|seconds| *seconds > 0);
    header.or_else(|| details.map(header::wait))
}

/// The Status that client-go makes of any other answer (`apimachinery/pkg/api/errors`, `NewGenericServerResponse`): from a proxy,
/// or from before the API server's own handlers.
fn bare_status(code: StatusCode, bytes: &[u8]) -> Status {
    let said = String::from_utf8_lossy(bytes);
    let (reason, message) = match code {
        StatusCode::UNAUTHORIZED => ("Unauthorized", "the server has asked for the client to provide credentials"),
        StatusCode::FORBIDDEN => ("Forbidden", said.trim()),
        StatusCode::NOT_FOUND => ("NotFound", "the server could not find the requested resource"),
        StatusCode::TOO_MANY_REQUESTS => {
            let message = "the server has received too many requests and has asked us to try again later";
            ("TooManyRequests", message)
        }
        StatusCode::INTERNAL_SERVER_ERROR => {
            ("InternalError", "an error on the server has prevented the request from succeeding")
        }
        StatusCode::SERVICE_UNAVAILABLE => ("ServiceUnavailable", "the server is currently unable to handle the request"),
        StatusCode::GATEWAY_TIMEOUT => (
            "Timeout",
            "the server was unable to return a response in the time allotted, but may still be processing the request",
        ),
        _ => ("", said.trim()),
    };
    let message = if message.is_empty() { code.to_string() } else { message.to_owned() };
    Status::failure(&message, reason).with_code(code.as_u16())
}

/// Whether the connection could not be made.
fn is_connect(error: &kube::Error) -> bool {
    causes(error).any(|error| {
        error.downcast_ref::<hyper_util::client::legacy::Error>().is_some_and(hyper_util::client::legacy::Error::is_connect)
    })
}

/// Whether an error is a GOAWAY without an error code (RFC 9113 §6.8), which h2 reports only for requests after the last one that
/// the server answers.
fn was_not_looked_at(error: &kube::Error) -> bool {
    let found = causes(error).find_map(|error| error.downcast_ref::<h2::Error>());
    found.is_some_and(|error| error.is_go_away() && error.is_remote() && error.reason() == Some(h2::Reason::NO_ERROR))
}

/// An error and its causes.
fn causes<'a>(error: &'a (dyn std::error::Error + 'static)) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error| error.source())
}
