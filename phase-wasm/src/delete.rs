//! The task `delete`: what `kubeadm token delete` does (`app/cmd/token.go`).

use crate::abi::{Action, Failure, Moment, Needs, Operation, Output, Part, Plan, Precondition, Problem, Request, Selector};
use crate::input::{Absent, Removal, read_removal};
use crate::observed::Observed;
use crate::token;
use alloc::{borrow::ToOwned, format, string::String, vec, vec::Vec};

/// The objects to read: one round.
///
/// # Errors
/// What [`read_removal`] finds.
pub fn need(request: &Request) -> Result<Needs, Failure> {
    let removal = read_removal(request)?;
    let secrets = removal.ids.iter().map(|id| Selector::One(token::secret_of(id)));
    Ok(Needs { reads: secrets.collect(), random: Vec::new() })
}

/// The plan: each of the tokens goes. kubeadm deletes one after the other up to the first that does not exist; here none is
/// deleted then.
///
/// # Errors
/// As [`need`], and [`Failure::InvalidInput`] for tokens that do not exist, unless they may be absent.
pub fn plan_for(request: &Request) -> Result<Plan, Failure> {
    let Removal { ids, absent } = read_removal(request)?;
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
