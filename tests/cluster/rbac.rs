//! `rbac` prints enough for `apply`, and nothing that could be left out.
//!
//! For each plan a user gets what is printed, and one more user for everything in it gets all but that. The first one reaches what
//! an administrator reaches; each of the others is refused before the first write. Whoever is refused leaves everything as it was,
//! so that all of them start from the same state. That they lack nothing else is shown by users who get all of it in the same way,
//! and pass the server's dry run.

use crate::harness::{Cluster, Said, State, config, trial};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::io::Write as _;
use std::process::Stdio;
use std::sync::Arc;

const TOKEN: &str = "abcdef.0123456789abcdef";
/// What all objects of the other users have, so that they can be deleted together.
const LABEL: &str = "rbac-test";

/// The roles that exist in every cluster and are bound.
const BIND_SYSTEM_ROLES: &str = "cluster: bind clusterroles system:certificates.k8s.io:certificatesigningrequests:nodeclient,\
    system:certificates.k8s.io:certificatesigningrequests:selfnodeclient,system:kubelet-api-admin,system:node-bootstrapper";

/// What an empty cluster needs.
const CREATE_EVERYTHING: &[&str] = &[
    "cluster: get nodes",
    "cluster: create clusterrolebindings,clusterroles",
    "cluster: bind,get clusterroles kubeadm:get-nodes",
    BIND_SYSTEM_ROLES,
    "kube-public: create configmaps",
    "kube-public: create rolebindings,roles",
    "kube-public: bind,get roles kubeadm:bootstrap-signer-clusterinfo",
    "kube-system: create secrets",
];

/// A plan: the state that it is made for, and what is asked.
struct Case {
    name: &'static str,
    start: fn(&Cluster),
    arguments: fn(&Cluster) -> Vec<String>,
    /// How many operations change something.
    changes: usize,
    /// The rules, as `SCOPE: VERBS RESOURCES NAMES`, but for those that only read what has a name.
    rules: &'static [&'static str],
}

const CASES: [Case; 8] = [
    Case {
        name: "everything_is_created",
        start: Cluster::reset,
        arguments: |_| words(&[TOKEN, "--now", "2040-01-01T00:00:00Z"]),
        changes: 10,
        rules: CREATE_EVERYTHING,
    },
    Case {
        name: "a_saved_plan",
        start: Cluster::reset,
        arguments: |cluster| {
            let plan = cluster.dir.join("rbac-plan.json").to_str().unwrap().to_owned();
            cluster.ours_ok(&["plan", TOKEN, "--now", "2040-01-01T00:00:00Z", "--out", &plan]);
            words(&[TOKEN, "--plan", &plan])
        },
        changes: 10,
        // And the right to read the namespace kube-system, without which it is not known whether this is its cluster.
        rules: CREATE_EVERYTHING,
    },
    Case {
        name: "nothing_is_written",
        start: complete,
        arguments: |cluster| words(&["-f", &complete_file(cluster)]),
        changes: 0,
        rules: &[],
    },
    Case {
        name: "a_token_lives_longer",
        start: |cluster| {
            cluster.reset();
            cluster.ours_ok(&["apply", TOKEN, "--now", "2040-01-01T00:00:00Z"]);
        },
        arguments: |_| words(&[TOKEN, "--now", "2040-01-01T01:00:00Z"]),
        changes: 1,
        rules: &["kube-system: get,patch secrets bootstrap-token-abcdef"],
    },
    Case {
        name: "upgrade_from_1.22",
        start: |cluster| {
            cluster.reset();
            let tokens = json!([{ "token": TOKEN, "ttl": "0s" }]);
            cluster.kubeadm_ok("kubeadm-1.22", &cluster.file("rbac-old.yaml", &config("v1beta3", "v1.22.17", &tokens)));
        },
        arguments: |cluster| words(&["-f", &complete_file(cluster)]),
        changes: 1,
        rules: &["cluster: create clusterrolebindings", "cluster: bind clusterroles system:kubelet-api-admin"],
    },
    Case {
        name: "drifted",
        start: drifted,
        arguments: |cluster| words(&["-f", &complete_file(cluster)]),
        // Of two of them one deletes and one creates.
        changes: 5,
        rules: &[
            "cluster: get nodes",
            "cluster: create clusterrolebindings",
            "cluster: get,patch clusterrolebindings kubeadm:get-nodes",
            "cluster: delete,get clusterrolebindings kubeadm:node-autoapprove-bootstrap",
            // Its role gives more than what is given now while the binding is tried.
            "cluster: bind,get,patch clusterroles kubeadm:get-nodes",
            "cluster: bind clusterroles system:certificates.k8s.io:certificatesigningrequests:nodeclient",
            // Its role gives what is read anyway.
            "kube-public: get,patch rolebindings kubeadm:bootstrap-signer-clusterinfo",
        ],
    },
    Case {
        name: "a_token_is_generated",
        start: complete,
        arguments: |_| Vec::new(),
        changes: 1,
        rules: &["kube-system: create,get secrets"],
    },
    Case {
        name: "a_role_is_not_aggregated_any_more",
        start: |cluster| {
            complete(cluster);
            let patch = json!({ "aggregationRule": { "clusterRoleSelectors": [{ "matchLabels": { "no": "such" } }] } });
            cluster.kubectl(&["patch", "clusterrole", "kubeadm:get-nodes", "--type=merge", "-p", &patch.to_string()]);
        },
        arguments: |cluster| words(&["-f", &complete_file(cluster)]),
        changes: 1,
        rules: &["cluster: escalate,get,patch clusterroles kubeadm:get-nodes"],
    },
];

