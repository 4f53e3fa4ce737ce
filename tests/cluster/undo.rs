//! `apply --plan` of what an earlier `apply` left to go back with: everything is as it was, byte for byte, or nothing is touched.

use crate::drift::drifts;
use crate::harness::{Cluster, Said, config, plain, said, trial};
use crate::raw::{Raw, awaited, content, created_again, differences, settled};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A state to start from, and what is done there.
struct Start {
    name: &'static str,
    make: fn(&Cluster),
    arguments: &'static [&'static str],
    /// What has to be deleted and created again on the way there and back.
    again: &'static [&'static str],
}

const TOKEN: &str = "abcdef.0123456789abcdef";
const NOW: &str = "--now=2040-01-01T00:00:00Z";
const LATER: &str = "--now=2040-01-01T01:00:00Z";
const GET_NODES: &str = "ClusterRoleBinding//kubeadm:get-nodes";
const SIGNER: &str = "RoleBinding/kube-public/kubeadm:bootstrap-signer-clusterinfo";
const ONE: &[&str] = &[TOKEN, LATER];

const STARTS: [Start; 12] = [
    Start { name: "nothing", make: |_| (), arguments: ONE, again: &[] },
    Start { name: "all_is_there", make: ours, arguments: ONE, again: &[] },
    Start { name: "by_kubeadm_1.22", make: by_kubeadm, arguments: ONE, again: &[] },
    Start { name: "drifted", make: drifted, arguments: ONE, again: &[] },
    Start { name: "emptied", make: emptied, arguments: ONE, again: &[] },
    Start { name: "other_role", make: other_role, arguments: ONE, again: &[GET_NODES, SIGNER] },
    Start { name: "other_cluster_info", make: other_cluster_info, arguments: ONE, again: &[] },
    Start { name: "cluster_info_without_a_kubeconfig", make: no_kubeconfig, arguments: ONE, again: &[] },
    Start { name: "other_token", make: other_token, arguments: ONE, again: &[] },
    Start { name: "token_of_kubectl_apply", make: kubectl_apply, arguments: ONE, again: &[] },
    Start { name: "beside_foreign_tokens", make: foreign_tokens, arguments: &["second.fedcba9876543210", LATER], again: &[] },
    Start { name: "a_generated_token", make: foreign_tokens, arguments: &[LATER], again: &[] },
];

pub(crate) fn trials(cluster: &Arc<Cluster>) -> Vec<Trial> {
    let starts = STARTS.into_iter();
    let mut trials: Vec<Trial> = starts
        .map(|start| trial(format!("undo::{}", start.name), cluster, move |cluster| there_and_back(cluster, &start)))
        .collect();
    trials.push(trial("undo::refuses_what_others_changed", cluster, others));
    trials.push(trial("undo::needs_to_know_who_wrote_what", cluster, untracked));
    trials.push(trial("undo::a_run_that_failed", cluster, failed));
    trials.push(trial("undo::nothing_done_leaves_nothing", cluster, nothing));
    trials.push(trial("undo::of_several_runs", cluster, several));
    trials
}

// ---- States --------------------------------------------------------------------------------------------------------

fn ours(cluster: &Cluster) {
    cluster.ours_ok(&["apply", TOKEN, NOW]);
}

fn by_kubeadm(cluster: &Cluster) {
    let tokens = json!([{ "token": TOKEN, "ttl": "0s", "description": "a" }]);
    cluster.kubeadm_ok("kubeadm-1.22", &cluster.file("undo.yaml", &config("v1beta3", "v1.22.17", &tokens)));
}

fn patch(cluster: &Cluster, namespace: &str, object: &str, patch: &Value) {
    cluster.kubectl(&["patch", "-n", namespace, object, "--type=merge", "-p", &patch.to_string()]);
}

fn drifted(cluster: &Cluster) {
    ours(cluster);
    drift(cluster);
}

