//! A cure, pasted into a shell with the real kubectl and kubeadm: before it no node can join, after it one can.

use super::component::{Paused, Restarted};
use super::{Eyes, Ready, TOKEN, check, preflight};
use crate::harness::{Cluster, OURS, Said, cleared, said};
use serde_json::json;
use std::path::{Path, PathBuf};

/// What a cure does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cure {
    /// It changes the cluster, and the same line works.
    Objects,
    /// It prints another line, which works.
    Line,
    /// It edits files of a control plane node, and this component is started with what they say then.
    Node(&'static str),
    /// It can only be typed elsewhere, for this reason: here it is read by a shell and not run.
    Elsewhere(&'static str),
}

/// The cures that were printed, as they are pasted.
pub(super) fn all_printed(said: &Said) -> Vec<String> {
    let mut cures: Vec<String> = Vec::new();
    let mut is_in_cure = false;
    for line in said.stdout.lines() {
        match (line.strip_prefix("cure:  "), line.strip_prefix("       ")) {
            (Some(first), _) => cures.push(format!("{first}\n")),
            (None, Some(more)) if is_in_cure => cures.last_mut().unwrap().push_str(&format!("{more}\n")),
            _ => {
                is_in_cure = false;
                continue;
            }
        }
        is_in_cure = true;
    }
    cures
}

/// The cure that was printed, once, which a shell can read.
pub(super) fn printed(said: &Said) -> String {
    let cures = all_printed(said);
    assert_eq!(cures.len(), 1, "{}", said.stdout);
    is_readable(&cures[0]);
    cures[0].clone()
}

/// Whether a shell can read it; also for what cannot be run here.
fn is_readable(cure: &str) {
    let read = cleared("bash").args(["-n", "-c", cure]).output().unwrap();
    assert!(read.status.success() && read.stderr.is_empty(), "{cure}\n{}", String::from_utf8_lossy(&read.stderr));
    for harm in [" rm -rf", "> kubeadm.yaml", "manifests/*", ".yaml.bak"] {
        assert!(!cure.contains(harm), "{harm}: {cure}");
    }
}

/// A copy of what a control plane node has in /etc/kubernetes.
pub(super) struct NodeFiles(pub(super) PathBuf);

impl NodeFiles {
    pub(super) fn new(cluster: &Cluster) -> Self {
        let folder = cluster.dir.join("cases/etc");
        drop(std::fs::remove_dir_all(&folder));
        for name in ["pki", "manifests"] {
            std::fs::create_dir_all(folder.join(name)).unwrap();
        }
        for name in ["ca.crt", "ca.key", "apiserver.crt", "apiserver.key"] {
            std::fs::copy(cluster.dir.join("pki").join(name), folder.join("pki").join(name)).unwrap();
        }
        Self(folder)
    }

    fn manifest(&self, component: &str) -> PathBuf {
        self.0.join(format!("manifests/{component}.yaml"))
    }

    /// Writes the manifest that kubeadm would have for a component that runs with these arguments.
    fn write_manifest(&self, component: &str, arguments: &[String]) {
        let flags: String = arguments.iter().map(|flag| format!("    - {flag}\n")).collect();
        let text = format!(
            "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - command:\n    - {component}\n{flags}    image: registry.k8s.io/{component}:v1.37.2\n"
        );
        std::fs::write(self.manifest(component), text).unwrap();
    }

    /// The arguments in a manifest.
    fn arguments(&self, component: &str) -> Vec<String> {
        let text = std::fs::read_to_string(self.manifest(component)).unwrap();
        let flags = text.lines().filter_map(|line| line.strip_prefix("    - --"));
        flags.map(|flag| format!("--{flag}")).collect()
    }

    /// Types a cure on that node.
    pub(super) fn paste(&self, cluster: &Cluster, cure: &str) -> Said {
        let (root, kubeconfig) = (self.0.to_str().unwrap(), cluster.kubeconfig.display());
        // Only root reads admin.conf, and kubeadm finds it by itself on a node.
        let script = format!(
            "sudo() {{ \"$@\"; }}; crictl() {{ :; }}\n\
             kubeadm() {{ case \"$1 $2 $3\" in\n\
             'certs renew '*) command kubeadm \"$@\" --cert-dir {root}/pki ;;\n\
             'init phase upload-config') command kubeadm \"$@\" --kubeconfig {kubeconfig} ;;\n\
             *) command kubeadm \"$@\" ;; esac; }}\n\
             {}",
            cure.replace("/etc/kubernetes", root)
        );
        let folder = cluster.dir.join("cases/typed");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::copy(cluster.dir.join("init.yaml"), folder.join("kubeadm.yaml")).unwrap();
        let path = std::env::var("PATH").unwrap();
        let mut command = cluster.command("bash", &["-c", &script]);
        let ours = Path::new(OURS).parent().unwrap().to_str().unwrap();
        command.current_dir(&folder).env("PATH", format!("{ours}:{path}"));
        // What was asked about a cluster of a flag is cured there and nowhere else.
        if cure.contains("--kubeconfig ") {
            command.env("KUBECONFIG", "/nonexistent");
        }
        let said = said(command);
        let left: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["kubeadm.yaml"], "no file is left in the user's folder");
        let [mine, before] =
            [folder.join("kubeadm.yaml"), cluster.dir.join("init.yaml")].map(|file| std::fs::read(file).unwrap());
        assert!(mine == before, "the user's file is as it was");
        said
    }
}

