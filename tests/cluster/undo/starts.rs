//! States of a cluster that a run is undone to.

use crate::drift::drifts;
use crate::harness::{Cluster, config, plain};
use serde_json::{Value, json};

/// A state to start from, and what is done there.
pub(super) struct Start {
    pub(super) name: &'static str,
    pub(super) make: fn(&Cluster),
    pub(super) arguments: &'static [&'static str],
    /// What has to be deleted and created again on the way there and back.
    pub(super) again: &'static [&'static str],
}

pub(super) const TOKEN: &str = "abcdef.0123456789abcdef";
pub(super) const NOW: &str = "--now=2040-01-01T00:00:00Z";
pub(super) const LATER: &str = "--now=2040-01-01T01:00:00Z";
pub(super) const GET_NODES: &str = "ClusterRoleBinding//kubeadm:get-nodes";
pub(super) const SIGNER: &str = "RoleBinding/kube-public/kubeadm:bootstrap-signer-clusterinfo";
pub(super) const ONE: &[&str] = &[TOKEN, LATER];

pub(super) const STARTS: [Start; 12] = [
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

pub(super) fn ours(cluster: &Cluster) {
    cluster.ours_ok(&["apply", TOKEN, NOW]);
}

pub(super) fn by_kubeadm(cluster: &Cluster) {
    let tokens = json!([{ "token": TOKEN, "ttl": "0s", "description": "a" }]);
    cluster.kubeadm_ok("kubeadm-1.22", &cluster.file("undo.yaml", &config("v1beta3", "v1.22.17", &tokens)));
}

pub(super) fn patch(cluster: &Cluster, namespace: &str, object: &str, patch: &Value) {
    cluster.kubectl(&["patch", "-n", namespace, object, "--type=merge", "-p", &patch.to_string()]);
}

pub(super) fn drifted(cluster: &Cluster) {
    ours(cluster);
    drift(cluster);
}

/// All of `drifts.yaml` that can be together, and labels.
pub(super) fn drift(cluster: &Cluster) {
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

pub(super) fn emptied(cluster: &Cluster) {
    ours(cluster);
    patch(cluster, "", "clusterrole/kubeadm:get-nodes", &json!({ "rules": [] }));
    patch(cluster, "kube-public", "role/kubeadm:bootstrap-signer-clusterinfo", &json!({ "rules": null }));
    patch(cluster, "", "clusterrolebinding/kubeadm:kubelet-bootstrap", &json!({ "subjects": [] }));
    patch(cluster, "", "clusterrolebinding/kubeadm:get-nodes", &json!({ "subjects": null }));
    patch(cluster, "kube-public", "configmap/cluster-info", &json!({ "data": { "kubeconfig": "" } }));
}

pub(super) fn other_role(cluster: &Cluster) {
    ours(cluster);
    bind_other_role(cluster);
}

pub(super) fn bind_other_role(cluster: &Cluster) {
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

pub(super) fn other_cluster_info(cluster: &Cluster) {
    ours(cluster);
    let metadata = json!({ "labels": { "team": "a" }, "annotations": { "example.com/note": "b" } });
    let data = json!({ "kubeconfig": "apiVersion: v1\nkind: Config\n# another\n", "other": "kept\n", "kept": "" });
    let info = json!({ "metadata": metadata, "data": data, "binaryData": { "raw": "AAECAw==" } });
    patch(cluster, "kube-public", "configmap/cluster-info", &info);
}

pub(super) fn no_kubeconfig(cluster: &Cluster) {
    ours(cluster);
    patch(cluster, "kube-public", "configmap/cluster-info", &json!({ "data": { "kubeconfig": null } }));
}

pub(super) fn other_token(cluster: &Cluster) {
    ours(cluster);
    change_token(cluster);
}

pub(super) fn change_token(cluster: &Cluster) {
    let data = json!({
        "token-secret": "ZmVkY2JhOTg3NjU0MzIxMA==", "usage-bootstrap-signing": null, "usage-other": "dHJ1ZQ==",
        "description": "b2xk", "expiration": "MjA0MS0wMS0wMVQwMDowMDowMFo=", "foreign": "AAECAw==", "empty": "",
    });
    let metadata = json!({ "labels": { "team": "a" }, "annotations": { "example.com/note": "b" } });
    patch(cluster, "kube-system", "secret/bootstrap-token-abcdef", &json!({ "metadata": metadata, "data": data }));
}

/// With kubectl's own copy of the Secret in an annotation.
pub(super) fn kubectl_apply(cluster: &Cluster) {
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret", "type": "bootstrap.kubernetes.io/token",
        "metadata": { "name": "bootstrap-token-abcdef", "namespace": "kube-system" },
        "stringData": { "token-id": "abcdef", "token-secret": "fedcba9876543210", "usage-bootstrap-signing": "true" },
    });
    cluster.kubectl(&["apply", "-f", cluster.file("undo.json", &secret.to_string()).to_str().unwrap()]);
}

pub(super) fn foreign_tokens(cluster: &Cluster) {
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