/// All of `drifts.yaml` that can be together, and labels.
fn drift(cluster: &Cluster) {
    for drift in drifts().iter().filter(|drift| !drift.name.contains("cluster_info") && !drift.name.contains("aggregated")) {
        drift.happen(cluster);
    }
    let metadata = json!({ "metadata": { "labels": { "team": "a" }, "annotations": { "example.com/note": "b\u{1b}\u{202e}" } } });
    for object in
        ["clusterrole/kubeadm:get-nodes", "clusterrolebinding/kubeadm:get-nodes", "clusterrolebinding/kubeadm:kubelet-bootstrap"]
    {
        patch(cluster, "", object, &metadata);
    }
}

fn emptied(cluster: &Cluster) {
    ours(cluster);
    patch(cluster, "", "clusterrole/kubeadm:get-nodes", &json!({ "rules": [] }));
    patch(cluster, "kube-public", "role/kubeadm:bootstrap-signer-clusterinfo", &json!({ "rules": null }));
    patch(cluster, "", "clusterrolebinding/kubeadm:kubelet-bootstrap", &json!({ "subjects": [] }));
    patch(cluster, "", "clusterrolebinding/kubeadm:get-nodes", &json!({ "subjects": null }));
    patch(cluster, "kube-public", "configmap/cluster-info", &json!({ "data": { "kubeconfig": "" } }));
}

fn other_role(cluster: &Cluster) {
    ours(cluster);
    bind_other_role(cluster);
}

fn bind_other_role(cluster: &Cluster) {
    let objects =
        [("", "clusterrolebinding/kubeadm:get-nodes"), ("kube-public", "rolebinding/kubeadm:bootstrap-signer-clusterinfo")];
    for (namespace, object) in objects {
        let (_, mut binding) = plain(cluster.get(namespace, object));
        cluster.kubectl(&["delete", "-n", namespace, object]);
        binding["roleRef"] = json!({ "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view" });
        binding["metadata"]["labels"] = json!({ "team": "a" });
        binding["metadata"]["annotations"] = json!({ "example.com/note": "b" });
        binding["metadata"]["finalizers"] = Value::Null;
        let file = cluster.file("undo.json", &binding.to_string());
        cluster.kubectl(&["apply", "-f", file.to_str().unwrap()]);
    }
}

fn other_cluster_info(cluster: &Cluster) {
    ours(cluster);
    let metadata = json!({ "labels": { "team": "a" }, "annotations": { "example.com/note": "b" } });
    let data = json!({ "kubeconfig": "apiVersion: v1\nkind: Config\n# another\n", "other": "kept\n", "kept": "" });
    let info = json!({ "metadata": metadata, "data": data, "binaryData": { "raw": "AAECAw==" } });
    patch(cluster, "kube-public", "configmap/cluster-info", &info);
}

fn no_kubeconfig(cluster: &Cluster) {
    ours(cluster);
    patch(cluster, "kube-public", "configmap/cluster-info", &json!({ "data": { "kubeconfig": null } }));
}

fn other_token(cluster: &Cluster) {
    ours(cluster);
    change_token(cluster);
}

fn change_token(cluster: &Cluster) {
    let data = json!({
        "token-secret": "ZmVkY2JhOTg3NjU0MzIxMA==", "usage-bootstrap-signing": null, "usage-other": "dHJ1ZQ==",
        "description": "b2xk", "expiration": "MjA0MS0wMS0wMVQwMDowMDowMFo=", "foreign": "AAECAw==", "empty": "",
    });
    let metadata = json!({ "labels": { "team": "a" }, "annotations": { "example.com/note": "b" } });
    patch(cluster, "kube-system", "secret/bootstrap-token-abcdef", &json!({ "metadata": metadata, "data": data }));
}

/// With kubectl's own copy of the Secret in an annotation.
fn kubectl_apply(cluster: &Cluster) {
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret", "type": "bootstrap.kubernetes.io/token",
        "metadata": { "name": "bootstrap-token-abcdef", "namespace": "kube-system" },
        "stringData": { "token-id": "abcdef", "token-secret": "fedcba9876543210", "usage-bootstrap-signing": "true" },
    });
    cluster.kubectl(&["apply", "-f", cluster.file("undo.json", &secret.to_string()).to_str().unwrap()]);
}

