//! `deploy/fleet` on the real Job controller: it makes the pods, and we stand in for the kubelet. What a pod would run is run as a process
//! with its arguments, its environment and a token of its service account, and the pod's status says how it ended.

use crate::connection::listen;
use crate::fleet::{Hub, PROFILES, ten};
use crate::harness::{Cluster, here, said, trial};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::sync::{Arc, Mutex};

pub(crate) fn trials(cluster: &Arc<Cluster>) -> Vec<Trial> {
    vec![
        trial("fleet::job_asks_again_for_what_failed", cluster, asks_again),
        trial("fleet::job_does_not_repeat_a_finding", cluster, gives_up),
        trial("fleet::requests_belong_to_the_trace_of_a_job", cluster, traced),
    ]
}

const NAMESPACE: &str = "bootstrap-token-fleet";

/// A Job made of the CronJob in `deploy/fleet`.
struct Job<'a> {
    hub: &'a Hub<'a>,
    cluster: &'a Cluster,
    /// How often each index was run.
    runs: BTreeMap<String, usize>,
}

impl<'a> Job<'a> {
    /// Creates it, with its arguments changed.
    fn create(hub: &'a Hub<'a>, cluster: &'a Cluster, change: impl Fn(&str) -> String) -> Self {
        let folder = here().join("../../deploy/fleet");
        cluster.kubectl(&["apply", "-k", folder.to_str().unwrap()]);
        cluster.kubectl(&["delete", "job", "fleet", "-n", NAMESPACE, "--ignore-not-found"]);
        let made = ["create", "job", "fleet", "--from=cronjob/fleet-audit", "-n", NAMESPACE, "--dry-run=client", "-o", "json"];
        let mut job: Value = serde_json::from_str(&cluster.kubectl(&made)).unwrap();
        let args = job["spec"]["template"]["spec"]["containers"][0]["args"].as_array_mut().unwrap();
        for word in args {
            *word = Value::from(change(word.as_str().unwrap()));
        }
        let file = cluster.file("job.json", &job.to_string());
        cluster.kubectl(&["create", "-f", file.to_str().unwrap()]);
        Self { hub, cluster, runs: BTreeMap::new() }
    }

    fn get(&self, what: &str) -> Value {
        serde_json::from_str(&self.cluster.kubectl(&[
            "get",
            what,
            "-n",
            NAMESPACE,
            "-l",
            "batch.kubernetes.io/job-name=fleet",
            "-o",
            "json",
        ]))
        .unwrap()
    }

    /// Runs pods until the Job is over, and returns its status. `between` is told of each run.
    fn run(&mut self, between: impl Fn(&str, i32)) -> Value {
        loop {
            let pods = self.get("pods");
            let waiting = pods["items"].as_array().unwrap().iter().filter(|pod| pod["status"]["phase"] == "Pending");
            for pod in waiting.cloned().collect::<Vec<_>>() {
                let (index, code) = self.stand_in(&pod);
                between(&index, code);
            }
            let jobs = self.get("jobs");
            let status = &jobs["items"][0]["status"];
            let conditions = status["conditions"].as_array().cloned().unwrap_or_default();
            if conditions.iter().any(|condition| {
                ["Complete", "Failed"].contains(&condition["type"].as_str().unwrap()) && condition["status"] == "True"
            }) {
                return status.clone();
            }
            let version = pods["metadata"]["resourceVersion"].as_str().unwrap_or_default().to_owned();
            self.cluster.api().changed(&format!("/api/v1/namespaces/{NAMESPACE}/pods"), &version);
        }
    }

    /// Does what a kubelet does with a pod, and returns its index and how it ended.
    fn stand_in(&mut self, pod: &Value) -> (String, i32) {
        let container = &pod["spec"]["containers"][0];
        let name = pod["metadata"]["name"].as_str().unwrap();
        let variable = |item: &Value| {
            // `metadata.labels['KEY']`, or of the annotations.
            let path: Vec<&str> =
                item["valueFrom"]["fieldRef"]["fieldPath"].as_str().unwrap_or_default().split(['.', '\'']).collect();
            let key = path.get(2..path.len().saturating_sub(1)).unwrap_or_default().join(".");
            let field = path.get(1).copied().unwrap_or_default().trim_end_matches('[');
            let value = item["value"].as_str().or_else(|| pod["metadata"][field][key.as_str()].as_str()).unwrap_or_default();
            (item["name"].as_str().unwrap().to_owned(), value.to_owned())
        };
        let env: BTreeMap<String, String> = container["env"].as_array().into_iter().flatten().map(variable).collect();
        let index = env["JOB_COMPLETION_INDEX"].clone();
        // What is mounted is in a folder here.
        let args = container["args"].as_array().unwrap().iter().map(|word| word.as_str().unwrap());
        let args: Vec<String> = args
            .map(|word| {
                let word = word.replace("/etc/fleet/", &format!("{}/", self.hub.folder().display()));
                word.replace("/reports", &self.hub.path("reports").display().to_string())
            })
            .collect();
        let kubeconfig = self.kubeconfig(pod["spec"]["serviceAccountName"].as_str().unwrap());
        let mut command = self.cluster.our_command(&args.iter().map(String::as_str).collect::<Vec<_>>());
        command.envs(&env).env("KUBECONFIG", kubeconfig);
        let ended = said(command);
        assert!(!ended.stderr.contains("orbidden") && !ended.stderr.contains("invalid value"), "{}", ended.stderr);
        let phase = if ended.code == 0 { "Succeeded" } else { "Failed" };
        let status = json!({ "name": "audit", "image": container["image"], "imageID": "", "ready": false, "restartCount": 0,
            "state": { "terminated": { "exitCode": ended.code, "reason": "Error" } } });
        let status = json!({ "status": { "phase": phase, "containerStatuses": [status] } });
        self.cluster.api().patch(&format!("/api/v1/namespaces/{NAMESPACE}/pods/{name}/status"), &status);
        *self.runs.entry(index.clone()).or_default() += 1;
        (index, ended.code)
    }

