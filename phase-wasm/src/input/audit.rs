//! What to audit, and against which limit.

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

/// How long a token may live by default: a week, seven times what kubeadm gives it.
const DEFAULT_MAX_LIFETIME: &str = "168h";

/// How long an unwanted token goes on, so that a join that is using it can finish.
const SOON: TimeDelta = TimeDelta::hours(1);

/// What to audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditInput {
    /// Decides which objects should exist, as for `apply`. Its tokens are ignored.
    pub input: Input,
    /// The limit as typed, for the texts of findings.
    pub limit: String,
    /// The current time, seconds since 1970.
    pub now: i64,
    /// The latest permitted end of a token.
    pub latest: Deadline,
    /// When an unwanted token is to end: in an hour, or sooner if the limit is shorter.
    pub soon: Deadline,
    /// Fixes to propose although someone may need what they take away.
    pub wider: Wider,
}

/// Fixes to propose although they may take away what someone needs: all fixes of a rule, or its fix for one object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wider(Vec<String>);

impl Wider {
    /// Whether the fix of a rule's finding about an object is wanted: by `all`, by `RULE`, or by `RULE=OBJECT`, where OBJECT is
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

/// A time by which a token must have expired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deadline {
    /// Seconds since 1970, to compare.
    pub seconds: i64,
    /// RFC 3339, to write; none if it is later than any time that can be written.
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
/// [`Failure::InvalidInput`] for a `maxLifetime` that is not a positive duration, and those of [`read_input`].
pub fn read_audit(request: &Request) -> Result<AuditInput, Failure> {
    let input = read_input(request)?;
    let parameters = parameters(request)?;
    let mut problems = vec![];
    let field = Field::root(&parameters).member("maxLifetime");
    let limit = field.string(&mut problems).unwrap_or(DEFAULT_MAX_LIFETIME).to_owned();
    let wider = Wider(Field::root(&parameters).member("fix").strings(&mut problems));
    let nanoseconds = parse_go_duration(&limit).filter(|nanoseconds| *nanoseconds > 0);
    if nanoseconds.is_none() && problems.is_empty() {
        problems.push(field.problem(&format!("invalid duration `{limit}`: must be like `24h` or `1h30m`, and longer than 0")));
    }
    let (Some(nanoseconds), true) = (nanoseconds, problems.is_empty()) else {
        return Err(Failure::InvalidInput(problems));
    };
    let now = parse_time(&request.now).ok_or_else(|| Failure::Other(format!("invalid time `{}`", request.now)))?;
    let lifetime = TimeDelta::nanoseconds(nanoseconds);
    let after = |lifetime| Deadline::of(now.checked_add_signed(lifetime));
    Ok(AuditInput { input, limit, now: now.timestamp(), latest: after(lifetime), soon: after(lifetime.min(SOON)), wider })
}
