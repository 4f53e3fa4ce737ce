//! `plan -o manifests` leads where `apply` leads, and `plan -o diff` says what `kubectl diff` says of these manifests.

use crate::drift::{Drift, drifts};
use crate::harness::{Cluster, Said, config, trial};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::Stdio;
use std::sync::Arc;

const TOKEN: &str = "abcdef.0123456789abcdef";
const NOW: &str = "2040-01-01T00:00:00Z";
/// A value that is in the cluster and nowhere else.
const HELD: [&str; 2] = ["fedcba9876543210", "ZmVkY2JhOTg3NjU0MzIxMA=="];

/// A state of the cluster, and what we are asked in it.
struct Start {
    name: String,
    make: Box<dyn Fn(&Cluster) + Send + Sync>,
    question: Vec<String>,
}

pub(crate) fn trials(cluster: &Arc<Cluster>) -> Vec<Trial> {
    let of_start = |start: Start| trial(format!("formats::{}", start.name), cluster, move |cluster| agree(cluster, &start));
    let mut trials: Vec<Trial> = starts().into_iter().map(of_start).collect();
    trials.push(trial("formats::a_recreated_object_is_one_diff", cluster, recreated));
    trials.push(trial("formats::no_secret_is_in_a_diff", cluster, no_secret));
    trials
}

fn starts() -> Vec<Start> {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let start = |name: &str, question: &[&str], make: fn(&Cluster)| Start {
        name: name.to_owned(),
        make: Box::new(make),
        question: words(question),
    };
    let mut starts = vec![
        start("empty", &[TOKEN, "--now", NOW], |cluster| cluster.reset()),
        start("unchanged", &[TOKEN, "--now", NOW], made),
        start("second_token", &["fedcba.fedcba9876543210", "--now", NOW], made),
        start("refreshed_ttl", &[TOKEN, "--now", "2040-01-01T01:00:00Z"], made),
        start("drifted", &[TOKEN, "--now", NOW], drifted),
        start("foreign", &[TOKEN, "--now", "2040-01-01T01:00:00Z"], foreign),
        start("of_kubeadm_1.22", &[TOKEN, "--now", NOW], |cluster| {
            cluster.reset();
            let tokens = json!([{ "token": TOKEN, "ttl": "0s" }]);
            cluster.kubeadm_ok("kubeadm-1.22", &cluster.file("formats.yaml", &config("v1beta3", "v1.22.17", &tokens)));
        }),
    ];
    starts.extend(rounds().into_iter().enumerate().map(|(round, drifts)| Start {
        name: format!("drifts_{}", round + 1),
        question: words(&[TOKEN, "--now", NOW]),
        make: Box::new(move |cluster| {
            made(cluster);
            drifts.iter().for_each(|drift| drift.happen(cluster));
        }),
    }));
    starts
}

/// The cases of `drifts.yaml`, together as far as they are of different objects.
fn rounds() -> Vec<Vec<Drift>> {
    let mut rounds: Vec<Vec<Drift>> = Vec::new();
    for drift in drifts() {
        match rounds.iter_mut().find(|round| round.iter().all(|other| other.object != drift.object)) {
            Some(round) => round.push(drift),
            None => rounds.push(vec![drift]),
        }
    }
    rounds
}

/// All objects, as we make them.
fn made(cluster: &Cluster) {
    cluster.reset();
    cluster.ours_ok(&["apply", TOKEN, "--now", NOW]);
}

/// Several things wrong at once: a rule, a label, a `roleRef`, `cluster-info`, a token.
fn drifted(cluster: &Cluster) {
    made(cluster);
    let some = ["rules_widened", "cluster_info_with_another_authority", "token_secret_changed"];
    drifts().iter().filter(|drift| some.contains(&drift.name.as_str())).for_each(|drift| drift.happen(cluster));
    cluster.kubectl(&["label", "clusterrole/kubeadm:get-nodes", "team=a"]);
    let mut binding = cluster.get("", "clusterrolebinding/kubeadm:get-nodes");
    cluster.kubectl(&["delete", "clusterrolebinding", "kubeadm:get-nodes"]);
    binding["roleRef"]["name"] = json!("view");
    let (_, binding) = crate::harness::plain(binding);
    cluster.kubectl(&["create", "-f", cluster.file("binding.json", &binding.to_string()).to_str().unwrap()]);
}

