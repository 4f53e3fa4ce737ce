//! Saved plans for several clusters, each a control plane of its own: applied in waves, stopped, continued and undone.

use crate::fault;
use crate::fault::proxy::Proxy;
use crate::harness::{Cluster, OURS, Said, cleared, said, trial};
use crate::raw::{Raw, awaited, content, differences, raw, settled};
use libtest_mimic::Trial;
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

pub(crate) fn trials(cluster: &Arc<Cluster>) -> Vec<Trial> {
    vec![
        trial("rollout::a_wave_that_fails_is_the_last_and_all_is_undone", cluster, |_| waves()),
        trial("rollout::killed_at_any_write_and_continued", cluster, killed),
    ]
}

/// Three control planes, and a list of their kubeconfigs.
struct Fleet {
    process: Child,
    clusters: Vec<Cluster>,
    folder: tempfile::TempDir,
}

impl Fleet {
    fn start() -> Self {
        let script = Path::new(&std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("../tests/control-plane/with-cluster");
        let mut command = cleared(script);
        // Where the programs are that it starts.
        let cache = ["HOME", "XDG_CACHE_HOME"].into_iter().filter_map(|name| Some((name, std::env::var_os(name)?)));
        command.envs(cache);
        // They live until this process closes the pipe.
        command.args(["--clusters", "3", "--", "sh", "-c", "echo $CLUSTER_DIRS; exec cat >/dev/null"]);
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let clusters: Vec<Cluster> = line.trim().split(':').map(|dir| Cluster::at(PathBuf::from(dir))).collect();
        assert_eq!(clusters.len(), 3, "{line}");
        let fleet = Self { process, clusters, folder: tempfile::tempdir().unwrap() };
        fleet.link([0, 1, 2]);
        std::fs::write(fleet.path("list"), "a.conf\nb.conf\nc.conf\n").unwrap();
        fleet
    }

    /// Has the names in the list mean these clusters.
    fn link(&self, order: [usize; 3]) {
        for (name, number) in ["a.conf", "b.conf", "c.conf"].into_iter().zip(order) {
            // Not there for the first time.
            let _ = std::fs::remove_file(self.path(name));
            std::os::unix::fs::symlink(&self.clusters[number].kubeconfig, self.path(name)).unwrap();
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, words: &[&str]) -> Said {
        let mut command = cleared(OURS);
        command.args(words).args(["--clusters", &format!("file:{}", self.path("list").display())]).stdin(Stdio::null());
        command.current_dir(self.folder.path()).env("HOME", self.path("home"));
        command.env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"));
        said(command)
    }

    /// Runs it with JSON, and returns the exit code and for each cluster its state, or `-`.
    fn states(&self, words: &[&str]) -> (i32, Vec<String>, String) {
        let said = self.run(&[words, &["-o", "json"]].concat());
        let rollout: Value = serde_json::from_str(&said.stdout).unwrap_or_else(|_| panic!("{}\n{}", said.stdout, said.stderr));
        let state = |cluster: &Value| {
            let result = &cluster["result"];
            result["state"].as_str().map_or_else(|| "-".to_owned(), |state| format!("{state} {}", result["wave"]))
        };
        (said.code, rollout["clusters"].as_array().unwrap().iter().map(state).collect(), said.stderr)
    }

    fn raws(&self) -> Vec<Raw> {
        self.clusters.iter().map(raw).collect()
    }

    fn assert_as(&self, before: &[Raw], places: &[usize]) {
        for place in places {
            let before = content(&before[*place]);
            let after = awaited(&self.clusters[*place], |raw| differences(&before, &content(raw)).is_empty());
            assert_eq!(differences(&before, &content(&after)), "", "{place}");
        }
    }

    fn writes(&self, marks: &[u64]) -> Vec<String> {
        self.clusters.iter().zip(marks).flat_map(|(cluster, mark)| cluster.our_writes(*mark)).collect()
    }

    fn marks(&self) -> Vec<u64> {
        self.clusters.iter().map(Cluster::audit_mark).collect()
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        self.process.wait().unwrap();
    }
}

/// A cluster of which nobody signs tokens: a node cannot join with a new one.
fn stop_controllers(cluster: &Cluster) {
    let pid = std::fs::read_to_string(cluster.dir.join("controller-manager.pid")).unwrap();
    assert!(Command::new("kill").args(["-s", "KILL", pid.trim()]).status().unwrap().success());
}

fn start_controllers(cluster: &Cluster) {
    let start = cluster.dir.join("start-controller-manager");
    // `with-cluster` ends it by its pid.
    drop(cleared("setsid").arg(start).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
}

/// What else kubeadm makes and a node reads.
fn made_by_kubeadm(cluster: &Cluster) {
    let (config, kubeconfig) = (cluster.dir.join("init.yaml"), cluster.kubeconfig.to_str().unwrap());
    let upload = ["init", "phase", "upload-config", "all", "--config", config.to_str().unwrap(), "--kubeconfig", kubeconfig];
    let said = cluster.run("kubeadm", &upload);
    assert_eq!(said.code, 0, "{}", said.stderr);
}

fn waves() {
    let fleet = Fleet::start();
    let before = elsewhere(&fleet);
    stopped(&fleet, &before);
    let apply = ["apply", "--plan", "plans", "--wave", "1", "--wait=3s"];
    // It is looked at again, and not written to again; one failure is allowed now.
    let marks = fleet.marks();
    let (code, states, stderr) = fleet.states(&[&apply[..], &["--max-failures", "1"]].concat());
    assert_eq!((code, states), (3, vec!["done 1".to_owned(), "rejected 3".to_owned(), "done 4".to_owned()]), "{stderr}");
    assert_eq!(fleet.clusters[1].our_writes(marks[1]).iter().filter(|write| !write.contains("reviews")).count(), 0);
    assert_eq!(fleet.clusters[0].our_requests(marks[0]), Vec::<String>::new(), "what is done is not asked");

    // One wave, and no other.
    let (code, states, stderr) = fleet.states(&["undo", "plans"]);
    assert_eq!((code, states), (0, vec!["done 1".to_owned(), "rejected 3".to_owned(), "-".to_owned()]), "{stderr}");
    fleet.assert_as(&before, &[2]);

    start_controllers(&fleet.clusters[1]);
    let (code, states, stderr) = fleet.states(&["apply", "--plan", "plans", "--wave", "1,2", "--wait=60s"]);
    let done = vec!["done 1".to_owned(), "done 4".to_owned(), "done 5".to_owned()];
    assert_eq!((code, states), (0, done), "{stderr}");
    for (before, after) in before.iter().zip(fleet.raws()) {
        assert_ne!(differences(&content(before), &content(&after)), "");
    }
    let marks = fleet.marks();
    assert_eq!(fleet.states(&apply).0, 0);
    assert_eq!(fleet.writes(&marks), Vec::<String>::new());

    let (checked, listed) = (fleet.run(&["check"]), fleet.run(&["list"]));
    assert!(checked.code == 0 && checked.stdout.matches("joins").count() == 3, "{}{}", checked.stdout, checked.stderr);
    assert!(listed.code == 0 && listed.stdout.starts_with("CLUSTER") && listed.stdout.lines().count() == 4, "{}", listed.stdout);

    let again = fleet.run(&["plan", "--out", "plans"]);
    assert!(again.code == 2 && again.stderr.contains("choose another folder"), "{}", again.stderr);
    let (code, states, stderr) = fleet.states(&["undo", "plans", "--all-waves"]);
    assert_eq!((code, states), (0, vec!["-".to_owned(); 3]), "{stderr}");
    fleet.assert_as(&before, &[0, 1, 2]);
    let nothing = fleet.run(&["undo", "plans"]);
    assert!(nothing.code == 2 && nothing.stderr.contains("nothing to undo"), "{}", nothing.stderr);
}

/// Plans for clusters of which two have changed places in the list. Returns what is in them, which is what was before.
fn elsewhere(fleet: &Fleet) -> Vec<Raw> {
    fleet.clusters.iter().for_each(made_by_kubeadm);
    let before: Vec<Raw> = fleet.clusters.iter().map(settled).collect();
    let marks = fleet.marks();
    let planned = fleet.run(&["plan", "--out", "plans"]);
    assert_eq!(planned.code, 0, "{}", planned.stderr);
    assert!(
        planned.stderr.contains("apply them with: kubectl bootstrap-token apply --plan plans --clusters "),
        "{}",
        planned.stderr
    );
    assert_eq!(fleet.writes(&marks), Vec::<String>::new());

    // The list leads elsewhere by now: each plan is for its own cluster.
    fleet.link([2, 1, 0]);
    let (code, states, stderr) = fleet.states(&["apply", "--plan", "plans", "--wave", "3"]);
    assert!(stderr.matches("made for another cluster").count() == 2, "{stderr}");
    assert_eq!((code, states[0].as_str(), states[2].as_str()), (3, "failed 1", "failed 1"), "{stderr}");
    fleet.link([0, 1, 2]);
    assert_eq!(fleet.run(&["undo", "plans"]).code, 0);
    fleet.assert_as(&before, &[0, 1, 2]);
    before
}

/// Nodes cannot join the second cluster: the third is left alone.
fn stopped(fleet: &Fleet, before: &[Raw]) {
    // Nobody signs tokens in the second one.
    stop_controllers(&fleet.clusters[1]);
    let apply = ["apply", "--plan", "plans", "--wave", "1", "--wait=3s"];
    let (code, states, stderr) = fleet.states(&apply);
    assert_eq!((code, states), (3, vec!["done 1".to_owned(), "rejected 2".to_owned(), "-".to_owned()]), "{stderr}");
    assert!(stderr.contains("stopped: 1 cluster failed, and --max-failures is 0; 1 cluster was not changed"), "{stderr}");
    fleet.assert_as(before, &[2]);
    let checked = fleet.run(&["check"]);
    let b = checked.stdout.lines().find(|line| line.contains("b.conf")).unwrap();
    assert!(checked.code == 1 && b.contains("does-not-join") && b.contains("token-new"), "{}", checked.stdout);
    assert!(checked.stdout.lines().any(|line| line.contains("c.conf") && line.contains("no token")), "{}", checked.stdout);
}

/// A cluster that is no longer listed is not done, and one whose undo plan is gone is not undone.
fn what_is_not_there_is_not_done(cluster: &Cluster, plans: &str, common: &[&str]) {
    let elsewhere = cluster.ours(&["apply", "--plan", plans, "--clusters", "contexts"]);
    assert!(elsewhere.stderr.contains("no longer in `contexts`"), "{}", elsewhere.stderr);
    let folder = std::fs::read_dir(plans).unwrap().map(|entry| entry.unwrap().path());
    let undo = folder.into_iter().find(|path| path.to_string_lossy().ends_with(".undo.json")).unwrap();
    let away = undo.with_extension("away");
    std::fs::rename(&undo, &away).unwrap();
    let lost = cluster.ours(&[&["undo", plans, "--all-waves"], common].concat());
    assert!(lost.code == 2 && lost.stderr.contains("its undo plan is no longer in the folder"), "{}", lost.stderr);
    std::fs::rename(&away, &undo).unwrap();
}

/// Ends our process at the write of each number in turn.
fn killed(cluster: &Cluster) {
    let proxy = Proxy::start(cluster);
    let kubeconfig = fault::kubeconfig(cluster, &proxy);
    let folder = tempfile::tempdir().unwrap();
    let endpoint = cluster.endpoint.clone();
    let common = ["--clusters", "contexts", "--kubeconfig", &kubeconfig, "--control-plane-endpoint", &endpoint];
    cluster.reset();
    made_by_kubeadm(cluster);
    let before = settled(cluster);
    let mut number = 0;
    loop {
        let plans = folder.path().join(number.to_string());
        let plans = plans.to_str().unwrap();
        proxy.begin(Vec::new());
        cluster.ours_ok(&[&["plan", "--out", plans], &common[..]].concat());
        let apply = [&["apply", "--plan", plans, "--wait=20s"], &common[..]].concat();
        let seen = AtomicUsize::new(0);
        let was_killed = fault::ended_at(cluster, &proxy, &apply, move |request| {
            request.is_write() && seen.fetch_add(1, Ordering::SeqCst) == number
        });

        proxy.begin(Vec::new());
        let said = cluster.ours(&apply);
        assert_eq!(said.code, 0, "{number}: {}\n{}", said.stdout, said.stderr);
        let tokens = settled(cluster).into_keys().filter(|key| key.contains("/bootstrap-token-")).count();
        assert_eq!(tokens, 1, "{number}: {}", said.stderr);

        if number == 0 {
            what_is_not_there_is_not_done(cluster, plans, &common[..4]);
        }
        let undone = cluster.ours(&[&["undo", plans, "--all-waves"], &common[..4]].concat());
        assert_eq!(undone.code, 0, "{number}: {}", undone.stderr);
        let after = awaited(cluster, |raw| differences(&content(&before), &content(raw)).is_empty());
        assert_eq!(differences(&content(&before), &content(&after)), "", "{number}");
        if !was_killed {
            break;
        }
        number += 1;
    }
    assert!(number >= 5, "{number} writes");
}
