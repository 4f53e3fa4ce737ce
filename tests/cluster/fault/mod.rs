//! What happens when the API server, or the way to it, fails in the middle: a proxy before the real one does to each request of a
//! run, in turn, each fault of a table.

mod back;
mod bench;
mod policy;
pub(crate) mod proxy;
mod restart;
pub(crate) mod script;
mod signals;
mod sweep;
pub(crate) mod upstream;
mod writers;

use crate::harness::{Cluster, trial};
use bench::{Bench, NoControllers};
use libtest_mimic::Trial;
use proxy::Proxy;
use serde_json::json;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

/// All but the sweeps.
pub(crate) fn trials(cluster: &Arc<Cluster>) -> Vec<Trial> {
    on_bench(
        cluster,
        [back::tests(), writers::tests(), policy::tests(), signals::tests(), restart::tests()].into_iter().flatten(),
    )
}

/// The sweeps wait most of the time.
pub(crate) fn sweeps_of_cuts(cluster: &Arc<Cluster>) -> Vec<Trial> {
    on_bench(cluster, sweep::of_cuts().into_iter())
}

pub(crate) fn sweeps_of_answers(cluster: &Arc<Cluster>) -> Vec<Trial> {
    on_bench(cluster, sweep::of_answers().into_iter())
}

fn on_bench(cluster: &Arc<Cluster>, tests: impl Iterator<Item = Test>) -> Vec<Trial> {
    // Made by the first trial that needs it, once the trials of other modules have had their turn.
    let bench = Arc::new(OnceLock::new());
    let trials = tests.map(|(name, test)| {
        let (bench, shared) = (Arc::clone(&bench), Arc::clone(cluster));
        trial(format!("fault::{name}"), cluster, move |cluster| {
            let _paused = NoControllers::new(cluster);
            test(bench.get_or_init(|| Bench::new(&shared)));
        })
    });
    trials.collect()
}

/// A kubeconfig that leads to a proxy, with the authority of the cluster and no credentials: the proxy has those of the administrator.
pub(crate) fn kubeconfig(cluster: &Cluster, proxy: &Proxy) -> String {
    let (server, authority) = (proxy.url(), cluster.dir.join("pki/ca.crt"));
    let config = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "proxy",
        "clusters": [{ "name": "proxy", "cluster": { "server": server, "certificate-authority": authority } }],
        "contexts": [{ "name": "proxy", "context": { "cluster": "proxy", "user": "" } }],
    });
    cluster.file("proxy.conf", &config.to_string()).to_str().unwrap().to_owned()
}

/// Runs our program, and ends it at the first request that is meant; the server does what was asked all the same. Returns whether there was
/// one: otherwise the program has done everything, with exit code 0.
pub(crate) fn ended_at(
    cluster: &Cluster,
    proxy: &Proxy,
    words: &[&str],
    is_meant: impl Fn(&script::Seen) -> bool + Send + 'static,
) -> bool {
    let process = Arc::new(AtomicU32::new(0));
    let victim = Arc::clone(&process);
    let kill: script::Hook = Box::new(move || {
        let process = victim.load(Ordering::SeqCst).to_string();
        assert!(Command::new("kill").args(["-s", "KILL", &process]).status().unwrap().success());
    });
    let fault = script::Fault::Late(kill, std::time::Duration::ZERO);
    proxy.begin(vec![(Box::new(move |_, request| is_meant(request)), fault)]);
    let mut child = cluster.our_command(words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    process.store(child.id(), Ordering::SeqCst);
    let status = child.wait().unwrap();
    let was_ended = !proxy.end().fired.is_empty();
    assert_eq!(status.code(), (!was_ended).then_some(0), "{words:?}");
    was_ended
}

/// A trial before it has its cluster.
type Test = (String, Box<dyn Fn(&Bench) + Send + Sync>);

fn named(name: impl Into<String>, test: impl Fn(&Bench) + Send + Sync + 'static) -> Test {
    (name.into(), Box::new(test))
}
