//! What runs of a fleet's audit set out to do: without it, a slice that nobody audited would look like one without findings.

use crate::inventory::Shard;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// The clusters that a run was for, written before the first of them is audited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRun {
    /// Where the clusters were listed, as the command line says it.
    pub source: String,
    /// Which slice of them.
    pub shard: Shard,
    /// When it began.
    pub time: Timestamp,
    /// The names of its clusters, by what they are where they are listed.
    pub clusters: BTreeMap<String, String>,
}

/// What should be there, by the latest run of each slice.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Coverage {
    /// The names of the clusters, by what they are where they are listed.
    pub clusters: BTreeMap<String, String>,
    /// The slices that nobody ran, by where their clusters are listed.
    pub missing: BTreeMap<String, Vec<Shard>>,
}

impl Coverage {
    /// What should be there by these runs. Runs with another number of slices than the latest one of their list are over.
    #[must_use]
    pub fn of(runs: &[AuditRun]) -> Self {
        let mut coverage = Self::default();
        let sources: BTreeSet<&str> = runs.iter().map(|run| run.source.as_str()).collect();
        for source in sources {
            let own = runs.iter().filter(|run| run.source == source);
            let count = own.clone().max_by_key(|run| (run.time, run.shard)).map_or(0, |run| run.shard.count());
            let mut latest: BTreeMap<Shard, &AuditRun> = BTreeMap::new();
            for run in own.filter(|run| run.shard.count() == count) {
                let kept = latest.entry(run.shard).or_insert(run);
                if run.time > kept.time {
                    *kept = run;
                }
            }
            coverage.clusters.extend(latest.values().flat_map(|run| run.clusters.clone()));
            let missing: Vec<Shard> = Shard::all(count).filter(|shard| !latest.contains_key(shard)).collect();
            if !missing.is_empty() {
                coverage.missing.insert(source.to_owned(), missing);
            }
        }
        coverage
    }
}

#[cfg(test)]
mod tests {
    use super::{AuditRun, Coverage, Shard};

    #[test]
    fn the_latest_number_of_slices_counts() {
        let run = |source: &str, shard: &str, day: u32, clusters: &[&str]| AuditRun {
            source: source.to_owned(),
            shard: Shard::parse(shard).unwrap(),
            time: format!("2030-01-0{day}T00:00:00Z").parse().unwrap(),
            clusters: clusters.iter().map(|name| ((*name).to_owned(), (*name).to_owned())).collect(),
        };
        // Two slices once, three later; of the first of these one that is older.
        let runs = [
            run("capi", "1/2", 1, &["old"]),
            run("capi", "1/3", 3, &["a", "b"]),
            run("capi", "1/3", 2, &["a", "gone"]),
            run("capi", "3/3", 2, &["c"]),
            run("contexts", "1/1", 1, &["x"]),
        ];
        let coverage = Coverage::of(&runs);
        assert_eq!(coverage.clusters.keys().map(String::as_str).collect::<Vec<_>>(), ["a", "b", "c", "x"]);
        assert_eq!(coverage.missing.into_iter().collect::<Vec<_>>(), [("capi".to_owned(), vec![Shard::parse("2/3").unwrap()])]);
        assert_eq!(Coverage::of(&[]), Coverage::default());
    }
}
