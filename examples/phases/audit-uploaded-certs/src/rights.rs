//! The Role and the RoleBinding for the certificates: whom they let do what.

use crate::exports::kubephase::phase::phase::{Failure, Request};
use crate::exports::kubephase::phase::types::{Finding, ObjectRef};
use crate::object::{self, CERTS, ROLE, items};
use crate::rule::{RIGHTS_SUBJECTS, RIGHTS_UNUSED, RIGHTS_WIDENED};
use crate::secret::Certs;
use serde_json::Value;

/// What was found about them.
pub struct Rights {
    pub findings: Vec<Finding>,
    /// Those that are there and of no use, the binding first.
    pub unused: Vec<ObjectRef>,
}

/// Judges them, given the certificates that they are for.
pub fn judge(request: &Request, certs: &Certs) -> Result<Rights, Failure> {
    let mut rights = Rights { findings: vec![], unused: vec![] };
    for target in [object::binding(), object::role()] {
        let Some(found) = object::find(request, &target)? else { continue };
        let others: Vec<String> = items(&found["subjects"]).filter(|subject| !is_token(subject)).map(named).collect();
        let title = |text: &str| format!("{} `{ROLE}` {text}", target.of.kind);
        if !others.is_empty() {
            let evidence = format!("it grants its role to {}", others.join(", "));
            rights.findings.push(RIGHTS_SUBJECTS.finding(&target, title("is not only for bootstrap tokens"), &evidence));
        }
        if let Some(evidence) = beyond(&found) {
            rights.findings.push(RIGHTS_WIDENED.finding(&target, title("allows more than kubeadm grants"), &evidence));
        }
        if !certs.is_there {
            let evidence = format!("the Secret `{CERTS}` does not exist");
            rights.findings.push(RIGHTS_UNUSED.finding(&target, title("is not used"), &evidence));
        }
        if !certs.is_there || certs.is_left_behind {
            rights.unused.push(target);
        }
    }
    Ok(rights)
}

/// Whether somebody who is given a role is a bootstrap token, or a group of them.
fn is_token(subject: &Value) -> bool {
    let name = subject["name"].as_str().unwrap_or_default();
    match subject["kind"].as_str() {
        Some("Group") => name == "system:bootstrappers" || name.starts_with("system:bootstrappers:"),
        Some("User") => name.starts_with("system:bootstrap:"),
        _ => false,
    }
}

fn named(subject: &Value) -> String {
    let text = |key: &str| subject[key].as_str().unwrap_or_default();
    let namespace = if text("namespace").is_empty() { String::new() } else { format!("{}/", text("namespace")) };
    format!("{} `{namespace}{}`", text("kind"), text("name"))
}

/// What a Role allows, or a RoleBinding gives, beyond getting the certificates; none if there is nothing.
fn beyond(found: &Value) -> Option<String> {
    let to = &found["roleRef"];
    if to.is_object() && (to["kind"] != "Role" || to["name"] != ROLE) {
        return Some(format!("it grants {}", named(to)));
    }
    let is_beyond = |rule: &&Value| {
        let expected = [("apiGroups", ""), ("resources", "secrets"), ("verbs", "get"), ("resourceNames", CERTS)];
        !expected.iter().all(|(key, value)| only(&rule[*key], value))
    };
    items(&found["rules"]).find(is_beyond).map(|rule| format!("it has the rule {rule}"))
}

/// Whether a list has this in it and nothing else.
fn only(list: &Value, value: &str) -> bool {
    items(list).count() > 0 && items(list).all(|item| item == value)
}
