//! The phase `example.audit-uploaded-certs`: what `kubeadm init phase upload-certs --upload-certs` leaves behind in a cluster, which
//! is a Secret with the keys of the cluster's authorities, and a Role and a RoleBinding that let joining control planes read it.
//!
//! The task `audit` finds, the task `fix` finds the same and proposes what cures it. That kubeadm does as is said here can be read in its
//! `cmd/kubeadm/app/phases/copycerts/copycerts.go`.

mod object;
mod rights;
mod rule;
mod secret;
#[path = "../../token-cleaner-rust/src/time.rs"]
mod time;

use exports::kubephase::phase::phase::{Description, Failure, Guest, Needs, Plan, Request};
use exports::kubephase::phase::types::{Access, Action, ObjectRef, Operation, Permission, Precondition, Problem, Selector, Task};
use serde_json::{Value, json};

wit_bindgen::generate!({ path: "../../../wit/0.1.0", world: "phase-component", additional_derives: [PartialEq] });

struct Phase;
export!(Phase);

impl Guest for Phase {
    fn describe() -> Description {
        let task = |name: &str, summary: &str, permissions| {
            let parameters = json!({ "type": "object", "additionalProperties": false }).to_string();
            Task { name: name.into(), summary: summary.into(), parameters, permissions }
        };
        Description {
            id: "example.audit-uploaded-certs".into(),
            version: "0.1.0".into(),
            summary: "audit the certificates that kubeadm stored in the cluster".into(),
            tasks: vec![
                task("audit", "find what upload-certs left behind", reads()),
                task("fix", "delete what upload-certs left behind", [reads(), deletions()].concat()),
            ],
        }
    }

    /// First the three objects, then the Secrets that own the first of them, each by its name: no list of all tokens is needed.
    fn need(request: Request) -> Result<Needs, Failure> {
        check(&request)?;
        let owners = object::find(&request, &object::certs())?.map_or_else(Vec::new, |secret| secret::token_owners(&secret));
        let targets = [object::certs(), object::role(), object::binding()].into_iter().chain(owners);
        Ok(Needs { reads: targets.map(Selector::One).collect(), random: vec![] })
    }

    fn plan_for(request: Request) -> Result<Plan, Failure> {
        check(&request)?;
        let certs = secret::judge(&request)?;
        let rights = rights::judge(&request, &certs)?;
        let mut findings = [certs.findings, rights.findings].concat();
        let mut operations: Vec<Operation> = vec![];
        if request.task == "fix" {
            for target in rights.unused.into_iter().chain(certs.is_left_behind.then(object::certs)) {
                // One after the other: who may read goes before what is read.
                let after = operations.last().map(|before| before.id.clone());
                operations.push(deletion(target, after.into_iter().collect()));
            }
        }
        // What deletes an object cures all that was found about it.
        for finding in &mut findings {
            let cures = operations.iter().filter(|operation| finding.target.as_ref() == Some(&operation.target));
            finding.remedy = cures.map(|operation| operation.id.clone()).collect();
        }
        Ok(Plan { operations, findings, notes: vec![], outputs: vec![] })
    }
}

fn check(request: &Request) -> Result<(), Failure> {
    if !["audit", "fix"].contains(&request.task.as_str()) {
        return Err(Failure::Unsupported(format!("task `{}` is not known", request.task)));
    }
    let parameters: Value = serde_json::from_str(&request.parameters).unwrap_or_default();
    let problem = |name: &String| Problem { path: name.clone(), message: "this audit does not have this setting".into() };
    match parameters.as_object() {
        Some(settings) if !settings.is_empty() => Err(Failure::InvalidInput(settings.keys().map(problem).collect())),
        _ => Ok(()),
    }
}

/// What both tasks read. Of the certificates no key is revealed: what is asked is who owns them, and since when they are there.
fn reads() -> Vec<Permission> {
    let mut tokens = permission(Access::Read, object::token("*"), "contains the expiry of the owner of the certificates");
    tokens.reveal = vec!["expiration".into()];
    vec![
        permission(Access::Read, object::certs(), "contains the owner and the age of the certificates"),
        tokens,
        permission(Access::Read, object::role(), "compares the role with kubeadm's"),
        permission(Access::Read, object::binding(), "finds who may read the certificates"),
    ]
}

fn deletions() -> Vec<Permission> {
    let targets = [object::certs(), object::role(), object::binding()];
    targets.map(|target| permission(Access::Delete, target, "deletes what was left behind")).into()
}

fn permission(access: Access, target: ObjectRef, reason: &str) -> Permission {
    let ObjectRef { of, namespace, name } = target;
    Permission { access: vec![access], of, namespace, names: vec![name], reveal: vec![], reason: reason.into() }
}

fn deletion(target: ObjectRef, after: Vec<String>) -> Operation {
    let (id, action, when) = (object::id(&target), Action::Delete, Precondition::AsObserved);
    Operation { id, target, action, when, after, reason: "left behind by upload-certs".into() }
}
