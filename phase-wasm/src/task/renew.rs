//! The task `renew`: gives tokens another end. kubeadm has nothing like it: a token that is in a template has to be replaced there when it
//! expires.

use super::Task;
use crate::abi::{
    Access, Action, Failure, Moment, Needs, Operation, Output, Part, Permission, Plan, Precondition, Problem, Request, Selector,
};
use crate::input::{Field, Warning, parameters, parse_time, read_end, read_ids};
use crate::observed::Observed;
use crate::permission::tokens;
use crate::token::{self, SECRET_TYPE};
use alloc::{borrow::ToOwned, format, string::String, string::ToString, vec, vec::Vec};
use serde_json::{Value, json};

pub(super) const TASK: Task =
    Task { name: "renew", summary: "give tokens another end", parameters: PARAMETERS, permissions, need, plan_for };

/// Read by [`Renewal::read`].
const PARAMETERS: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "required": ["tokens"],
  "properties": {
    "tokens": { "type": "array", "description": "of each token its id; a handle if it is malformed" },
    "ttl": { "type": "string", "description": "how long it lives from now on, a Go duration above 0; 24h if it is missing" }
  }
}"#;

/// The key of the end in a token's Secret.
const EXPIRATION: &str = "expiration";

/// The tokens to renew.
struct Renewal {
    /// Ids, each once.
    ids: Vec<String>,
    /// The end of all of them, RFC 3339.
    end: String,
}

impl Renewal {
    /// Fails with [`Failure::InvalidInput`] like `delete`, and for a lifetime without an end.
    fn read(request: &Request) -> Result<Self, Failure> {
        let mut problems = Vec::new();
        let parameters = parameters(request)?;
        let parameters = Field::root(&parameters);
        let ids = read_ids(parameters, &mut problems);
        let end = read_end(parameters, &request.now, &mut problems);
        if problems.is_empty() { Ok(Self { ids, end }) } else { Err(Failure::InvalidInput(problems)) }
    }
}

fn permissions() -> Vec<Permission> {
    vec![tokens(&[Access::Read, Access::Update], &[EXPIRATION])]
}

/// The Secrets of the tokens.
///
/// # Errors
/// Those of [`Renewal::read`].
fn need(request: &Request) -> Result<Needs, Failure> {
    let renewal = Renewal::read(request)?;
    let secrets = renewal.ids.iter().map(|id| Selector::One(token::secret_of(id)));
    Ok(Needs { reads: secrets.collect(), random: Vec::new() })
}

/// Renews all of the tokens or none. Nothing but the end is changed. A token that has expired and is still there is one too: its signature
/// comes back with it.
///
/// # Errors
/// Those of [`need`], and [`Failure::InvalidInput`] for a token that does not exist, or is a Secret of another type.
fn plan_for(request: &Request) -> Result<Plan, Failure> {
    let Renewal { ids, end } = Renewal::read(request)?;
    let observed = Observed::of(request);
    let (mut problems, mut operations, mut findings) = (Vec::new(), Vec::new(), Vec::new());
    for id in &ids {
        let target = token::secret_of(id);
        let Some(secret) = observed.get(&target) else {
            let message = format!("failed to renew bootstrap token \"{id}\": secrets \"{}\" not found", target.name);
            problems.push(Problem { path: String::new(), message });
            continue;
        };
        if secret.get("type").and_then(Value::as_str) != Some(SECRET_TYPE) {
            let message = format!("secrets \"{}\" is not of the type {SECRET_TYPE}", target.name);
            problems.push(Problem { path: String::new(), message });
            continue;
        }
        let present = secret.get("stringData").and_then(|data| data.get(EXPIRATION)?.as_str());
        let is_earlier = |present: &str| parse_time(present).zip(parse_time(&end)).is_some_and(|(was, is)| is < was);
        if let Some(present) = present.filter(|present| is_earlier(present)) {
            let title = format!("token `{id}` ends earlier than before: at {end} instead of {present}");
            findings.push(Warning { rule: "shorter-life", title }.into());
        }
        operations.push(operation(id, present, &end));
    }
    if !problems.is_empty() {
        return Err(Failure::InvalidInput(problems));
    }
    let outputs = ids.iter().map(|id| output(id, &end)).collect();
    Ok(Plan { operations, findings, notes: Vec::new(), outputs })
}

fn operation(id: &str, present: Option<&str>, end: &str) -> Operation {
    let target = token::secret_of(id);
    let patch = || json!({ "stringData": { EXPIRATION: end } }).to_string();
    Operation {
        id: format!("secrets/{}", target.name),
        target,
        action: if present == Some(end) { Action::Keep } else { Action::MergePatch(patch()) },
        when: Precondition::AsObserved,
        after: Vec::new(),
        reason: format!("bootstrap token `{id}`"),
    }
}

fn output(id: &str, end: &str) -> Output {
    let line = format!("bootstrap token \"{id}\" expires at {end}");
    Output { name: "renewed".to_owned(), when: Moment::After, value: vec![Part::Text(line)] }
}
