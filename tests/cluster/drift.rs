//! What drifted is repaired, and what others added is kept.

use crate::harness::{Cluster, State, trial};
use libtest_mimic::Trial;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// An entry of `drifts.yaml`.
#[derive(Deserialize)]
pub(crate) struct Drift {
    pub(crate) name: String,
    #[serde(default)]
    namespace: String,
    pub(crate) object: String,
    patch: Value,
    repair: String,
}

pub(crate) fn trials(cluster: &Arc<Cluster>) -> Vec<Trial> {
    let mut trials: Vec<Trial> = drifts()
        .into_iter()
        .map(|drift| trial(format!("drift::{}", drift.name), cluster, move |cluster| repaired(cluster, &drift)))
        .collect();
    trials.push(trial("drift::deleted", cluster, deleted));
    trials.push(trial("drift::other_role", cluster, other_role));
    trials.push(trial("drift::others_keep_what_they_added", cluster, kept));
    trials
}

/// The cases of `drifts.yaml`.
pub(crate) fn drifts() -> Vec<Drift> {
    let drifts: Vec<Drift> = serde_saphyr::from_str(include_str!("drifts.yaml")).unwrap();
    assert!(drifts.len() >= 10, "the cases are there");
    drifts
}

/// The state that each case starts with, and how it was made.
fn start(cluster: &Cluster) -> (State, Vec<String>) {
    cluster.reset();
    let file = cluster.file(
        "drift.yaml",
        &crate::harness::config(
            "v1beta4",
            "v1.37.2",
            &json!([
                { "token": "abcdef.0123456789abcdef", "ttl": "0s" },
            ]),
        ),
    );
    let args = vec!["apply".to_owned(), "-f".to_owned(), file.to_str().unwrap().to_owned()];
    apply(cluster, &args);
    (cluster.state(), args)
}

fn apply(cluster: &Cluster, args: &[String]) -> Vec<String> {
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let said = cluster.ours_ok(&args);
    let is_change = |line: &&str| [" created", " updated", " deleted"].iter().any(|end| line.ends_with(end));
    said.stdout.lines().filter(is_change).map(str::to_owned).collect()
}

impl Drift {
    /// Makes it so.
    pub(crate) fn happen(&self, cluster: &Cluster) {
        let patch = self.patch.to_string();
        cluster.kubectl(&["patch", "-n", &self.namespace, &self.object, "--type=json", "-p", &patch]);
    }
}

fn repaired(cluster: &Cluster, drift: &Drift) {
    let (golden, args) = start(cluster);
    drift.happen(cluster);
    assert_ne!(cluster.state(), golden, "the drift is there");
    assert_eq!(apply(cluster, &args), [drift.repair.as_str()], "exactly one object");
    assert_eq!(cluster.state(), golden);
}

fn deleted(cluster: &Cluster) {
    let (golden, args) = start(cluster);
    for key in golden.keys() {
        let parts: Vec<&str> = key.split('/').collect();
        cluster.kubectl(&["delete", "-n", parts[1], parts[0], parts[2]]);
        let changes = apply(cluster, &args);
        assert!(changes.len() == 1 && changes[0].ends_with(" created"), "{changes:?}");
        assert_eq!(cluster.state(), golden, "{key}");
    }
}

fn other_role(cluster: &Cluster) {
    let (golden, args) = start(cluster);
    for (namespace, kind, name) in
        [("", "clusterrolebinding", "kubeadm:get-nodes"), ("kube-public", "rolebinding", "kubeadm:bootstrap-signer-clusterinfo")]
    {
        let mut binding = cluster.get(namespace, &format!("{kind}/{name}"));
        cluster.kubectl(&["delete", "-n", namespace, kind, name]);
        binding["roleRef"]["name"] = json!("view");
        binding["roleRef"]["kind"] = json!("ClusterRole");
        let (_, binding) = crate::harness::plain(binding);
        let file = cluster.file("binding.json", &binding.to_string());
        cluster.kubectl(&["create", "-f", file.to_str().unwrap()]);
        let drifted = cluster.state();
        cluster.ours_ok(&["apply", "-f", &args[2], "--dry-run=server"]);
        assert_eq!(cluster.state(), drifted, "a deletion that is only tried");
        let line = format!("{kind}.rbac.authorization.k8s.io/{name}");
        assert_eq!(apply(cluster, &args), [format!("{line} deleted"), format!("{line} created")]);
        assert_eq!(cluster.state(), golden);
    }
}

/// Labels and annotations on every object, a foreign key in `cluster-info` and its signatures survive a repair of the object.
fn kept(cluster: &Cluster) {
    let (golden, args) = start(cluster);
    for key in golden.keys() {
        let parts: Vec<&str> = key.split('/').collect();
        let metadata = json!({ "metadata": { "labels": { "team": "a" }, "annotations": { "example.com/note": "b" } } });
        cluster.kubectl(&["patch", "-n", parts[1], parts[0], parts[2], "-p", &metadata.to_string()]);
    }
    let signed = json!({ "data": { "jws-kubeconfig-foreign": "signature", "other": "data", "kubeconfig": "" } });
    cluster.kubectl(&["patch", "-n", "kube-public", "configmap/cluster-info", "-p", &signed.to_string()]);
    cluster.kubectl(&["patch", "clusterrole/kubeadm:get-nodes", "--type=merge", "-p", r#"{"rules":[]}"#]);
    let drifted = json!({ "data": { "description": "YQ==" } }).to_string();
    cluster.kubectl(&["patch", "-n", "kube-system", "secret/bootstrap-token-abcdef", "-p", &drifted]);

    assert_eq!(apply(cluster, &args).len(), 3);
    for (key, object) in cluster.state() {
        assert_eq!(object["metadata"]["labels"]["team"], "a", "{key}");
        assert_eq!(object["metadata"]["annotations"]["example.com/note"], "b", "{key}");
    }
    let info = cluster.get("kube-public", "configmap/cluster-info");
    assert_eq!(info["data"]["other"], "data");
    assert_eq!(info["data"]["kubeconfig"], golden["ConfigMap/kube-public/cluster-info"]["data"]["kubeconfig"]);
}
