//! Clusters from an inventory: where they are listed ([`source`]), what of an entry may be used to reach one ([`access`]), and which of
//! them are a shard ([`shard`]). The kinds of inventories are [`cluster_profile`] and [`secrets`].
//!
//! Whoever writes an entry chooses the server, and nothing else: no program of this machine, no file of it, and no server that cannot
//! prove with an authority in the entry who it is.

pub mod access;
pub mod cluster_profile;
pub mod secrets;
pub mod shard;
pub mod source;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use access::{MemberAccess, Refusal};
pub use cluster_profile::{ChosenClusters, Providers};
pub use shard::Shard;
pub use source::{ClusterSource, Inventory};

/// Names of which no two are the same: those that several clusters have get what tells these apart, and if that is yet another's name, it
/// takes their place. Each cluster is its name and what it is, which no two share.
#[must_use]
pub fn distinct<'a>(clusters: impl Iterator<Item = (&'a str, &'a str)> + Clone) -> Vec<String> {
    let mut names: Vec<String> = clusters.clone().map(|(name, _)| name.to_owned()).collect();
    let longer = |(name, identity): (&str, &str)| format!("{name} ({identity})");
    for shown in [longer, |(_, identity): (&str, &str)| identity.to_owned()] {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for name in &names {
            *counts.entry(name.clone()).or_default() += 1;
        }
        for (name, cluster) in names.iter_mut().zip(clusters.clone()) {
            if counts.get(name).is_some_and(|count| *count > 1) {
                *name = shown(cluster);
            }
        }
    }
    names
}

/// A cluster of an inventory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// What people call it; no two of an inventory have the same.
    pub name: String,
    /// What it is in the inventory, whatever it is called: `SORT/NAMESPACE/NAME`.
    pub identity: String,
    /// How to reach it, or why nothing is sent to it.
    pub access: Result<Reach, Refusal>,
}

/// Where the requests to a cluster of an inventory go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// To the cluster with the inventory, as the operator reaches it: Argo CD lists the cluster in which it runs.
    Hub,
    /// To where the entry says.
    Entry(MemberAccess),
}
