//! Clusters and bindings of others, and ways to join that no fix takes away.

use super::clusters::{binding, get, kubeadm, role, subject_of, token};
use super::world::{GROUP, HALF, World};
use super::{Case, Cure};
use bootstrap_token_phase::abi::{Action, Severity};
use serde_json::{Value, json};

const NODE_CLIENT: &str = "system:certificates.k8s.io:certificatesigningrequests:nodeclient";
const ROTATION: &str = "kubeadm:node-autoapprove-certificate-rotation";
const SELF_NODE_CLIENT: &str = "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient";

pub(crate) fn cases() -> Vec<Case> {
    let mut of_k3s = kubeadm("v1.37.2");
    of_k3s.server.version = "v1.37.2+k3s1".to_owned();
    let configuration = json!({
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "kubeadm-config", "namespace": "kube-system" }, "data": {},
    });
    // An object of another distribution in a cluster that kubeadm configured.
    let hosts_k3s = kubeadm("v1.37.2").with([binding("", "system:k3s-controller", "x", &["User:x"]), configuration]);
    vec![Case { rule: "cluster-maker", severity: Severity::Info, faulty: of_k3s, alike: hosts_k3s, cure: Cure::ByHand }]
}

/// The findings about an object above `info`, and what the fix does to it.
fn judged(world: &World, name: &str) -> (Vec<String>, Vec<Action>) {
    let is_it = |target: &bootstrap_token_phase::abi::ObjectRef| target.name == name;
    let findings = world.findings().into_iter().filter(|finding| finding.severity > Severity::Info);
    let rules = findings.filter(|finding| finding.target.as_ref().is_some_and(is_it)).map(|finding| finding.rule);
    let operations = world.plan("fix").operations.into_iter().filter(|operation| is_it(&operation.target));
    (rules.collect(), operations.map(|operation| operation.action).collect())
}

fn subjects(subjects: &[&str]) -> Action {
    let subjects: Vec<Value> = subjects.iter().map(|subject| subject_of(subject)).collect();
    Action::MergePatch(json!({ "subjects": subjects }).to_string())
}

#[test]
fn bindings_of_products_are_worth_knowing_and_stay() {
    let csr = json!([{ "apiGroups": ["certificates.k8s.io"], "resources": ["certificatesigningrequests/selfnodeserver"], "verbs": ["create"] }]);
    for (name, role_name, subject) in [
        ("eks:node-bootstrapper", "eks:node-bootstrapper", "Group:system:bootstrappers"),
        ("cluster-bootstrap", "system:open-cluster-management:bootstrap", "Group:system:bootstrappers:managedcluster"),
        ("ours", "view", "Group:system:bootstrappers:managedcluster"),
        ("ours", "view", "Group:system:bootstrappers:of-a-product-that-nobody-knows"),
        ("oidc-reviewer", "system:service-account-issuer-discovery", "Group:system:unauthenticated"),
        ("oidc-reviewer", "system:service-account-issuer-discovery", "User:system:anonymous"),
        ("public", "system:openshift:public-info-viewer", "Group:system:unauthenticated"),
    ] {
        let world = kubeadm("v1.37.2").with([role("", role_name, csr.clone()), binding("", name, role_name, &[subject])]);
        assert_eq!(judged(&world, name), (vec![], vec![]), "{name} {subject}");
    }
}

#[test]
fn what_gives_everything_is_critical_whoever_made_it() {
    for name in ["eks:admins", "k3s-cloud-controller-manager", "system:openshift:x"] {
        let world = World::empty().with([binding("", name, "cluster-admin", &["Group:system:unauthenticated"])]);
        assert_eq!(judged(&world, name), (vec!["rbac-cluster-admin".to_owned()], vec![]), "{name}");
    }
}

