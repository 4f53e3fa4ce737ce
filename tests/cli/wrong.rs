//! What the schemas refuse: valid documents with one thing wrong.

use crate::documents::{API_VERSION, Judge};
use libtest_mimic::Failed;
use serde_json::{Map, Value, json};

/// The least document of a kind.
fn least(kind: &str, fields: Value) -> Value {
    let Value::Object(fields) = fields else { return fields };
    let head = [("apiVersion", API_VERSION), ("kind", kind)].map(|(name, value)| (name.to_owned(), json!(value)));
    Value::Object(head.into_iter().chain(fields).collect::<Map<_, _>>())
}

fn grant() -> Value {
    let permission = json!({ "access": ["read"], "group": "", "version": "v1", "resource": "secrets", "kind": "Secret",
        "namespace": "kube-system", "names": ["bootstrap-token-*"] });
    least("Grant", json!({ "tasks": [{ "name": "apply", "permissions": [permission] }] }))
}

fn policy() -> Value {
    let rules = json!([{ "prefix": "registry.example", "keys": ["a"] }]);
    least("TrustPolicy", json!({ "requireSignature": true, "keys": [{ "name": "a", "file": "a.pub" }], "rules": rules }))
}

fn report() -> Value {
    let operation = json!({ "id": "a", "apiVersion": "v1", "kind": "Secret", "name": "a", "result": "created", "reason": "" });
    let fields = json!({ "mode": "applied", "complete": true, "operations": [operation], "warnings": [], "outputs": [] });
    least("Report", fields)
}

/// A valid document, a place in it, and a value that is wrong there; null takes away what is there.
fn wrong() -> Vec<(Value, &'static str, Value)> {
    let config = || least("Config", json!({ "limits": { "fuel": "2G" } }));
    let ignores = || least("Ignores", json!({ "items": [{ "rule": "a", "reason": "b" }] }));
    let request = || least("Request", json!({ "task": "apply" }));
    let check = || {
        let steps = json!([{ "step": "endpoint", "result": "ok", "detail": "" }]);
        let (endpoint, id, verdict, kubeconfig) = ("a:1", "abcdef", "joins", "absent");
        let fields = json!({
            "endpoint": endpoint, "tokenId": id, "verdict": verdict, "kubeconfig": kubeconfig, "steps": steps, "causes": [],
        });
        least("JoinCheck", fields)
    };
    vec![
        (grant(), "/apiVersion", json!("bootstrap-token.kubectl/v1")),
        (grant(), "/kind", json!("Grants")),
        (grant(), "/tasks", Value::Null),
        (grant(), "/task", json!([])),
        (grant(), "/tasks/0/permissions/0/access/0", json!("write")),
        (grant(), "/tasks/0/permissions/0/names", json!("bootstrap-token-*")),
        (policy(), "/requireSignature", json!("yes")),
        (policy(), "/rules/0/keys", json!([])),
        (policy(), "/rules/0/digest", json!("sha256:0")),
        (config(), "/limits/fuels", json!(1)),
        (ignores(), "/items/0/reason", Value::Null),
        (request(), "/server", json!({ "caData": "" })),
        (report(), "/mode", json!("dry-run")),
        (report(), "/operations/0/result", json!("done")),
        (report(), "/complete", Value::Null),
        (check(), "/steps/0/step", json!("tea")),
    ]
}

/// The document with the value at the place.
fn changed(mut document: Value, place: &str, value: &Value) -> Value {
    let (parent, name) = place.rsplit_once('/').unwrap();
    let parent = document.pointer_mut(parent).unwrap();
    match (parent, value) {
        (Value::Object(fields), Value::Null) => assert!(fields.remove(name).is_some(), "{place}"),
        (Value::Object(fields), value) => drop(fields.insert(name.to_owned(), value.clone())),
        (parent, value) => *parent.pointer_mut(&format!("/{name}")).unwrap() = value.clone(),
    }
    document
}

pub(crate) fn are_refused(judge: &Judge) -> Result<(), Failed> {
    for (document, place, value) in wrong() {
        judge.kind(&document).map_err(|error| format!("it is valid without {place}: {error}"))?;
        if judge.kind(&changed(document, place, &value)).is_ok() {
            return Err(format!("{place}: {value} is valid").into());
        }
    }
    Ok(())
}
