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
use std::sync::{Arc, OnceLock};

pub(crate) fn trials(cluster: &Arc<Cluster>) -> Vec<Trial> {
    // Made by the first trial that needs it, once the trials of other modules have had their turn.
    let bench = Arc::new(OnceLock::new());
    let tests = [back::tests(), writers::tests(), policy::tests(), signals::tests(), restart::tests(), sweep::tests()]
        .into_iter()
        .flatten();
    let trials = tests.map(|(name, test)| {
        let (bench, shared) = (Arc::clone(&bench), Arc::clone(cluster));
        trial(format!("fault::{name}"), cluster, move |cluster| {
            let _paused = NoControllers::new(cluster);
            test(bench.get_or_init(|| Bench::new(&shared)));
        })
    });
    trials.collect()
}

/// A trial before it has its cluster.
type Test = (String, Box<dyn Fn(&Bench) + Send + Sync>);

fn named(name: impl Into<String>, test: impl Fn(&Bench) + Send + Sync + 'static) -> Test {
    (name.into(), Box::new(test))
}
