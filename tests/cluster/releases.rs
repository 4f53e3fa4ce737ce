//! The end states of the real kubeadms, release by release, which `tests/releases` compares with the phase.

use crate::harness::{Cluster, State, config, take_expirations, trial};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

/// Where the records are, as cargo says when it runs us.
fn folder() -> PathBuf {
    PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("../tests/releases")
}

/// Recording is for `make releases`: it builds kubeadms for an hour.
pub(crate) fn trials(cluster: &Arc<Cluster>) -> Vec<Trial> {
    vec![
        trial("releases::record", cluster, record).with_ignored_flag(true),
        trial("releases::1.22.17_is_as_recorded", cluster, |cluster| is_as_recorded(cluster, OLDEST)),
        trial("releases::1.37.2_is_as_recorded", cluster, |cluster| is_as_recorded(cluster, NEWEST)),
    ]
}

/// Those that are there anyway, by release and program.
const OLDEST: (&str, &str) = ("1.22.17", "kubeadm-1.22");
const NEWEST: (&str, &str) = ("1.37.2", "kubeadm");

fn is_as_recorded(cluster: &Cluster, (version, program): (&str, &str)) {
    for configuration in configurations() {
        let recorded = std::fs::read_to_string(folder().join(version).join(name(&configuration))).unwrap();
        let recorded: Value = serde_json::from_str(&recorded).unwrap();
        assert_eq!(end_state(cluster, version, program, &configuration), recorded, "{}", configuration.display());
    }
}

/// Records each release of the list that has no folder yet.
fn record(cluster: &Cluster) {
    let list = std::fs::read_to_string(folder().join("versions")).unwrap();
    for version in list.lines().filter(|line| !line.starts_with('#')) {
        let records = folder().join(version);
        if records.exists() {
            continue;
        }
        let program = program(version);
        let states: Vec<(PathBuf, Value)> = configurations()
            .into_iter()
            .map(|configuration| {
                let state = end_state(cluster, version, &program, &configuration);
                (records.join(name(&configuration)), state)
            })
            .collect();
        std::fs::create_dir(&records).unwrap();
        for (path, state) in states {
            std::fs::write(path, format!("{state:#}\n")).unwrap();
        }
    }
}

fn program(version: &str) -> String {
    if let Some((_, program)) = [OLDEST, NEWEST].into_iter().find(|(of, _)| *of == version) {
        return program.to_owned();
    }
    let built = Command::new(folder().join("build")).arg(version).output().unwrap();
    assert!(built.status.success(), "{version}: {}", String::from_utf8_lossy(&built.stderr));
    String::from_utf8(built.stdout).unwrap().trim().to_owned()
}

fn configurations() -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder().join("configurations")).unwrap();
    files.map(|file| file.unwrap().path()).collect()
}

fn name(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap()
}

/// What a kubeadm says and leaves on an empty cluster, without what is of this cluster and moment.
fn end_state(cluster: &Cluster, version: &str, program: &str, tokens: &Path) -> Value {
    cluster.reset();
    let minor: u32 = version.split('.').nth(1).unwrap().parse().unwrap();
    let api = if minor < 31 { "v1beta3" } else { "v1beta4" };
    let tokens: Value = serde_json::from_str(&std::fs::read_to_string(tokens).unwrap()).unwrap();
    let file = cluster.file("release.yaml", &config(api, &format!("v{version}"), &tokens));
    let said = cluster.kubeadm_ok(program, &file);
    let lines = said.stdout.lines().filter(|line| line.starts_with("[bootstrap-token] ") && !line.contains(" Using token"));
    // 1.22 wrote some of them in lower case.
    let lines: Vec<String> = lines.map(|line| line.replace("] configured", "] Configured")).collect();
    json!({ "lines": lines, "objects": neutral(cluster.state()) })
}

/// Times, the server and its authority by words.
fn neutral(mut state: State) -> State {
    for key in take_expirations(&mut state).into_keys() {
        state.get_mut(&key).unwrap()["data"]["expiration"] = json!("SOMETIME");
    }
    let information = state.get_mut("ConfigMap/kube-public/cluster-info").unwrap();
    let text = information["data"]["kubeconfig"].as_str().unwrap().to_owned();
    let word = |line: &str| match line.split_once(": ") {
        Some((start, _)) if start.ends_with("certificate-authority-data") => format!("{start}: AUTHORITY\n"),
        Some((start, _)) if start.ends_with("server") => format!("{start}: https://SERVER\n"),
        _ => format!("{line}\n"),
    };
    information["data"]["kubeconfig"] = json!(text.lines().map(word).collect::<String>());
    state
}
