//! What kubeadm makes, release by release: the phase natively against the end states that the real kubeadms left on the real API server.
//! `make releases` records them.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a broken test should fail loudly")]
#![expect(clippy::disallowed_methods, reason = "a test reads its cases")]

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bootstrap_token_phase::abi::{Action, Answer, Request, ServerInfo};
use bootstrap_token_phase::rbac::{KUBELET_CLIENT, KUBELET_CLIENT_SINCE};
use bootstrap_token_phase::task;
use bootstrap_token_phase::version::{Release, Since, recorded};
use serde_json::{Map, Value, json};
use std::path::PathBuf;

/// As cargo says when it runs us: a path from the time of compilation may be of another checkout.
fn here() -> PathBuf {
    PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("../tests/releases")
}

fn read(path: &str) -> Value {
    let text = std::fs::read_to_string(here().join(path)).unwrap_or_else(|error| panic!("{path}: {error}; make releases"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn configurations() -> Vec<String> {
    let files = std::fs::read_dir(here().join("configurations")).unwrap();
    let mut names: Vec<String> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// What the phase makes of an empty cluster, in the form of the records.
fn ours(release: Release, tokens: &Value) -> Value {
    let api = "kubeadm.k8s.io/v1beta4";
    let documents = [
        json!({ "apiVersion": api, "kind": "InitConfiguration", "bootstrapTokens": with_halves(tokens) }),
        json!({ "apiVersion": api, "kind": "ClusterConfiguration", "kubernetesVersion": release.to_string() }),
    ];
    let mut request = Request {
        task: "apply".to_owned(),
        parameters: "{}".to_owned(),
        documents: documents.iter().map(Value::to_string).collect(),
        now: "2030-01-01T00:00:00Z".to_owned(),
        server: ServerInfo {
            version: release.to_string(),
            url: "https://SERVER".to_owned(),
            certificate_authority: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_owned(),
            certificate_authority_pins: Vec::new(),
        },
        observed: Vec::new(),
        random: Vec::new(),
    };
    let needs = task::need(&request).unwrap();
    request.observed = needs.reads.into_iter().map(|to| Answer { to, objects: Vec::new() }).collect();
    let authority = STANDARD.encode(&request.server.certificate_authority);
    let plan = task::plan_for(&request).unwrap();
    let objects: Map<String, Value> = plan.operations.iter().map(|operation| created(&operation.action, &authority)).collect();
    json!({ "lines": plan.notes, "objects": objects })
}

/// Tokens as a host gives them.
fn with_halves(tokens: &Value) -> Value {
    let mut tokens = tokens.clone();
    for token in tokens.as_array_mut().unwrap() {
        let (id, secret) = token["token"].as_str().unwrap().split_once('.').unwrap();
        token["token"] = json!({ "id": id, "secret": secret });
    }
    tokens
}

/// An object as the API server stores it.
fn created(action: &Action, authority: &str) -> (String, Value) {
    let Action::Create(body) = action else { panic!("{action:?} on an empty cluster") };
    let mut object: Value = serde_json::from_str(&body.replace(authority, "AUTHORITY")).unwrap();
    if let Some(clear) = object.as_object_mut().unwrap().remove("stringData") {
        let encoded = clear.as_object().unwrap().iter().map(|(key, text)| match key.as_str() {
            "expiration" => (key.clone(), json!("SOMETIME")),
            _ => (key.clone(), json!(STANDARD.encode(text.as_str().unwrap()))),
        });
        object["data"] = Value::Object(encoded.collect());
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (namespace, name) = (text(&object["metadata"]["namespace"]), text(&object["metadata"]["name"]));
    (format!("{}/{namespace}/{name}", text(&object["kind"])), object)
}

#[test]
fn the_end_state_is_that_of_every_recorded_release() {
    let configurations = configurations();
    assert_eq!(configurations.len(), 3);
    for release in recorded() {
        for configuration in &configurations {
            let tokens = read(&format!("configurations/{configuration}"));
            let theirs = read(&format!("{}/{configuration}", release.to_string().trim_start_matches('v')));
            assert_eq!(ours(release, &tokens), theirs, "{release} {configuration}");
        }
    }
}

#[test]
fn both_sides_of_a_cherry_pick_are_recorded() {
    let Since(firsts) = KUBELET_CLIENT_SINCE;
    for first in firsts {
        let last_without = Release { patch: first.patch - 1, ..*first };
        let has = |release: Release| {
            let record = read(&format!("{}/one-token.json", release.to_string().trim_start_matches('v')));
            record["objects"].get(format!("ClusterRoleBinding//{KUBELET_CLIENT}")).is_some()
        };
        assert!(has(*first) && !has(last_without), "{first}");
    }
}
