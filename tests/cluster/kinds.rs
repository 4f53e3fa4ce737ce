//! Plurals and kinds as the real API server has them, and phases that say otherwise.

use crate::api::{collection, path};
use crate::harness::{Cluster, Said, said, trial};
use crate::hostile::case::{self, SECRETS, here};
use kubephase_core::object::{ApiResource, KNOWN, Scope};
use libtest_mimic::Trial;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

pub(crate) fn trials(cluster: &Arc<Cluster>) -> Vec<Trial> {
    vec![
        trial("kinds::the_table_is_what_the_server_serves", cluster, table),
        trial("kinds::a_false_pair_sends_nothing", cluster, false_pairs),
        trial("kinds::a_custom_resource_says_what_it_is", cluster, custom),
        trial("kinds::what_is_revoked_is_told_and_put_back", cluster, revoked),
        trial("kinds::a_secret_is_shown_under_no_other_key", cluster, keys),
    ]
}

/// A hostile phase of `tests/hostile`, run with more arguments.
fn run(cluster: &Cluster, name: &str, more: &[&str]) -> Said {
    let case = case::all().into_iter().find(|case| case.name == name).unwrap();
    let arguments = case.arguments(&case.phase());
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).chain(more.iter().copied()).collect();
    said(cluster.our_command(&arguments))
}

fn prepare(cluster: &Cluster) {
    cluster.reset();
    cluster.kubectl(&["apply", "-f", here().join("cluster").to_str().unwrap()]);
}

fn raw(cluster: &Cluster, path: &str) -> Value {
    serde_json::from_str(&cluster.kubectl(&["get", "--raw", path])).unwrap()
}

// ---- The table -----------------------------------------------------------------------------------------------------

/// What 1.37 does not serve by default: kinds of earlier versions, and those behind a feature gate or in an API that is off.
const NOT_SERVED: [(&str, &str); 16] = [
    ("coordination.k8s.io", "leasecandidates"),
    ("extensions", "ingresses"),
    ("internal.apiserver.k8s.io", "storageversions"),
    ("lifecycle.k8s.io", "evictionrequests"),
    ("lifecycle.k8s.io", "evictions"),
    ("networking.k8s.io", "clustercidrs"),
    ("policy", "podsecuritypolicies"),
    ("resource.k8s.io", "podschedulingcontexts"),
    ("resource.k8s.io", "podschedulings"),
    ("resource.k8s.io", "resourceclaimparameters"),
    ("resource.k8s.io", "resourceclasses"),
    ("resource.k8s.io", "resourceclassparameters"),
    ("resource.k8s.io", "resourcepoolstatusrequests"),
    ("scheduling.k8s.io", "compositepodgroups"),
    ("scheduling.k8s.io", "podgroups"),
    ("scheduling.k8s.io", "workloads"),
];

/// Each resource that is served is in the table as it is served, and each that is in the table is served, or known not to be.
fn table(cluster: &Cluster) {
    let groups = raw(cluster, "/apis")["groups"].as_array().unwrap().clone();
    let versions = groups.iter().flat_map(|group| group["versions"].as_array().unwrap());
    let paths = versions.map(|version| format!("/apis/{}", version["groupVersion"].as_str().unwrap()));
    let mut served = BTreeSet::new();
    for path in ["/api/v1".to_owned()].into_iter().chain(paths) {
        let list = raw(cluster, &path);
        let group_version = list["groupVersion"].as_str().unwrap();
        let (group, version) = group_version.split_once('/').unwrap_or(("", group_version));
        let resources = list["resources"].as_array().unwrap().iter();
        for resource in resources.filter(|resource| !resource["name"].as_str().unwrap().contains('/')) {
            let [plural, kind] = ["name", "kind"].map(|name| resource[name].as_str().unwrap());
            let scope = if resource["namespaced"] == true { Scope::Namespaced } else { Scope::Cluster };
            let of = ApiResource::parse(group, version, plural, kind);
            // A custom resource of another test is nobody's to know.
            if group != "hostile.example" {
                assert_eq!(of.map(|of| of.scope()), Ok(Some(scope)), "{group} {version} {plural} {kind}");
                served.insert((group.to_owned(), plural.to_owned()));
            }
        }
    }
    let row = |(group, plural): (&str, &str)| (group.to_owned(), plural.to_owned());
    let table: BTreeSet<_> = KNOWN.iter().map(|known| row((known.group, known.plural))).collect();
    let unserved: Vec<_> = table.difference(&served).cloned().collect();
    assert_eq!(unserved, NOT_SERVED.map(row).to_vec(), "in the table and not served");
}

// ---- Phases --------------------------------------------------------------------------------------------------------

/// Whoever declares a plural with the kind of another one is refused before anything is asked.
fn false_pairs(cluster: &Cluster) {
    prepare(cluster);
    for name in [
        "kind-a-role-as-its-binding",
        "kind-a-binding-as-a-role",
        "kind-a-list-as-config-maps",
        "kind-pods-as-config-maps",
        "kind-watch",
        "kind-lists",
        "kind-nodes-in-a-namespace",
        "read-secrets-as-config-maps-declared",
        "read-all-namespaces-declared",
    ] {
        let mark = cluster.audit_mark();
        let said = run(cluster, name, &[]);
        assert_eq!((said.code, cluster.our_requests(mark)), (2, Vec::new()), "{name}\n{}", said.stderr);
    }
}

