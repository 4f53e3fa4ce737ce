//! What was recorded on the cluster is told again without it.

use crate::api::{collection, path};
use crate::harness::{Cluster, Said, config, said, trial};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;

const TOKEN: &str = "abcdef.0123456789abcdef";
const NOW: [&str; 2] = ["--now", "2040-01-01T00:00:00Z"];

pub(crate) fn trials(cluster: &Arc<Cluster>) -> Vec<Trial> {
    vec![
        trial("replay::a15_the_same_is_said_without_a_cluster", cluster, everything),
        trial("replay::a_generated_token_is_masked", cluster, generated),
        trial("replay::plans_and_ways_back", cluster, saved),
        trial("replay::refusals", cluster, refusals),
        trial("replay::other_arguments_are_an_error", cluster, other_arguments),
        trial("replay::files_that_are_no_recordings", cluster, no_recordings),
    ]
}

fn run(cluster: &Cluster, home: &Path, args: &[&str]) -> Said {
    let mut command = cluster.our_command(args);
    command.env("HOME", home).env_remove("XDG_STATE_HOME");
    said(command)
}

/// Without any way to a cluster.
fn run_alone(cluster: &Cluster, home: &Path, args: &[&str]) -> Said {
    let mut command = cluster.our_command(args);
    command.env("HOME", home).env_remove("XDG_STATE_HOME").env("KUBECONFIG", "/nonexistent/kubeconfig");
    said(command)
}

/// Records a run, plays it again, and returns what both said; the recording holds none of the secrets.
fn twice(cluster: &Cluster, args: &[&str], secrets: &[&str]) -> [Said; 2] {
    let home = tempfile::tempdir().unwrap();
    let recorder = home.path().join("run.json");
    let recorder = recorder.to_str().unwrap();
    let recorded = run(cluster, home.path(), &[args, &["--record", recorder]].concat());
    let text = std::fs::read_to_string(recorder).unwrap();
    for secret in secrets {
        assert!(!text.contains(secret) && !text.contains(&STANDARD.encode(secret)), "{secret} in {text}");
    }
    let replayed = run_alone(cluster, home.path(), &[args, &["--replay", recorder]].concat());
    [recorded, replayed]
}

fn assert_same_twice(cluster: &Cluster, args: &[&str], code: i32) {
    let secrets = ["0123456789abcdef", "fedcba9876543210", "aaaabbbbccccdddd"];
    let [recorded, replayed] = twice(cluster, args, &secrets);
    assert_eq!(recorded.code, code, "{args:?}\n{}\n{}", recorded.stdout, recorded.stderr);
    assert_eq!(plain(recorded), plain(replayed), "{args:?}");
}

/// Without what says that a run is a replay or a dry run, and how a real one is undone.
fn plain(said: Said) -> Said {
    let notices = ["replay of `", "dry run", "undo with: "];
    let lines = said.stderr.lines().filter(|line| !notices.iter().any(|notice| line.starts_with(notice)));
    Said { stderr: lines.map(|line| format!("{line}\n")).collect(), ..said }
}

fn two_tokens(cluster: &Cluster) -> String {
    let tokens = json!([{ "token": TOKEN, "ttl": "0s" }, { "token": "fedcba.fedcba9876543210", "description": "second" }]);
    cluster.file("replay.yaml", &config("v1beta4", "v1.37.2", &tokens)).to_str().unwrap().to_owned()
}

/// A cluster with something to create, change, create again and keep, and another secret in a token.
fn drifted(cluster: &Cluster, file: &str) {
    cluster.reset();
    cluster.ours_ok(&[&["apply", "-f", file], &NOW[..]].concat());
    let secret = json!({ "stringData": { "token-secret": "aaaabbbbccccdddd" }, "metadata": { "labels": { "foreign": "x" } } });
    cluster.api().patch(&path("Secret/kube-system/bootstrap-token-abcdef", true), &secret);
    cluster.api().patch(&path("ClusterRole//kubeadm:get-nodes", true), &json!({ "rules": [] }));
    let bindings = ["kubeadm:kubelet-bootstrap", "kubeadm:get-nodes"];
    cluster.api().delete(&bindings.map(|name| path(&format!("ClusterRoleBinding//{name}"), true)));
    let other = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": { "name": "kubeadm:get-nodes" },
        "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view" },
        "subjects": [{ "apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "x" }],
    });
    cluster.api().create(&[(collection("ClusterRoleBinding", ""), other)]);
}

