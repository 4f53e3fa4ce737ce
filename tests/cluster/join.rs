//! A node can join: the real `kubeadm join phase preflight` does the whole discovery and login.

use crate::harness::{Cluster, said, trial};
use libtest_mimic::Trial;
use std::sync::Arc;

pub(crate) fn trials(cluster: &Arc<Cluster>) -> Vec<Trial> {
    vec![
        trial("join::with_the_printed_command", cluster, |cluster| joins(cluster, &["apply"])),
        trial("join::with_a_token_of_ones_own", cluster, |cluster| joins(cluster, &["apply", "abcdef.0123456789abcdef"])),
        trial("join::where_kubeadm_config_says", cluster, configured_endpoint),
    ]
}

fn joins(cluster: &Cluster, apply: &[&str]) {
    cluster.reset();
    upload_config(cluster);
    let stdout = cluster.ours_ok(apply).stdout;
    let command = stdout.lines().find(|line| line.starts_with("kubeadm join ")).expect("a join command");
    let mut words: Vec<&str> = command.split_whitespace().skip(2).collect();
    assert!(words.iter().any(|word| word.starts_with("sha256:")), "{command}");
    words.splice(0..0, ["join", "phase", "preflight"]);
    words.extend(["--ignore-preflight-errors=all", "--cri-socket", "unix:///nonexistent", "--node-name", "n1", "-v1"]);
    // A node has no kubeconfig.
    let mut preflight = cluster.command("kubeadm", &words);
    preflight.env_remove("KUBECONFIG");
    let joined = said(preflight);
    assert_eq!(joined.code, 0, "{command}\n{}\n{}", joined.stdout, joined.stderr);
    assert!(joined.stderr.contains("Cluster info signature and contents are valid"), "{}", joined.stderr);
}

fn upload_config(cluster: &Cluster) {
    let (config, kubeconfig) = (cluster.dir.join("init.yaml"), cluster.kubeconfig.to_str().unwrap().to_owned());
    let args = ["init", "phase", "upload-config", "all", "--config", config.to_str().unwrap(), "--kubeconfig", &kubeconfig];
    let uploaded = cluster.run("kubeadm", &args);
    assert_eq!(uploaded.code, 0, "{}", uploaded.stderr);
}

/// The administrator reaches the cluster by another name than the nodes do.
fn configured_endpoint(cluster: &Cluster) {
    cluster.reset();
    upload_config(cluster);
    let here = format!("https://localhost:{}", cluster.endpoint.rsplit_once(':').unwrap().1);
    let kubeadm_config = cluster.ours_ok(&["apply", "--server", &here]);
    assert!(kubeadm_config.stdout.contains(&format!("kubeadm join {} ", cluster.endpoint)), "{}", kubeadm_config.stdout);

    let flag = cluster.ours_ok(&["apply", "--control-plane-endpoint", "cp.example.com"]);
    assert!(flag.stdout.contains("kubeadm join cp.example.com:6443 "), "{}", flag.stdout);
    let info = cluster.get("kube-public", "configmap/cluster-info");
    assert!(info["data"]["kubeconfig"].as_str().unwrap().contains("server: https://cp.example.com:6443\n"), "{info}");

    // Without the configuration, the cluster-info that is there is believed.
    cluster.kubectl(&["delete", "configmap", "-n", "kube-system", "kubeadm-config"]);
    let present = cluster.ours_ok(&["apply"]);
    assert!(present.stdout.contains("kubeadm join cp.example.com:6443 "), "{}", present.stdout);
    assert!(present.stdout.contains("configmap/cluster-info unchanged\n"), "{}", present.stdout);
}
