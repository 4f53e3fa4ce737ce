//! Flags of commands for many clusters.

use super::headings::FLEET;
use clap::Args;
use kubephase_core::inventory::{ClusterSource, Shard};
use std::fmt;
use std::path::PathBuf;

/// Which clusters, and which of them.
#[derive(Debug, Args)]
pub struct FleetFlags {
    /// Clusters of an inventory: contexts, clusterprofiles[/NS], placement/NS/NAME, capi[/NS], argocd[/NS] or file:LIST
    #[arg(long, value_name = "SOURCE", value_parser = source, conflicts_with_all = ["contexts", "all_contexts", "record", "replay"])]
    pub clusters: Option<ClusterSource>,
    /// Of an inventory on a hub, only clusters with these labels
    #[arg(short = 'l', long, value_name = "SELECTOR", default_value = "", hide_default_value = true, help_heading = FLEET)]
    pub selector: String,
    /// The credential plugins for ClusterProfiles, as the SIG's library reads the file (JSON)
    #[arg(long, value_name = "FILE", help_heading = FLEET)]
    pub clusterprofile_provider_file: Option<PathBuf>,
    /// Only slice M of N, the same clusters each time; `job/N` takes the index of an indexed Job
    #[arg(long, value_name = "M/N", value_parser = shard, help_heading = FLEET)]
    pub shard: Option<ShardArg>,
    /// Write a report for each cluster into this folder, for `audit merge`, and a table to standard output
    #[arg(long, value_name = "DIR", help_heading = FLEET)]
    pub output_dir: Option<PathBuf>,
    /// Ask again only where --output-dir has no report that is not older, e.g. 6h
    #[arg(long, value_name = "AGE", requires = "output_dir", help_heading = FLEET)]
    pub resume: Option<String>,
}

/// `--shard`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShardArg {
    /// `M/N`.
    Fixed(Shard),
    /// `job/N`: the one of this pod, of so many.
    OfJob(u32),
}

impl fmt::Display for ShardArg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(shard) => shard.fmt(f),
            Self::OfJob(count) => write!(f, "job/{count}"),
        }
    }
}

fn source(text: &str) -> Result<ClusterSource, String> {
    ClusterSource::parse(text).ok_or_else(|| format!("must be {}", ClusterSource::SYNTAX))
}

fn shard(text: &str) -> Result<ShardArg, &'static str> {
    let of_job = text.strip_prefix("job/").and_then(|count| count.parse().ok()).map(ShardArg::OfJob);
    let shard = of_job.or_else(|| Shard::parse(text).map(ShardArg::Fixed));
    shard.ok_or("must be M/N, like 1/4, with M from 1 to N, or job/N")
}
