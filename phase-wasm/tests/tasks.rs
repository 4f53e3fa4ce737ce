//! The table of tasks: each is found by its name, and reads every parameter in its schema.

#![expect(clippy::unwrap_used, reason = "a broken test should fail loudly")]

use bootstrap_token_phase::abi::{Answer, Failure, Needs, RandomValue, Request, ServerInfo};
use bootstrap_token_phase::describe::description;
use bootstrap_token_phase::task;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The answer of a task on an empty cluster.
fn answer(task: &str, parameters: &Value) -> String {
    answer_to(task, parameters, &[])
}

fn needs(task: &str, parameters: &Value, documents: &[String]) -> Needs {
    task::need(&request(task, parameters, documents)).unwrap()
}

fn request(task: &str, parameters: &Value, documents: &[String]) -> Request {
    Request {
        task: task.to_owned(),
        parameters: parameters.to_string(),
        documents: documents.to_vec(),
        now: "2030-01-01T00:00:00Z".to_owned(),
        server: ServerInfo {
            version: "v1.37.2".to_owned(),
            url: "https://10.0.0.5:6443".to_owned(),
            certificate_authority: String::new(),
            certificate_authority_pins: vec!["sha256:00".to_owned()],
        },
        observed: Vec::new(),
        random: Vec::new(),
    }
}

fn answer_to(task: &str, parameters: &Value, documents: &[String]) -> String {
    let mut request = request(task, parameters, documents);
    let needs = match task::need(&request) {
        Ok(needs) => needs,
        Err(failure) => return format!("{failure:?}"),
    };
    let drawn = |length: u32| "k".repeat(length as usize);
    request.random =
        needs.random.into_iter().map(|wanted| RandomValue { value: drawn(wanted.length), name: wanted.name }).collect();
    request.observed = needs.reads.into_iter().map(|to| Answer { to, objects: Vec::new() }).collect();
    format!("{:?}", task::plan_for(&request))
}

#[test]
fn every_parameter_in_a_schema_is_read() {
    let token = json!({ "id": "abcdef", "secret": { "$secret": "s1" } });
    let (join, nothing, gone) = (json!({ "joinCommand": true }), json!({}), json!({ "tokens": [{ "id": "abcdef" }] }));
    let group = json!(["system:bootstrappers:workers"]);
    // Each parameter with a value that changes the answer, and the other parameters that it needs for that.
    let cases = [
        ("apply", &nothing, "token", token.clone()),
        ("apply", &nothing, "controlPlaneEndpoint", json!("lb.example.com")),
        ("apply", &nothing, "noToken", json!(true)),
        ("create", &nothing, "token", token),
        ("create", &nothing, "ttl", json!("1h")),
        ("create", &nothing, "usages", json!(["authentication"])),
        ("create", &nothing, "groups", group),
        ("create", &nothing, "description", json!("for workers")),
        ("create", &nothing, "joinCommand", json!(true)),
        ("create", &join, "certificateKey", json!({ "$secret": "s2" })),
        ("create", &join, "controlPlaneEndpoint", json!("lb.example.com")),
        ("delete", &nothing, "tokens", gone["tokens"].clone()),
        ("delete", &gone, "ignoreNotFound", json!(true)),
        // An empty cluster has nothing to audit, so a value of the wrong type shows that they are read.
        ("audit", &nothing, "maxLifetime", json!(24)),
        ("audit", &nothing, "fix", json!("all")),
        ("audit", &nothing, "controlPlaneEndpoint", json!(6443)),
        ("fix", &nothing, "maxLifetime", json!(24)),
        ("fix", &nothing, "fix", json!("all")),
        ("fix", &nothing, "controlPlaneEndpoint", json!(6443)),
    ];
    for (task, beside, name, value) in &cases {
        let mut with = (*beside).clone();
        with[*name] = value.clone();
        assert_ne!(answer(task, beside), answer(task, &with), "{task} {name}");
    }
    let described = description().tasks;
    let in_schemas = described.iter().flat_map(|task| {
        let schema: Value = serde_json::from_str(&task.parameters).unwrap();
        schema["properties"].as_object().unwrap().keys().map(|name| (task.name.clone(), name.clone())).collect::<Vec<_>>()
    });
    let tried = cases.iter().map(|(task, _, name, _)| ((*task).to_owned(), (*name).to_owned()));
    assert_eq!(in_schemas.collect::<BTreeSet<_>>(), tried.collect::<BTreeSet<_>>());
}

#[test]
fn a_task_is_found_by_its_name_alone() {
    let described = description().tasks;
    let names: Vec<&str> = described.iter().map(|task| task.name.as_str()).collect();
    assert_eq!(names, ["apply", "create", "delete", "audit", "fix"]);
    let unknown = |task: &str| {
        let failure = format!("{:?}", Failure::Unsupported(format!("there is no task `{task}`")));
        answer(task, &json!({})) == failure
    };
    assert!(names.iter().all(|name| !unknown(name)));
    assert!(["renew", "Apply", ""].iter().all(|name| unknown(name)));
}

#[test]
fn a_token_is_deleted_once_however_often_it_is_named() {
    let parameters = json!({ "tokens": [{ "id": "abcdef" }, { "id": "second" }, { "id": "abcdef" }] });
    assert_eq!(needs("delete", &parameters, &[]).reads.len(), 2);
}

#[test]
fn a_join_command_is_for_a_token_that_can_join() {
    for (usages, expected) in [
        (&["signing", "authentication"][..], 1),
        (&["authentication", "signing"], 1),
        (&["signing"], 0),
        (&["authentication"], 0),
    ] {
        let token = json!({ "token": { "id": "abcdef", "secret": { "$secret": "s1" } }, "usages": usages });
        let document = json!({ "apiVersion": "kubeadm.k8s.io/v1beta4", "kind": "InitConfiguration", "bootstrapTokens": [token] });
        let plan = answer_to("apply", &json!({}), &[document.to_string()]);
        assert_eq!(plan.matches("name: \"join-command\"").count(), expected, "{usages:?}: {plan}");
    }
}
