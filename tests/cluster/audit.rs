//! `audit` on real clusters: nothing above `info` as kubeadm leaves them, planted faults found, and a cure that breaks no join.

use crate::api::collection;
use crate::check::{Ready, preflight};
use crate::harness::{Cluster, Said, config, trial};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;

pub(crate) fn trials(cluster: &Arc<Cluster>) -> Vec<Trial> {
    vec![
        trial("audit::as_kubeadm_1.22_leaves_it", cluster, |cluster| as_left(cluster, "kubeadm-1.22", "v1beta3", "v1.22.17")),
        trial("audit::as_kubeadm_1.37_leaves_it", cluster, |cluster| as_left(cluster, "kubeadm", "v1beta4", "v1.37.2")),
        trial("audit::an_empty_cluster", cluster, empty),
        trial("audit::planted_faults_are_found_and_cured", cluster, planted),
        trial("audit::no_name_hides_a_binding", cluster, odd_names),
        trial("audit::reads_what_it_was_granted_and_writes_nothing", cluster, least_rights),
        trial("audit::one_dead_cluster_hides_no_other", cluster, contexts),
    ]
}

/// What is wrong, as `severity rule object`.
fn findings(said: &Said) -> BTreeSet<String> {
    let report: Value =
        serde_json::from_str(&said.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", said.stdout, said.stderr));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let clusters = report["clusters"].as_array().unwrap();
    let all = clusters.iter().flat_map(|cluster| cluster["findings"].as_array().unwrap());
    let object = |object: &Value| {
        let parts = ["namespace", "kind", "name"].map(|part| text(&object[part]));
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/")
    };
    all.map(|finding| format!("{} {} {}", text(&finding["severity"]), text(&finding["rule"]), object(&finding["object"])))
        .collect()
}

fn as_left(cluster: &Cluster, program: &str, version: &str, kubernetes: &str) {
    cluster.reset();
    let file = cluster.file("left.yaml", &config(version, kubernetes, &json!([{ "ttl": "24h" }])));
    cluster.kubeadm_ok(program, &file);
    upload(cluster);
    cluster.ours_ok(&["check", &only_token(cluster), "--wait=2m"]);
    // The API server of 1.37 needs what kubeadm 1.22 did not make, which `upgrade` shows.
    let said = cluster.ours(&["audit", "-o", "json", "--fail-on", "low", "--ignore", "rbac-kubelet-client"]);
    assert_eq!(said.code, 0, "{}\n{}", said.stdout, said.stderr);
    let found = findings(&said);
    let found: Vec<_> = found.into_iter().filter(|finding| !finding.contains(" rbac-kubelet-client ")).collect();
    assert!(found.iter().all(|finding| finding.starts_with("info ")), "{found:?}");
}

/// kubeadm's other objects that let tokens do something.
fn upload(cluster: &Cluster) {
    let (config, kubeconfig) = (cluster.dir.join("init.yaml"), cluster.kubeconfig.to_str().unwrap());
    let args = ["init", "phase", "upload-config", "all", "--config", config.to_str().unwrap(), "--kubeconfig", kubeconfig];
    assert_eq!(cluster.run("kubeadm", &args).code, 0);
}

fn only_token(cluster: &Cluster) -> String {
    cluster.ours_ok(&["list", "--show-secrets", "-o", "jsonpath={.token}"]).stdout
}

fn empty(cluster: &Cluster) {
    cluster.reset();
    // kubeadm made the cluster, and its phase was never run.
    let said = cluster.ours(&["audit", "--fail-on", "low", "--ignore", "rbac-kubelet-client"]);
    assert_eq!(said.code, 0, "{}\n{}", said.stdout, said.stderr);
}

/// One fault: how it is planted, and the rule and the object by which it is found.
struct Fault {
    plant: &'static [&'static str],
    finding: &'static str,
}

const fn fault(plant: &'static [&'static str], finding: &'static str) -> Fault {
    Fault { plant, finding }
}

const SECRET: &str = "bootstrap.kubernetes.io/token";