/// Types a cure, and has a node try to join again.
pub(super) fn cures(cluster: &Cluster, cure: Cure, typed: &str, ready: &Ready, token: &str, undo: Option<super::broken::Undo>) {
    is_readable(typed);
    let files = NodeFiles::new(cluster);
    match cure {
        Cure::Elsewhere(_) => {}
        Cure::Objects => {
            let before = tokens(cluster);
            let said = files.paste(cluster, typed);
            assert_eq!(said.code, 0, "{typed}\n{}\n{}", said.stdout, said.stderr);
            assert_eq!(tokens(cluster), before, "no token comes or goes: {typed}");
            joins(cluster, ready, token, typed);
        }
        Cure::Line => {
            drop(undo);
            let said = files.paste(cluster, typed);
            assert_eq!(said.code, 0, "{typed}\n{}\n{}", said.stdout, said.stderr);
            let line = said.stdout.lines().find(|line| line.starts_with("kubeadm join ")).expect("a line");
            let words: Vec<&str> = line.split_whitespace().collect();
            let (endpoint, hash) = (words[2].to_owned(), (*words.last().unwrap()).to_owned());
            joins(cluster, &Ready { endpoint, hash }, words[4], typed);
        }
        Cure::Node(component) => {
            let _restarted = started(cluster, component, typed);
            joins(cluster, ready, token, typed);
        }
    }
}

/// The names of the tokens.
fn tokens(cluster: &Cluster) -> Vec<String> {
    cluster.state().into_keys().filter(|key| key.starts_with("Secret/")).collect()
}

/// Types a cure where the manifest of a component lies, and starts the component with what stands in it then.
pub(super) fn started(cluster: &Cluster, component: &str, typed: &str) -> Restarted {
    let files = NodeFiles::new(cluster);
    let name = if component == "kube-apiserver" { "apiserver" } else { "controller-manager" };
    let script = std::fs::read_to_string(cluster.dir.join(format!("start-changed-{name}"))).unwrap();
    let (head, arguments) = arguments(&script);
    files.write_manifest(component, &arguments);
    let before = std::fs::read(files.manifest(component)).unwrap();
    let said = files.paste(cluster, typed);
    assert_eq!(said.code, 0, "{typed}\n{}\n{}", said.stdout, said.stderr);
    let copy = files.0.join(format!("{component}.yaml.old"));
    assert!(!copy.exists() || std::fs::read(copy).unwrap() == before, "the copy is what was there");
    assert_eq!(std::fs::read_dir(files.0.join("manifests")).unwrap().count(), 1, "the kubelet runs what lies there");
    let flags: Vec<String> = files.arguments(component).iter().map(|flag| quoted(flag)).collect();
    Restarted::with(cluster, name, &format!("{head} {} </dev/null >>cured.log 2>&1\n", flags.join(" ")))
}

