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

/// A trial before it has its cluster.
type Test = (String, Box<dyn Fn(&Bench) + Send + Sync>);

fn named(name: impl Into<String>, test: impl Fn(&Bench) + Send + Sync + 'static) -> Test {
    (name.into(), Box::new(test))
}
