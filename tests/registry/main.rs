//! Phases in a registry: the real registry of distribution, and the real cosign, oras and wkg beside us, which push, sign and pull
//! what we pull, check and push. `make test-registry` builds them and runs it.
//!
//! Each trial has a bench of its own, with a home and keys, and registries of its own on loopback, so trials run side by side.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken test environment should fail loudly")]
#![expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "a test reads its environment and what programs left")]
#![expect(clippy::indexing_slicing, reason = "JSON and bytes of which the test knows the shape")]

#[path = "../cluster/api.rs"]
#[expect(dead_code, reason = "one trial needs a cluster, and waits for none of its controllers")]
mod api;
mod artifact;
mod bench;
#[path = "../cluster/harness.rs"]
#[expect(dead_code, reason = "one trial needs a cluster, and little of what there is to do with one")]
mod cluster;
mod fault;
mod faults;
mod login;
mod proxy;
mod publish;
mod registry;
mod signing;
mod smoke;
mod storage;
mod tls;
mod tools;
mod trust;
mod upgrade;
mod wire;

use bench::Bench;
use cluster::Cluster;
use libtest_mimic::{Arguments, Failed, Trial};
use std::process::ExitCode;
use std::sync::Arc;
use tools::Tools;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let Some(tools) = Tools::from_env() else {
        let reason = "needs registry (runs cosign, oras, wkg and us against it): make test-registry";
        let ignored = Trial::test(reason, || Ok(())).with_ignored_flag(true);
        return libtest_mimic::run(&arguments, vec![ignored]).exit_code();
    };
    let tools = Arc::new(tools);
    let tests = [smoke::tests(), faults::tests(), artifact::tests(), trust::tests(), publish::tests()].into_iter().flatten();
    let mut trials: Vec<Trial> = tests.map(|(name, test)| trial(name, &tools, test)).collect();
    let name = "upgrade::from_1.22_to_1.37";
    trials.push(match Cluster::from_env() {
        Some(cluster) => trial(name.to_owned(), &tools, move |bench| upgrade::upgrade(bench, &cluster)),
        None => Trial::test(format!("{name} needs a cluster: make test-registry"), || Ok(())).with_ignored_flag(true),
    });
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// A trial before it has its bench.
type Test = (String, Box<dyn Fn(&Bench) + Send + Sync>);

fn named(name: impl Into<String>, test: impl Fn(&Bench) + Send + Sync + 'static) -> Test {
    (name.into(), Box::new(test))
}

/// A test that fails by panicking. What it started has been stopped by then.
fn trial(name: String, tools: &Arc<Tools>, test: impl Fn(&Bench) + Send + Sync + 'static) -> Trial {
    let tools = Arc::clone(tools);
    Trial::test(name, move || {
        let run = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| test(&Bench::new(&tools))));
        run.map_err(|panic| {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            Failed::from(text.unwrap_or_else(|| "panicked".to_owned()))
        })
    })
}
