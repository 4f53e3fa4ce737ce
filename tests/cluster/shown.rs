//! `plan show` and `plan -o markdown`: who reviews a plan sees what it changes, and what was reviewed is what is applied.

use crate::harness::{Cluster, Said, said, trial};
use crate::raw::settled;
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;

const TOKEN: &str = "abcdef.0123456789abcdef";
const NOW: &str = "--now=2040-01-01T00:00:00Z";

pub(crate) fn trials(cluster: &Arc<Cluster>) -> Vec<Trial> {
    vec![
        trial("shown::a27_a_plan_without_its_cluster", cluster, offline),
        trial("shown::a27_markdown_is_the_same_with_and_without_the_cluster", cluster, markdown),
        trial("shown::a27_the_diff_is_what_becomes_of_the_objects", cluster, diff),
        trial("shown::a39_a_signature_does_not_make_a_plan_stale", cluster, signed),
    ]
}

/// A cluster in which one object is missing and two are changed.
fn drifted(cluster: &Cluster) {
    cluster.reset();
    cluster.ours_ok(&["apply", TOKEN, NOW]);
    let rules = json!({ "rules": [{ "apiGroups": [""], "resources": ["nodes", "pods"], "verbs": ["get"] }] }).to_string();
    cluster.kubectl(&["patch", "clusterrole", "kubeadm:get-nodes", "--type=merge", "-p", &rules]);
    let secret = json!({ "data": { "description": "b2xk", "token-secret": "MDAwMDAwMDAwMDAwMDAwMA==" } }).to_string();
    cluster.kubectl(&["patch", "secret", "-n", "kube-system", "bootstrap-token-abcdef", "-p", &secret]);
    cluster.kubectl(&["delete", "clusterrolebinding", "kubeadm:node-autoapprove-bootstrap"]);
    settled(cluster);
}

fn planned(cluster: &Cluster) -> (String, Said) {
    let folder = cluster.dir.join("plans");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("shown.json").into_os_string().into_string().unwrap();
    let said = cluster.ours_ok(&["plan", TOKEN, NOW, "--out", &file]);
    (file, said)
}

/// Shows a plan where there is no cluster, no home and no kubeconfig.
fn shown(cluster: &Cluster, file: &str, format: &str) -> Said {
    let mut command = cluster.our_command(&["plan", "show", file, "-o", format]);
    command.env("KUBECONFIG", "/nonexistent").env_remove("HOME").env_remove("XDG_STATE_HOME");
    let said = said(command);
    assert_eq!(said.code, 0, "{}", said.stderr);
    said
}

fn offline(cluster: &Cluster) {
    drifted(cluster);
    let (file, live) = planned(cluster);
    let text = shown(cluster, &file, "text");
    assert!(text.stdout.contains(live.stdout.trim_end()), "{}\n{}", live.stdout, text.stdout);
    for line in [
        "update secret/bootstrap-token-abcdef in kube-system (data.description, data.token-secret): ",
        "update clusterrole.rbac.authorization.k8s.io/kubeadm:get-nodes (rules): grants `get` on nodes",
        "create clusterrolebinding.rbac.authorization.k8s.io/kubeadm:node-autoapprove-bootstrap: binds ",
        "1 to create, 2 to update, 0 to delete, 7 unchanged",
    ] {
        assert!(text.stdout.contains(line), "{line}\n{}", text.stdout);
    }
    assert!(text.stdout.starts_with(&format!("plan of `apply` for https://{}", cluster.endpoint)), "{}", text.stdout);
    // The command that it names works, with what it says has to be given again.
    let command =
        text.stderr.strip_prefix("apply it with: ").and_then(|line| line.strip_suffix(", and the token abcdef again\n"));
    let command = command.unwrap_or_else(|| panic!("{}", text.stderr));
    let words = shlex::split(command).unwrap();
    let words: Vec<&str> = words.iter().skip(2).map(String::as_str).chain([TOKEN]).collect();
    let applied = cluster.ours_ok(&words);
    assert!(applied.stdout.contains("kubeadm:get-nodes updated"), "{}", applied.stdout);

    let json: Value = serde_json::from_str(&shown(cluster, &file, "json").stdout).unwrap();
    assert_eq!(json, serde_json::from_str::<Value>(&std::fs::read_to_string(&file).unwrap()).unwrap());
    let out = shown(cluster, &file, "diff").stdout + &shown(cluster, &file, "markdown").stdout;
    assert!(!out.contains("MDAwMDAwMDAwMDAwMDAwMA") && !out.contains("MDEyMzQ1Njc4OWFiY2RlZg"), "a secret: {out}");
}

