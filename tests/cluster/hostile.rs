//! The hostile phases of `tests/hostile` on a real API server: whatever they try, we send nothing but reads that were granted.

#[path = "../hostile/case.rs"]
pub(crate) mod case;
#[path = "../hostile/made.rs"]
mod made;

use crate::harness::{Cluster, Said, said, trial};
use case::{Case, SECRETS, here, plain};
use libtest_mimic::Trial;
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::sync::{Arc, Mutex, Once};

pub(crate) fn trials(cluster: &Arc<Cluster>) -> Vec<Trial> {
    let cases = case::all();
    assert!(!cases.is_empty(), "there are cases");
    let refused = cases.into_iter().filter(|case| !case.is_harmless);
    let refused = refused.map(|case| trial(format!("hostile::{}", case.name), cluster, move |cluster| refuses(cluster, &case)));
    let first = [
        trial("hostile::carried_out_if_it_behaves", cluster, carries_out),
        trial("hostile::nobody_is_asked_whom_the_phase_names", cluster, names_nobody),
    ];
    first.into_iter().chain(refused).collect()
}

/// Puts there what hostile phases are after.
fn prepare(cluster: &Cluster) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        cluster.reset();
        cluster.kubectl(&["apply", "-f", here().join("cluster").to_str().unwrap()]);
    });
}

fn run(cluster: &Cluster, case: &Case) -> Said {
    let arguments = case.arguments(&case.phase());
    said(cluster.our_command(&arguments.iter().map(String::as_str).collect::<Vec<_>>()))
}

/// So that a refusal of the others has a reason of its own, and their requests would have been seen.
fn carries_out(cluster: &Cluster) {
    prepare(cluster);
    let case = case::all().into_iter().find(|case| case.name == "well-behaved").unwrap();
    let mark = cluster.audit_mark();
    let said = run(cluster, &case);
    assert_eq!((said.code, said.stdout.as_str()), (0, "configmap/hostile-new created\n"), "{}", said.stderr);
    assert_eq!(cluster.our_writes(mark).len(), 1);
    cluster.kubectl(&["delete", "configmap", "-n", "kube-public", "hostile-new"]);
}

/// With `--wait` a proxy for all names hears nothing of a name that the phase made up, be it in its command or in cluster-info, and the token
/// goes to nobody; while the server that the kubeconfig names is looked at, and another one that the user names.
fn names_nobody(cluster: &Cluster) {
    prepare(cluster);
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hear = Arc::clone(&heard);
    let (proxy, _) = crate::connection::listen(move |client| {
        let mut line = String::new();
        let _ = BufReader::new(client).read_line(&mut line);
        hear.lock().unwrap().push(line);
    });
    let (config, kubeconfig) = (cluster.dir.join("init.yaml"), cluster.kubeconfig.to_str().unwrap());
    let upload = ["init", "phase", "upload-config", "all", "--config", config.to_str().unwrap(), "--kubeconfig", kubeconfig];
    assert_eq!(cluster.run("kubeadm", &upload).code, 0);
    let ready = cluster.ours_ok(&["apply", "abcdef.0123456789abcdef"]);
    assert!(ready.stdout.contains("kubeadm join "), "{}", ready.stdout);
    let waited = |name: &str, wait: &str, more: &[&str]| {
        let case = case::all().into_iter().find(|case| case.name == name).unwrap();
        let arguments = case.arguments(&case.phase());
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).chain([wait]).chain(more.iter().copied()).collect();
        let mut command = cluster.our_command(&arguments);
        command.env("HTTPS_PROXY", format!("http://{proxy}"));
        let said = said(command);
        cluster.kubectl(&["delete", "configmap", "-n", "kube-public", "hostile-new", "--ignore-not-found"]);
        said
    };
    let asked = || std::mem::take(&mut *heard.lock().unwrap());
    let joins = "\ntoken abcdef: a node can join with this\n";

    // Where the user or the kubeconfig sends us, we look.
    let said = waited("line-join-as-it-is-right", "--wait=60s", &[]);
    assert_eq!((said.code, asked()), (0, Vec::<String>::new()), "{}", said.stderr);
    assert!(said.stderr.ends_with(joins), "{}", said.stderr);
    let said = waited("line-join-at-a-made-up-host", "--wait=1s", &["--control-plane-endpoint", "made-up.example"]);
    assert_eq!(said.code, 1, "{}", said.stderr);
    let lines = asked();
    assert!(!lines.is_empty() && lines.iter().all(|line| line.starts_with("CONNECT made-up.example:6443 ")), "{lines:?}");

    // Where the phase alone sends us, we do not.
    let said = waited("line-join-at-a-made-up-host", "--wait=1s", &[]);
    assert_eq!((said.code, asked()), (1, Vec::<String>::new()), "{}", said.stderr);
    assert!(said.stderr.contains("only the phase says that `made-up.example:6443` is the API server"), "{}", said.stderr);
    let info = cluster.get("kube-public", "configmap/cluster-info");
    let text = info["data"]["kubeconfig"].as_str().unwrap().replace(&cluster.endpoint, "made-up.example:6443");
    let patch = serde_json::json!({ "data": { "kubeconfig": text } }).to_string();
    cluster.kubectl(&["patch", "configmap", "-n", "kube-public", "cluster-info", "-p", &patch]);
    let said = waited("line-join-as-it-is-right", "--wait=60s", &[]);
    assert_eq!((said.code, asked()), (1, Vec::<String>::new()), "{}", said.stderr);
    assert!(said.stderr.contains("only the phase says that `https://made-up.example:6443` is the API server"), "{}", said.stderr);
}

