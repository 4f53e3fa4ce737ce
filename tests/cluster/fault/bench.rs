//! One rich state to start from, one command, and what must come of it.

use super::kubeconfig;
use super::proxy::Proxy;
use super::script::{Hook, Record, Script, Seen};
use crate::api::{KINDS, collection, path};
use crate::harness::{Cluster, OURS, State, plain};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

/// All that a trial needs.
pub(super) struct Bench {
    pub(super) cluster: Arc<Cluster>,
    pub(super) proxy: Arc<Proxy>,
    /// What an `apply` makes of an empty cluster, and of the state that each run starts with.
    pub(super) bare: State,
    pub(super) start: State,
    /// What an undisturbed run of the start state said, saw and left.
    pub(super) calm: Run,
    pub(super) golden: State,
    arguments: Vec<String>,
    /// The process of the client as long as it runs.
    client: Arc<Mutex<Option<u32>>>,
}

/// A run of the client through the proxy.
#[derive(Debug, Clone, Default)]
pub(super) struct Run {
    pub(super) ended: Ended,
    pub(super) stdout: String,
    pub(super) stderr: String,
    pub(super) seen: Vec<Seen>,
    /// The requests that a fault was done to.
    pub(super) fired: Vec<usize>,
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Ended {
    /// By itself, with an exit code.
    Code(i32),
    /// By a signal.
    Signal(i32),
}

impl Default for Ended {
    fn default() -> Self {
        Self::Code(0)
    }
}

impl std::fmt::Display for Ended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Code(code) => write!(f, "{code}"),
            Self::Signal(signal) => write!(f, "signal {signal}"),
        }
    }
}

/// What a line of a report can say of an operation.
const RESULTS: [&str; 7] = ["created", "updated", "unchanged", "deleted", "failed", "not done", "unknown"];

impl Run {
    /// The report: for each operation its object and what became of it.
    pub(super) fn report(&self) -> Vec<(&str, &str)> {
        let line = |line| RESULTS.iter().find_map(|result| Some((str::strip_suffix(line, result)?.strip_suffix(' ')?, *result)));
        self.stdout.lines().filter_map(line).collect()
    }

    /// How many operations ended so.
    pub(super) fn count(&self, wanted: &str) -> usize {
        self.report().iter().filter(|(_, result)| *result == wanted).count()
    }

    /// The objects of the report, in order.
    pub(super) fn objects(&self) -> Vec<&str> {
        self.report().into_iter().map(|(object, _)| object).collect()
    }

    /// The writes that the API server applied.
    pub(super) fn writes(&self) -> Vec<&Seen> {
        self.seen.iter().filter(|seen| seen.is_write() && (200..300).contains(&seen.status)).collect()
    }
}

impl Bench {
    pub(super) fn new(cluster: &Arc<Cluster>) -> Self {
        let proxy = Arc::new(Proxy::start(cluster));
        let tokens = json!([
            { "token": "abcdef.0123456789abcdef", "ttl": "0s" },
            { "token": "second.0123456789abcdef", "ttl": "0s" },
        ]);
        // Nodes are led to the API server and not to the proxy.
        let cluster_configuration = json!({
            "apiVersion": "kubeadm.k8s.io/v1beta4", "kind": "ClusterConfiguration",
            "kubernetesVersion": "v1.37.2", "controlPlaneEndpoint": cluster.endpoint,
        });
        let init = json!({ "apiVersion": "kubeadm.k8s.io/v1beta4", "kind": "InitConfiguration", "bootstrapTokens": tokens });
        let config = cluster.file("fault.yaml", &format!("{init}\n---\n{cluster_configuration}\n"));
        let arguments = ["apply", "--now", "2040-01-01T00:00:00Z", "-f", config.to_str().unwrap()].map(str::to_owned).to_vec();
        let mut bench = Self {
            cluster: Arc::clone(cluster),
            proxy,
            bare: State::new(),
            start: State::new(),
            calm: Run::default(),
            golden: State::new(),
            arguments,
            client: Arc::default(),
        };
        bench.rehearse();
        bench
    }

    /// Finds out what undisturbed runs do, with and without the proxy.
    fn rehearse(&mut self) {
        let patches: BTreeMap<String, Value> = serde_saphyr::from_str(include_str!("start.yaml")).unwrap();
        self.cluster.reset();
        self.ask_all(patches.keys().map(|key| ("DELETE", path(key, true), None)).collect());
        self.direct();
        self.bare = self.state();
        self.start = self.bare.clone();
        for (key, patch) in patches {
            if patch.is_null() {
                assert!(self.start.remove(&key).is_some(), "{key}");
            } else {
                json_patch::merge(self.start.entry(key).or_insert(Value::Null), &patch);
            }
        }
        // What is somebody else's is made once, and must stay for good.
        let others = self.start.iter().filter(|(key, _)| !self.bare.contains_key(*key));
        self.ask_all(others.map(|(key, object)| ("POST", path(key, false), Some(object))).collect());
        self.restore();
        // As the API server tells it, with what it fills in.
        self.start = self.state();
        self.direct();
        self.golden = self.state();
        self.restore();
        self.calm = self.run(&[], Script::new());
        assert_eq!(self.calm.ended, Ended::Code(0), "{}", self.calm.stderr);
        assert_eq!(self.state(), self.golden, "the proxy changes nothing");
        let results = ["created", "updated", "unchanged", "deleted"].map(|result| self.calm.count(result));
        assert!(results.iter().all(|count| *count > 0), "a rich plan: {results:?}");
    }

