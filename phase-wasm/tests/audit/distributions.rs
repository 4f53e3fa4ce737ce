//! The objects of other distributions, in `tests/distributions`, are not faults, and no fix takes away what their nodes need.

use super::world::World;
use bootstrap_token_phase::abi::Severity;
use bootstrap_token_phase::yaml::parse_yaml;
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};

/// The findings above `info` that are right. All others are false alarms.
const RIGHT: [(&str, &str, &str); 1] = [
    // A token of this product makes a node, with the rights of all nodes.
    ("aks-flex-node", "rbac-bootstrap", "ClusterRoleBinding"),
];

fn folder() -> PathBuf {
    PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("../tests/distributions")
}

fn files() -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder()).unwrap().map(|file| file.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    files
}

fn objects(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    let is_comment = |document: &&str| document.lines().all(|line| line.is_empty() || line.starts_with('#'));
    let documents = text.split("\n---\n").filter(|document| !is_comment(document));
    documents.map(|document| in_clear(parse_yaml(document).unwrap_or_else(|| panic!("{}: {document}", path.display())))).collect()
}

/// A Secret in the form of the other tests.
fn in_clear(mut object: Value) -> Value {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    if object["kind"] != "Secret" {
        return object;
    }
    let mut clear = Map::new();
    for (key, value) in object["data"].as_object().into_iter().flatten() {
        let text = String::from_utf8(STANDARD.decode(value.as_str().unwrap()).unwrap()).unwrap();
        clear.insert(key.clone(), json!(text));
    }
    for (key, value) in object["stringData"].as_object().into_iter().flatten() {
        clear.insert(key.clone(), value.clone());
    }
    object.as_object_mut().unwrap().remove("data");
    object["stringData"] = Value::Object(clear);
    object
}

/// The cluster of a file, with the version and the time in its header.
fn world(path: &Path) -> World {
    let text = std::fs::read_to_string(path).unwrap();
    let head = |name: &str| text.lines().find_map(|line| line.strip_prefix(&format!("# {name}: ")).map(str::to_owned));
    let every_cluster = objects(&folder().join("every-cluster/kube-apiserver.yaml"));
    let mut world = World::empty().with(every_cluster).with(objects(path));
    world.server.version = head("version").unwrap();
    world.now = head("now").unwrap_or(world.now);
    // The authority is unknown: the certificates in the files are made up.
    world.server.certificate_authority.clear();
    world
}

fn name(path: &Path) -> String {
    path.file_stem().unwrap().to_str().unwrap().to_owned()
}

#[test]
fn nobody_is_alarmed_about_the_defaults_of_another_distribution() {
    let files = files();
    assert!(files.len() >= 14, "{files:?}");
    let mut wrong = Vec::new();
    for path in files {
        let name = name(&path);
        for server in ["as it is", "manifests"] {
            let mut world = world(&path);
            if server == "manifests" {
                // Manifests in a folder have no version.
                world.server.version.clear();
            }
            for finding in world.findings().into_iter().filter(|finding| finding.severity > Severity::Low) {
                let target = finding.target.unwrap();
                let is_right =
                    RIGHT.iter().any(|(of, rule, kind)| *of == name && *rule == finding.rule && *kind == target.of.kind);
                if !is_right {
                    wrong.push(format!(
                        "{name} ({server}): {} {}/{}: {}",
                        finding.rule, target.of.kind, target.name, finding.detail
                    ));
                }
            }
            let operations = world.plan("fix").operations;
            let of_others = operations.iter().filter(|_| !RIGHT.iter().any(|(of, ..)| *of == name));
            wrong.extend(
                of_others.map(|operation| format!("{name} ({server}): would {:?} {:?}", operation.action, operation.target)),
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_audit_says_whose_cluster_it_is() {
    for (file, maker) in [
        ("k3s", "k3s"),
        ("rke2", "RKE2"),
        ("k0s", "k0s"),
        ("talos", "Talos"),
        ("eks", "EKS"),
        ("aks", "AKS"),
        ("gke", "GKE"),
        ("openshift", "OpenShift or MicroShift"),
        ("openshift-4.15", "OpenShift or MicroShift"),
        ("gardener", "Gardener"),
        ("kops", "kOps"),
        ("typhoon", "Typhoon"),
        ("kubermatic", "Kubermatic"),
        ("kubernikus", "Kubernikus"),
        ("rancher-rke1", "RKE"),
        // These use kubeadm.
        ("cluster-api", ""),
        ("eks-anywhere", ""),
        ("kamaji", ""),
        ("kind", ""),
        ("kubeone", ""),
        ("kubespray", ""),
        ("minikube", ""),
        // A hub is only an add-on.
        ("ocm-hub", ""),
    ] {
        let findings = world(&folder().join(format!("{file}.yaml"))).findings();
        let said: Vec<&str> =
            findings.iter().filter(|finding| finding.rule == "cluster-maker").map(|finding| finding.title.as_str()).collect();
        let expected = format!("{maker} made this cluster, which is judged accordingly");
        assert_eq!(said, if maker.is_empty() { Vec::new() } else { vec![expected.as_str()] }, "{file}");
    }
}

#[test]
fn who_asks_for_it_gets_the_wider_cures() {
    let world = |fix: &[&str]| {
        let mut world = world(&folder().join("eks.yaml"));
        world.parameters = json!({ "fix": fix });
        world
    };
    let writes = |fix: &[&str]| -> Vec<String> {
        let operations = world(fix).plan("fix").operations;
        operations.into_iter().map(|operation| operation.target.name).collect()
    };
    assert_eq!(writes(&[]), Vec::<String>::new());
    let one = ["eks:node-bootstrapper"];
    assert_eq!(writes(&["all"]), one);
    assert_eq!(writes(&["rbac-bootstrap"]), one);
    assert_eq!(writes(&["rbac-bootstrap=ClusterRoleBinding/eks:node-bootstrapper"]), one);
    assert_eq!(writes(&["rbac-bootstrap=ClusterRoleBinding/other"]), Vec::<String>::new());
    assert_eq!(writes(&["rbac-anonymous"]), Vec::<String>::new());
}
