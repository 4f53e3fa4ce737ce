//! The table of tasks: each is found by its name, and reads every parameter in its schema.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken test should fail loudly")]
#![expect(clippy::indexing_slicing, reason = "a missing field of JSON is null")]

use bootstrap_token_phase::abi::{Action, Answer, Failure, Needs, RandomValue, Request, ServerInfo};
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
    let turns = json!({ "name": "rack7", "ttl": "24h", "overlap": "1h" });
    // Each parameter with a value that changes the answer, and the other parameters that it needs for that.
    let cases = [
        ("apply", &nothing, "token", token.clone()),
        ("apply", &nothing, "controlPlaneEndpoint", json!("lb.example.com")),
        ("apply", &nothing, "noToken", json!(true)),
        ("create", &nothing, "token", token),
        ("create", &nothing, "ttl", json!("1h")),
        ("create", &nothing, "usages", json!(["authentication"])),
        ("create", &nothing, "groups", group.clone()),
        ("create", &nothing, "description", json!("for workers")),
        ("create", &nothing, "joinCommand", json!(true)),
        ("create", &join, "certificateKey", json!({ "$secret": "s2" })),
        ("create", &join, "controlPlaneEndpoint", json!("lb.example.com")),
        ("renew", &nothing, "tokens", gone["tokens"].clone()),
        ("renew", &gone, "ttl", json!("0")),
        ("rotate", &turns, "name", json!("rack8")),
        ("rotate", &turns, "ttl", json!("48h")),
        ("rotate", &turns, "overlap", json!("13h")),
        // Of no effect before there is a token, so a value of the wrong type shows that it is read.
        ("rotate", &turns, "handedOut", json!(1)),
        ("rotate", &turns, "groups", group.clone()),
        ("rotate", &turns, "description", json!("for workers")),
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
    assert_eq!(names, ["apply", "create", "renew", "rotate", "delete", "audit", "fix"]);
    let unknown = |task: &str| {
        let failure = format!("{:?}", Failure::Unsupported(format!("there is no task `{task}`")));
        answer(task, &json!({})) == failure
    };
    assert!(names.iter().all(|name| !unknown(name)));
    assert!(["extend", "Apply", ""].iter().all(|name| unknown(name)));
}

#[test]
fn a_token_is_deleted_once_however_often_it_is_named() {
    let parameters = json!({ "tokens": [{ "id": "abcdef" }, { "id": "second" }, { "id": "abcdef" }] });
    assert_eq!(needs("delete", &parameters, &[]).reads.len(), 2);
}

#[test]
fn a_renewed_token_has_another_end_and_is_the_same_otherwise() {
    let secret =
        |of: &str, end: Value| json!({ "type": of, "stringData": { "expiration": end, "usage-bootstrap-signing": "true" } });
    let bootstrap = "bootstrap.kubernetes.io/token";
    let patch = r#"MergePatch("{\"stringData\":{\"expiration\":\"2030-01-02T00:00:00Z\"}}")"#;
    for (ttl, found, parts) in [
        (
            "24h",
            Some(secret(bootstrap, json!("2030-01-01T00:00:01Z"))),
            vec![patch, "expires at 2030-01-02T00:00:00Z", "findings: []"],
        ),
        ("24h", Some(secret(bootstrap, json!("2029-01-01T00:00:00Z"))), vec![patch, "findings: []"]),
        ("24h", Some(secret(bootstrap, Value::Null)), vec![patch, "findings: []"]),
        ("24h", Some(secret(bootstrap, json!("2030-01-02T00:00:00Z"))), vec!["action: Action::Keep", "findings: []"]),
        ("24h", Some(secret(bootstrap, json!("2030-02-01T00:00:00Z"))), vec![patch, "ends earlier than before"]),
        ("24h", Some(secret("Opaque", Value::Null)), vec!["InvalidInput", "is not of the type bootstrap.kubernetes.io/token"]),
        ("24h", None, vec!["InvalidInput", "not found"]),
        ("0", Some(secret(bootstrap, Value::Null)), vec!["InvalidInput", "a renewed token has an end"]),
        ("-1h", None, vec!["InvalidInput", "a renewed token has an end"]),
        ("1 day", None, vec!["InvalidInput", "invalid duration `1 day`"]),
    ] {
        let mut request = request("renew", &json!({ "tokens": [{ "id": "abcdef" }], "ttl": ttl }), &[]);
        let objects: Vec<String> = found.iter().map(Value::to_string).collect();
        let reads = task::need(&request).map(|needs| needs.reads).unwrap_or_default();
        request.observed = reads.into_iter().map(|to| Answer { to, objects: objects.clone() }).collect();
        let plan = format!("{:?}", task::plan_for(&request));
        assert!(parts.iter().all(|part| plan.contains(part)), "{ttl} {found:?}: {plan}");
    }
}

