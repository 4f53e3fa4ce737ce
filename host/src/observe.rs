//! From a question to all that a phase needs for its answer.

use crate::cluster::Cluster;
use crate::component::{Facts, Phase};
use crate::entropy::{self, Source};
use crate::errors::Error;
use kubephase_core::policy::Policy;
use kubephase_core::question::{Question, RandomValue, Server};
use kubephase_core::secret::Secrets;
use kubephase_core::snapshot::Snapshot;

/// What was found out.
#[derive(Debug, Default)]
pub struct Known {
    /// The API server.
    pub server: Server,
    /// What was read.
    pub snapshot: Snapshot,
    /// What was drawn.
    pub random: Vec<RandomValue>,
}

impl Known {
    /// What a phase is told.
    #[must_use]
    pub fn facts<'a>(&'a self, question: &'a Question) -> Facts<'a> {
        Facts { question, server: &self.server, snapshot: &self.snapshot, random: &self.random }
    }
}

/// Asks the phase what it needs and finds it out, until it needs nothing new.
///
/// # Errors
/// [`Error`] if the phase asks for what it may not have, if reading fails, and if it still wants more after `rounds` rounds.
pub fn find_out(
    phase: &Phase,
    question: &Question,
    policy: Policy<'_>,
    cluster: &dyn Cluster,
    secrets: &mut Secrets,
    source: Source,
    rounds: usize,
) -> Result<Known, Error> {
    let mut known = Known { server: cluster.server().clone(), ..Known::default() };
    for _ in 0..rounds {
        let needs = phase.need(&known.facts(question), policy, secrets)?;
        let mut reads = needs.reads;
        reads.retain(|read| !known.snapshot.has(read));
        reads.sort();
        reads.dedup();
        let drawn = |name: &str| known.random.iter().any(|value| value.name == name);
        let draws: Vec<_> = needs.random.into_iter().filter(|request| !drawn(&request.name)).collect();
        if reads.is_empty() && draws.is_empty() {
            return Ok(known);
        }
        for request in &draws {
            known.random.push(entropy::draw(request, source, secrets)?);
        }
        if !reads.is_empty() {
            let reads = policy.permit_reads(reads).map_err(Error::Denied)?;
            let observation = cluster.observe(&reads).map_err(Error::Cluster)?;
            known.server.version = observation.version;
            for (selector, objects) in observation.snapshot.iter() {
                known.snapshot.insert(selector.clone(), objects.clone());
            }
        }
    }
    Err(Error::Unsettled(rounds))
}