#[test]
fn nodes_go_on_renewing_whoever_made_the_cluster() {
    let renewal = |subjects: &[&str]| World::empty().with([binding("", "approve-renewal", SELF_NODE_CLIENT, subjects)]);
    let nodes = binding("", "other", SELF_NODE_CLIENT, &["Group:system:nodes"]);
    let found = vec!["rbac-self-approval".to_owned()];
    let is_made = |world: &World| world.plan("fix").operations.iter().any(|operation| operation.target.name == ROTATION);
    for (world, expected, makes) in [
        (renewal(&["Group:system:bootstrappers"]), Action::Delete, true),
        (renewal(&["User:a", "Group:system:nodes"]), subjects(&["Group:system:nodes"]), false),
        (renewal(&["User:a", "ServiceAccount:b"]), Action::Delete, true),
        (renewal(&["Group:system:bootstrappers"]).with([nodes]), Action::Delete, false),
        // A binding in one namespace is not a way to renew.
        (
            renewal(&["User:a"]).with([binding("kube-system", "x", SELF_NODE_CLIENT, &["Group:system:nodes"])]),
            Action::Delete,
            true,
        ),
    ] {
        assert_eq!(judged(&world, "approve-renewal"), (found.clone(), vec![expected]));
        assert_eq!(is_made(&world), makes);
        assert!(can_renew(&world.clone().apply(&world.plan("fix"))));
    }
    // If two are wrong, both go.
    let two = renewal(&["User:a"]).with([binding("", "again", SELF_NODE_CLIENT, &["User:b"])]);
    let after = two.clone().apply(&two.plan("fix"));
    assert!(can_renew(&after));
    assert_eq!(after.alarming(), [""; 0]);
}

fn can_renew(world: &World) -> bool {
    let nodes = subject_of("Group:system:nodes");
    let is_renewal = |object: &&Value| object["kind"] == "ClusterRoleBinding" && object["roleRef"]["name"] == SELF_NODE_CLIENT;
    world.objects.iter().filter(is_renewal).any(|object| object["subjects"].as_array().is_some_and(|all| all.contains(&nodes)))
}

#[test]
fn the_last_way_to_join_is_not_taken() {
    let tokens = format!("Group:{GROUP}");
    let everybody = ["Group:system:authenticated"];
    let reader = role(
        "kube-public",
        "everything",
        json!([{ "apiGroups": [""], "resources": ["configmaps", "secrets"], "verbs": ["get"] }]),
    );
    let requests = json!([
        { "apiGroups": ["certificates.k8s.io"], "resources": ["certificatesigningrequests"], "verbs": ["create"] },
        { "apiGroups": [""], "resources": ["secrets"], "verbs": ["get"] },
    ]);
    for (rule, name, kubeadms, objects) in [
        (
            "rbac-node-approval",
            "approve",
            "kubeadm:node-autoapprove-bootstrap",
            vec![binding("", "approve", NODE_CLIENT, &everybody)],
        ),
        (
            "rbac-bootstrap",
            "request",
            "kubeadm:kubelet-bootstrap",
            vec![role("", "ours", requests), binding("", "request", "ours", &[&tokens])],
        ),
        (
            "rbac-anonymous",
            "read",
            "kubeadm:bootstrap-signer-clusterinfo",
            vec![reader, binding("kube-public", "read", "Role/everything", &["User:system:anonymous"])],
        ),
    ] {
        let with = kubeadm("v1.37.2").with(objects.clone());
        assert_eq!(judged(&with, name), (vec![rule.to_owned()], vec![Action::Delete]), "{rule}: there is another way");
        let mut alone = with.without("ClusterRoleBinding", kubeadms).without("RoleBinding", kubeadms);
        // A living token needs kubeadm's binding, so the same plan makes it first.
        let plan = alone.plan("fix");
        let taken = plan.operations.iter().find(|operation| operation.target.name == name).unwrap();
        assert!(taken.after.iter().any(|id| id.ends_with(kubeadms)), "{rule}: {plan:#?}");
        alone = alone.without("Secret", "bootstrap-token-k7m2p9").without("Secret", "bootstrap-token-v5r8n1");
        for parameters in [json!({}), json!({ "fix": ["all"] })] {
            alone.parameters = parameters;
            assert_eq!(judged(&alone, name), (vec![rule.to_owned()], vec![]), "{rule}: it is the last way");
        }
    }
}

#[test]
fn a_cluster_of_nobody_knows_whom_is_not_made_one_of_kubeadm() {
    let token = |group: &str| {
        let mut secret = token("m4q8z2", HALF);
        secret["stringData"]["auth-extra-groups"] = json!(group);
        World::empty().with([secret])
    };
    for group in ["system:bootstrappers:k3s:default-node-token", "system:bootstrappers:acme:default-node-token", ""] {
        let world = token(group);
        assert_eq!(world.alarming(), [""; 0], "{group}");
        assert!(world.plan("fix").operations.is_empty(), "{group}");
    }
    // kubeadm's own group is a mark of kubeadm.
    let rules: Vec<String> = token(GROUP).findings().into_iter().map(|finding| finding.rule).collect();
    assert!(rules.contains(&"cluster-info-missing".to_owned()), "{rules:?}");
    let reader = role("kube-public", "kubeadm:bootstrap-signer-clusterinfo", get("configmaps", "cluster-info"));
    assert!(token("").with([reader]).rules().contains("cluster-info-missing"));
}
