//! The task `delete`: what `kubeadm token delete` does (`app/cmd/token.go`).

use super::Task;
use crate::abi::{
    Access, Action, Failure, Moment, Needs, Operation, Output, Part, Permission, Plan, Precondition, Problem, Request, Selector,
};
use crate::input::{Field, is_true, parameters, read_ids};
use crate::observed::Observed;
use crate::permission::tokens;
use crate::token;
use alloc::{borrow::ToOwned, format, string::String, vec, vec::Vec};

pub(super) const TASK: Task =
    Task { name: "delete", summary: "delete tokens", parameters: PARAMETERS, permissions, need, plan_for };

/// Read by [`Removal::read`].
const PARAMETERS: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "required": ["tokens"],
  "properties": {
    "tokens": { "type": "array", "description": "of each token its id; a handle if it is malformed" },
    "ignoreNotFound": { "type": "boolean", "description": "whether tokens that do not exist are fine" }
  }
}"#;

/// The tokens to delete.
struct Removal {
    /// Ids, each once.
    ids: Vec<String>,
    absent: Absent,
}

/// What happens if one of the tokens does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Absent {
    /// The others are deleted.
    Fine,
    /// Nothing is deleted.
    Refused,
}

impl Removal {
    /// Fails with [`Failure::InvalidInput`] for an argument that is neither an id nor a token, and without any argument.
    fn read(request: &Request) -> Result<Self, Failure> {
        let mut problems = Vec::new();
        let parameters = parameters(request)?;
        let parameters = Field::root(&parameters);
        let ids = read_ids(parameters, &mut problems);
        let absent = if is_true(parameters.member("ignoreNotFound")) { Absent::Fine } else { Absent::Refused };
        if problems.is_empty() { Ok(Self { ids, absent }) } else { Err(Failure::InvalidInput(problems)) }
    }
}

fn permissions() -> Vec<Permission> {
    vec![tokens(&[Access::Read, Access::Delete], &[])]
}

/// The Secrets of the tokens.
///
/// # Errors
/// Those of [`Removal::read`].
fn need(request: &Request) -> Result<Needs, Failure> {
    let removal = Removal::read(request)?;
    let secrets = removal.ids.iter().map(|id| Selector::One(token::secret_of(id)));
    Ok(Needs { reads: secrets.collect(), random: Vec::new() })
}

/// Deletes all of the tokens or none. kubeadm deletes one after another until it meets one that does not exist.
///
/// # Errors
/// Those of [`need`], and [`Failure::InvalidInput`] for tokens that do not exist, unless that is fine.
fn plan_for(request: &Request) -> Result<Plan, Failure> {
    let Removal { ids, absent } = Removal::read(request)?;
    let observed = Observed::of(request);
    let (present, missing): (Vec<_>, Vec<_>) = ids.iter().partition(|id| observed.get(&token::secret_of(id)).is_some());
    if absent == Absent::Refused && !missing.is_empty() {
        let problem = |id: &&String| {
            let message =
                format!("failed to delete bootstrap token \"{id}\": secrets \"{}\" not found", token::secret_of(id).name);
            Problem { path: String::new(), message }
        };
        return Err(Failure::InvalidInput(missing.iter().map(problem).collect()));
    }
    Ok(Plan {
        operations: present.iter().map(|id| operation(id)).collect(),
        findings: Vec::new(),
        notes: Vec::new(),
        outputs: present.iter().map(|id| output(id)).collect(),
    })
}

fn operation(id: &str) -> Operation {
    let target = token::secret_of(id);
    Operation {
        id: format!("secrets/{}", target.name),
        target,
        action: Action::Delete,
        when: Precondition::AsObserved,
        after: Vec::new(),
        reason: format!("bootstrap token `{id}`"),
    }
}

fn output(id: &str) -> Output {
    let line = format!("bootstrap token \"{id}\" deleted");
    Output { name: "deleted".to_owned(), when: Moment::After, value: vec![Part::Text(line)] }
}
