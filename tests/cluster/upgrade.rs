//! From one kubeadm release to another.

use crate::harness::{Cluster, State, assert_same, config, trial};
use libtest_mimic::Trial;
use serde_json::json;
use std::sync::Arc;
use std::time::Instant;

pub(crate) fn trials(cluster: &Arc<Cluster>) -> Vec<Trial> {
    vec![
        trial("upgrade::from_1.22_to_1.37_writes_one_object", cluster, upgrade),
        trial("upgrade::the_server_says_the_version", cluster, version_of_server),
    ]
}

fn upgrade(cluster: &Cluster) {
    cluster.reset();
    let since = Instant::now();
    let tokens = json!([{ "token": "abcdef.0123456789abcdef", "ttl": "0s" }]);
    let old = cluster.file("old.yaml", &config("v1beta3", "v1.22.17", &tokens));
    let new = cluster.file("new.yaml", &config("v1beta4", "v1.37.2", &tokens));
    cluster.kubeadm_ok("kubeadm-1.22", &old);
    let before = cluster.state();
    let mark = cluster.audit_mark();
    let said = cluster.ours_ok(&["apply", "-f", new.to_str().unwrap()]);
    let writes = cluster.our_writes(mark);
    assert_eq!(writes.len(), 1, "{writes:?}\n{}", said.stdout);
    let created = "clusterrolebinding.rbac.authorization.k8s.io/kubeadm:apiserver-kubelet-client created";
    assert!(said.stdout.contains(created), "{}", said.stdout);

    let mut after = cluster.state();
    let added: State = after.iter().filter(|(key, _)| !before.contains_key(*key)).map(|(k, v)| (k.clone(), v.clone())).collect();
    assert_eq!(added.keys().collect::<Vec<_>>(), ["ClusterRoleBinding//kubeadm:apiserver-kubelet-client"]);
    after.retain(|key, _| before.contains_key(key));
    assert_same(&before, &after, since);
}

fn version_of_server(cluster: &Cluster) {
    cluster.reset();
    cluster.ours_ok(&["apply"]);
    assert!(cluster.state().contains_key("ClusterRoleBinding//kubeadm:apiserver-kubelet-client"), "the server is 1.37");
}
