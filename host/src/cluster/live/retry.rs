//! A call: attempts until one is answered, within the timeout (`--timeout`).
//!
//! kubeadm retries every call each half a second for up to a minute (`kubeadm/app/util/apiclient`). This does the same, with
//! growing delays, and with care for writes: one whose answer was lost may have been stored, so the object is read before it is
//! sent again.

use super::CallSettings;
use super::answer;
use super::attempt::{Ear, Form, NO_ANSWER, attempt, glance};
use super::budget::Budget;
use super::failure::{Again, Failure, Heard};
use super::list::{Items, Owners};
use super::plain::RawAnswer;
use super::poll::later;
use super::translate::timed_out;
use crate::cluster::error::ClusterErrorKind;
use crate::cluster::{ClusterError, Sink};
use backon::{BackoffBuilder as _, ExponentialBuilder};
use kube::Client;
use kubephase_core::object::Object;
use kubephase_core::question::Server;
use kubephase_core::request::Request;
use kubephase_core::selector::Selector;
use kubephase_core::write::{Happened, Write};
use serde_json::Value;
use std::cell::Cell;
use std::sync::{Mutex, PoisonError};
use std::thread::Scope;
use std::time::Duration;
use tokio::time::Instant;

/// The delays between attempts grow from the first to the last.
const DELAYS: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));
/// How long the process sleeps at most before it checks for an interrupt.
const NAP: Duration = Duration::from_millis(100);

/// What is known of the server in this run.
#[derive(Debug, Default)]
pub(super) struct Acquaintance {
    /// It has answered: its address is right, and an outage is temporary.
    is_known: Cell<bool>,
    /// It rejects the credentials. It reports that on one request and closes the connection on the others.
    is_unauthorized: Cell<bool>,
}

/// The state shared by concurrent calls.
pub(super) struct Caller<'a> {
    pub(super) client: Client,
    pub(super) server: &'a Server,
    pub(super) host: String,
    pub(super) manners: CallSettings<'a>,
    /// The remaining bytes for the answers to these calls.
    pub(super) budget: Budget,
    pub(super) acquaintance: &'a Acquaintance,
}

/// The effect of a request.
#[derive(Clone, Copy)]
pub(super) enum Effect<'a> {
    /// None.
    None,
    /// This write is stored.
    Stored(&'a Write),
}

