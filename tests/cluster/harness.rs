//! The cluster of `with-cluster`, and the programs that are run against it.

use crate::api::{Api, KINDS, collection, path};
use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

/// Our binary.
pub(crate) const OURS: &str = env!("CARGO_BIN_EXE_kubectl-bootstrap_token");
/// The bootstrap tokens.
const TOKENS: &str = "/api/v1/namespaces/kube-system/secrets?fieldSelector=type%3Dbootstrap.kubernetes.io%2Ftoken";
/// How we name ourselves to the API server.
const USER_AGENT: &str = "kubectl-bootstrap_token/";
/// The folder of these tests, as cargo says when it runs us: a path from the time of compilation may be of another checkout.
pub(crate) fn here() -> PathBuf {
    PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("../tests/cluster")
}

/// A real control plane.
pub(crate) struct Cluster {
    pub(crate) kubeconfig: PathBuf,
    pub(crate) dir: PathBuf,
    pub(crate) endpoint: String,
    audit_log: PathBuf,
    api: OnceLock<Api>,
}

/// What a program said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A program that gets nothing of the environment of whoever runs the tests, but where programs and temporary files are, and where
/// kubectl notes what a cluster of `with-cluster` offers.
pub(crate) fn cleared(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    let kept = ["PATH", "TMPDIR", "KUBECACHEDIR"];
    command.env_clear().envs(kept.into_iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
    command
}

/// Objects by `kind/namespace/name`.
pub(crate) type State = BTreeMap<String, Value>;

impl Cluster {
    /// The cluster that `with-cluster` started; none without it.
    pub(crate) fn from_env() -> Option<Self> {
        let path = |name| std::env::var_os(name).map(PathBuf::from);
        Some(Self {
            kubeconfig: path("KUBECONFIG")?,
            dir: path("CLUSTER_DIR")?,
            endpoint: std::env::var("CLUSTER_ENDPOINT").ok()?,
            audit_log: path("CLUSTER_AUDIT_LOG")?,
            api: OnceLock::new(),
        })
    }

    /// The other ones that it started.
    pub(crate) fn others_from_env() -> Vec<Self> {
        let dirs = std::env::var("CLUSTER_DIRS").unwrap_or_default();
        dirs.split(':').skip(1).map(|dir| Self::at(PathBuf::from(dir))).collect()
    }

    /// The one in a folder.
    pub(crate) fn at(dir: PathBuf) -> Self {
        let endpoint = std::fs::read_to_string(dir.join("endpoint")).unwrap().trim().to_owned();
        Self { kubeconfig: dir.join("kubeconfig"), endpoint, audit_log: dir.join("audit.log"), dir, api: OnceLock::new() }
    }

    /// Has a process find this cluster where we found ours.
    pub(crate) fn name_in(&self, command: &mut Command) {
        command.env("KUBECONFIG", &self.kubeconfig).env("CLUSTER_DIR", &self.dir).env("CLUSTER_ENDPOINT", &self.endpoint);
        command.env("CLUSTER_AUDIT_LOG", &self.audit_log);
    }

    /// Runs a program with the cluster's environment.
    pub(crate) fn run(&self, program: &str, args: &[&str]) -> Said {
        said(self.command(program, args))
    }

    /// A program with the cluster's environment, to be changed further.
    pub(crate) fn command(&self, program: &str, args: &[&str]) -> Command {
        let mut command = cleared(program);
        command.args(args).stdin(Stdio::null()).env("KUBECONFIG", &self.kubeconfig).env("HOME", self.dir.join("home"));
        command.env("XDG_STATE_HOME", self.dir.join("state"));
        // Compiled once for all trials.
        command.env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"));
        command
    }

    /// Runs us.
    pub(crate) fn ours(&self, args: &[&str]) -> Said {
        self.run(OURS, args)
    }

    /// Us, to be changed further.
    pub(crate) fn our_command(&self, args: &[&str]) -> Command {
        self.command(OURS, args)
    }

    /// Runs us, who must succeed.
    pub(crate) fn ours_ok(&self, args: &[&str]) -> Said {
        let said = self.ours(args);
        assert_eq!(said.code, 0, "{args:?}\n{}\n{}", said.stdout, said.stderr);
        said
    }

    /// Runs a kubeadm's bootstrap-token phase.
    pub(crate) fn kubeadm(&self, program: &str, config: &Path) -> Said {
        let (config, kubeconfig) = (config.to_str().unwrap(), self.kubeconfig.to_str().unwrap());
        self.run(program, &["init", "phase", "bootstrap-token", "--config", config, "--kubeconfig", kubeconfig])
    }

    /// As [`Cluster::kubeadm`], which must succeed.
    pub(crate) fn kubeadm_ok(&self, program: &str, config: &Path) -> Said {
        let said = self.kubeadm(program, config);
        assert_eq!(said.code, 0, "{program}\n{}\n{}", said.stdout, said.stderr);
        said
    }

    /// Runs kubectl, which must succeed, and returns what it printed.
    pub(crate) fn kubectl(&self, args: &[&str]) -> String {
        let said = self.run("kubectl", args);
        assert_eq!(said.code, 0, "kubectl {args:?}\n{}", said.stderr);
        said.stdout
    }

    /// One object, as kubectl prints it.
    pub(crate) fn get(&self, namespace: &str, object: &str) -> Value {
        serde_json::from_str(&self.kubectl(&["get", "-n", namespace, object, "-o", "json"])).unwrap()
    }

    /// The administrator's own requests.
    pub(crate) fn api(&self) -> &Api {
        self.api.get_or_init(|| Api::of(&self.kubeconfig))
    }

    /// Deletes everything that the phase writes.
    pub(crate) fn reset(&self) {
        let rights = self.state().into_keys().filter(|key| key.contains("Role")).map(|key| path(&key, true));
        let maps = ["ConfigMap/kube-system/kubeadm-config", "ConfigMap/kube-public/cluster-info"].map(|key| path(key, true));
        let paths: Vec<String> = rights.chain(maps).chain([TOKENS.to_owned()]).collect();
        self.api().delete(&paths);
    }

    /// Everything that the phase writes, without what the API server adds and without signatures.
    pub(crate) fn state(&self) -> State {
        let others = KINDS.iter().filter(|(kind, _)| *kind != "Secret").map(|(kind, namespace)| collection(kind, namespace));
        let paths: Vec<String> = others.chain([TOKENS.to_owned()]).collect();
        let objects = self.api().objects(&paths).into_iter().map(plain);
        let is_of_phase =
            |key: &str| key.contains("/kubeadm:") || key.contains("/bootstrap-token-") || key.ends_with("/cluster-info");
        objects.filter(|(key, _)| is_of_phase(key)).collect()
    }

    /// The requests that we sent since `start`, as `verb path`, but for the question for the version.
    pub(crate) fn our_requests(&self, start: u64) -> Vec<String> {
        let mut log = Vec::new();
        let mut file = std::fs::File::open(&self.audit_log).unwrap();
        file.seek(SeekFrom::Start(start)).unwrap();
        file.read_to_end(&mut log).unwrap();
        let log = String::from_utf8_lossy(&log);
        let events = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let ours = events.filter(|event| {
            event["stage"] == "RequestReceived" && event["userAgent"].as_str().is_some_and(|agent| agent.starts_with(USER_AGENT))
        });
        let text = |event: Value| {
            let uri = event["requestURI"].as_str().unwrap_or_default().to_owned();
            format!("{} {uri}", event["verb"].as_str().unwrap_or_default())
        };
        ours.map(text).collect()
    }

    /// The writes among [`Cluster::our_requests`] that were not dry runs.
    pub(crate) fn our_writes(&self, start: u64) -> Vec<String> {
        let is_read = |request: &str| ["get ", "list "].iter().any(|verb| request.starts_with(verb));
        let is_write = |request: &String| !is_read(request) && !request.contains("dryRun=All");
        self.our_requests(start).into_iter().filter(is_write).collect()
    }

    /// How long the audit log is now, bytes.
    pub(crate) fn audit_mark(&self) -> u64 {
        std::fs::metadata(&self.audit_log).unwrap().len()
    }

    /// A file in a folder of its own.
    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let folder = self.dir.join("cases");
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

/// Runs a command.
pub(crate) fn said(mut command: Command) -> Said {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    Said {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// An object without what an API server adds, and its key.
pub(crate) fn plain(mut object: Value) -> (String, Value) {
    let metadata = object["metadata"].as_object_mut().unwrap();
    for added in ["uid", "resourceVersion", "creationTimestamp", "managedFields"] {
        metadata.remove(added);
    }
    if let Some(data) = object.get_mut("data").and_then(Value::as_object_mut) {
        data.retain(|key, _| !key.starts_with("jws-kubeconfig-"));
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (namespace, name) = (text(&object["metadata"]["namespace"]), text(&object["metadata"]["name"]));
    (format!("{}/{namespace}/{name}", text(&object["kind"])), object)
}

/// Takes the expiration out of each token Secret and returns it in seconds, by key.
pub(crate) fn take_expirations(state: &mut State) -> BTreeMap<String, i64> {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let mut times = BTreeMap::new();
    for (key, object) in state.iter_mut() {
        let data = object.get_mut("data").and_then(Value::as_object_mut);
        if let Some(Value::String(encoded)) = data.and_then(|data| data.remove("expiration")) {
            let text = String::from_utf8(STANDARD.decode(encoded).unwrap()).unwrap();
            times.insert(key.clone(), text.parse::<jiff::Timestamp>().unwrap().as_second());
        }
    }
    times
}

/// Two states are the same: all objects equal, expirations as far apart as the runs can have been, which began at `since`.
pub(crate) fn assert_same(kubeadm: &State, ours: &State, since: Instant) {
    // Expirations are whole seconds.
    let apart = i64::try_from(since.elapsed().as_secs()).unwrap() + 1;
    let (mut kubeadm, mut ours) = (kubeadm.clone(), ours.clone());
    let (their_times, our_times) = (take_expirations(&mut kubeadm), take_expirations(&mut ours));
    assert_eq!(kubeadm.keys().collect::<Vec<_>>(), ours.keys().collect::<Vec<_>>(), "the same objects");
    for (key, theirs) in &kubeadm {
        assert_eq!(theirs, &ours[key], "{key}");
    }
    assert_eq!(their_times.keys().collect::<Vec<_>>(), our_times.keys().collect::<Vec<_>>(), "the same expirations");
    for (key, time) in their_times {
        assert!((time - our_times[&key]).abs() <= apart, "{key}: {time} and {}", our_times[&key]);
    }
}

/// A test that fails by panicking.
pub(crate) fn trial(name: impl Into<String>, cluster: &Arc<Cluster>, test: impl Fn(&Cluster) + Send + Sync + 'static) -> Trial {
    let cluster = Arc::clone(cluster);
    Trial::test(name.into(), move || {
        let run = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| test(&cluster)));
        run.map_err(|panic| {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            Failed::from(text.unwrap_or_else(|| "panicked".to_owned()))
        })
    })
}

/// The files of a folder of cases, with their names.
pub(crate) fn cases(folder: &str) -> Vec<(String, PathBuf)> {
    let Ok(entries) = std::fs::read_dir(here().join(folder)) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|end| end == "yaml"));
    let mut cases: Vec<_> = paths.map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), path)).collect();
    cases.sort();
    cases
}

/// A kubeadm configuration of a version, with tokens in YAML flow style.
pub(crate) fn config(version: &str, kubernetes: &str, tokens: &Value) -> String {
    let init =
        json!({ "apiVersion": format!("kubeadm.k8s.io/{version}"), "kind": "InitConfiguration", "bootstrapTokens": tokens });
    let cluster = json!({
        "apiVersion": format!("kubeadm.k8s.io/{version}"),
        "kind": "ClusterConfiguration",
        "kubernetesVersion": kubernetes,
    });
    format!("{init}\n---\n{cluster}\n")
}
