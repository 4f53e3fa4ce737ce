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

pub use access::{MemberAccess, Refusal};
pub use cluster_profile::{ChosenClusters, Providers};
pub use shard::Shard;
pub use source::ClusterSource;

/// A cluster of an inventory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// What people call it; no two of an inventory have the same.
    pub name: String,
    /// What it is in the inventory, whatever it is called: `SORT/NAMESPACE/NAME`.
    pub identity: String,
    /// How to reach it, or why nothing is sent to it.
    pub access: Result<MemberAccess, Refusal>,
}