#[rustfmt::skip]
const FAULTS: [Fault; 14] = [
    fault(&["create", "secret", "generic", "-nkube-system", "bootstrap-token-aaaa00", "--type", SECRET, "--from-literal=token-id=aaaa00", "--from-literal=token-secret=h3x8d0q2m5v7k1zt", "--from-literal=usage-bootstrap-authentication=true"], "token-no-expiry kube-system/Secret/bootstrap-token-aaaa00"),
    fault(&["create", "secret", "generic", "-nkube-system", "bootstrap-token-bbbb00", "--from-literal=token-id=bbbb00", "--from-literal=token-secret=g4x8d0q2m5v7k1zt"], "token-wrong-type kube-system/Secret/bootstrap-token-bbbb00"),
    fault(&["create", "secret", "generic", "-nkube-system", "bootstrap-token-cccc00", "--type", SECRET, "--from-literal=token-id=cccc00"], "token-malformed kube-system/Secret/bootstrap-token-cccc00"),
    fault(&["create", "secret", "generic", "-nkube-system", "bootstrap-token-dddd00", "--type", SECRET, "--from-literal=token-id=other0", "--from-literal=token-secret=f5x8d0q2m5v7k1zt"], "token-misnamed kube-system/Secret/bootstrap-token-dddd00"),
    fault(&["create", "secret", "generic", "-nkube-system", "bootstrap-token-eeee00", "--type", SECRET, "--from-literal=token-id=eeee00", "--from-literal=token-secret=aaaaaaaaaaaaaaaa", "--from-literal=usage-bootstrap-authentication=true"], "token-weak-secret kube-system/Secret/bootstrap-token-eeee00"),
    fault(&["create", "secret", "generic", "-nkube-system", "bootstrap-token-ffff00", "--type", SECRET, "--from-literal=token-id=ffff00", "--from-literal=token-secret=e6x8d0q2m5v7k1zt", "--from-literal=usage-bootstrap-authentication=true", "--from-literal=auth-extra-groups=system:bootstrappers:more"], "token-groups kube-system/Secret/bootstrap-token-ffff00"),
    fault(&["create", "clusterrolebinding", "planted-admin", "--clusterrole=cluster-admin", "--group=system:bootstrappers"], "rbac-cluster-admin ClusterRoleBinding/planted-admin"),
    fault(&["create", "clusterrolebinding", "planted-view", "--clusterrole=view", "--user=system:anonymous"], "rbac-anonymous ClusterRoleBinding/planted-view"),
    fault(&["create", "rolebinding", "planted-edit", "-ndefault", "--clusterrole=edit", "--group=system:bootstrappers:kubeadm:default-node-token"], "rbac-bootstrap default/RoleBinding/planted-edit"),
    fault(&["create", "clusterrolebinding", "planted-renewal", "--clusterrole=system:certificates.k8s.io:certificatesigningrequests:selfnodeclient", "--group=somebody"], "rbac-self-approval ClusterRoleBinding/planted-renewal"),
    fault(&["create", "clusterrolebinding", "planted-approval", "--clusterrole=system:certificates.k8s.io:certificatesigningrequests:nodeclient", "--group=somebody"], "rbac-node-approval ClusterRoleBinding/planted-approval"),
    fault(&["patch", "role", "-nkube-public", "kubeadm:bootstrap-signer-clusterinfo", "--type=json", r#"-p=[{"op":"remove","path":"/rules/0/resourceNames"}]"#], "rbac-cluster-info-widened kube-public/Role/kubeadm:bootstrap-signer-clusterinfo"),
    fault(&["patch", "clusterrole", "kubeadm:get-nodes", "--type=json", r#"-p=[{"op":"add","path":"/rules/0/verbs/-","value":"list"}]"#], "rbac-get-nodes-widened ClusterRole/kubeadm:get-nodes"),
    fault(&["delete", "clusterrolebinding", "kubeadm:node-autoapprove-bootstrap"], "rbac-missing ClusterRoleBinding/kubeadm:node-autoapprove-bootstrap"),
];

/// The API server takes any name for a binding that is one segment of a path (`ValidatePathSegmentName`).
const NAMES: [&str; 17] = [
    "a b",
    "a\nb",
    "a\u{1b}[31mb",
    "a\u{202e}b",
    "ü",
    "a*",
    "a#b",
    "a?b",
    "[a]",
    "{a}",
    "<a>",
    "a|b",
    "a\\b",
    "a`b\"",
    "a&b",
    " ",
    "A'b",
];

/// Whatever it is called, a binding that gives everything to everybody is found, here and in a folder, and nothing of its name reaches the
/// terminal.
fn odd_names(cluster: &Cluster) {
    let long = "a".repeat(300);
    let names = || NAMES.iter().copied().chain([long.as_str()]);
    cluster.reset();
    let folder = cluster.dir.join("odd-names");
    std::fs::create_dir_all(&folder).unwrap();
    let mut paths = Vec::new();
    for (number, name) in names().enumerate() {
        let subject = json!({ "apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "system:anonymous" });
        let role = json!({ "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin" });
        let head =
            json!({ "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": { "name": name } });
        let mut binding = head;
        (binding["roleRef"], binding["subjects"]) = (role, json!([subject]));
        cluster.api().create(&[(collection("ClusterRoleBinding", ""), binding.clone())]);
        std::fs::write(folder.join(format!("{number}.json")), binding.to_string()).unwrap();
        let segment: String = name.bytes().map(|byte| format!("%{byte:02X}")).collect();
        paths.push(format!("{}/{segment}", collection("ClusterRoleBinding", "")));
    }
    let place = format!("dir:{}", folder.display());
    let audits = [&["audit"][..], &["audit", "--against", &place]].map(|arguments| {
        let said = cluster.ours(&[arguments, &["-o", "json"]].concat());
        let text = cluster.ours(arguments);
        (said, text)
    });
    let recording = cluster.dir.join("odd-names.recording");
    let recorded = cluster.ours(&["audit", "-o", "json", "--record", recording.to_str().unwrap()]);
    let replayed = cluster.ours(&["audit", "-o", "json", "--replay", recording.to_str().unwrap()]);
    cluster.api().delete(&paths);
    for (said, text) in &audits {
        assert_eq!((said.code, text.code), (1, 1), "{}{}", said.stdout, said.stderr);
        let report: Value = serde_json::from_str(&said.stdout).unwrap();
        let found = report["clusters"][0]["findings"].as_array().unwrap();
        let critical =
            found.iter().filter(|finding| finding["rule"] == "rbac-cluster-admin" && finding["severity"] == "critical");
        let titles: BTreeSet<&str> = critical.map(|finding| finding["title"].as_str().unwrap()).collect();
        for name in names() {
            assert!(titles.iter().any(|title| title.contains(&format!("`{name}`"))), "{name:?} is not in {titles:#?}");
        }
        assert!(!text.stdout.contains(['\u{1b}', '\u{202e}']), "{}", text.stdout);
    }
    assert_eq!((recorded.code, findings(&recorded)), (replayed.code, findings(&replayed)), "{}", replayed.stderr);
}

/// The token of this test: one as kubeadm makes them, since the usual one is in every manual.
const TOKEN: &str = "k9w2mz.4t7q1x8n3v6c0b5r";

fn planted(cluster: &Cluster) {
    let ready = Ready::of(cluster, TOKEN);
    let joins = |when: &str| {
        let judged = preflight(cluster, &ready, TOKEN);
        assert_eq!(judged.code, 0, "{when}: {}", judged.stderr);
        // What a node needs after that, which kubeadm's preflight does not look at.
        cluster.ours_ok(&["check", TOKEN, "--wait=2m"]);
    };
    joins("before");
    for fault in &FAULTS {
        cluster.kubectl(fault.plant);
    }
    let plan = cluster.dir.join("cure.json");
    let said = cluster.ours(&["audit", "-o", "json", "--fix-out", plan.to_str().unwrap()]);
    let found = findings(&said);
    assert_eq!(said.code, 1, "{}", said.stderr);
    for fault in &FAULTS {
        assert!(found.iter().any(|finding| finding.ends_with(fault.finding)), "{} is not in {found:#?}", fault.finding);
    }
    let text = std::fs::read_to_string(&plan).unwrap();
    assert!(!said.stdout.contains("4t7q1x8n3v6c0b5r") && !text.contains("4t7q1x8n3v6c0b5r"), "a secret is told");

    let applied = cluster.ours(&["apply", "--plan", plan.to_str().unwrap()]);
    assert_eq!(applied.code, 0, "{}\n{}", applied.stdout, applied.stderr);
    let again = cluster.ours(&["audit", "-o", "json"]);
    assert_eq!(again.code, 0, "the second audit is clean: {}{}", again.stdout, again.stderr);
    // Somebody may be using the token that can be guessed, and has an hour to come to an end.
    let left: Vec<String> = findings(&again).into_iter().filter(|finding| !finding.starts_with("info ")).collect();
    assert_eq!(left, ["low token-weak-secret kube-system/Secret/bootstrap-token-eeee00"]);
    joins("after the cure");

    // The undo plan gives everybody what they had.
    let (_, undo) = applied.stderr.split_once("--plan ").unwrap();
    cluster.ours_ok(&["apply", "--plan", undo.split_whitespace().next().unwrap()]);
    let back = findings(&cluster.ours(&["audit", "-o", "json"]));
    assert_eq!(rbac_of(&back), rbac_of(&found));
    clear(cluster);
}

/// The findings about roles; the controllers change what is said of tokens.
fn rbac_of(found: &BTreeSet<String>) -> Vec<&String> {
    found.iter().filter(|finding| finding.contains(" rbac-")).collect()
}

fn clear(cluster: &Cluster) {
    let bindings = ["planted-admin", "planted-view", "planted-renewal", "planted-approval"];
    cluster.kubectl(&[&["delete", "clusterrolebinding", "--ignore-not-found"][..], &bindings].concat());
    cluster.kubectl(&["delete", "rolebinding", "-ndefault", "--ignore-not-found", "planted-edit"]);
    cluster.kubectl(&["delete", "secret", "-nkube-system", "--ignore-not-found", "bootstrap-token-bbbb00"]);
    cluster.reset();
}

fn least_rights(cluster: &Cluster) {
    Ready::of(cluster, TOKEN);
    let roles = cluster.ours_ok(&["rbac", "--task", "audit", "--subject", "user:auditor", "--name", "auditor"]).stdout;
    let file = cluster.file("auditor.yaml", &roles);
    cluster.kubectl(&["apply", "-f", file.to_str().unwrap()]);
    let mark = cluster.audit_mark();
    let said = cluster.ours(&["audit", "--as", "auditor"]);
    assert_eq!(said.code, 0, "{}\n{}", said.stdout, said.stderr);
    let allowed = [
        "get /version",
        "get /api/v1/namespaces/kube-public/configmaps/cluster-info",
        "get /api/v1/namespaces/kube-system/configmaps/kubeadm-config",
        "list /api/v1/namespaces/kube-system/secrets?fieldSelector=type%3Dbootstrap.kubernetes.io%2Ftoken",
        "list /api/v1/namespaces/kube-system/secrets?fieldSelector=type%3DOpaque",
        "list /apis/rbac.authorization.k8s.io/v1/clusterroles",
        "list /apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
        "list /apis/rbac.authorization.k8s.io/v1/roles",
        "list /apis/rbac.authorization.k8s.io/v1/rolebindings",
    ];
    let beyond = |request: &String| !allowed.contains(&request.as_str());
    assert_eq!(cluster.our_requests(mark).into_iter().filter(beyond).collect::<Vec<_>>(), Vec::<String>::new());
    cluster.kubectl(&["delete", "-f", file.to_str().unwrap()]);
}

fn contexts(cluster: &Cluster) {
    Ready::of(cluster, TOKEN);
    let copy = cluster.dir.join("contexts.conf");
    std::fs::copy(&cluster.kubeconfig, &copy).unwrap();
    let copy = copy.to_str().unwrap();
    let kubectl = |args: &[&str]| cluster.kubectl(&[&["config", "--kubeconfig", copy][..], args].concat());
    let current = kubectl(&["current-context"]);
    kubectl(&["set-cluster", "dead", "--server=https://127.0.0.1:1"]);
    kubectl(&["set-context", "dead", "--cluster=dead"]);
    let contexts = format!("dead,{}", current.trim());
    let said = cluster.ours(&["audit", "-o", "json", "--kubeconfig", copy, "--contexts", &contexts]);
    let report: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!((said.code, report["clusters"].as_array().unwrap().len()), (2, 2), "{}", said.stderr);
    let all = cluster.ours(&["audit", "-o", "json", "--kubeconfig", copy, "--all-contexts"]);
    assert_eq!(all.code, 2, "{}", all.stderr);
}
