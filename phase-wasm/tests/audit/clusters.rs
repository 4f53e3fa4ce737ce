//! Clusters as kubeadm makes them.

use super::world::{GROUP, HALF, World};
use bootstrap_token_phase::abi::{Action, Request, Severity};
use bootstrap_token_phase::task;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A token as kubeadm makes it.
pub(crate) fn token(id: &str, half: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Secret", "type": "bootstrap.kubernetes.io/token",
        "metadata": { "name": format!("bootstrap-token-{id}"), "namespace": "kube-system", "creationTimestamp": "2029-12-31T12:00:00Z" },
        "stringData": {
            "token-id": id, "token-secret": half, "expiration": "2030-01-01T12:00:00Z", "auth-extra-groups": GROUP,
            "usage-bootstrap-signing": "true", "usage-bootstrap-authentication": "true",
        },
    })
}

pub(crate) fn role(namespace: &str, name: &str, rules: Value) -> Value {
    let kind = if namespace.is_empty() { "ClusterRole" } else { "Role" };
    named(kind, namespace, name, json!({ "rules": rules }))
}

/// A binding. The role is a ClusterRole, or a Role as `Role/NAME`; subjects are `User:NAME`, `Group:NAME` or
/// `ServiceAccount:NAME`.
pub(crate) fn binding(namespace: &str, name: &str, role: &str, subjects: &[&str]) -> Value {
    let kind = if namespace.is_empty() { "ClusterRoleBinding" } else { "RoleBinding" };
    let (role_kind, role) = role.strip_prefix("Role/").map_or(("ClusterRole", role), |name| ("Role", name));
    let subjects = subjects.iter().map(|subject| subject_of(subject));
    let subjects: Vec<Value> = subjects.collect();
    let reference = json!({ "apiGroup": "rbac.authorization.k8s.io", "kind": role_kind, "name": role });
    named(kind, namespace, name, json!({ "roleRef": reference, "subjects": subjects }))
}

