//! Flags of commands for many clusters.

use super::headings::FLEET;
use clap::Args;
use kubephase_core::inventory::{ClusterSource, Shard};
use kubephase_core::saved::Waves;
use std::fmt;
use std::path::PathBuf;

/// Which clusters, and which of them.
#[derive(Debug, Args)]
pub struct FleetFlags {
    /// Clusters of an inventory: contexts, clusterprofiles[/NS], placement/NS/NAME, capi[/NS], argocd[/NS] or file:LIST
    #[arg(long, value_name = "SOURCE", value_parser = source, help_heading = FLEET)]
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
}

/// How saved plans are applied to several clusters.
#[derive(Debug, Args)]
pub struct WaveFlags {
    /// How many clusters are changed at once: the size of each wave, of which the last one is repeated
    #[arg(long, value_name = "N,…", value_parser = waves, default_value = "1,10", requires = "clusters", help_heading = FLEET)]
    pub wave: Waves,
    /// Start no further wave once more clusters than this have failed
    #[arg(long, value_name = "K", default_value = "0", requires = "clusters", help_heading = FLEET)]
    pub max_failures: usize,
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

fn waves(text: &str) -> Result<Waves, String> {
    Waves::parse(text).ok_or_else(|| format!("must be {}", Waves::SYNTAX))
}

fn shard(text: &str) -> Result<ShardArg, &'static str> {
    let of_job = text.strip_prefix("job/").and_then(|count| count.parse().ok()).map(ShardArg::OfJob);
    let shard = of_job.or_else(|| Shard::parse(text).map(ShardArg::Fixed));
    shard.ok_or("must be M/N, like 1/4, with M from 1 to N, or job/N")
}
