//! One cluster per case, broken in one way. For each: what kubeadm says, what we say, and whether the cause that we name is the one.

use super::component::{Paused, Restarted};
use super::cure::{Cure, cures, printed};
use super::{Eyes, Ready, TOKEN, check, preflight, started};
use crate::api::Api;
use crate::harness::{Cluster, config, trial};
use crate::pki;
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// A way in which a cluster or a join line is broken.
struct Case {
    name: &'static str,
    /// What is broken, and how.
    breaks: fn(&Cluster, &mut Told) -> Option<Undo>,
    /// The step that fails first; none if a node can join.
    step: Option<&'static str>,
    /// A part of the cause that is named with a kubeconfig, and without.
    causes: [&'static str; 2],
    /// Whether kubeadm's preflight can see it.
    judge: Judge,
    /// What the cure does that is printed with a kubeconfig.
    cure: Cure,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Judge {
    Sees,
    IsBlind,
}

/// What the node is told.
struct Told {
    ready: Ready,
    token: &'static str,
}

/// What puts the cluster back.
pub(super) type Undo = Box<dyn std::any::Any>;

const NEW_SECRET: &str = "abcdef.0123456789abcdee";

#[rustfmt::skip]
const CASES: [Case; 34] = [
    Case { name: "healthy", breaks: |_, _| None, step: None, causes: ["", ""], judge: Judge::Sees, cure: Cure::Objects },
    Case { name: "healthy_by_kubeadm_1.22", breaks: by_old_kubeadm, step: None, causes: ["", ""], judge: Judge::Sees, cure: Cure::Objects },
    Case { name: "token_unknown", breaks: |_, told| { told.token = "nobody.0123456789abcdef"; None }, step: Some("signature"), causes: ["the token nobody does not exist", "is unknown to the cluster or has expired"], judge: Judge::Sees, cure: Cure::Line },
    Case { name: "token_expired", breaks: expired, step: Some("login"), causes: ["the token abcdef has expired (2020-", "it has expired since it was signed"], judge: Judge::Sees, cure: Cure::Line },
    Case { name: "no_usage_signing", breaks: no_signing, step: Some("signature"), causes: ["does not have the usage `signing`", "it does not have the usage `signing`, or"], judge: Judge::Sees, cure: Cure::Objects },
    Case { name: "no_usage_authentication", breaks: no_authentication, step: Some("login"), causes: ["does not have the usage `authentication`", "it does not have the usage `authentication`, or"], judge: Judge::Sees, cure: Cure::Objects },
    Case { name: "other_secret_half", breaks: |_, told| { told.token = NEW_SECRET; None }, step: Some("signature"), causes: ["the secret half of the token abcdef", "the secret half of the token abcdef"], judge: Judge::Sees, cure: Cure::Line },
    Case { name: "other_hash", breaks: other_hash, step: Some("ca-pin"), causes: ["the hash in the command does not match", "the hash in the command does not match"], judge: Judge::Sees, cure: Cure::Line },
    Case { name: "no_signer", breaks: no_signer, step: Some("signature"), causes: ["bootstrapsigner of kube-controller-manager is not running", "is valid but has no signature"], judge: Judge::Sees, cure: Cure::Node("kube-controller-manager") },
    Case { name: "no_cluster_info", breaks: no_cluster_info, step: Some("cluster-info"), causes: ["the ConfigMap cluster-info is missing", "the ConfigMap cluster-info is missing"], judge: Judge::Sees, cure: Cure::Objects },
    Case { name: "no_kubeconfig_in_it", breaks: no_kubeconfig, step: Some("kubeconfig"), causes: ["does not contain a kubeconfig", "does not contain a kubeconfig"], judge: Judge::Sees, cure: Cure::Objects },
    Case { name: "signed_by_another_secret", breaks: stale, step: Some("signature"), causes: ["the signature is stale", "is stale: the token itself is valid"], judge: Judge::Sees, cure: Cure::Elsewhere("the controller manager only stands still; the same cure is typed for no_signer") },
    Case { name: "another_authority", breaks: another_authority, step: Some("ca-pin"), causes: ["cluster-info does not name the certificate authority", "cluster-info does not name the certificate authority"], judge: Judge::Sees, cure: Cure::Objects },
    Case { name: "leads_to_nobody", breaks: astray, step: Some("login"), causes: ["cluster-info sends nodes to a server", "cluster-info sends nodes to a server"], judge: Judge::Sees, cure: Cure::Objects },
    Case { name: "leads_below_a_path", breaks: below_a_path, step: Some("login"), causes: ["cluster-info has another address", "cluster-info has another address"], judge: Judge::Sees, cure: Cure::Objects },
    Case { name: "no_role_binding", breaks: no_role_binding, step: Some("cluster-info"), causes: ["the RoleBinding kubeadm:bootstrap-signer-clusterinfo is missing", "the Role or the RoleBinding kubeadm:bootstrap-signer-clusterinfo"], judge: Judge::Sees, cure: Cure::Objects },
    Case { name: "no_anonymous_login", breaks: no_anonymous, step: Some("cluster-info"), causes: ["--anonymous-auth=false", "--anonymous-auth=false"], judge: Judge::Sees, cure: Cure::Node("kube-apiserver") },
    Case { name: "kubeadm_config_unreadable", breaks: unreadable_config, step: Some("kubeadm-config"), causes: ["kubeadm:nodes-kubeadm-config", "kubeadm:nodes-kubeadm-config"], judge: Judge::Sees, cure: Cure::Objects },
    Case { name: "anonymous_for_other_paths", breaks: other_paths, step: Some("cluster-info"), causes: ["only to certain paths", "only to certain paths"], judge: Judge::Sees, cure: Cure::Node("kube-apiserver") },
    Case { name: "anonymous_for_the_version", breaks: only_version, step: Some("cluster-info"), causes: ["only to certain paths", "only to certain paths"], judge: Judge::Sees, cure: Cure::Node("kube-apiserver") },
    Case { name: "anonymous_forbidden_by_file", breaks: by_file, step: Some("cluster-info"), causes: ["or `enabled: false` under `anonymous`", "or `enabled: false` under `anonymous`"], judge: Judge::Sees, cure: Cure::Node("kube-apiserver") },
    Case { name: "no_bootstrap_tokens", breaks: no_token_auth, step: Some("login"), causes: ["it runs without --enable-bootstrap-token-auth=true", "--enable-bootstrap-token-auth=true"], judge: Judge::Sees, cure: Cure::Node("kube-apiserver") },
    Case { name: "token_of_another_group", breaks: other_group, step: Some("kubeadm-config"), causes: ["is not in the group", "is not in the group"], judge: Judge::Sees, cure: Cure::Line },
    Case { name: "group_that_no_token_may_have", breaks: bad_group, step: Some("login"), causes: ["has a group that tokens may not have", "has expired since it was signed"], judge: Judge::Sees, cure: Cure::Objects },
    Case { name: "token_with_another_id", breaks: other_id, step: Some("signature"), causes: ["token-id is not abcdef", "is unknown to the cluster or has expired"], judge: Judge::Sees, cure: Cure::Objects },
    Case { name: "no_secret_half", breaks: no_secret_half, step: Some("signature"), causes: ["has no token-secret", "is unknown to the cluster or has expired"], judge: Judge::Sees, cure: Cure::Line },
    Case { name: "no_role", breaks: no_role, step: Some("cluster-info"), causes: ["the Role kubeadm:bootstrap-signer-clusterinfo is missing", "the Role or the RoleBinding"], judge: Judge::Sees, cure: Cure::Objects },
    Case { name: "cluster_with_a_name", breaks: named_cluster, step: Some("kubeconfig"), causes: ["kubeadm uses its cluster named", "kubeadm uses its cluster named"], judge: Judge::Sees, cure: Cure::Objects },
    Case { name: "kubelet_config_unreadable", breaks: unreadable_kubelet_config, step: Some("kubelet-config"), causes: ["kubeadm:kubelet-config", "kubeadm:kubelet-config"], judge: Judge::Sees, cure: Cure::Objects },
    Case { name: "no_kubelet_config", breaks: no_kubelet_config, step: Some("kubelet-config"), causes: ["kubelet-config in the namespace kube-system is missing", "kubelet-config in the namespace kube-system is missing"], judge: Judge::Sees, cure: Cure::Objects },
    Case { name: "no_kubeadm_config", breaks: no_kubeadm_config, step: Some("kubeadm-config"), causes: ["kubeadm-config in the namespace kube-system is missing", "kubeadm-config in the namespace kube-system is missing"], judge: Judge::Sees, cure: Cure::Objects },
    Case { name: "no_right_to_nodes", breaks: no_nodes, step: Some("nodes"), causes: ["kubeadm:get-nodes", "kubeadm:get-nodes"], judge: Judge::IsBlind, cure: Cure::Objects },
    Case { name: "no_right_to_ask", breaks: no_csr, step: Some("csr"), causes: ["kubeadm:kubelet-bootstrap", "kubeadm:kubelet-bootstrap"], judge: Judge::IsBlind, cure: Cure::Objects },
    Case { name: "no_approval", breaks: no_approval, step: Some("approval"), causes: ["kubeadm:node-autoapprove-bootstrap", "kubeadm:node-autoapprove-bootstrap"], judge: Judge::IsBlind, cure: Cure::Objects },
];

pub(super) fn trials(cluster: &Arc<Cluster>) -> Vec<Trial> {
    let trials =
        CASES.into_iter().map(|case| trial(format!("check::broken::{}", case.name), cluster, move |cluster| run(cluster, &case)));
    trials.collect()
}

fn run(cluster: &Cluster, case: &Case) {
    let mut told = Told { ready: Ready::new(cluster), token: TOKEN };
    let undo = (case.breaks)(cluster, &mut told);
    let (mut typed, judged) = (Vec::new(), preflight(cluster, &told.ready, told.token));
    let mark = cluster.audit_mark();
    for (eyes, cause) in [Eyes::Administrator, Eyes::Node].into_iter().zip(case.causes) {
        let said = check(cluster, &["check", &told.ready.line(told.token), "-v", "8"], eyes);
        let story = format!("{eyes:?}\n{}\n{}\nkubeadm: {}\n{}", said.stdout, said.stderr, judged.code, judged.stderr);
        let is_joinable = case.step.is_none();
        assert_eq!(said.code, i32::from(!is_joinable), "{story}");
        assert_eq!(judged.code == 0, is_joinable || case.judge == Judge::IsBlind, "{story}");
        let failed = said.stdout.lines().find_map(|line| line.strip_prefix("failed ")?.split_whitespace().next());
        assert_eq!(failed, case.step, "{story}");
        let causes: Vec<&str> = said.stdout.lines().filter_map(|line| line.strip_prefix("cause: ")).collect();
        assert_eq!(causes.len(), usize::from(!is_joinable), "one true cause\n{story}");
        assert!(causes.iter().all(|found| found.contains(cause)), "{cause}\n{story}");
        assert_eq!(said.stdout.contains("\ncure:  "), !is_joinable, "{story}");
        started::says_the_same(cluster, (case.name, &told.ready, told.token), eyes, &said);
        if !is_joinable {
            typed.push(printed(&said));
        }
    }
    let logins = cluster.our_requests(mark).into_iter().filter(|request| request.contains("selfsubjectreviews")).count();
    assert!(case.step != Some("ca-pin") || logins == 0, "the token was sent to a server that was not the right one");
    if let [administrator, node] = &typed[..] {
        cures(cluster, case.cure, administrator, &told.ready, told.token, undo);
        if case.cure == Cure::Line && node != administrator {
            cures(cluster, case.cure, node, &told.ready, told.token, None);
        }
    }
}

/// Looks until it is so, and leaves the processor to the server between two looks.
pub(super) fn until(is_so: impl Fn() -> bool) {
    for _ in 0..3_000 {
        if is_so() {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("it never was so");
}

/// Whether the server answers the question of a node with this token or none.
fn answers(cluster: &Cluster, token: Option<&str>, path: &str) -> bool {
    Api::without_login(&cluster.kubeconfig).answers(token, path)
}

/// The API server sees changes of Secrets with a delay.
fn until_refused(cluster: &Cluster, token: &str) {
    until(|| !answers(cluster, Some(token), "/api"));
}

const SECRET: [&str; 4] = ["patch", "secret", "bootstrap-token-abcdef", "-nkube-system"];

fn patch_secret(cluster: &Cluster, key: &str, value: &str) {
    let patch = json!({ "stringData": { key: value } }).to_string();
    cluster.kubectl(&[&SECRET[..], &["-p", &patch]].concat());
}

fn by_old_kubeadm(cluster: &Cluster, _: &mut Told) -> Option<Undo> {
    let upload_free = json!([{ "token": TOKEN, "ttl": "0s" }]);
    let file = cluster.file("old.yaml", &config("v1beta3", "v1.22.17", &upload_free));
    cluster.kubectl(&["delete", "configmap", "-nkube-public", "cluster-info"]);
    cluster.kubeadm_ok("kubeadm-1.22", &file);
    assert_eq!(check(cluster, &["check", TOKEN, "--wait=2m"], Eyes::Administrator).code, 0);
    None
}

fn expired(cluster: &Cluster, _: &mut Told) -> Option<Undo> {
    let paused = Paused::new(cluster);
    patch_secret(cluster, "expiration", "2020-01-01T00:00:00Z");
    until_refused(cluster, TOKEN);
    Some(Box::new(paused))
}

fn no_signing(cluster: &Cluster, _: &mut Told) -> Option<Undo> {
    patch_secret(cluster, "usage-bootstrap-signing", "false");
    until_signature_is_gone(cluster);
    None
}

fn no_authentication(cluster: &Cluster, _: &mut Told) -> Option<Undo> {
    patch_secret(cluster, "usage-bootstrap-authentication", "false");
    until_refused(cluster, TOKEN);
    None
}

fn other_hash(_: &Cluster, told: &mut Told) -> Option<Undo> {
    told.ready.hash = format!("sha256:{}", "0".repeat(64));
    None
}

fn no_signer(cluster: &Cluster, told: &mut Told) -> Option<Undo> {
    let restarted = Restarted::new(cluster, "controller-manager", "bootstrapsigner,tokencleaner", "tokencleaner");
    told.ready = Ready::unsigned(cluster, TOKEN);
    // Until the token is so old that it should have been signed.
    let waited = check(cluster, &["check", TOKEN, "--wait=11s"], Eyes::Administrator);
    assert_eq!(waited.code, 1, "{}", waited.stdout);
    Some(Box::new(restarted))
}

fn no_cluster_info(cluster: &Cluster, _: &mut Told) -> Option<Undo> {
    cluster.kubectl(&["delete", "configmap", "-nkube-public", "cluster-info"]);
    None
}

const INFO: [&str; 4] = ["patch", "configmap", "cluster-info", "-nkube-public"];

fn no_kubeconfig(cluster: &Cluster, _: &mut Told) -> Option<Undo> {
    let patch = json!([{ "op": "remove", "path": "/data/kubeconfig" }]).to_string();
    cluster.kubectl(&[&INFO[..], &["--type=json", "-p", &patch]].concat());
    None
}

/// The token is made anew while nobody signs.
fn stale(cluster: &Cluster, told: &mut Told) -> Option<Undo> {
    let paused = Paused::new(cluster);
    patch_secret(cluster, "token-secret", NEW_SECRET.split_once('.').unwrap().1);
    until(|| answers(cluster, Some(NEW_SECRET), "/api"));
    told.token = NEW_SECRET;
    Some(Box::new(paused))
}

/// Changes the kubeconfig in cluster-info and waits until that is signed.
pub(super) fn change_info(cluster: &Cluster, ready: &Ready, change: impl Fn(&str) -> String) {
    let info = cluster.get("kube-public", "configmap/cluster-info");
    let text = change(info["data"]["kubeconfig"].as_str().unwrap());
    let patch = json!({ "data": { "kubeconfig": text } }).to_string();
    cluster.kubectl(&[&INFO[..], &["-p", &patch]].concat());
    let waited = check(cluster, &["check", &ready.line(TOKEN), "--wait=2m", "-ojson"], Eyes::Administrator);
    let document: Value = serde_json::from_str(&waited.stdout).unwrap();
    assert_eq!(document["steps"][3]["result"], "ok", "{document}");
}

fn another_authority(cluster: &Cluster, told: &mut Told) -> Option<Undo> {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    change_authority(cluster, &told.ready, &STANDARD.encode(pki::of_nobody()));
    None
}

/// Gives cluster-info other authority data, and waits until it is signed.
pub(super) fn change_authority(cluster: &Cluster, ready: &Ready, data: &str) {
    change_info(cluster, ready, |text| {
        let line = |line: &str| match line.split_once("certificate-authority-data: ") {
            Some((indent, _)) => format!("{indent}certificate-authority-data: {data}\n"),
            None => format!("{line}\n"),
        };
        text.lines().map(line).collect()
    });
}

/// kubeadm is content if one of several authorities is the pinned one, since the signature comes first. Without the right signature the
/// other one may be anybody's, and whoever it vouches for is not sent the token.
pub(super) fn unsigned_bundle(cluster: &Cluster) {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let ready = Ready::new(cluster);
    let _paused = Paused::new(cluster);
    let real = std::fs::read_to_string(cluster.dir.join("pki/ca.crt")).unwrap();
    let bundle = STANDARD.encode(format!("{real}{}", pki::of_nobody()));
    let kubeconfig = format!(
        "apiVersion: v1\nkind: Config\nclusters:\n- name: \"\"\n  cluster:\n    certificate-authority-data: {bundle}\n    server: https://{}\n",
        cluster.endpoint
    );
    let patch = json!({ "data": { "kubeconfig": kubeconfig } }).to_string();
    cluster.kubectl(&[&INFO[..], &["-p", &patch]].concat());
    let mark = cluster.audit_mark();
    let said = check(cluster, &["check", &ready.line(TOKEN)], Eyes::Node);
    assert_eq!(said.code, 1, "{}", said.stdout);
    for line in ["failed   signature ", "ok       ca-pin ", "ok       verified-cluster-info ", "skipped  login "] {
        assert!(said.stdout.contains(&format!("\n{line}")), "{line}\n{}", said.stdout);
    }
    assert!(cluster.our_requests(mark).iter().all(|request| request.starts_with("get ")), "{}", said.stdout);
}

fn astray(cluster: &Cluster, told: &mut Told) -> Option<Undo> {
    let endpoint = cluster.endpoint.clone();
    change_info(cluster, &told.ready, |text| text.replace(&endpoint, "127.0.0.1:1"));
    None
}

fn below_a_path(cluster: &Cluster, told: &mut Told) -> Option<Undo> {
    let endpoint = cluster.endpoint.clone();
    change_info(cluster, &told.ready, |text| text.replace(&endpoint, &format!("{endpoint}/k8s/clusters/c-x")));
    None
}

fn no_role_binding(cluster: &Cluster, _: &mut Told) -> Option<Undo> {
    cluster.kubectl(&["delete", "rolebinding", "-nkube-public", "kubeadm:bootstrap-signer-clusterinfo"]);
    until(|| !answers(cluster, None, "/api/v1/namespaces/kube-public/configmaps/cluster-info"));
    None
}

fn no_anonymous(cluster: &Cluster, _: &mut Told) -> Option<Undo> {
    Some(Box::new(Restarted::new(cluster, "apiserver", " </dev/null", " --anonymous-auth=false </dev/null")))
}

fn by_file(cluster: &Cluster, _: &mut Told) -> Option<Undo> {
    with_file(cluster, "  enabled: false\n")
}

/// An API server with this in its AuthenticationConfiguration.
fn with_file(cluster: &Cluster, anonymous: &str) -> Option<Undo> {
    let text = format!("apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\nanonymous:\n{anonymous}");
    let flag = format!(" --authentication-config={} </dev/null", cluster.file("authentication.yaml", &text).display());
    Some(Box::new(Restarted::new(cluster, "apiserver", " </dev/null", &flag)))
}

fn other_paths(cluster: &Cluster, _: &mut Told) -> Option<Undo> {
    with_file(cluster, "  enabled: true\n  conditions:\n    - path: /livez\n    - path: /readyz\n")
}

fn only_version(cluster: &Cluster, _: &mut Told) -> Option<Undo> {
    with_file(cluster, "  enabled: true\n  conditions: [{path: /version}]\n")
}

fn no_token_auth(cluster: &Cluster, _: &mut Told) -> Option<Undo> {
    let (from, to) = ("--enable-bootstrap-token-auth=true", "--enable-bootstrap-token-auth=false");
    Some(Box::new(Restarted::new(cluster, "apiserver", from, to)))
}

fn other_group(cluster: &Cluster, _: &mut Told) -> Option<Undo> {
    patch_secret(cluster, "auth-extra-groups", "system:bootstrappers:others");
    until(|| !answers(cluster, Some(TOKEN), "/api/v1/namespaces/kube-system/configmaps/kubeadm-config"));
    None
}

fn bad_group(cluster: &Cluster, _: &mut Told) -> Option<Undo> {
    patch_secret(cluster, "auth-extra-groups", "system:masters");
    until_refused(cluster, TOKEN);
    None
}

fn other_id(cluster: &Cluster, _: &mut Told) -> Option<Undo> {
    patch_secret(cluster, "token-id", "abcdeg");
    until_unsigned(cluster);
    None
}

fn no_secret_half(cluster: &Cluster, _: &mut Told) -> Option<Undo> {
    patch_secret(cluster, "token-secret", "");
    until_unsigned(cluster);
    None
}

fn until_signature_is_gone(cluster: &Cluster) {
    until(|| !cluster.get("kube-public", "configmap/cluster-info")["data"].to_string().contains("jws-kubeconfig-abcdef"));
}

/// The signer takes its signature back, and the API server lets nobody in any more.
fn until_unsigned(cluster: &Cluster) {
    until_signature_is_gone(cluster);
    until_refused(cluster, TOKEN);
}

fn no_role(cluster: &Cluster, _: &mut Told) -> Option<Undo> {
    cluster.kubectl(&["delete", "role", "-nkube-public", "kubeadm:bootstrap-signer-clusterinfo"]);
    until(|| !answers(cluster, None, "/api/v1/namespaces/kube-public/configmaps/cluster-info"));
    None
}

fn named_cluster(cluster: &Cluster, told: &mut Told) -> Option<Undo> {
    change_info(cluster, &told.ready, |text| text.replace("name: \"\"", "name: kubernetes"));
    None
}

fn unreadable_kubelet_config(cluster: &Cluster, _: &mut Told) -> Option<Undo> {
    cluster.kubectl(&["delete", "role", "-nkube-system", "kubeadm:kubelet-config"]);
    until(|| !answers(cluster, Some(TOKEN), "/api/v1/namespaces/kube-system/configmaps/kubelet-config"));
    None
}

fn no_kubelet_config(cluster: &Cluster, _: &mut Told) -> Option<Undo> {
    cluster.kubectl(&["delete", "configmap", "-nkube-system", "kubelet-config"]);
    None
}

fn no_kubeadm_config(cluster: &Cluster, _: &mut Told) -> Option<Undo> {
    cluster.kubectl(&["delete", "configmap", "-nkube-system", "kubeadm-config"]);
    None
}

/// Takes a right from nodes, and waits until it is gone.
fn take(cluster: &Cluster, binding: &str, right: [&str; 2]) -> Option<Undo> {
    cluster.kubectl(&["delete", "clusterrolebinding", binding]);
    let whom = ["--as=system:bootstrap:abcdef", "--as-group=system:bootstrappers:kubeadm:default-node-token"];
    until(|| cluster.run("kubectl", &[&["auth", "can-i"][..], &right, &whom].concat()).code != 0);
    None
}

fn no_nodes(cluster: &Cluster, _: &mut Told) -> Option<Undo> {
    take(cluster, "kubeadm:get-nodes", ["get", "nodes"])
}

fn no_csr(cluster: &Cluster, _: &mut Told) -> Option<Undo> {
    take(cluster, "kubeadm:kubelet-bootstrap", ["create", "certificatesigningrequests"])
}

fn unreadable_config(cluster: &Cluster, _: &mut Told) -> Option<Undo> {
    cluster.kubectl(&["delete", "rolebinding", "-nkube-system", "kubeadm:nodes-kubeadm-config"]);
    until(|| !answers(cluster, Some(TOKEN), "/api/v1/namespaces/kube-system/configmaps/kubeadm-config"));
    None
}

fn no_approval(cluster: &Cluster, _: &mut Told) -> Option<Undo> {
    cluster.kubectl(&["delete", "clusterrolebinding", "kubeadm:node-autoapprove-bootstrap"]);
    let can_i = ["auth", "can-i", "create", "certificatesigningrequests", "--subresource=nodeclient"];
    let whom = ["--as=system:bootstrap:abcdef", "--as-group=system:bootstrappers:kubeadm:default-node-token"];
    until(|| cluster.run("kubectl", &[&can_i[..], &whom].concat()).code != 0);
    None
}