impl Caller<'_> {
    /// Makes a call that is answered with one object.
    pub(super) async fn call(&self, request: &Request, effect: Effect<'_>) -> Result<Value, ClusterError> {
        self.call_for(request, effect, Form::Whole).await
    }

    /// Reads what a selector matches, and passes it on; nothing for a missing object. Of a list the sink gets all objects again at
    /// each attempt, parsed by one of `threads`.
    pub(super) async fn read<'scope, 'env>(
        &self,
        selector: &'env Selector,
        owners: Owners,
        threads: &'scope Scope<'scope, 'env>,
        sink: &'env Mutex<dyn Sink + 'env>,
    ) -> Result<(), ClusterError> {
        let request = Request::read(selector);
        match selector {
            Selector::Many(list) => {
                let items = Items { threads, list, owners, sink };
                self.call_for(&request, Effect::None, Form::List(items)).await.map(|_| ())
            }
            Selector::One(target) => {
                let found = answer::found(target, self.call(&request, Effect::None).await?)?;
                found.into_iter().for_each(|object| sink.lock().unwrap_or_else(PoisonError::into_inner).take(object));
                Ok(())
            }
        }
    }

    async fn call_for(&self, request: &Request, effect: Effect<'_>, form: Form<'_, '_>) -> Result<Value, ClusterError> {
        let (least, most) = DELAYS;
        let mut delays =
            ExponentialBuilder::default().with_min_delay(least).with_max_delay(most).with_jitter().without_max_times().build();
        let deadline = later(self.manners.patience.total);
        let mut is_in_doubt = false;
        loop {
            let failure = match self.try_once(request, (effect, form), deadline, &mut is_in_doubt).await {
                Ok(answer) => return answer,
                Err(failure) => failure,
            };
            let ours = delays.next().unwrap_or(most);
            // A server that asks for a shorter delay does not get more requests.
            let delay = failure.retry_after.map_or(ours, |asked| asked.max(ours));
            let is_last = later(delay) >= deadline;
            if is_last || !self.is_worth_another(&failure) {
                return Err(self.given_up(failure, is_in_doubt, is_last));
            }
            self.manners.progress.delayed(&failure.error.to_string());
            let until = later(delay);
            while Instant::now() < until && !self.manners.interrupt.is_raised() {
                tokio::time::sleep(NAP.min(until.saturating_duration_since(Instant::now()))).await;
            }
            if self.manners.interrupt.is_raised() {
                return Err(self.given_up(failure, is_in_doubt, false));
            }
        }
    }

    /// Sends a request once, and accepts any answer.
    pub(super) async fn glance(&self, request: &Request) -> Result<RawAnswer, ClusterError> {
        let (limit, flag) = self.manners.patience.once();
        let (begun, ear) = (Instant::now(), self.ear());
        tokio::time::timeout(limit, glance(&self.client, request, ear)).await.unwrap_or_else(|_| {
            ear.tell(request, begun, &|| NO_ANSWER.to_owned());
            Err(timed_out(limit, flag))
        })
    }

    /// One attempt; if the result of an earlier one is in doubt, that is checked first.
    async fn try_once(
        &self,
        request: &Request,
        (effect, form): (Effect<'_>, Form<'_, '_>),
        deadline: Instant,
        is_in_doubt: &mut bool,
    ) -> Result<Result<Value, ClusterError>, Failure> {
        if let (true, Effect::Stored(write)) = (*is_in_doubt, effect) {
            let found = match self.attempt(&Request::object(&write.target), Form::Whole, deadline).await? {
                Value::Object(fields) => Some(Object::new(fields)),
                _ => None,
            };
            match write.happened(found.as_ref()) {
                Happened::Yes => {
                    return Ok(Ok(found.map_or(Value::Null, |object| Value::Object(object.into_fields()))));
                }
                Happened::No => *is_in_doubt = false,
                Happened::Otherwise => return Ok(Err(changed(write, found.as_ref()))),
            }
        }
        let answer = self.attempt(request, form, deadline).await;
        if let (Err(failure), Effect::Stored(_)) = (&answer, effect) {
            // A truncated answer does not say whether the write was stored.
            *is_in_doubt |= failure.again == Again::Doubtful || failure.error.kind == ClusterErrorKind::TooLong;
        }
        answer.map(Ok)
    }

    fn ear(&self) -> Ear<'_> {
        Ear { url: &self.server.url, host: &self.host, budget: &self.budget, manners: self.manners }
    }

    async fn attempt(&self, request: &Request, form: Form<'_, '_>, deadline: Instant) -> Result<Value, Failure> {
        let left = deadline.saturating_duration_since(Instant::now());
        let limit = match self.manners.patience.answer {
            _ if self.manners.patience.total.is_zero() => self.manners.patience.answer.map(|limit| (limit, "--request-timeout")),
            Some(limit) if limit < left => Some((limit, "--request-timeout")),
            _ => Some((left, "--timeout")),
        };
        let answer = attempt(&self.client, request, form, limit, self.ear()).await;
        let is_heard = answer.as_ref().map_or_else(|failure| failure.heard == Heard::Answer, |_| true);
        self.acquaintance.is_known.set(self.acquaintance.is_known.get() || is_heard);
        if answer.as_ref().is_err_and(|failure| failure.error.kind == ClusterErrorKind::Unauthorized) {
            self.acquaintance.is_unauthorized.set(true);
        }
        answer
    }

    fn is_worth_another(&self, failure: &Failure) -> bool {
        let Acquaintance { is_known, is_unauthorized } = self.acquaintance;
        // A server that never answered is probably not where the user thinks it is.
        failure.again != Again::Never && is_known.get() && !is_unauthorized.get() && !self.manners.interrupt.is_raised()
    }

    fn given_up(&self, failure: Failure, is_in_doubt: bool, is_last: bool) -> ClusterError {
        let text = failure.error.to_string();
        let total = self.manners.patience.total;
        let is_told = failure.again == Again::Never || total.is_zero() || text.contains("--timeout");
        let text = if is_last && !is_told && self.acquaintance.is_known.get() {
            format!("{text}\n(tried for {total:?}; --timeout sets how long)")
        } else {
            text
        };
        let kind = if is_in_doubt { ClusterErrorKind::Unknown } else { failure.error.kind };
        ClusterError::new(kind, text)
    }
}

#[cfg(test)]
mod tests;

/// The conflict that the API server would report if the write were sent again (`apimachinery/pkg/api/errors`).
fn changed(write: &Write, found: Option<&Object>) -> ClusterError {
    let (of, name) = (&write.target.of, &write.target.name);
    let line = match (&write.verb, found) {
        (kubephase_core::write::Verb::Create(_), _) => {
            format!("Error from server (AlreadyExists): {of} \"{name}\" already exists")
        }
        (_, None) => format!("Error from server (NotFound): {of} \"{name}\" not found"),
        (_, Some(_)) => format!(
            "Error from server (Conflict): Operation cannot be fulfilled on {of} \"{name}\": the object has been modified; \
             please apply your changes to the latest version and try again"
        ),
    };
    ClusterError::new(ClusterErrorKind::Conflict, line)
}
