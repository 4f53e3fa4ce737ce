//! What a proxy is told to do to the answers of a registry.

use crate::wire::Head;
use tokio::sync::watch;

/// A fault, done to one answer.
#[derive(Clone)]
pub(crate) enum Fault {
    /// An error with this status instead of the answer; the registry does not see the request. With 429 and 503 comes a
    /// `Retry-After` of one second.
    Status(u16),
    /// This redirection instead of the answer; the registry does not see the request.
    Redirect(String),
    /// The connection is reset; the registry does not see the request.
    Reset,
    /// The true head, so many bytes of the body, and the end of the connection.
    Cut(usize),
    /// The head says that the body has so many bytes. It is sent as it is.
    Length(usize),
    /// The bits of this byte of the body are flipped.
    Flip(usize),
    /// The body comes byte by byte until the gate is open.
    Slow(Gate),
    /// Another body with its own length, and all other headers as they were: digest, media type.
    Body(Vec<u8>),
    /// A page of a list instead of the answer, which names the next one; the registry does not see the request.
    Page { body: Vec<u8>, next: String },
    /// What the registry answers for another path.
    Path(String),
    /// No length is told, and the body goes on for ever behind its end.
    Endless,
}

/// How far a slow answer has come, and whether it may go on at full speed.
#[derive(Clone)]
pub(crate) struct Gate {
    open: watch::Sender<bool>,
    sent: watch::Sender<usize>,
}

impl Gate {
    /// A closed one.
    pub(crate) fn new() -> Self {
        Self { open: watch::Sender::new(false), sent: watch::Sender::new(0) }
    }

    /// Lets what is left of all answers go at full speed.
    pub(crate) fn release(&self) {
        self.open.send_replace(true);
    }

    /// Whether it is open.
    pub(super) fn is_open(&self) -> bool {
        *self.open.borrow()
    }

    /// Notes that one more byte is on its way.
    pub(super) fn sent(&self) {
        self.sent.send_modify(|sent| *sent += 1);
    }

    /// Waits until so many bytes are on their way.
    pub(super) async fn reached(&self, bytes: usize) {
        // It cannot end: the sender is in our hands.
        let _ = self.sent.subscribe().wait_for(|sent| *sent >= bytes).await;
    }
}

/// For which requests a fault is meant.
pub(crate) struct Rule {
    method: &'static str,
    part: String,
    first: usize,
    last: usize,
    fault: Fault,
    met: usize,
}

impl Rule {
    /// The n-th request, from 1, of a method whose path has this part.
    pub(crate) fn nth(n: usize, method: &'static str, part: impl Into<String>, fault: Fault) -> Self {
        Self { method, part: part.into(), first: n, last: n, fault, met: 0 }
    }

    /// The first so many of them.
    pub(crate) fn times(n: usize, method: &'static str, part: impl Into<String>, fault: Fault) -> Self {
        Self { last: n, ..Self::nth(1, method, part, fault) }
    }

    /// Each of them.
    pub(crate) fn each(method: &'static str, part: impl Into<String>, fault: Fault) -> Self {
        Self::times(usize::MAX, method, part, fault)
    }
}

/// A request as the proxy saw it.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: String,
    /// With the query.
    pub(crate) path: String,
    pub(crate) head: Head,
    /// Whether a fault was done to its answer.
    pub(crate) is_faulty: bool,
}

/// What a proxy does and saw.
#[derive(Default)]
pub(crate) struct Record {
    pub(super) rules: Vec<Rule>,
    pub(super) seen: Vec<Seen>,
}

impl Record {
    /// Notes a request and returns its fault: that of the first rule that is due. All rules count it.
    pub(super) fn arrived(&mut self, head: &Head) -> Option<Fault> {
        let (method, path) = (head.word(0).to_owned(), head.word(1).to_owned());
        let mut fault = None;
        for rule in self.rules.iter_mut().filter(|rule| rule.method == method && path.contains(&rule.part)) {
            rule.met += 1;
            if fault.is_none() && (rule.first..=rule.last).contains(&rule.met) {
                fault = Some(rule.fault.clone());
            }
        }
        self.seen.push(Seen { method, path, head: head.clone(), is_faulty: fault.is_some() });
        fault
    }
}
