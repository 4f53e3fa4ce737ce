//! The fuel that the official phase uses, beside its budget.

use super::large::{Permit, audit};
use kubectl_bootstrap_token::config::limits::LIMITS;
use std::collections::BTreeMap;
use std::process::Command;

#[path = "../bench/budgets.rs"]
mod budgets;

const CONFIG: &str = "apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
bootstrapTokens: [{token: abcdef.0123456789abcdef, ttl: 0s}]
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v1.37.2
";

/// Runs the program, and returns what it prints, and the fuel of each call.
fn run(args: &[&str]) -> (String, Vec<(String, u64)>) {
    let home = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_kubectl-bootstrap_token"))
        .args(args)
        .args(["-v", "2"])
        .env_clear()
        .env("HOME", home.path())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{args:?}: {said}");
    let calls = said.lines().filter_map(|line| {
        let (call, rest) = line.split_once(": ")?;
        Some((call.to_owned(), rest.split_once(" units of fuel")?.0.parse().ok()?))
    });
    (String::from_utf8(output.stdout).unwrap(), calls.collect())
}

#[test]
fn fuel_stays_within_its_budget() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("kubeadm.yaml");
    std::fs::write(&config, CONFIG).unwrap();
    let plan = |against: &str, format: &str| {
        let against = ["--against", against, "--control-plane-endpoint=cp.example", "--now=2030-01-01T00:00:00Z"];
        run(&[&["plan", "-f", config.to_str().unwrap(), "-o", format][..], &against].concat())
    };
    let (manifests, first) = plan("empty", "manifests");
    let made = folder.path().join("made");
    std::fs::create_dir(&made).unwrap();
    std::fs::write(made.join("all.yaml"), manifests).unwrap();
    let (report, again) = plan(&format!("dir:{}", made.display()), "text");
    assert_eq!(report, "0 to create, 0 to update, 0 to delete, 10 unchanged\n");
    let sum = |calls: &[(String, u64)]| calls.iter().filter(|(call, _)| call != "describe").map(|(_, fuel)| fuel).sum();
    let of = |task| audit(task, 1_000, Permit::NotTried, LIMITS).unwrap().1;
    let describe = first.iter().find(|(call, _)| call == "describe").unwrap().1;
    budgets::check(
        "fuel",
        &BTreeMap::from([
            ("describe", describe),
            ("plan, nothing is there", sum(&first)),
            ("plan, all is there", sum(&again)),
            ("audit of 1,000 tokens", of("audit")),
            ("fix of 1,000 tokens", of("fix")),
        ]),
    );
}