fn markdown(cluster: &Cluster) {
    drifted(cluster);
    let (file, _) = planned(cluster);
    let live = cluster.ours_ok(&["plan", TOKEN, NOW, "-o", "markdown"]);
    assert_eq!(live.stdout, shown(cluster, &file, "markdown").stdout);
    let rows = live.stdout.lines().filter(|line| line.starts_with("| create |") || line.starts_with("| update |"));
    assert_eq!(rows.count(), 3, "{}", live.stdout);
    assert!(live.stdout.contains("+++ MERGED/rbac.authorization.k8s.io.v1.ClusterRole..kubeadm:get-nodes"), "{}", live.stdout);
}

/// Each line that goes or comes is one that is gone or there afterwards, as kubectl prints the objects.
fn diff(cluster: &Cluster) {
    drifted(cluster);
    let (file, _) = planned(cluster);
    let lines = shown(cluster, &file, "diff").stdout;
    let of = |sign: &str| -> BTreeSet<String> {
        let lines = lines.lines().filter(|line| line.starts_with(sign) && !line.starts_with(&sign.repeat(3)));
        lines.map(|line| line[1..].to_owned()).filter(|line| !line.contains("***")).collect()
    };
    let names = ["clusterrole/kubeadm:get-nodes", "clusterrolebinding/kubeadm:node-autoapprove-bootstrap"];
    let objects = || -> BTreeSet<String> {
        let text = |name: &&str| cluster.run("kubectl", &["get", name, "-o", "yaml"]).stdout;
        names.iter().map(text).collect::<String>().lines().map(str::to_owned).collect()
    };
    let before = objects();
    cluster.ours_ok(&["apply", "--plan", &file, TOKEN]);
    let after = objects();
    let (gone, come) = (of("-"), of("+"));
    assert!(!gone.is_empty() && gone.is_subset(&before) && gone.is_disjoint(&after), "{gone:?}\n{before:?}\n{after:?}");
    assert!(come.len() > 5 && come.is_subset(&after) && !come.is_subset(&before), "{come:?}\n{after:?}");
}

/// The signer writes `cluster-info` for each token that comes or goes; nobody else may.
fn signed(cluster: &Cluster) {
    drifted(cluster);
    let (file, _) = planned(cluster);
    let version = || cluster.get("kube-public", "configmap/cluster-info")["metadata"]["resourceVersion"].clone();
    let before = version();
    cluster.ours_ok(&["create", "zzzzzz.0123456789abcdef"]);
    settled(cluster);
    assert_ne!(version(), before, "the signer wrote it");
    let dry = cluster.ours_ok(&["apply", "--plan", &file, TOKEN, "--dry-run=server"]);
    assert!(dry.stdout.contains("configmap/cluster-info unchanged"), "{}", dry.stdout);

    cluster.kubectl(&["label", "-n", "kube-public", "configmap/cluster-info", "team=a"]);
    let refused = cluster.ours(&["apply", "--plan", &file, TOKEN, "--dry-run=server"]);
    assert_eq!(refused.code, 2, "{}", refused.stdout);
    assert!(
        refused.stderr.contains("configmaps/cluster-info in kube-public was changed (resourceVersion "),
        "{}",
        refused.stderr
    );
}