fn everything(cluster: &Cluster) {
    let file = two_tokens(cluster);
    let with = |args: &[&'static str]| -> Vec<String> {
        args.iter().map(|arg| (*arg).to_owned()).chain(["-f".to_owned(), file.clone()]).chain(NOW.map(str::to_owned)).collect()
    };
    let commands: [(&[&'static str], i32); 12] = [
        (&["plan"], 0),
        (&["plan", "--exit-code"], 1),
        (&["plan", "-o", "json"], 0),
        (&["plan", "-o", "diff"], 0),
        (&["plan", "-o", "manifests"], 0),
        (&["rbac"], 0),
        (&["rbac", "-o", "json"], 0),
        (&["apply", "--dry-run=client"], 0),
        (&["apply", "--dry-run=server", "-v", "2"], 0),
        (&["apply", "-o", "yaml", "--skip-token-print"], 0),
        (&["apply", "-v", "2"], 0),
        (&["apply", "--precheck=none"], 0),
    ];
    for (args, code) in commands {
        drifted(cluster, &file);
        let args = with(args);
        assert_same_twice(cluster, &args.iter().map(String::as_str).collect::<Vec<_>>(), code);
    }
    cluster.reset();
    assert_same_twice(cluster, &[&["apply", TOKEN], &NOW[..]].concat(), 0);
}

fn generated(cluster: &Cluster) {
    cluster.reset();
    let [recorded, replayed] = twice(cluster, &["apply"], &[]);
    assert_eq!((recorded.code, replayed.code), (0, 0), "{}", replayed.stderr);
    let line = recorded.stdout.lines().find(|line| line.contains("Using token: ")).unwrap();
    let (_, token) = line.rsplit_once(' ').unwrap();
    let (id, secret) = token.split_once('.').unwrap();
    let masked = |text: &str| text.replace(token, &format!("{id}.****************"));
    assert_eq!(masked(&recorded.stdout), replayed.stdout);
    assert!(replayed.stderr.contains("nothing is written\n"), "{}", replayed.stderr);
    assert_eq!(plain(recorded.clone()).stderr, plain(replayed.clone()).stderr);
    assert_ne!(secret, "****************");
}

fn saved(cluster: &Cluster) {
    cluster.reset();
    let home = tempfile::tempdir().unwrap();
    let path = |name: &str| home.path().join(name).to_str().unwrap().to_owned();
    let (plan, undo) = (path("plan.json"), path("undo.json"));
    assert_same_twice(cluster, &[&["plan", TOKEN, "--out", &plan], &NOW[..]].concat(), 0);
    assert_same_twice(cluster, &["rbac", TOKEN, "--plan", &plan], 0);
    assert_same_twice(cluster, &["apply", TOKEN, "--plan", &plan, "--undo-out", &undo], 0);
    // Stale by now.
    assert_same_twice(cluster, &["apply", TOKEN, "--plan", &plan], 2);
    assert_same_twice(cluster, &["apply", "--plan", &undo], 0);
    assert!(cluster.state().is_empty());

    // Another secret half is put back, which is in no file that a replay has.
    let file = two_tokens(cluster);
    drifted(cluster, &file);
    assert_same_twice(cluster, &[&["apply", "-f", &file, "--undo-out", &undo], &NOW[..]].concat(), 0);
    assert_same_twice(cluster, &["apply", "--plan", &undo, "--dry-run=server"], 2);
    let recorder = path("run.json");
    drifted(cluster, &file);
    let applied = run(cluster, home.path(), &[&["apply", "-f", &file, "--undo-out", &undo], &NOW[..]].concat());
    assert_eq!(applied.code, 0, "{}", applied.stderr);
    let recorded = run(cluster, home.path(), &["apply", "--plan", &undo, "--now", NOW[1], "--record", &recorder]);
    assert!(!std::fs::read_to_string(&recorder).unwrap().contains(&STANDARD.encode("aaaabbbbccccdddd")));
    assert_eq!(recorded.code, 0, "{}", recorded.stderr);
    let replayed = run_alone(cluster, home.path(), &["apply", "--plan", &undo, "--now", NOW[1], "--replay", &recorder]);
    assert_eq!(plain(recorded), plain(replayed));
}

fn refusals(cluster: &Cluster) {
    cluster.reset();
    let nobody = ["--as", "nobody"];
    assert_same_twice(cluster, &[&["apply", TOKEN], &NOW[..], &nobody[..]].concat(), 2);
    assert_same_twice(cluster, &[&["plan", TOKEN, "-v", "2"], &NOW[..], &nobody[..]].concat(), 2);
    // May read and not write.
    cluster.kubectl(&["create", "clusterrolebinding", "replay-reader", "--clusterrole=cluster-admin", "--user=replay-reader"]);
    cluster.kubectl(&["delete", "clusterrolebinding", "replay-reader"]);
    let role = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": { "name": "replay-reader" },
        "rules": [{ "apiGroups": ["*"], "resources": ["*"], "verbs": ["get", "list"] }],
    });
    let role = cluster.file("replay-reader.json", &role.to_string());
    cluster.kubectl(&["apply", "-f", role.to_str().unwrap()]);
    cluster.kubectl(&["create", "clusterrolebinding", "replay-reader", "--clusterrole=replay-reader", "--user=replay-reader"]);
    assert_same_twice(cluster, &[&["apply", TOKEN, "--as", "replay-reader"], &NOW[..]].concat(), 2);
    cluster.kubectl(&["delete", "clusterrolebinding,clusterrole", "replay-reader"]);
}