/// What stands before the arguments in a script that starts a component, and these.
fn arguments(script: &str) -> (String, Vec<String>) {
    let (head, last) = script.rsplit_once("exec ").unwrap();
    let words = shlex::split(last.split(" </dev/null").next().unwrap()).unwrap();
    (format!("{head}exec {}", words[0]), words[1..].to_vec())
}

fn quoted(word: &str) -> String {
    shlex::try_quote(word).unwrap().into_owned()
}

/// The judge: a node can join now. What was just changed is seen a moment later.
pub(super) fn joins(cluster: &Cluster, ready: &Ready, token: &str, after: &str) {
    let line = ready.line(token);
    let mut last = check(cluster, &["check", &line, "--wait=1m"], Eyes::Node);
    for _ in 0..20 {
        if last.code != 0 {
            last = check(cluster, &["check", &line, "--wait=1m"], Eyes::Node);
        }
    }
    assert_eq!(last.code, 0, "after {after}\n{}\n{}", last.stdout, last.stderr);
    let judged = preflight(cluster, ready, token);
    assert_eq!(judged.code, 0, "after {after}\nkubeadm: {}", judged.stderr);
}

/// What nobody cures by mistake: a cure for another cluster than kubeadm's does nothing there.
pub(super) fn harmless_elsewhere(cluster: &Cluster) {
    let files = NodeFiles::new(cluster);
    let ready = Ready::new(cluster);
    let _restarted = Restarted::new(cluster, "apiserver", " </dev/null", " --anonymous-auth=false </dev/null");
    let said = check(cluster, &["check", &ready.line(TOKEN)], Eyes::Node);
    std::fs::remove_dir_all(files.0.join("manifests")).unwrap();
    let typed = files.paste(cluster, &printed(&said));
    assert_ne!(typed.code, 0, "{}", typed.stdout);
    assert!(!files.0.join("manifests").exists(), "nothing is made where nothing was");
}

/// Cures that ask change nothing, and answer.
pub(super) fn questions(cluster: &Cluster) {
    let files = NodeFiles::new(cluster);
    let ask = |ready: &Ready, eyes: Eyes, cause: &str| {
        let said = check(cluster, &["check", &ready.line(TOKEN)], eyes);
        assert!(said.code == 1 && said.stdout.contains(cause), "{cause}: {}\n{}", said.stdout, said.stderr);
        printed(&said)
    };
    let paused = Paused::new(cluster);
    let ready = Ready::unsigned(cluster, TOKEN);
    let which = files.paste(cluster, &ask(&ready, Eyes::Node, "is valid but has no signature"));
    assert!(which.code == 1 && which.stdout.contains("\ncause: the token abcdef is new"), "{}\n{}", which.stdout, which.stderr);
    let wait = ask(&ready, Eyes::Administrator, "is new and has no signature yet");
    drop(paused);
    let waited = files.paste(cluster, &wait);
    assert_eq!(waited.code, 0, "{wait}\n{}\n{}", waited.stdout, waited.stderr);

    let _paused = Paused::new(cluster);
    let ready = Ready::unsigned(cluster, TOKEN);
    let info = cluster.get("kube-public", "configmap/cluster-info");
    let bytes = info["data"]["kubeconfig"].as_str().unwrap().len() + "kubeconfig".len();
    let full = json!({ "data": { "more": "x".repeat((1 << 20) - bytes - 20) } });
    let patch = cluster.file("full.json", &full.to_string());
    cluster.kubectl(&["patch", "configmap", "cluster-info", "-n", "kube-public", "--patch-file", patch.to_str().unwrap()]);
    let list = files.paste(cluster, &ask(&ready, Eyes::Administrator, "cluster-info is full"));
    assert!(list.code == 0 && list.stdout.contains("\nabcdef."), "{}\n{}", list.stdout, list.stderr);
}
