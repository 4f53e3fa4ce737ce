//! Several clusters with their plans, and how far each is.

use super::document::Shown;
use super::table::{cluster_name, table};
use super::terminal::Printer;
use kubephase_core::saved::{ClusterState, Rollout, RolloutCluster};
use serde::Serialize;
use std::io;

/// Of plans that nobody applied yet, and of those that were.
const OF_PLANS: [&str; 4] = ["CLUSTER", "STATE", "CHANGES", "PLAN"];
const OF_RESULTS: [&str; 4] = ["CLUSTER", "STATE", "WAVE", "CHANGES"];

/// The clusters of a rollout.
#[derive(Debug)]
pub struct RolloutRows<'a>(pub &'a Rollout);

impl Shown for RolloutRows<'_> {
    fn text(&self, printer: &Printer<'_>) -> io::Result<()> {
        let clusters = &self.0.clusters;
        if clusters.iter().any(|cluster| cluster.result.is_some()) {
            return table(OF_RESULTS, clusters.iter().map(result_row), printer);
        }
        table(OF_PLANS, clusters.iter().map(plan_row), printer)
    }

    fn document(&self) -> impl Serialize {
        self.0
    }
}

fn plan_row(cluster: &RolloutCluster) -> [String; 4] {
    let file = cluster.plan.as_ref().map_or_else(none, |_| format!("{}.plan.json", cluster.file));
    [cluster_name(&cluster.name), state(cluster).to_owned(), changes(cluster), file]
}

fn result_row(cluster: &RolloutCluster) -> [String; 4] {
    let wave = cluster.result.as_ref().map_or_else(none, |result| result.wave.to_string());
    [cluster_name(&cluster.name), state(cluster).to_owned(), wave, changes(cluster)]
}

fn changes(cluster: &RolloutCluster) -> String {
    if cluster.problems.is_empty() { cluster.changes.to_string() } else { none() }
}

fn none() -> String {
    "-".to_owned()
}

/// How far a cluster is, in one word.
fn state(cluster: &RolloutCluster) -> &'static str {
    match &cluster.result {
        Some(result) => result.state.as_str(),
        None if !cluster.problems.is_empty() => ClusterState::Failed.as_str(),
        None if cluster.changes == 0 => "unchanged",
        None => "planned",
    }
}