fn foreign_tokens(cluster: &Cluster) {
    ours(cluster);
    for id in ["others", "second"] {
        let data = json!({ "token-id": id, "token-secret": "0000000000000000", "usage-bootstrap-signing": "true" });
        let secret = json!({
            "apiVersion": "v1", "kind": "Secret", "type": "bootstrap.kubernetes.io/token",
            "metadata": { "name": format!("bootstrap-token-{id}"), "namespace": "kube-system" }, "stringData": data,
        });
        cluster.kubectl(&["create", "-f", cluster.file("undo.json", &secret.to_string()).to_str().unwrap()]);
    }
}

// ---- There and back ------------------------------------------------------------------------------------------------

/// The folder that we keep ways back in.
fn folder(cluster: &Cluster) -> PathBuf {
    cluster.dir.join("undo-state")
}

fn run(cluster: &Cluster, arguments: &[&str]) -> Said {
    let mut command = cluster.our_command(arguments);
    command.env("XDG_STATE_HOME", folder(cluster));
    said(command)
}

fn run_ok(cluster: &Cluster, arguments: &[&str]) -> Said {
    let said = run(cluster, arguments);
    assert_eq!(said.code, 0, "{arguments:?}\n{}\n{}", said.stdout, said.stderr);
    said
}

/// The file that a run says to go back with.
fn way_back(said: &Said) -> String {
    let told = said.stderr.lines().find_map(|line| line.strip_prefix("undo with: kubectl bootstrap-token apply --plan "));
    told.unwrap_or_else(|| panic!("no way back: {}\n{}", said.stdout, said.stderr)).to_owned()
}

fn undo(cluster: &Cluster, file: &str) -> Said {
    run(cluster, &["apply", "--plan", file])
}

