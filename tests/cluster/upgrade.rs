//! From one kubeadm release to another.

use crate::fault::kubeconfig;
use crate::fault::proxy::Proxy;
use crate::fault::script::release;
use crate::harness::{Cluster, State, assert_same, config, trial};
use libtest_mimic::Trial;
use serde_json::json;
use std::sync::Arc;
use std::time::Instant;

pub(crate) fn trials(cluster: &Arc<Cluster>) -> Vec<Trial> {
    vec![
        trial("upgrade::from_1.22_to_1.37_writes_one_object", cluster, upgrade),
        trial("upgrade::the_server_says_the_version", cluster, version_of_server),
        trial("upgrade::the_kubelet_client_gets_its_binding", cluster, kubelet_client),
        trial("upgrade::the_patch_release_decides", cluster, patch_release),
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

/// A cluster that an older kubeadm made, under an API server whose release needs the binding: found, cured, and the API server's client may
/// read logs.
fn kubelet_client(cluster: &Cluster) {
    cluster.reset();
    let tokens = json!([{ "token": "k7m2p9.q4w8e1r7t2y6u3i9" }]);
    let old = cluster.file("kubelet-client.yaml", &config("v1beta3", "v1.22.17", &tokens));
    cluster.kubeadm_ok("kubeadm-1.22", &old);
    let plan = cluster.dir.join("kubelet-client.json");
    let plan = plan.to_str().unwrap();
    let may_read_logs = || {
        let args = ["auth", "can-i", "get", "nodes/proxy", "--as", "kube-apiserver-kubelet-client"];
        cluster.run("kubectl", &args).stdout.trim().to_owned()
    };
    assert_eq!(may_read_logs(), "no");
    let found = cluster.ours(&["audit", "--fail-on=high", "--fix-out", plan]);
    assert_eq!(found.code, 1, "{}\n{}", found.stdout, found.stderr);
    assert!(
        found.stdout.contains("rbac-kubelet-client  ClusterRoleBinding/kubeadm:apiserver-kubelet-client  (fixable)"),
        "{}",
        found.stdout
    );
    assert!(found.stdout.contains("`kubectl logs`, `exec` and `port-forward` fail on all nodes"), "{}", found.stdout);
    let applied = cluster.ours_ok(&["apply", "--plan", plan]);
    let created = "clusterrolebinding.rbac.authorization.k8s.io/kubeadm:apiserver-kubelet-client created";
    assert!(applied.stdout.contains(created), "{}", applied.stdout);
    assert_eq!(may_read_logs(), "yes");
    let after = cluster.ours_ok(&["audit", "--fail-on=high"]);
    assert!(!after.stdout.contains("rbac-kubelet-client"), "{}", after.stdout);
}

/// A cluster that an older kubeadm made, under API servers that say another release: only from the first patch release with the binding on is
/// it missed.
fn patch_release(cluster: &Cluster) {
    cluster.reset();
    let tokens = json!([{ "token": "k7m2p9.q4w8e1r7t2y6u3i9" }]);
    let old = cluster.file("patch-release.yaml", &config("v1beta3", "v1.22.17", &tokens));
    cluster.kubeadm_ok("kubeadm-1.22", &old);
    let proxy = Proxy::start(cluster);
    let kubeconfig = kubeconfig(cluster, &proxy);
    for (version, is_missed) in [
        ("v1.33.11", false),
        ("v1.33.12", true),
        ("v1.34.7", false),
        ("v1.34.8", true),
        ("v1.35.4", false),
        ("v1.35.5", true),
        ("v1.36.0", false),
        ("v1.36.1", true),
    ] {
        proxy.begin(vec![release(version)]);
        let found = cluster.ours(&["audit", "--fail-on=high", "--kubeconfig", &kubeconfig]);
        assert_eq!(proxy.end().fired.len(), 1, "{version}: the release is asked for once");
        assert_eq!(found.code, i32::from(is_missed), "{version}: {}\n{}", found.stdout, found.stderr);
        assert_eq!(found.stdout.contains("rbac-kubelet-client"), is_missed, "{version}: {}", found.stdout);
    }
}