    /// A kubeconfig with a token of an account, as the pod has it mounted.
    fn kubeconfig(&self, account: &str) -> String {
        let token = self.cluster.kubectl(&["create", "token", account, "-n", NAMESPACE]);
        let kubeconfig = json!({ "apiVersion": "v1", "kind": "Config", "current-context": "c",
            "clusters": [{ "name": "c", "cluster": self.hub.server("c", &json!({})) }],
            "users": [{ "name": "c", "user": { "token": token.trim() } }],
            "contexts": [{ "name": "c", "context": { "cluster": "c", "user": "c" } }] });
        self.cluster.file("account.conf", &kubeconfig.to_string()).to_str().unwrap().to_owned()
    }
}

/// Two clusters are away at first: their indexes fail, and the next pods find what the others had, and the two.
fn asks_again(cluster: &Cluster) {
    let hub = Hub::new(cluster);
    ten(&hub);
    let mut job = Job::create(&hub, cluster, |word| word.replace("--timeout=30s", "--timeout=5s"));
    let status = job.run(|_, code| {
        if code == 2 {
            for name in ["c0", "c1"] {
                let offer = json!([{ "name": "test", "cluster": hub.server(name, &json!({})) }]);
                cluster.api().patch(&format!("{PROFILES}/{name}/status"), &json!({ "status": { "accessProviders": offer } }));
            }
        }
    });
    assert_eq!((&status["succeeded"], &status["completedIndexes"]), (&json!(4), &json!("0-3")), "{status}");
    let again = job.runs.values().filter(|count| **count == 2).count();
    assert!((1..=2).contains(&again) && job.runs.values().all(|count| *count <= 2), "{:?}", job.runs);
    // Ten clusters, two of them twice.
    let asked = hub.runs().0;
    assert!((10..=12).contains(&asked), "{asked}");
    let merged = cluster.ours(&["audit", "merge", hub.path("reports").to_str().unwrap(), "-o", "json"]);
    let report: Value = serde_json::from_str(&merged.stdout).unwrap();
    assert_eq!((merged.code, report["clusters"].as_array().unwrap().len()), (0, 10), "{}", merged.stderr);
}

/// A finding that counts fails its index at once: another pod would find it again.
fn gives_up(cluster: &Cluster) {
    let hub = Hub::new(cluster);
    let names: Vec<String> = (0..4).map(|number| format!("c{number}")).collect();
    hub.profiles(&names.iter().map(|name| (name.clone(), hub.server(name, &json!({})))).collect::<Vec<_>>());
    let mut job = Job::create(&hub, cluster, |word| word.replace("--fail-on=never", "--fail-on=info"));
    let status = job.run(|_, code| assert!(code == 0 || code == 1, "{code}"));
    assert!(status["failedIndexes"].is_string(), "{status}");
    assert_eq!(job.runs.len(), 4);
    assert!(job.runs.values().all(|count| *count == 1), "{:?}", job.runs);
}

/// The spans of an API server hang below that of the job, if it has a valid one.
fn traced(cluster: &Cluster) {
    let valid = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    for (trace, expected) in [(valid, true), ("00-nothing\r\nx: y", false)] {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let into = Arc::clone(&heard);
        let (address, _) = listen(move |mut stream| {
            let lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
            into.lock().unwrap().extend(lines.take_while(|line| !line.is_empty()));
            let _ = stream.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        });
        let mut command = cluster.our_command(&["list", "--server", &format!("http://{address}"), "--timeout", "0"]);
        command.env("TRACEPARENT", trace);
        assert_eq!(said(command).code, 2);
        let heard = heard.lock().unwrap();
        assert!(heard.len() > 2 && !heard.iter().any(|line| line.starts_with("x: ")), "{heard:?}");
        assert_eq!(heard.iter().any(|line| line.eq_ignore_ascii_case(&format!("traceparent: {valid}"))), expected, "{heard:?}");
    }
}