/// What others may have added, among it texts of which YAML makes something else without quotes.
fn foreign(cluster: &Cluster) {
    made(cluster);
    let texts = [
        "",
        " ",
        "yes",
        "null",
        "~",
        "1e3",
        "0x1f",
        "017",
        "1_000",
        "2030-01-01",
        "12:30:45",
        "=",
        "- a",
        "a: b",
        "a #b",
        " lead",
        "trail ",
        "a\nb",
        "a\nb\n",
        "a\n\n\n",
        "\na",
        " a\nb",
        "a\n b",
        "a\n\tb",
        "\t",
        "'",
        "\"",
        "\\",
        "ä 漢 🎉",
        "*",
        "\u{200b}",
        "\u{e0041}",
    ];
    let long = "word ".repeat(60);
    let texts = texts.iter().copied().chain([long.as_str()]).enumerate();
    let annotations: BTreeMap<String, &str> = texts.map(|(index, text)| (format!("example.com/{index}"), text)).collect();
    let patch = json!({ "metadata": { "labels": { "team": "a" }, "annotations": annotations } });
    for key in cluster.state().keys() {
        let parts: Vec<&str> = key.split('/').collect();
        cluster.kubectl(&["patch", "-n", parts[1], parts[0], parts[2], "-p", &patch.to_string()]);
    }
    let data = json!({ "data": { "other": "data", "lines": "a\n  b\n", "kubeconfig": "" } });
    cluster.kubectl(&["patch", "-n", "kube-public", "configmap/cluster-info", "-p", &data.to_string()]);
}

fn plan(cluster: &Cluster, start: &Start, flags: &[&str]) -> Said {
    let question: Vec<&str> = start.question.iter().map(String::as_str).collect();
    cluster.ours(&[&["plan"], question.as_slice(), flags].concat())
}