/// Files are the user's alone.
fn assert_private(cluster: &Cluster) {
    let folder = folder(cluster).join("kubectl-bootstrap-token");
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    for folder in [&folder, &folder.join("undo")] {
        assert_eq!(mode(folder), 0o700, "{}", folder.display());
    }
    let files = std::fs::read_dir(folder.join("undo")).unwrap().map(|entry| entry.unwrap().path());
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

/// As it was: objects that had to be created again are other ones of the same content.
fn assert_as(before: &Raw, after: &Raw, again: &[&str]) {
    let mut expected = before.clone();
    for key in again {
        for name in ["uid", "creationTimestamp"] {
            expected.get_mut(*key).unwrap()["metadata"][name] = after[*key]["metadata"][name].clone();
        }
    }
    assert_eq!(differences(&expected, after), "");
    assert_eq!(created_again(before, after).iter().collect::<Vec<_>>(), again, "other objects");
}

fn begin(cluster: &Cluster, make: fn(&Cluster)) -> Raw {
    cluster.reset();
    make(cluster);
    settled(cluster)
}

fn there_and_back(cluster: &Cluster, start: &Start) {
    let before = begin(cluster, start.make);
    let there = run_ok(cluster, &[&["apply"], start.arguments].concat());
    let applied = settled(cluster);
    assert_ne!(differences(&before, &applied), "", "something was done");
    assert_private(cluster);

    let file = way_back(&there);
    let back = undo(cluster, &file);
    assert_eq!(back.code, 0, "{}\n{}", back.stdout, back.stderr);
    let is_back = |raw: &Raw| differences(&content(&before), &content(raw)).is_empty();
    assert_as(&before, &awaited(cluster, is_back), start.again);

    // The second time there is nothing to do, or nothing is done.
    let mark = cluster.audit_mark();
    let twice = undo(cluster, &file);
    assert!([0, 2].contains(&twice.code), "{}\n{}", twice.stdout, twice.stderr);
    assert_eq!(cluster.our_writes(mark), Vec::<String>::new(), "{}", twice.stderr);

    let again = undo(cluster, &way_back(&back));
    assert_eq!(again.code, 0, "{}\n{}", again.stdout, again.stderr);
    let is_there = |raw: &Raw| differences(&content(&applied), &content(raw)).is_empty();
    let forth = awaited(cluster, is_there);
    assert_eq!(differences(&content(&applied), &content(&forth)), "");
    assert_private(cluster);
}

// ---- Not back ------------------------------------------------------------------------------------------------------

/// One change of somebody else after the other, each of which is one more reason.
fn others(cluster: &Cluster) {
    begin(cluster, |cluster| {
        drifted(cluster);
        change_token(cluster);
        cluster.kubectl(&["delete", "configmap", "-n", "kube-public", "cluster-info"]);
    });
    let file = way_back(&run_ok(cluster, &["apply", TOKEN, LATER]));
    settled(cluster);
    let signer = "rolebinding/kubeadm:bootstrap-signer-clusterinfo";
    let (_, binding) = plain(cluster.get("kube-public", signer));
    let binding = cluster.file("undo.json", &binding.to_string());
    let rules = json!({ "rules": [{ "apiGroups": [""], "resources": ["pods"], "verbs": ["get"] }] });
    let secret = json!({ "data": { "token-secret": "MDAwMDAwMDAwMDAwMDAwMA==" } });
    let label = json!({ "metadata": { "labels": { "team": "b" } } });
    let data = json!({ "data": { "other": "new" } });
    let changes: [(&dyn Fn(), &str); 6] = [
        (&|| patch(cluster, "", "clusterrole/kubeadm:get-nodes", &label), "kubeadm:get-nodes was changed since"),
        (
            &|| patch(cluster, "kube-public", "role/kubeadm:bootstrap-signer-clusterinfo", &rules),
            "/kubeadm:bootstrap-signer-clusterinfo was changed since",
        ),
        (&|| patch(cluster, "kube-system", "secret/bootstrap-token-abcdef", &secret), "bootstrap-token-abcdef"),
        (&|| patch(cluster, "kube-public", "configmap/cluster-info", &data), "configmaps/cluster-info"),
        (
            &|| drop(cluster.kubectl(&["delete", "clusterrolebinding", "kubeadm:kubelet-bootstrap"])),
            "kubelet-bootstrap was deleted since",
        ),
        (
            &|| {
                cluster.kubectl(&["delete", "-n", "kube-public", signer]);
                patch_created(cluster, &binding);
            },
            "rolebindings.rbac.authorization.k8s.io/kubeadm:bootstrap-signer-clusterinfo",
        ),
    ];
    for (count, (change, name)) in changes.iter().enumerate() {
        change();
        let before = settled(cluster);
        let mark = cluster.audit_mark();
        let said = undo(cluster, &file);
        assert_eq!(said.code, 2, "{name}: {}\n{}", said.stdout, said.stderr);
        assert!(said.stdout.is_empty() && said.stderr.contains(name), "{name}: {}", said.stderr);
        assert_eq!(said.stderr.matches(" since\n").count(), count + 1, "{name}: {}", said.stderr);
        assert_eq!(cluster.our_writes(mark), Vec::<String>::new(), "{name}");
        assert_eq!(differences(&before, &settled(cluster)), "", "{name}");
    }
}

/// The API server does not track the fields of an object of which nobody owns one. So a signature may be anybody's, and we refuse.
fn untracked(cluster: &Cluster) {
    begin(cluster, |cluster| {
        ours(cluster);
        patch(cluster, "kube-public", "configmap/cluster-info", &json!({ "data": null }));
    });
    let file = way_back(&run_ok(cluster, &["apply", TOKEN, LATER]));
    settled(cluster);
    let mark = cluster.audit_mark();
    let said = undo(cluster, &file);
    assert_eq!(said.code, 2, "{}", said.stdout);
    assert!(said.stderr.contains("configmap/cluster-info was changed since"), "{}", said.stderr);
    assert_eq!(cluster.our_writes(mark), Vec::<String>::new());
}

/// Created again, with a label.
fn patch_created(cluster: &Cluster, file: &Path) {
    cluster.kubectl(&["create", "-f", file.to_str().unwrap()]);
    let label = json!({ "metadata": { "labels": { "team": "b" } } });
    patch(cluster, "kube-public", "rolebinding/kubeadm:bootstrap-signer-clusterinfo", &label);
}

const POLICY: &str = "apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: undo}
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules:
    - {apiGroups: [rbac.authorization.k8s.io], apiVersions: [v1], operations: [CREATE], resources: [clusterrolebindings]}
  validations: [{expression: \"object.metadata.name != 'kubeadm:get-nodes'\", message: not wanted}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: undo}
spec: {policyName: undo, validationActions: [Deny]}
";

/// A run ends in the middle: a binding is deleted and cannot be created again.
fn failed(cluster: &Cluster) {
    let before = begin(cluster, |cluster| {
        drifted(cluster);
        bind_other_role(cluster);
        change_token(cluster);
    });
    let policy = cluster.file("undo-policy.yaml", POLICY);
    let policy = policy.to_str().unwrap();
    let tried = cluster.file("undo-tried.json", &content(&before)[GET_NODES].to_string());
    let is_denied = || {
        let said = cluster.run("kubectl", &["create", "--dry-run=server", "-f", tried.to_str().unwrap()]);
        said.stderr.contains("not wanted")
    };
    cluster.kubectl(&["create", "-f", policy]);
    let is_in_force = (0..500).any(|_| is_denied());
    let said = run(cluster, &["apply", TOKEN, LATER, "--precheck=none"]);
    cluster.kubectl(&["delete", "-f", policy]);
    assert!(is_in_force && (0..500).any(|_| !is_denied()), "the policy was in force, and is gone");
    assert_eq!(said.code, 3, "{}\n{}", said.stdout, said.stderr);
    assert!(!settled(cluster).contains_key(GET_NODES), "half done");

    let back = undo(cluster, &way_back(&said));
    assert_eq!(back.code, 0, "{}\n{}", back.stdout, back.stderr);
    let is_back = |raw: &Raw| differences(&content(&before), &content(raw)).is_empty();
    let after = awaited(cluster, is_back);
    let again: BTreeSet<String> = created_again(&before, &after);
    assert_as(&before, &after, &again.iter().map(String::as_str).collect::<Vec<_>>());
}

/// Without a change there is no way back, and none is told of.
fn nothing(cluster: &Cluster) {
    let tokens = json!([{ "token": TOKEN, "ttl": "0s" }]);
    let file = cluster.file("undo.yaml", &config("v1beta4", "v1.37.2", &tokens));
    cluster.reset();
    let names = || std::fs::read_dir(folder(cluster).join("kubectl-bootstrap-token/undo")).unwrap().count();
    let arguments = ["apply", "-f", file.to_str().unwrap()];
    run_ok(cluster, &arguments);
    let count = names();
    for more in [&[][..], &["--dry-run=server"], &["--dry-run=client"]] {
        let said = run_ok(cluster, &[&arguments[..], more].concat());
        assert!(!said.stderr.contains("undo with"), "{}", said.stderr);
    }
    assert_eq!(names(), count);
}

/// Two runs, the later one undone first.
fn several(cluster: &Cluster) {
    let empty = begin(cluster, |_| ());
    let first = way_back(&run_ok(cluster, &["apply", TOKEN, NOW]));
    let between = settled(cluster);
    let second = way_back(&run_ok(cluster, &["apply", "second.fedcba9876543210", NOW]));
    settled(cluster);
    for (file, expected) in [(second, between), (first, empty)] {
        let said = undo(cluster, &file);
        assert_eq!(said.code, 0, "{}\n{}", said.stdout, said.stderr);
        let after = awaited(cluster, |raw| differences(&expected, raw).is_empty());
        assert_eq!(differences(&expected, &after), "");
    }
}