    /// Puts the start state back, but for what is somebody else's.
    pub(super) fn restore(&self) {
        self.ask_all(self.bare.keys().map(|key| ("DELETE", path(key, true), None)).collect());
        let ours = self.start.iter().filter(|(key, _)| self.bare.contains_key(*key));
        let created = self.ask_all(ours.map(|(key, object)| ("POST", path(key, false), Some(object))).collect());
        assert!(created.iter().all(|(status, _)| *status == 201), "{created:?}");
    }

    /// All objects that could be the phase's, and those beside them.
    pub(super) fn state(&self) -> State {
        let paths = KINDS.map(|(kind, namespace)| collection(kind, namespace));
        let ours = ["/kubeadm:", "/bootstrap-token-", "/cluster-info", "/foreign"];
        let objects = self.cluster.api().objects(&paths).into_iter().map(plain);
        objects.filter(|(key, _)| ours.iter().any(|part| key.contains(part))).collect()
    }

    /// Asks the API server all at once, not by way of the proxy.
    pub(super) fn ask_all(&self, requests: Vec<(&str, String, Option<&Value>)>) -> Vec<(u16, Value)> {
        let asked: Vec<_> =
            requests.into_iter().map(|(method, path, body)| self.proxy.ask(method, path, body.cloned())).collect();
        asked.into_iter().map(|answer| self.proxy.block_on(answer).unwrap().expect("the API server answers")).collect()
    }

    /// One plain run of the client, without proxy and fault, which must succeed.
    pub(super) fn direct(&self) -> String {
        let arguments: Vec<&str> = self.arguments.iter().map(String::as_str).collect();
        self.cluster.ours_ok(&arguments).stdout
    }

    /// Runs the client through the proxy. It takes signals as a shell's foreground does, wherever the tests run.
    pub(super) fn run(&self, flags: &[&str], script: Script) -> Run {
        self.run_as("--default-signal=INT,TERM", flags, script)
    }

    /// The same with what `env` makes of signals.
    pub(super) fn run_as(&self, signals: &str, flags: &[&str], script: Script) -> Run {
        self.proxy.begin(script);
        let kubeconfig = kubeconfig(&self.cluster, &self.proxy);
        let arguments: Vec<&str> = self.arguments.iter().map(String::as_str).chain(["--kubeconfig", &kubeconfig]).collect();
        let mut command = self.cluster.command("env", &[&[signals, OURS], &arguments[..], flags].concat());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = {
            let mut client = self.client.lock().unwrap();
            let child = command.spawn().unwrap();
            *client = Some(child.id());
            child
        };
        let output = child.wait_with_output().unwrap();
        *self.client.lock().unwrap() = None;
        let Record { seen, fired, .. } = self.proxy.end();
        let status = output.status;
        let ended = status.code().map_or_else(|| Ended::Signal(status.signal().unwrap()), Ended::Code);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Run { ended, stdout: text(&output.stdout), stderr: text(&output.stderr), seen, fired }
    }

    /// Sends signals to the client, each when it has taken the one before.
    pub(super) fn signals(&self, names: &'static [&'static str]) -> Hook {
        let client = Arc::clone(&self.client);
        Box::new(move || {
            let Some(process) = *client.lock().unwrap() else { return };
            for name in names {
                assert!(Command::new("kill").args(["-s", name, &process.to_string()]).status().unwrap().success());
                while is_pending(process) {
                    std::thread::yield_now();
                }
            }
        })
    }
}

/// Whether a process has a signal that it has not taken. What has ended has none.
fn is_pending(process: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let pending = status.lines().filter(|line| line.starts_with("SigPnd:") || line.starts_with("ShdPnd:"));
    let is_dying = status.lines().any(|line| line.starts_with("State:\tZ"));
    !is_dying && pending.into_iter().any(|line| line.bytes().any(|digit| (b'1'..=b'9').contains(&digit)))
}

/// The controllers stand still as long as it lives: otherwise the signer of `cluster-info` is one more writer, and comes when it
/// wants.
pub(super) struct NoControllers(String);

impl NoControllers {
    pub(super) fn new(cluster: &Cluster) -> Self {
        let paused = Self(std::fs::read_to_string(cluster.dir.join("controller-manager.pid")).unwrap().trim().to_owned());
        assert!(paused.signal("STOP"), "the controller manager runs");
        paused
    }

    fn signal(&self, name: &str) -> bool {
        Command::new("kill").args(["-s", name, &self.0]).status().is_ok_and(|status| status.success())
    }
}

impl Drop for NoControllers {
    fn drop(&mut self) {
        self.signal("CONT");
    }
}