pub(crate) fn trials(cluster: &Arc<Cluster>) -> Vec<Trial> {
    let cases =
        CASES.into_iter().map(|case| trial(format!("rbac::{}", case.name), cluster, move |cluster| smallest(cluster, &case)));
    cases.chain([trial("rbac::named_as_kubectl_does", cluster, like_kubectl)]).collect()
}

/// Bindings for all sorts of subjects are those of `kubectl create`.
fn like_kubectl(cluster: &Cluster) {
    let subjects = ["--subject", "user:system:node:a", "--subject", "group:b", "--subject", "serviceaccount:kube-system:c"];
    let ours = cluster.ours_ok(&[&["rbac", TOKEN, "--against", "empty", "--name", "x", "-o", "json"], &subjects[..]].concat());
    let ours: Value = serde_json::from_str(&ours.stdout).unwrap();
    let kubectl = |kind: &str, role: &str, namespace: &str| -> Value {
        let subjects = ["--user=system:node:a", "--group=b", "--serviceaccount=kube-system:c"];
        let args = ["create", kind, "x", role, "-n", namespace, "--dry-run=client", "-o", "json"];
        serde_json::from_str(&cluster.kubectl(&[&args, &subjects[..]].concat())).unwrap()
    };
    assert_eq!(ours["items"][1], kubectl("clusterrolebinding", "--clusterrole=x", ""));
    assert_eq!(ours["items"][3], kubectl("rolebinding", "--role=x", "kube-public"));
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// A configuration with a token without end.
fn complete_file(cluster: &Cluster) -> String {
    let tokens = json!([{ "token": TOKEN, "ttl": "0s" }]);
    cluster.file("rbac.yaml", &config("v1beta4", "v1.37.2", &tokens)).to_str().unwrap().to_owned()
}

/// Everything is there.
fn complete(cluster: &Cluster) {
    cluster.reset();
    cluster.ours_ok(&["apply", "-f", &complete_file(cluster)]);
}

/// A role with another rule, and one with a label, which stays; three bindings: two with other subjects, one to another role.
fn drifted(cluster: &Cluster) {
    complete(cluster);
    let patch = |namespace: &str, object: &str, patch: Value| {
        cluster.kubectl(&["patch", "-n", namespace, object, "--type=json", "-p", &patch.to_string()]);
    };
    patch("", "clusterrole/kubeadm:get-nodes", json!([{ "op": "add", "path": "/rules/0/verbs/-", "value": "list" }]));
    patch("", "clusterrolebinding/kubeadm:get-nodes", json!([{ "op": "remove", "path": "/subjects" }]));
    let name = "kubeadm:bootstrap-signer-clusterinfo";
    let labels = json!([{ "op": "add", "path": "/metadata/labels", "value": { "a": "b" } }]);
    patch("kube-public", &format!("role/{name}"), labels);
    patch("kube-public", &format!("rolebinding/{name}"), json!([{ "op": "remove", "path": "/subjects" }]));
    let name = "kubeadm:node-autoapprove-bootstrap";
    cluster.kubectl(&["delete", "clusterrolebinding", name]);
    cluster.kubectl(&["create", "clusterrolebinding", name, "--clusterrole=view", "--group=a"]);
}

fn smallest(cluster: &Cluster, case: &Case) {
    (case.start)(cluster);
    let arguments = (case.arguments)(cluster);
    // The first case shows the names that we choose.
    let user = if case.changes == 10 { "kubectl-bootstrap-token".to_owned() } else { format!("rbac:{}", case.name) };
    let named = words(&["--name", &user, "--subject", &format!("user:{user}")]);
    let more = if case.changes == 10 { &[] } else { named.as_slice() };
    let printed = run(cluster, "rbac", &[arguments.as_slice(), more].concat());
    assert_eq!(printed.code, 0, "{}", printed.stderr);
    check_rules(case, &printed.stdout);
    let again = run(cluster, "rbac", &[arguments.as_slice(), more].concat());
    assert_eq!(again.stdout, printed.stdout, "whatever is drawn");

    kubectl_with(cluster, "apply", &printed.stdout);
    let others = others(&serde_saphyr::from_multiple(&printed.stdout).unwrap(), &user);
    kubectl_with(cluster, "create", &others.objects.to_string());
    wait_for_rights(cluster, &user);

    let mark = cluster.audit_mark();
    for Other { name, without } in &others.users {
        let mode = if without.is_some() { "--dry-run=none" } else { "--dry-run=server" };
        let apply = run(cluster, "apply", &[arguments.as_slice(), &words(&["--as", name, mode])].concat());
        let Some(without) = without else {
            assert_eq!(apply.code, 0, "{}", apply.stderr);
            continue;
        };
        assert_eq!((apply.code, apply.stdout.as_str()), (2, ""), "without {without}: {}", apply.stderr);
        assert!(apply.stderr.starts_with("Error from server ("), "without {without}: {}", apply.stderr);
    }
    assert_eq!(cluster.our_writes(mark), Vec::<String>::new());

    let apply = run(cluster, "apply", &[arguments.as_slice(), &words(&["--as", &user])].concat());
    assert_eq!(apply.code, 0, "{}", apply.stderr);
    let is_change = |line: &&str| [" created", " updated", " deleted"].iter().any(|end| line.ends_with(end));
    assert_eq!(apply.stdout.lines().filter(is_change).count(), case.changes, "{}", apply.stdout);
    let reached = cluster.state();
    clean_up(cluster, &printed.stdout);

    (case.start)(cluster);
    let apply = run(cluster, "apply", &arguments);
    assert_eq!(apply.code, 0, "{}", apply.stderr);
    assert_eq!(comparable(reached), comparable(cluster.state()));
}

/// Runs us with words.
fn run(cluster: &Cluster, command: &str, arguments: &[String]) -> Said {
    let arguments: Vec<&str> = [command].into_iter().chain(arguments.iter().map(String::as_str)).collect();
    cluster.ours(&arguments)
}

/// A token that was generated has another id each time.
fn comparable(state: State) -> State {
    let is_generated = |key: &str| key.starts_with("Secret/") && !key.ends_with("-abcdef");
    let object = |(key, object): (String, Value)| {
        if is_generated(&key) { ("generated".to_owned(), object["type"].clone()) } else { (key, object) }
    };
    state.into_iter().map(object).collect()
}

fn check_rules(case: &Case, printed: &str) {
    let objects: Vec<Value> = serde_saphyr::from_multiple(printed).unwrap();
    assert!(printed.contains("/version"), "{printed}");
    let text = |rule: &Value, field: &str| texts(&rule[field]).join(",");
    let lines: Vec<String> = objects
        .iter()
        .flat_map(|object| {
            let scope = object["metadata"]["namespace"].as_str().unwrap_or("cluster");
            let rules = object["rules"].as_array().into_iter().flatten();
            rules.filter(|rule| rule["nonResourceURLs"].is_null()).map(move |rule| {
                let line = [text(rule, "verbs"), text(rule, "resources"), text(rule, "resourceNames")].join(" ");
                format!("{scope}: {}", line.trim_end())
            })
        })
        .collect();
    let only_reads = |line: &&String| line.contains(": get ") && line.split(' ').count() == 4;
    let lines: Vec<&String> = lines.iter().filter(|line| !only_reads(line)).collect();
    assert_eq!(lines, case.rules);
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().map(|text| text.as_str().unwrap()).collect()
}

/// Users beside the one for whom `rbac` was run.
struct Others {
    users: Vec<Other>,
    /// What gives them their rights.
    objects: Value,
}

/// One of them, and what he lacks.
struct Other {
    name: String,
    without: Option<String>,
}

/// For each rule a user without it, for each verb on each name in it a user without that, and for each role one who lacks nothing.
/// Each has one role of his own, and is bound to the other ones that were printed.
fn others(printed: &[Value], user: &str) -> Others {
    let roles: Vec<&Value> = printed.iter().filter(|object| object["rules"].is_array()).collect();
    let (mut users, mut objects, mut namespaces) = (Vec::new(), Vec::new(), Vec::new());
    for role in &roles {
        for (without, rules) in with_less(&role["rules"]) {
            let name = format!("{user}:{}", users.len());
            let mut own = (*role).clone();
            own["metadata"]["name"] = json!(name);
            own["rules"] = rules;
            objects.extend([binding_of(&own, &name, &[&name]), own]);
            users.push(Other { name, without });
            namespaces.push(&role["metadata"]["namespace"]);
        }
    }
    for role in &roles {
        let bound = users.iter().zip(&namespaces).filter(|(_, namespace)| **namespace != &role["metadata"]["namespace"]);
        let bound: Vec<&str> = bound.map(|(other, _)| other.name.as_str()).collect();
        objects.push(binding_of(role, &format!("{user}:others"), &bound));
    }
    objects.extend(last_objects(user));
    for object in &mut objects {
        object["metadata"]["labels"] = json!({ LABEL: "" });
    }
    Others { users, objects: json!({ "apiVersion": "v1", "kind": "List", "items": objects }) }
}

/// Rules without one of them, without a part of one, and without nothing; and what is missing.
fn with_less(rules: &Value) -> Vec<(Option<String>, Value)> {
    let rules = rules.as_array().unwrap();
    let mut less = vec![(None, rules.iter().flat_map(parts).collect())];
    // This cluster opens its version to everyone (`system:public-info-viewer`), as most do.
    for (index, rule) in rules.iter().enumerate().filter(|(_, rule)| rule["nonResourceURLs"].is_null()) {
        let without = |instead: &[Value]| [&rules[..index], instead, &rules[index + 1..]].concat().into();
        less.push((Some(rule.to_string()), without(&[])));
        let parts = parts(rule);
        if parts.len() > 1 {
            less.extend(
                (0..parts.len())
                    .map(|part| (Some(parts[part].to_string()), without(&[&parts[..part], &parts[part + 1..]].concat()))),
            );
        }
    }
    less
}

/// A rule as rules with one verb, one resource and one name each.
fn parts(rule: &Value) -> Vec<Value> {
    let names: Vec<Vec<&str>> = match texts(&rule["resourceNames"]) {
        names if names.is_empty() => vec![names],
        names => names.into_iter().map(|name| vec![name]).collect(),
    };
    let mut parts = Vec::new();
    for verb in texts(&rule["verbs"]) {
        for resource in texts(&rule["resources"]) {
            parts.extend(names.iter().map(|names| {
                json!({ "apiGroups": rule["apiGroups"], "resources": [resource], "verbs": [verb], "resourceNames": names })
            }));
        }
    }
    parts
}

fn binding_of(role: &Value, name: &str, users: &[&str]) -> Value {
    let subjects = users.iter().map(|user| json!({ "apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user }));
    let mut metadata = role["metadata"].clone();
    metadata["name"] = json!(name);
    json!({
        "apiVersion": role["apiVersion"],
        "kind": format!("{}Binding", role["kind"].as_str().unwrap()),
        "metadata": metadata,
        "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": role["kind"], "name": role["metadata"]["name"] },
        "subjects": subjects.collect::<Vec<_>>(),
    })
}

/// A right in the cluster and one in a namespace, made last.
fn last_objects(user: &str) -> Vec<Value> {
    let rules = json!([{ "apiGroups": [""], "resources": ["podtemplates"], "verbs": ["get"] }]);
    let mut objects = Vec::new();
    for (kind, namespace) in [("ClusterRole", Value::Null), ("Role", json!("kube-public"))] {
        let name = format!("{user}:last-{kind}");
        let mut metadata = json!({ "name": name });
        if !namespace.is_null() {
            metadata["namespace"] = namespace;
        }
        let role = json!({ "apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": metadata, "rules": rules });
        objects.extend([binding_of(&role, &name, &[&name]), role]);
    }
    objects
}

/// The API server's authorizer hears of roles and bindings by one watch for each of the four kinds, in order: once it knows the
/// last ones it knows all.
fn wait_for_rights(cluster: &Cluster, user: &str) {
    for kind in ["ClusterRole", "Role"] {
        let name = format!("{user}:last-{kind}");
        let ask = ["auth", "can-i", "get", "podtemplates", "-n", "kube-public", "--as", &name];
        assert!((0..200).any(|_| cluster.run("kubectl", &ask).code == 0), "{name} has its right");
    }
}

/// Deletes what was printed and the other users' rights.
fn clean_up(cluster: &Cluster, printed: &str) {
    kubectl_with(cluster, "delete", printed);
    let kinds = "clusterroles,clusterrolebindings,roles,rolebindings";
    cluster.kubectl(&["delete", kinds, "--all-namespaces", "--selector", LABEL, "--wait=false"]);
}

/// `kubectl VERB -f -`, which must succeed.
fn kubectl_with(cluster: &Cluster, verb: &str, objects: &str) {
    let mut command = cluster.command("kubectl", &[verb, "-f", "-"]);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(objects.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "kubectl {verb}: {}", String::from_utf8_lossy(&output.stderr));
}