/// The manifests, and the commands that are printed with them.
fn manifests(cluster: &Cluster, start: &Start) -> (String, Vec<String>) {
    let said = plan(cluster, start, &["-o", "manifests"]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    let commands = said.stderr.lines().filter_map(|line| Some(line.split_once("first run: ")?.1.to_owned()));
    (said.stdout, commands.collect())
}

fn run_all(cluster: &Cluster, commands: &[String]) {
    for command in commands {
        let said = cluster.run("sh", &["-c", command]);
        assert_eq!(said.code, 0, "{command}\n{}", said.stderr);
    }
}

fn kubectl_on(cluster: &Cluster, args: &[&str], manifests: &str) -> Said {
    let mut command = cluster.command("kubectl", &[args, &["--server-side", "--force-conflicts", "-f", "-"]].concat());
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(manifests.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Said { code: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// The same lines as kubectl's, and the same state as by `apply`.
fn agree(cluster: &Cluster, start: &Start) {
    (start.make)(cluster);
    let before = cluster.state();
    let (manifests, commands) = manifests(cluster, start);
    assert_eq!(manifests, self::manifests(cluster, start).0, "the same question, the same answer");
    says_what_kubectl_says(cluster, start, &manifests, &commands);
    let said = kubectl_on(cluster, &["apply"], &manifests);
    assert_eq!(said.code, 0, "{}\n{manifests}", said.stderr);
    let left = plan(cluster, start, &["--exit-code", "-o", "diff"]);
    assert_eq!((left.code, left.stdout.as_str()), (0, ""), "nothing is left to do: {}", left.stderr);
    // What a controller signs stays its own.
    assert!(!self::manifests(cluster, start).0.contains("jws-kubeconfig"));
    let by_kubectl = cluster.state();

    (start.make)(cluster);
    let question: Vec<&str> = start.question.iter().map(String::as_str).collect();
    cluster.ours_ok(&[&["apply"], question.as_slice()].concat());
    let by_us = cluster.state();
    assert_eq!(by_kubectl.keys().collect::<Vec<_>>(), by_us.keys().collect::<Vec<_>>());
    for (key, object) in &by_us {
        assert_eq!(object, &by_kubectl[key], "{key}");
    }
    if start.name == "foreign" {
        by_us.iter().for_each(|(key, object)| assert_eq!(object["metadata"], before[key]["metadata"], "{key}"));
        let info = &by_us["ConfigMap/kube-public/cluster-info"]["data"];
        assert_eq!((&info["other"], &info["lines"]), (&json!("data"), &json!("a\n  b\n")));
    }
}

/// The changed lines of each object, by the name in its header.
type Lines = BTreeMap<String, Vec<String>>;

/// Takes a unified diff apart.
fn lines(diff: &str) -> Lines {
    let mut lines = Lines::new();
    let mut name = String::new();
    let mut is_header = true;
    for line in diff.lines() {
        if line.starts_with("diff -u -N ") {
            name = line.rsplit('/').next().unwrap().to_owned();
            is_header = true;
        } else if line.starts_with("@@ ") {
            is_header = false;
        } else if !is_header && line.starts_with(['+', '-']) {
            lines.entry(name.clone()).or_default().push(line.to_owned());
        }
    }
    lines
}

/// Without what kubectl says besides: of a new object when it was made and who it is, which only a server knows; and of a new
/// Secret that it was `null` before, which it was not (its mask makes a pointer to nothing of nothing).
fn without_birth(mut lines: Lines) -> Lines {
    for changed in lines.values_mut() {
        let added = ["+  creationTimestamp: ", "+  uid: "];
        changed.retain(|line| line != "-null" && !added.iter().any(|start| line.starts_with(start)));
    }
    lines
}

/// Compares the lines, runs the printed commands, and compares again.
fn says_what_kubectl_says(cluster: &Cluster, start: &Start, manifests: &str, commands: &[String]) {
    // What a manifest cannot say kubectl cannot show: it fails on another `roleRef`, and knows of no field that is not in the
    // file.
    let is_named = |name: &str| commands.iter().any(|command| command.split(' ').any(|word| word == name));
    let name_of = |document: &str| document.lines().find_map(|line| line.strip_prefix("  name: ")).unwrap().to_owned();
    let documents: Vec<&str> = manifests.split("---\n").filter(|document| !is_named(&name_of(document))).collect();
    let mut ours = lines(&plan(cluster, start, &["-o", "diff"]).stdout);
    ours.retain(|file, _| !is_named(file.rsplit('.').next().unwrap()));
    assert_eq!(ours, without_birth(kubectl_diff(cluster, &documents.join("---\n"))));
    if !commands.is_empty() {
        run_all(cluster, commands);
        let ours = lines(&plan(cluster, start, &["-o", "diff"]).stdout);
        assert_eq!(ours, without_birth(kubectl_diff(cluster, &self::manifests(cluster, start).0)), "once that is done");
    }
}

fn kubectl_diff(cluster: &Cluster, manifests: &str) -> Lines {
    if manifests.is_empty() {
        return Lines::new();
    }
    let said = kubectl_on(cluster, &["diff"], manifests);
    assert!(said.code <= 1 && said.stderr.is_empty(), "{} {}", said.code, said.stderr);
    lines(&said.stdout)
}

/// kubectl has no words for it; it is one object before and one after, with another `uid`.
fn recreated(cluster: &Cluster) {
    drifted(cluster);
    let start = starts().into_iter().find(|start| start.name == "drifted").unwrap();
    let said = plan(cluster, &start, &["-o", "diff"]);
    let changed = &lines(&said.stdout)["rbac.authorization.k8s.io.v1.ClusterRoleBinding..kubeadm:get-nodes"];
    let born = ["-  creationTimestamp: ", "-  resourceVersion: ", "-  uid: "];
    let (born, changed): (Vec<&String>, Vec<&String>) = changed.iter().partition(|line| born.iter().any(|b| line.starts_with(b)));
    assert_eq!((born.len(), changed), (3, vec![&"-  name: view".to_owned(), &"+  name: kubeadm:get-nodes".to_owned()]));
}

fn no_secret(cluster: &Cluster) {
    let given = ["0123456789abcdef", "MDEyMzQ1Njc4OWFiY2RlZg=="];
    let check = |args: &[&str], values: &[&str]| {
        let said = cluster.ours(&[&["plan", "--now", NOW], args].concat());
        assert_eq!(said.code, 0, "{}", said.stderr);
        for value in values {
            assert!(!said.stdout.contains(value) && !said.stderr.contains(value), "{args:?}\n{}\n{}", said.stdout, said.stderr);
        }
        said.stdout
    };
    cluster.reset();
    check(&[TOKEN, "-o", "diff"], &given);
    check(&[TOKEN, "-o", "manifests", "--skip-token-print"], &given);
    assert!(cluster.ours(&["plan", TOKEN, "-o", "manifests"]).stdout.contains(given[1]), "whoever applies it needs it");
    // Nobody knows a generated one: its object shows masks only.
    let generated = lines(&check(&["-o", "diff"], &[]));
    let (_, secret) = generated.iter().find(|(name, _)| name.starts_with("v1.Secret.")).unwrap();
    let text: String = secret.iter().map(|line| format!("{}\n", &line[1..])).collect();
    let secret: Value = serde_saphyr::from_str(&text).unwrap();
    assert!(secret["data"].as_object().unwrap().values().all(|value| value == "***"), "{text}");
    // kubectl's client-side apply keeps a copy in an annotation, and its own diff shows it.
    let held = json!({
        "apiVersion": "v1", "kind": "Secret", "type": "bootstrap.kubernetes.io/token",
        "metadata": { "name": "bootstrap-token-abcdef", "namespace": "kube-system" },
        "stringData": { "token-id": "abcdef", "note": "x" }, "data": { "token-secret": HELD[1] },
    });
    cluster.kubectl(&["apply", "-f", cluster.file("held.json", &held.to_string()).to_str().unwrap()]);
    let shown = check(&[TOKEN, "-o", "diff"], &[&given[..], &HELD].concat());
    assert!(shown.contains("-  token-secret: '*** (before)'\n+  token-secret: '*** (after)'\n"), "{shown}");
    check(&[TOKEN, "-o", "manifests"], &HELD);
    check(&[TOKEN, "-o", "diff", "-v", "8"], &[&given[..], &HELD].concat());
}
