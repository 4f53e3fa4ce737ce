//! What is to be audited, and against which limit.

use super::field::Field;
use super::{Input, parameters, parse_time, read_input, rfc3339};
use crate::abi::{Failure, ObjectRef, Request};
use crate::duration::parse_go_duration;
use alloc::{borrow::ToOwned, format, string::String, vec, vec::Vec};
use chrono::{DateTime, FixedOffset, TimeDelta};

/// The schema of the parameters of `audit` and `fix`, which [`read_audit`] reads.
pub const AUDIT_PARAMETERS: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "properties": {
    "maxLifetime": { "type": "string", "description": "how long a token may live, a Go duration; 168h if nothing is said" },
    "fix": { "type": "array", "items": { "type": "string" }, "description": "all, RULE or RULE=OBJECT: cures that may take away what somebody needs" },
    "controlPlaneEndpoint": { "type": "string", "description": "HOST[:PORT] for cluster-info, where it must be written" }
  }
}"#;

/// How long a token may live if nothing is said: a week, seven times what kubeadm gives.
const DEFAULT_MAX_LIFETIME: &str = "168h";

/// How long a token goes on that should not be there, so that whoever uses it just now comes to the end of it.
const SOON: TimeDelta = TimeDelta::hours(1);

/// What is to be audited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditInput {
    /// What decides on the objects that should be there, as for `apply`; of tokens there is nothing in it that counts.
    pub input: Input,
    /// The limit, as it was typed.
    pub limit: String,
    /// The time, seconds since 1970.
    pub now: i64,
    /// The latest time at which a token may end.
    pub latest: Deadline,
    /// The time at which a token ends that should not be there: in an hour, or sooner if no token may live as long.
    pub soon: Deadline,
    /// What is cured although somebody may need it.
    pub wider: Wider,
}

/// Which cures are proposed although they may take away what somebody needs: for these rules, or what these rules find about one object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wider(Vec<String>);

impl Wider {
    /// Whether the cure of what a rule finds about an object is wanted: by `all`, by `RULE`, or by `RULE=OBJECT`, where the object is
    /// `KIND/NAME` or `NAMESPACE/KIND/NAME`.
    #[must_use]
    pub fn takes(&self, rule: &str, object: &ObjectRef) -> bool {
        self.0.iter().any(|wanted| match wanted.split_once('=') {
            None => wanted == "all" || wanted == rule,
            Some((of, name)) => {
                let namespace = object.namespace.as_ref().map_or_else(String::new, |namespace| format!("{namespace}/"));
                of == rule && name == format!("{namespace}{}/{}", object.of.kind, object.name)
            }
        })
    }
}

/// A time by which a token must have ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deadline {
    /// Seconds since 1970.
    pub seconds: i64,
    /// RFC 3339; none if it is later than any time that can be written.
    pub text: Option<String>,
}

impl Deadline {
    fn of(time: Option<DateTime<FixedOffset>>) -> Self {
        Self { seconds: time.map_or(i64::MAX, |time| time.timestamp()), text: time.map(rfc3339) }
    }
}

/// Reads and checks a request to audit.
///
/// # Errors
/// [`Failure::InvalidInput`] for a `maxLifetime` that is no duration or not longer than nothing, and what [`read_input`] finds.
pub fn read_audit(request: &Request) -> Result<AuditInput, Failure> {
    let input = read_input(request)?;
    let parameters = parameters(request)?;
    let mut problems = vec![];
    let field = Field::root(&parameters).member("maxLifetime");
    let limit = field.string(&mut problems).unwrap_or(DEFAULT_MAX_LIFETIME).to_owned();
    let wider = Wider(Field::root(&parameters).member("fix").strings(&mut problems));
    let nanoseconds = parse_go_duration(&limit).filter(|nanoseconds| *nanoseconds > 0);
    if nanoseconds.is_none() && problems.is_empty() {
        problems
            .push(field.problem(&format!("invalid duration `{limit}`: must be like `24h` or `1h30m`, and more than nothing")));
    }
    let (Some(nanoseconds), true) = (nanoseconds, problems.is_empty()) else {
        return Err(Failure::InvalidInput(problems));
    };
    let now = parse_time(&request.now).ok_or_else(|| Failure::Other(format!("the time `{}` is none", request.now)))?;
    let lifetime = TimeDelta::nanoseconds(nanoseconds);
    let after = |lifetime| Deadline::of(now.checked_add_signed(lifetime));
    Ok(AuditInput { input, limit, now: now.timestamp(), latest: after(lifetime), soon: after(lifetime.min(SOON)), wider })
}