fn refuses(cluster: &Cluster, case: &Case) {
    prepare(cluster);
    let mark = cluster.audit_mark();
    let said = run(cluster, case);
    let text = format!("{}{}", said.stdout, said.stderr);
    assert_eq!(said.code, 2, "{text}");
    for secret in SECRETS {
        assert!(!text.contains(secret), "{secret} is in the output");
    }
    let granted = granted(&case.grant());
    let bad = cluster.our_requests(mark).into_iter().filter(|request| !granted.iter().any(|granted| granted.is(request)));
    assert_eq!(bad.collect::<Vec<_>>(), Vec::<String>::new(), "requests that were not granted: {text}");
    // The same words as on a folder, but for those of the folder and of the server.
    if !["from folder", "a folder does not", " is invalid: ", " KiB in total"].iter().any(|words| case.expected.contains(words)) {
        let found = format!("exit: 2\n{}", plain(&text, &[(&case.phase(), "PHASE")]));
        assert_eq!(found, case.expected.replace("the folder `DIR`: no cluster is changed\n", ""));
    }
}

/// A kind of access to objects that was granted.
struct Granted {
    /// As the grant names it.
    access: String,
    /// The path of all objects of the kind.
    path: String,
    /// The name of the object, or how it starts.
    name: String,
}

impl Granted {
    /// Whether a request, as `verb path`, is such an access: a read, or a write that is only tried and stores nothing.
    fn is(&self, request: &str) -> bool {
        let Some((verb, uri)) = request.split_once(' ') else { return false };
        let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
        let start = format!("{}/{}", self.path, self.name.trim_end_matches('*'));
        let is_name = |rest: &str| rest.chars().all(|character| character.is_ascii_alphanumeric() || character == '-');
        let is_one = path.strip_prefix(&start).is_some_and(is_name);
        let is_tried = query.split('&').any(|parameter| parameter == "dryRun=All");
        match (self.access.as_str(), verb) {
            ("read", "get") => is_one,
            ("read", "list") => path == self.path && !query.contains(['&', '#']),
            ("create", "create") => path == self.path && is_tried,
            ("update", "patch" | "update") | ("delete", "delete") => is_one && is_tried,
            _ => false,
        }
    }
}

/// What a grant allows, and the version of the server, which is nobody's secret.
fn granted(grant: &Path) -> Vec<Granted> {
    let grant: Value = serde_saphyr::from_str(&std::fs::read_to_string(grant).unwrap()).unwrap();
    let texts = |value: &Value| -> Vec<String> {
        value.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
    };
    let objects = |permission: &Value| {
        let text = |name: &str| permission[name].as_str().unwrap().to_owned();
        let root =
            Some(text("group")).filter(|group| !group.is_empty()).map_or("/api".to_owned(), |group| format!("/apis/{group}"));
        let namespace = permission["namespace"].as_str().map_or(String::new(), |name| format!("/namespaces/{name}"));
        let path = format!("{root}/v1{namespace}/{}", text("resource"));
        let names = texts(&permission["names"]);
        let accesses = texts(&permission["access"]).into_iter();
        let granted = accesses.flat_map(|access| names.iter().map(move |name| (access.clone(), name.clone())));
        granted.map(|(access, name)| Granted { access, path: path.clone(), name }).collect::<Vec<_>>()
    };
    let version = Granted { access: "read".to_owned(), path: String::new(), name: "version".to_owned() };
    let permissions = grant["tasks"][0]["permissions"].as_array().unwrap();
    permissions.iter().flat_map(objects).chain([version]).collect()
}