/// A custom resource whose plural has another kind than was granted is neither told nor touched.
fn custom(cluster: &Cluster) {
    prepare(cluster);
    let crd = serde_json::json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": { "name": "gadgets.hostile.example" },
        "spec": {
            "group": "hostile.example", "scope": "Namespaced",
            "names": { "plural": "gadgets", "singular": "gadget", "kind": "Gadget", "listKind": "ManyGadgets" },
            "versions": [{ "name": "v1", "served": true, "storage": true, "schema": { "openAPIV3Schema": { "type": "object" } } }],
        },
    });
    let file = cluster.file("crd.json", &crd.to_string());
    cluster.kubectl(&["apply", "-f", file.to_str().unwrap()]);
    cluster.kubectl(&["wait", "--for=condition=Established", "--timeout=60s", "crd/gadgets.hostile.example"]);
    let metadata = serde_json::json!({ "name": "hostile-a", "namespace": "kube-public" });
    let gadget = serde_json::json!({ "apiVersion": "hostile.example/v1", "kind": "Gadget", "metadata": metadata });
    let file = cluster.file("gadget.json", &gadget.to_string());
    cluster.kubectl(&["apply", "-f", file.to_str().unwrap()]);

    let mark = cluster.audit_mark();
    let said = run(cluster, "read-a-custom-kind-by-another-name", &[]);
    assert_eq!((said.code, said.stdout.as_str()), (2, ""), "{}", said.stderr);
    assert!(
        said.stderr.contains("`hostile.example/v1, Gadget`, but only `hostile.example/v1, Thing` is allowed"),
        "{}",
        said.stderr
    );
    let said = run(cluster, "write-a-custom-kind-by-another-name", &[]);
    assert_eq!(said.code, 2, "{}", said.stderr);
    assert_eq!(cluster.our_writes(mark), Vec::<String>::new());
    assert_eq!(cluster.get("kube-public", "gadgets.hostile.example/hostile-a")["kind"], "Gadget");
    cluster.kubectl(&["delete", "crd", "gadgets.hostile.example"]);
}

/// All bindings that a phase may revoke are deleted, each told by its own name, and come back by what was left to go back with.
fn revoked(cluster: &Cluster) {
    prepare(cluster);
    let names: Vec<String> = (10..64).map(|number| format!("hostile-{number}")).collect();
    let created = names.iter().map(|name| {
        let group = serde_json::json!({ "kind": "Group", "name": "hostile", "apiGroup": "rbac.authorization.k8s.io" });
        let role = serde_json::json!({ "kind": "ClusterRole", "name": "view", "apiGroup": "rbac.authorization.k8s.io" });
        let binding = serde_json::json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": { "name": name },
            "roleRef": role, "subjects": [group],
        });
        (collection("ClusterRoleBinding", ""), binding)
    });
    cluster.api().create(&created.collect::<Vec<_>>());
    let bindings = || -> Vec<Value> {
        let list: Value = serde_json::from_str(&cluster.kubectl(&["get", "clusterrolebindings", "-o", "json"])).unwrap();
        let items = list["items"].as_array().unwrap().iter();
        let plain = items.map(|item| crate::harness::plain(item.clone()).1);
        plain.filter(|item| item["metadata"]["name"].as_str().unwrap().starts_with("hostile-")).collect()
    };
    let before = bindings();
    assert_eq!(before.len(), names.len() + 1);
    let said = run(cluster, "write-revoke-every-binding", &[]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    let told = said
        .stdout
        .lines()
        .filter(|line| line.starts_with("clusterrolebinding.rbac.authorization.k8s.io/hostile-") && line.ends_with(" deleted"));
    assert_eq!((told.count(), bindings()), (before.len(), Vec::new()), "{}", said.stdout);
    let plan = said.stderr.lines().find_map(|line| line.split_once("--plan ")?.1.split(' ').next());
    let case = case::all().into_iter().find(|case| case.name == "write-revoke-every-binding").unwrap();
    let (phase, grant) = (case.phase(), case.grant());
    let [phase, grant] = [&phase, &grant].map(|path| path.to_str().unwrap());
    let said = cluster.ours_ok(&["apply", "--plan", plan.unwrap(), "--phase", phase, "--grant", grant]);
    assert_eq!(bindings(), before, "{}", said.stdout);
    let paths: Vec<String> = names.iter().map(|name| path(&format!("ClusterRoleBinding//{name}"), true)).collect();
    cluster.api().delete(&paths);
}

/// A task that is shown nothing cannot put a secret where another task or `list` shows it.
fn keys(cluster: &Cluster) {
    prepare(cluster);
    let tokens = || cluster.kubectl(&["get", "secrets", "-n", "kube-system", "-o", "json"]);
    let before = tokens();
    for name in [
        "secret-under-a-key-that-list-shows",
        "secret-under-a-key-that-another-task-sees",
        "secret-under-a-key-that-a-pattern-of-another-task-sees",
        "secret-under-a-usage",
        "secret-under-another-key",
        "secret-drawn-under-a-key-that-list-shows",
        "secret-given-under-a-key-that-list-shows",
    ] {
        let mark = cluster.audit_mark();
        let said = run(cluster, name, &[]);
        assert_eq!((said.code, cluster.our_writes(mark)), (2, Vec::new()), "{name}\n{}", said.stderr);
        let tried = cluster.our_requests(mark).into_iter().filter(|request| !request.starts_with("get "));
        assert_eq!(tried.collect::<Vec<_>>(), Vec::<String>::new(), "{name}");
    }
    assert_eq!(tokens(), before);
    for arguments in [&["list"][..], &["list", "-o", "json"], &["audit"], &["audit", "-o", "json"]] {
        let said = cluster.ours(arguments);
        let text = said.stdout + &said.stderr;
        assert!(!SECRETS.iter().any(|secret| text.contains(secret)), "{arguments:?}\n{text}");
    }
}
