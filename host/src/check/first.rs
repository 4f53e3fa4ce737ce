//! The first request of a node to its endpoint, whichever server answers there.

use super::client::{ApiClient, cluster_info as info_object};
use super::steps::Steps;
use crate::cluster::ClusterError;
use crate::cluster::error::ClusterErrorKind;
use crate::cluster::live::RawAnswer;
use kubephase_core::join::{Anonymous, ContactObstacle, Endpoint, Page, Step, StepProblem};
use kubephase_core::name::shortened_to;
use kubephase_core::object::Object;
use serde_json::Value;

/// The paths that an API server serves without a login.
const PUBLIC_PATHS: [&str; 4] = ["/livez", "/readyz", "/healthz", "/version"];
/// The maximum length of a header in a report, characters.
const HEADER_CHARACTERS: usize = 80;
/// How kube-controller-manager and kube-scheduler refuse a path that only an API server has.
const NOT_A_RESOURCE: &str = "cannot get path";

/// What was found at the endpoint.
#[derive(Debug, Default)]
pub(super) struct Met {
    /// What blocks the connection, or answers in place of an API server.
    pub(super) obstacle: Option<ContactObstacle>,
    /// Whether paths are served without a login; tested if cluster-info requires one.
    pub(super) anonymous: Option<Anonymous>,
    /// The server's clock, seconds since 1970.
    pub(super) server_time: Option<i64>,
}

impl Met {
    /// The result for an obstacle, if there is one.
    pub(super) fn of(obstacle: Option<ContactObstacle>) -> Self {
        Self { obstacle, ..Self::default() }
    }

    /// The problem with the endpoint.
    pub(super) fn problem(&self) -> StepProblem {
        match &self.obstacle {
            Some(obstacle) if obstacle.is_decisive() => StepProblem::Foreign,
            Some(ContactObstacle::Page(_)) => StepProblem::Unanswered,
            _ => StepProblem::Unreachable,
        }
    }

    /// Whether waiting would change nothing.
    pub(super) fn is_for_good(&self) -> bool {
        self.obstacle.as_ref().is_some_and(|obstacle| !obstacle.may_pass())
    }
}

/// Reads cluster-info without a login. A server that does not answer like an API server is asked only once.
pub(super) fn cluster_info(node: &ApiClient<'_>, at: &Endpoint, steps: &mut Steps) -> (Option<Object>, Met) {
    let step = Step::ClusterInfo;
    let object = match info_object() {
        Ok(object) => object,
        Err(error) => return (failed(step, &error, steps), Met::default()),
    };
    let glance = node.glance(&object.path()).ok();
    let server_time = glance.as_ref().and_then(|glance| time(glance.date.as_deref()?));
    if let Some(page) = glance.as_ref().and_then(foreign) {
        let detail = page.described();
        let met = Met { server_time, ..Met::of(Some(ContactObstacle::Page(page))) };
        steps.failed(step, met.problem(), detail);
        return (None, met);
    }
    let answer = match glance {
        Some(glance) if glance.status == 200 => glance.object(&object).map(Some),
        // It is asked again like any server, which may be overloaded.
        _ => node.get(&object),
    };
    let mut met = Met { server_time, ..Met::default() };
    match answer {
        Ok(Some(object)) => return (Some(object), met),
        Ok(None) => steps.failed(step, StepProblem::Missing, "the ConfigMap cluster-info in kube-public does not exist"),
        Err(error) if error.kind == ClusterErrorKind::Unauthorized => {
            met.anonymous = Some(anonymous(node));
            steps.error(step, &error);
        }
        Err(error) if error.kind == ClusterErrorKind::Unavailable => {
            met.obstacle = node.obstacle(at);
            steps.failed(step, met.problem(), super::steps::one_line(&error));
        }
        Err(error) => steps.error(step, &error),
    }
    (None, met)
}

fn failed(step: Step, error: &ClusterError, steps: &mut Steps) -> Option<Object> {
    steps.error(step, error);
    None
}

/// An answer that does not come from an API server: neither an object nor a Status, or from another component.
fn foreign(glance: &RawAnswer) -> Option<Page> {
    let text = |name: &str| glance.body.get(name).and_then(Value::as_str);
    let is_of_api_server = match (text("kind"), glance.status) {
        (Some("ConfigMap"), 200) => true,
        (Some("Status"), 200) => false,
        (Some("Status"), _) => !text("message").unwrap_or_default().contains(NOT_A_RESOURCE),
        // In front of its handlers an API server answers tersely (`apiserver/pkg/server/filters`).
        _ => glance.status == 429,
    };
    let short = |text: &String| shortened_to(text, HEADER_CHARACTERS).into_owned();
    (!is_of_api_server).then(|| Page {
        status: glance.status,
        content_type: short(&glance.content_type),
        server: glance.server.as_ref().map(short),
        location: glance.location.as_ref().map(short),
    })
}

/// Tests which paths are served without a login.
fn anonymous(node: &ApiClient<'_>) -> Anonymous {
    let is_open = |path: &str| node.glance(path).is_ok_and(|glance| glance.status != 401);
    if PUBLIC_PATHS.into_iter().any(is_open) { Anonymous::Elsewhere } else { Anonymous::Nowhere }
}

/// Parses a `Date` header (RFC 9110 §5.6.7).
fn time(date: &str) -> Option<i64> {
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(date).ok().map(jiff::Timestamp::as_second)
}