/// A plan of `rotate`: what is done to which token until when, and the token that machines should be given.
fn turns(slots: [Option<&str>; 2], handed_out: Option<&str>, label: &str) -> Result<(Vec<String>, String), String> {
    let mut request = request("rotate", &json!({ "name": "rack7", "ttl": "24h", "overlap": "1h", "handedOut": handed_out }), &[]);
    request.random = vec![RandomValue { name: "secret".to_owned(), value: "h1".to_owned() }];
    let found = |end: &str| {
        let end = (end != "never").then_some(end);
        json!({ "type": "bootstrap.kubernetes.io/token", "metadata": { "labels": { "bootstrap-token.kubectl/rotation": label } },
            "data": { "token-secret": { "$secret": "s1" } }, "stringData": { "expiration": end } })
    };
    let reads = task::need(&request).unwrap().reads;
    let answers = reads.into_iter().zip(slots);
    request.observed =
        answers.map(|(to, end)| Answer { to, objects: end.map(|end| found(end).to_string()).into_iter().collect() }).collect();
    let plan = task::plan_for(&request).map_err(|failure| format!("{failure:?}"))?;
    let did = plan.operations.iter().map(|operation| {
        let (verb, body) = match &operation.action {
            Action::Create(body) => ("create", body),
            Action::MergePatch(body) => ("patch", body),
            other => panic!("{other:?}"),
        };
        let body: Value = serde_json::from_str(body).unwrap();
        let half = body["stringData"].get("token-secret").map(|_| " anew").unwrap_or_default();
        let id = operation.target.name.trim_start_matches("bootstrap-token-");
        assert!(verb == "patch" || body["metadata"]["labels"]["bootstrap-token.kubectl/rotation"] == "rack7");
        format!("{verb} {id}{half} {}", body["stringData"]["expiration"].as_str().unwrap())
    });
    let current = plan.outputs.iter().find(|output| output.name == "current").unwrap();
    Ok((did.collect(), format!("{:?}", current.value)))
}

#[test]
fn two_tokens_take_turns() {
    let (whole, hour) = ("2030-01-02T00:00:00Z", "2030-01-01T01:00:00Z");
    // More and less than half the life is left, less than the overlap, none.
    let (fresh, stale, short, over) =
        (Some("2030-01-01T12:00:00Z"), Some("2030-01-01T11:59:59Z"), Some("2030-01-01T00:30:00Z"), Some("2029-12-31T00:00:00Z"));
    for (slots, handed_out, expected, current) in [
        ([None, None], None, vec![format!("create rack70 anew {whole}")], "rack70"),
        ([over, None], Some("rack70"), vec![format!("patch rack70 anew {whole}")], "rack70"),
        // Half the life is left: nothing.
        ([fresh, None], Some("rack70"), vec![], "rack70"),
        ([fresh, over], Some("rack70"), vec![], "rack70"),
        ([fresh, short], Some("rack70"), vec![], "rack70"),
        // The next one, in the other place.
        ([stale, None], Some("rack70"), vec![format!("create rack71 anew {whole}")], "rack71"),
        ([over, stale], Some("rack71"), vec![format!("patch rack70 anew {whole}")], "rack70"),
        // It is made and not handed out: the older one is left alone until it is.
        ([stale, Some(whole)], Some("rack70"), vec![], "rack71"),
        ([stale, Some(whole)], None, vec![], "rack71"),
        ([stale, Some(whole)], Some("rack71"), vec![format!("patch rack70 {hour}")], "rack71"),
        ([Some("never"), fresh], Some("rack71"), vec![format!("patch rack70 {whole}")], "rack70"),
        // Nobody was given it for so long that it is no longer fresh: it gets another end, since there is no third one.
        ([short, stale], Some("rack70"), vec![format!("patch rack71 {whole}")], "rack71"),
        ([short, stale], Some("rack71"), vec![format!("patch rack71 {whole}")], "rack71"),
        // Somebody took its end away.
        ([Some("never"), None], Some("rack70"), vec![format!("patch rack70 {whole}")], "rack70"),
    ] {
        let (did, named) = turns(slots, handed_out, "rack7").unwrap();
        assert_eq!(did, expected, "{slots:?} {handed_out:?}");
        assert!(named.contains(current), "{slots:?} {handed_out:?}: {named}");
    }
    assert!(turns([stale, None], None, "other").unwrap_err().contains("was not made by `rotate rack7`"));
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
