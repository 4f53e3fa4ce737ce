//! The cluster rung: the real kubeadm, kubectl and API server beside us. `make test-cluster` runs it inside `with-cluster`.
//!
//! One control plane serves all cases, one after the other; between cases everything that the phase writes is deleted, so that
//! each starts on the state of a fresh cluster.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a broken test environment should fail loudly")]
#![expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "a test reads its cases and its environment")]
#![expect(clippy::indexing_slicing, reason = "JSON of which the test knows the shape")]

mod api;
mod audit;
mod audit_other;
mod beside;
mod book;
mod canary;
mod certificates;
mod check;
mod completion;
mod connection;
mod drift;
mod errors;
mod fault;
mod fleet;
mod fleet_job;
mod fleet_merge;
mod folders;
mod formats;
mod harness;
mod hostile;
mod join;
mod kinds;
mod kubeconfigs;
mod node;
mod pki;
mod race;
mod raw;
mod rbac;
mod recorder;
mod refusals;
mod releases;
mod renew;
mod repeat;
mod replay;
mod rollout;
mod rotate;
mod same_state;
mod saved;
mod shown;
mod sinks;
mod token;
mod undo;
mod upgrade;
mod verdicts;

use harness::Cluster;
use libtest_mimic::{Arguments, Trial};
use std::process::ExitCode;
use std::sync::Arc;

type Cases = fn(&Arc<Cluster>) -> Vec<Trial>;
/// The modules in parts that take about as long, each for a cluster of its own. Two wait for most of their time.
const PARTS: [&[Cases]; 5] = [
    &[check::of_broken_clusters, upgrade::trials, releases::trials, join::trials, node::trials, rotate::trials],
    &[
        token::trials,
        renew::trials,
        race::trials,
        rbac::trials,
        replay::trials,
        errors::trials,
        refusals::trials,
        connection::trials,
        completion::trials,
        kubeconfigs::trials,
        certificates::trials,
        formats::trials,
        undo::trials,
        saved::trials,
        shown::trials,
        sinks::trials,
        canary::trials,
        fleet::trials,
        fleet_job::trials,
        fleet_merge::trials,
    ],
    &[fault::trials, hostile::trials, audit::trials, audit_other::trials, check::trials],
    &[
        fault::sweeps_of_cuts,
        same_state::trials,
        verdicts::trials,
        repeat::trials,
        drift::trials,
        kinds::trials,
        folders::trials,
        rollout::trials,
    ],
    &[fault::sweeps_of_answers, check::of_servers, book::trials],
];

fn main() -> ExitCode {
    // The cases of a half share a cluster.
    let arguments = Arguments { test_threads: Some(1), ..Arguments::from_args() };
    let Some(cluster) = Cluster::from_env() else {
        let reason = "needs cluster (runs kubeadm, kubectl and us against it): make test-cluster";
        let ignored = Trial::test(reason, || Ok(())).with_ignored_flag(true);
        return libtest_mimic::run(&arguments, vec![ignored]).exit_code();
    };
    let run = |cluster: Cluster, parts: &[&[Cases]]| {
        let cluster = Arc::new(cluster);
        let trials = parts.iter().flat_map(|part| part.iter()).flat_map(|cases| cases(&cluster)).collect();
        libtest_mimic::run(&arguments, trials).exit_code()
    };
    if let Some(part) = beside::part() {
        return run(cluster, &PARTS[part..=part]);
    }
    let others = Cluster::others_from_env();
    if others.is_empty() {
        return run(cluster, &PARTS);
    }
    assert_eq!(others.len() + 1, PARTS.len(), "with-cluster --clusters {}", PARTS.len());
    let others: Vec<_> = others.iter().zip(1..).map(|(other, part)| beside::start(other, part)).collect();
    let first = run(cluster, &PARTS[..1]);
    let ends: Vec<bool> = others.into_iter().map(beside::Beside::end).collect();
    if ends.iter().all(|is_good| *is_good) { first } else { ExitCode::from(101) }
}