fn other_arguments(cluster: &Cluster) {
    cluster.reset();
    let home = tempfile::tempdir().unwrap();
    let recorder = home.path().join("run.json");
    let recorder = recorder.to_str().unwrap();
    let file = two_tokens(cluster);
    let recorded = run(cluster, home.path(), &[&["apply", "-f", &file, "--record", recorder], &NOW[..]].concat());
    assert_eq!(recorded.code, 0, "{}", recorded.stderr);
    // Less is asked: what is left over is an error.
    let less = run_alone(cluster, home.path(), &["plan", "-f", &file, "--replay", recorder]);
    assert_eq!(less.code, 2, "{}", less.stdout);
    assert!(less.stderr.contains("has answers to requests that were not made this time"), "{}", less.stderr);
    // Something else is asked.
    let other = run_alone(cluster, home.path(), &["apply", "gggggg.0123456789abcdef", "--replay", recorder]);
    assert_eq!(other.code, 2, "{}", other.stdout);
    assert!(other.stderr.contains("the recording has no answer to `GET "), "{}", other.stderr);
    // The order of answers to different requests does not matter.
    let text = std::fs::read_to_string(recorder).unwrap();
    let value: Value = serde_json::from_str(&text).unwrap();
    assert!(value["exchanges"].as_object().unwrap().len() > 20, "{text}");
}

fn no_recordings(cluster: &Cluster) {
    cluster.reset();
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("run.json");
    let recorder = path.to_str().unwrap();
    let recorded = run(cluster, home.path(), &[&["plan", TOKEN, "--record", recorder], &NOW[..]].concat());
    assert_eq!(recorded.code, 0, "{}", recorded.stderr);
    let text = std::fs::read_to_string(&path).unwrap();
    let half: String = text.chars().take(text.len() / 2).collect();
    let edited = text.replace("kube-public", "kube-private");
    for (text, said) in [
        ("", "it is empty"),
        ("[]", "it is not a recording"),
        (&half, "it is not a recording"),
        (&edited, "it was changed after it was written"),
        (&"[".repeat(100_000), "it is not a recording"),
    ] {
        std::fs::write(&path, text).unwrap();
        let replayed = run_alone(cluster, home.path(), &["plan", TOKEN, "--replay", recorder]);
        assert_eq!(replayed.code, 2, "{}", replayed.stdout);
        assert!(replayed.stderr.contains(said), "{}", replayed.stderr);
    }
    let missing = run_alone(cluster, home.path(), &["plan", "--replay", "/nonexistent/run.json"]);
    assert_eq!(missing.code, 2);
    let both = run_alone(cluster, home.path(), &["plan", "--replay", recorder, "--record", recorder]);
    assert_eq!(both.code, 2);
}