pub(crate) fn subject_of(subject: &str) -> Value {
    let (kind, name) = subject.split_once(':').unwrap();
    if kind == "ServiceAccount" {
        return json!({ "kind": kind, "name": name, "namespace": "kube-system" });
    }
    json!({ "apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name })
}

fn named(kind: &str, namespace: &str, name: &str, mut object: Value) -> Value {
    object["apiVersion"] = json!("rbac.authorization.k8s.io/v1");
    object["kind"] = json!(kind);
    object["metadata"] = json!({ "name": name });
    if !namespace.is_empty() {
        object["metadata"]["namespace"] = json!(namespace);
    }
    object
}

/// The right to get one object of a kind.
pub(crate) fn get(resource: &str, name: &str) -> Value {
    json!([{ "apiGroups": [""], "resources": [resource], "verbs": ["get"], "resourceNames": [name] }])
}

const NODE_CLIENT: &str = "system:certificates.k8s.io:certificatesigningrequests:nodeclient";
const SELF_NODE_CLIENT: &str = "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient";

/// What an API server makes by itself and a rule might mistake for a fault (`bootstrappolicy/testdata`).
fn of_kubernetes() -> Vec<Value> {
    let everything = json!([
        { "apiGroups": ["*"], "resources": ["*"], "verbs": ["*"] },
        { "nonResourceURLs": ["*"], "verbs": ["*"] },
    ]);
    let csr = |part: &str| json!([{ "apiGroups": ["certificates.k8s.io"], "resources": [format!("certificatesigningrequests/{part}")], "verbs": ["create"] }]);
    let urls = json!([{ "nonResourceURLs": ["/healthz", "/livez", "/readyz", "/version", "/version/"], "verbs": ["get"] }]);
    let requests = json!([{ "apiGroups": ["certificates.k8s.io"], "resources": ["certificatesigningrequests"], "verbs": ["create", "get", "list", "watch"] }]);
    let apis = json!([{ "nonResourceURLs": ["/api", "/api/*", "/apis", "/apis/*", "/healthz", "/version"], "verbs": ["get"] }]);
    let reviews =
        json!([{ "apiGroups": ["authorization.k8s.io"], "resources": ["selfsubjectaccessreviews"], "verbs": ["create"] }]);
    let (all, none) = ("Group:system:authenticated", "Group:system:unauthenticated");
    vec![
        role("", "cluster-admin", everything),
        role("", "system:node-bootstrapper", requests),
        role("", NODE_CLIENT, csr("nodeclient")),
        role("", SELF_NODE_CLIENT, csr("selfnodeclient")),
        role("", "system:public-info-viewer", urls),
        role("", "system:discovery", apis),
        role("", "system:basic-user", reviews),
        binding("", "cluster-admin", "cluster-admin", &["Group:system:masters"]),
        binding("", "system:public-info-viewer", "system:public-info-viewer", &[all, none]),
        binding("", "system:discovery", "system:discovery", &[all]),
        binding("", "system:basic-user", "system:basic-user", &[all]),
        binding("", "system:node", "system:node", &[]),
        binding("", "system:node-proxier", "system:node-proxier", &["User:system:kube-proxy"]),
    ]
}

/// What `kubeadm init phase upload-config all`, `upload-certs` and `addon all` make.
fn of_other_phases(kubelet_config: &str) -> Vec<Value> {
    let (tokens, nodes) = (format!("Group:{GROUP}"), "Group:system:nodes");
    let kubelet_role = format!("kubeadm:{kubelet_config}");
    let for_kubelet = format!("Role/{kubelet_role}");
    vec![
        role("kube-system", "kubeadm:nodes-kubeadm-config", get("configmaps", "kubeadm-config")),
        binding("kube-system", "kubeadm:nodes-kubeadm-config", "Role/kubeadm:nodes-kubeadm-config", &[&tokens, nodes]),
        role("kube-system", &kubelet_role, get("configmaps", kubelet_config)),
        binding("kube-system", &kubelet_role, &for_kubelet, &[nodes, &tokens]),
        role("kube-system", "kube-proxy", get("configmaps", "kube-proxy")),
        binding("kube-system", "kube-proxy", "Role/kube-proxy", &[&tokens]),
        role("kube-system", "kubeadm:kubeadm-certs", get("secrets", "kubeadm-certs")),
        binding("kube-system", "kubeadm:kubeadm-certs", "Role/kubeadm:kubeadm-certs", &[&tokens]),
        binding("", "kubeadm:node-proxier", "system:node-proxier", &["ServiceAccount:kube-proxy"]),
        binding("", "system:coredns", "system:coredns", &["ServiceAccount:coredns"]),
        binding("", "kubeadm:cluster-admins", "cluster-admin", &["Group:kubeadm:cluster-admins"]),
    ]
}

/// The objects of the phase itself, for a release.
fn of_phase(version: &str) -> Vec<Value> {
    let mut world = World::empty();
    world.server.version = version.to_owned();
    let parameters = json!({ "token": { "id": "zzzzzz", "secret": { "$secret": "s1", "length": 16 } } });
    let request = Request { parameters: parameters.to_string(), ..world.request_without_reads("apply") };
    let operations = task::plan_for(&request).unwrap().operations;
    let bodies =
        operations.into_iter().filter(|operation| operation.target.of.kind != "Secret").map(|operation| match operation.action {
            Action::Create(body) => serde_json::from_str(&body).unwrap(),
            other => panic!("{other:?}"),
        });
    bodies.collect()
}

/// A cluster as made by a release of kubeadm, with the token of `kubeadm init`, signed.
pub(crate) fn kubeadm(version: &str) -> World {
    let kubelet_config = if version.starts_with("v1.22") { "kubelet-config-1.22" } else { "kubelet-config" };
    let signed = |mut object: Value| {
        if object["metadata"]["name"] == "cluster-info" {
            object["data"]["jws-kubeconfig-k7m2p9"] = json!(signature());
        }
        object
    };
    let proxy = json!({ "stringData": {
        "usage-bootstrap-signing": null, "usage-bootstrap-authentication": null, "auth-extra-groups": "",
        "description": "Proxy for managing TTL for the kubeadm-certs secret",
    } });
    let mut certificates = token("v5r8n1", "0f2h4k6m8p1s3u5w");
    json_patch::merge(&mut certificates, &proxy);
    World::empty()
        .with(of_kubernetes())
        .with(of_phase(version).into_iter().map(signed))
        .with(of_other_phases(kubelet_config))
        .with([token("k7m2p9", HALF), certificates])
}

pub(crate) fn signature() -> String {
    format!("eyJhbGciOiJIUzI1NiIsImtpZCI6Ims3bTJwOSJ9..{}", "A".repeat(43))
}

#[test]
fn nothing_alarming_is_found_where_kubeadm_was() {
    for version in ["v1.22.17", "v1.36.1", "v1.37.2"] {
        for server in ["v1.22.17", "v1.37.2"] {
            // Also the objects of an older kubeadm under a newer API server.
            let mut world = kubeadm(version);
            world.server.version = server.to_owned();
            // The certificate of an API server 1.37 may need a binding that kubeadm 1.22 did not make.
            let lacks_binding = version == "v1.22.17" && server == "v1.37.2";
            let found: BTreeSet<String> = world
                .findings()
                .into_iter()
                .filter(|finding| finding.severity > Severity::Info)
                .map(|finding| finding.rule)
                .collect();
            let expected: BTreeSet<String> = lacks_binding.then(|| "rbac-kubelet-client".to_owned()).into_iter().collect();
            assert_eq!(found, expected, "{version} on {server}");
            assert_eq!(world.plan("fix").operations.len(), expected.len(), "{version} on {server}");
        }
    }
}

#[test]
fn nothing_is_found_where_nothing_is() {
    assert_eq!(World::empty().findings(), []);
    assert_eq!(World::empty().with(of_kubernetes()).findings(), []);
    // The phase never ran, and there are no tokens.
    let without_tokens =
        kubeadm("v1.37.2").without("Secret", "bootstrap-token-k7m2p9").without("Secret", "bootstrap-token-v5r8n1");
    let without_tokens = without_tokens.change("ConfigMap", "cluster-info", |found| {
        found["data"].as_object_mut().unwrap().remove("jws-kubeconfig-k7m2p9");
    });
    let findings = without_tokens.findings();
    let found: Vec<_> = findings.iter().map(|finding| (finding.rule.as_str(), finding.severity)).collect();
    assert_eq!(found, [("rbac-anonymous-unused", Severity::Info)]);
}

#[test]
fn manifests_that_nobody_has_signed_are_no_alarm() {
    let mut world = kubeadm("v1.37.2").change("ConfigMap", "cluster-info", |found| {
        found["data"].as_object_mut().unwrap().remove("jws-kubeconfig-k7m2p9");
    });
    world.server = bootstrap_token_phase::abi::ServerInfo {
        version: String::new(),
        url: String::new(),
        certificate_authority: String::new(),
        certificate_authority_pins: Vec::new(),
    };
    assert_eq!(world.alarming(), [""; 0]);
}
