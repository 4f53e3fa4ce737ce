//! The phase `example.token-cleaner`: deletes bootstrap tokens that have expired, as kube-controller-manager does where one runs.

mod time;

use exports::kubephase::phase::phase::{Description, Failure, Guest, Needs, Plan, Request};
use exports::kubephase::phase::types::{
    Access, Action, ApiResource, Finding, ListRef, ObjectRef, Operation, Permission, Precondition, Selector, Severity, Task,
};
use serde_json::Value;

wit_bindgen::generate!({ path: "../../../wit/0.1.0", world: "phase-component" });

const NAMESPACE: &str = "kube-system";
const PREFIX: &str = "bootstrap-token-";
const TOKEN_TYPE: &str = "bootstrap.kubernetes.io/token";

struct Phase;
export!(Phase);

impl Guest for Phase {
    fn describe() -> Description {
        let permission = Permission {
            access: vec![Access::Read, Access::Delete],
            of: secrets(),
            namespace: Some(NAMESPACE.into()),
            names: vec![format!("{PREFIX}*")],
            reveal: vec!["expiration".into()],
            reason: "finds the expired tokens and deletes them".into(),
        };
        let apply = Task {
            name: "apply".into(),
            summary: "delete the expired tokens".into(),
            parameters: r#"{"type":"object"}"#.into(),
            permissions: vec![permission],
        };
        Description {
            id: "example.token-cleaner".into(),
            version: "0.1.0".into(),
            summary: "delete bootstrap tokens that have expired".into(),
            tasks: vec![apply],
        }
    }

    fn need(request: Request) -> Result<Needs, Failure> {
        check_task(&request)?;
        let all = ListRef {
            of: secrets(),
            namespace: Some(NAMESPACE.into()),
            label_selector: String::new(),
            field_selector: String::new(),
        };
        Ok(Needs { reads: vec![Selector::Many(all)], random: vec![] })
    }

    fn plan_for(request: Request) -> Result<Plan, Failure> {
        check_task(&request)?;
        let now = time::parse(&request.now).ok_or_else(|| Failure::Other(format!("now is not a time: `{}`", request.now)))?;
        let mut plan = Plan { operations: vec![], findings: vec![], notes: vec![], outputs: vec![] };
        let mut tokens = 0;
        for object in request.observed.iter().flat_map(|answer| &answer.objects) {
            let secret: Value =
                serde_json::from_str(object).map_err(|_| Failure::Other("an observed object is not JSON".into()))?;
            if secret["type"] != TOKEN_TYPE {
                continue;
            }
            tokens += 1;
            let name = secret["metadata"]["name"].as_str().unwrap_or_default();
            match secret["stringData"]["expiration"].as_str().unwrap_or_default() {
                "" => plan.findings.push(never_expires(name)),
                expiration => plan.operations.extend(reason(expiration, now).map(|reason| deletion(name, reason))),
            }
        }
        if !plan.operations.is_empty() {
            plan.notes.push(format!("[token-cleaner] {} of {tokens} tokens have expired", plan.operations.len()));
        }
        Ok(plan)
    }
}

fn check_task(request: &Request) -> Result<(), Failure> {
    match request.task.as_str() {
        "apply" => Ok(()),
        task => Err(Failure::Unsupported(format!("task `{task}` is not known"))),
    }
}

/// Why a token with this expiration has to go; none if it does not. Kubernetes too takes what it cannot read as expired.
fn reason(expiration: &str, now: time::Instant) -> Option<String> {
    match time::parse(expiration) {
        None => Some("its expiration is not a time".into()),
        Some(time) if time <= now => Some(format!("expired at {expiration}")),
        Some(_) => None,
    }
}

fn deletion(name: &str, reason: String) -> Operation {
    Operation {
        id: format!("delete-{name}"),
        target: secret(name),
        action: Action::Delete,
        when: Precondition::AsObserved,
        after: vec![],
        reason,
    }
}

fn never_expires(name: &str) -> Finding {
    Finding {
        rule: "no-expiration".into(),
        severity: Severity::Medium,
        title: format!("token `{}` never expires", name.strip_prefix(PREFIX).unwrap_or(name)),
        detail: String::new(),
        target: Some(secret(name)),
        remedy: vec![],
        references: vec![],
    }
}

fn secret(name: &str) -> ObjectRef {
    ObjectRef { of: secrets(), namespace: Some(NAMESPACE.into()), name: name.into() }
}

fn secrets() -> ApiResource {
    ApiResource { group: String::new(), version: "v1".into(), plural: "secrets".into(), kind: "Secret".into() }
}
