//! What is said of the engine is so: which advisories reach us hangs on its version and features.

use super::root;
use kubectl_bootstrap_token::component::engine::{ENGINE_FEATURES, ENGINE_VERSION};
use serde_json::Value;
use std::collections::BTreeSet;
use std::process::Command;

/// What cargo resolves, with our default features.
fn metadata() -> Value {
    let output = Command::new(std::env::var_os("CARGO").unwrap())
        .args(["metadata", "--format-version=1", "--locked"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn texts(value: &Value) -> BTreeSet<&str> {
    value.as_array().unwrap().iter().filter_map(Value::as_str).collect()
}

#[test]
fn the_engine_is_the_one_that_is_told() {
    let metadata = metadata();
    let package = metadata["packages"].as_array().unwrap().iter().find(|package| package["name"] == "wasmtime").unwrap();
    assert_eq!(package["version"], ENGINE_VERSION);
    let node = metadata["resolve"]["nodes"].as_array().unwrap().iter().find(|node| node["id"] == package["id"]).unwrap();
    // An optional dependency is a feature of its own name, which says nothing that the feature behind it does not.
    let optional = package["dependencies"].as_array().unwrap().iter().filter(|dependency| dependency["optional"] == true);
    let optional: BTreeSet<&str> = optional.filter_map(|dependency| dependency["name"].as_str()).collect();
    let resolved: BTreeSet<&str> = texts(&node["features"]).difference(&optional).copied().collect();
    assert_eq!(resolved, ENGINE_FEATURES.iter().copied().collect());
}

/// The build compiles the embedded phase with the engine that runs it; with other features or settings it would be built twice, which takes
/// minutes.
#[test]
fn the_engine_is_built_once() {
    for build in [&["test", "--workspace", "--no-run"][..], &["build", "--release", "--package", "kubectl-bootstrap-token"]] {
        let output = Command::new(std::env::var_os("CARGO").unwrap())
            .args(build)
            .args(["--locked", "--unit-graph", "-Zunstable-options"])
            .env("RUSTC_BOOTSTRAP", "1")
            .current_dir(root())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let graph: Value = serde_json::from_slice(&output.stdout).unwrap();
        let name = format!("#wasmtime@{ENGINE_VERSION}");
        let is_engine = |unit: &&Value| {
            unit["pkg_id"].as_str().is_some_and(|id| id.ends_with(&name))
                && unit["target"]["kind"] == serde_json::json!(["lib"])
                && unit["mode"] == "build"
        };
        assert_eq!(graph["units"].as_array().unwrap().iter().filter(is_engine).count(), 1, "{build:?}");
    }
}

#[test]
fn the_threat_model_is_about_this_engine() {
    let text = std::fs::read_to_string(root().join("docs/threat-model.md")).unwrap();
    let sentence =
        text.lines().find_map(|line| line.strip_prefix("Our engine is wasmtime ")).expect("a sentence about the engine");
    let (version, features) = sentence.split_once(" with the features ").expect("a version and features");
    assert_eq!(version, ENGINE_VERSION);
    let features: BTreeSet<&str> = features.split([',', '.']).map(|word| word.trim().trim_start_matches("and ")).collect();
    assert_eq!(
        features.into_iter().filter(|word| !word.is_empty()).collect::<BTreeSet<_>>(),
        ENGINE_FEATURES.iter().copied().collect()
    );
}
