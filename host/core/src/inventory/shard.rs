//! One slice of the clusters, by a hash of what a cluster is: one that comes or goes moves no other.

use sha2::{Digest as _, Sha256};
use std::fmt;

/// How many slices there are at most: so many pods an indexed Job may have (`batch/v1`).
const MOST_SHARDS: u32 = 100_000;

/// Slice `number` of `count`, from 1: the value of `--shard`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shard {
    count: u32,
    number: u32,
}

impl Shard {
    /// All of it.
    pub const WHOLE: Self = Self { number: 1, count: 1 };

    /// All slices of so many.
    pub fn all(count: u32) -> impl Iterator<Item = Self> {
        (1..=count).map(move |number| Self { number, count })
    }

    /// Of how many.
    #[must_use]
    pub const fn count(self) -> u32 {
        self.count
    }

    /// The shard of `M/N`; `None` unless 1 ≤ M ≤ N ≤ 100,000.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (number, count) = text.split_once('/')?;
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u32>().ok()).flatten();
        let (number, count) = (digits(number)?, digits(count)?);
        ((1..=count).contains(&number) && count <= MOST_SHARDS).then_some(Self { number, count })
    }

    /// The shard of a pod of an indexed Job, whose indexes begin at 0; `None` for an index that is not below the
    /// number of shards.
    #[must_use]
    pub fn of_job(index: &str, count: u32) -> Option<Self> {
        let index = Some(index)
            .filter(|index| index.bytes().all(|byte| byte.is_ascii_digit()))?
            .parse::<u32>()
            .ok()
            .filter(|index| *index < count && count <= MOST_SHARDS)?;
        Some(Self { number: index + 1, count })
    }

    /// Whether a cluster is in it, by what it is in its inventory.
    #[must_use]
    pub fn has(self, identity: &str) -> bool {
        let digest = Sha256::digest(identity);
        let hash = digest.iter().take(8).fold(0_u64, |hash, byte| hash << 8 | u64::from(*byte));
        hash % u64::from(self.count) + 1 == u64::from(self.number)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.count)
    }
}
