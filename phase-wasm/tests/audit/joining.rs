//! Which tokens a node can join with: a second opinion, written as the steps of a join instead of rules.

use super::world::{GROUP, NOW, World};
use serde_json::Value;
use std::collections::BTreeSet;

/// The ids of the tokens with which a node can join as kubeadm's nodes do. Signatures are not checked: the controller manager
/// adds them.
pub(crate) fn joining(world: &World) -> BTreeSet<String> {
    if !can_be_discovered(world) {
        return BTreeSet::new();
    }
    let secrets = world.objects.iter().filter(|object| object["type"] == "bootstrap.kubernetes.io/token");
    let able = secrets.filter(|secret| {
        let text = |key: &str| secret["stringData"][key].as_str().unwrap_or_default();
        let is_half = text("token-secret").len() == 16
            && text("token-secret").bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        let end = text("expiration");
        let groups: Vec<&str> = text("auth-extra-groups").split(',').filter(|group| !group.is_empty()).collect();
        secret["metadata"]["name"] == format!("bootstrap-token-{}", text("token-id"))
            && is_half
            && text("usage-bootstrap-signing") == "true"
            && text("usage-bootstrap-authentication") == "true"
            && (end.is_empty() || (end.starts_with('2') && end > NOW))
            && groups.iter().all(|group| group.starts_with("system:bootstrappers:"))
            && has_rights(world, &groups)
    });
    able.map(|secret| secret["stringData"]["token-id"].as_str().unwrap().to_owned()).collect()
}

/// Whether anyone can read cluster-info, and it has a server and an authority.
fn can_be_discovered(world: &World) -> bool {
    let kubeconfig =
        object(world, "ConfigMap", "cluster-info").and_then(|found| found["data"]["kubeconfig"].as_str().map(str::to_owned));
    let role = object(world, "Role", "kubeadm:bootstrap-signer-clusterinfo");
    let is_readable = role.is_some_and(|role| role["rules"].to_string().contains("cluster-info"));
    let leads =
        |text: String| text.contains("https://") && text.contains("certificate-authority-data") && !text.contains("b3RoZXI");
    is_readable && kubeconfig.is_some_and(leads)
}

/// Whether a token of these groups has the rights of a joining node.
fn has_rights(world: &World, groups: &[&str]) -> bool {
    let needed =
        ["system:node-bootstrapper", "system:certificates.k8s.io:certificatesigningrequests:nodeclient", "kubeadm:get-nodes"];
    needed.iter().all(|role| {
        world.objects.iter().any(|object| {
            let subjects = object["subjects"].as_array().into_iter().flatten();
            let mut names = subjects.filter_map(|subject| subject["name"].as_str());
            object["kind"] == "ClusterRoleBinding"
                && object["roleRef"]["name"] == *role
                && names.any(|name| {
                    groups.contains(&name) || name == "system:bootstrappers" || (name == GROUP && groups.contains(&GROUP))
                })
        })
    })
}

fn object<'a>(world: &'a World, kind: &str, name: &str) -> Option<&'a Value> {
    world.objects.iter().find(|object| object["kind"] == kind && object["metadata"]["name"] == name)
}
