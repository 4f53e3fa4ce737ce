//! From a question to all that a phase needs for its answer.

use crate::cluster::Cluster;
use crate::component::{Facts, Phase};
use crate::entropy::{self, RandomSource};
use crate::errors::Error;
use kubephase_core::limits::Limits;
use kubephase_core::policy::Policy;
use kubephase_core::question::{Question, RandomRequest, RandomValue, Server, Visibility};
use kubephase_core::secret::Secrets;
use kubephase_core::snapshot::Snapshot;

/// What was found out.
#[derive(Debug, Default)]
pub struct PlanInputs {
    /// The API server.
    pub server: Server,
    /// What was read.
    pub snapshot: Snapshot,
    /// What was drawn.
    pub random: Vec<RandomValue>,
}

impl PlanInputs {
    /// What a phase is told.
    #[must_use]
    pub fn facts<'a>(&'a self, question: &'a Question) -> Facts<'a> {
        Facts { question, server: &self.server, snapshot: &self.snapshot, random: &self.random }
    }
}

/// A phase, a question, and all that may be used to answer it.
pub struct Inquiry<'a> {
    /// Who is asked.
    pub phase: &'a Phase<'a>,
    /// What is asked.
    pub question: &'a Question,
    /// What the phase may see.
    pub policy: Policy<'a>,
    /// Where to look.
    pub cluster: &'a dyn Cluster,
    /// Random strings of an earlier attempt, which may be stored already.
    pub drawn: &'a [RandomValue],
    /// Where random strings come from that the phase may see.
    pub clear: RandomSource<'a>,
    /// How often the phase may ask for more, and for how many objects and lists.
    pub limits: Limits,
}

impl Inquiry<'_> {
    /// Asks the phase what it needs and finds it out, until it needs nothing new.
    ///
    /// # Errors
    /// [`Error`] if the phase asks for what it may not have, if reading fails, and if it still wants more after the last round.
    pub fn find_out(&self, secrets: &mut Secrets) -> Result<PlanInputs, Error> {
        let (server, random) = (self.cluster.server().clone(), self.drawn.to_vec());
        let mut known = PlanInputs { server, random, ..PlanInputs::default() };
        for _ in 0..self.limits.rounds {
            let needs = self.phase.need(&known.facts(self.question), self.policy, secrets)?;
            let mut reads = needs.reads;
            reads.retain(|read| !known.snapshot.has(read));
            reads.sort();
            reads.dedup();
            let drawn = |name: &str| known.random.iter().any(|value| value.name == name);
            let draws: Vec<_> = needs.random.into_iter().filter(|request| !drawn(&request.name)).collect();
            if reads.is_empty() && draws.is_empty() {
                return Ok(known);
            }
            if !draws.is_empty() {
                for request in &draws {
                    known.random.push(entropy::draw(request, self.source_for(request), secrets)?);
                }
                // What is to be read may depend on it; asking costs nothing, a flight of reads does.
                continue;
            }
            let wanted = known.snapshot.len() + reads.len();
            if wanted as u64 > self.limits.reads {
                return Err(Error::Insatiable(self.limits.reads));
            }
            let reads =
                self.policy.permit_reads(reads).map_err(|denials| Error::denied(denials, self.policy, &self.question.task))?;
            let observation = self.cluster.observe(&reads).map_err(Error::Cluster)?;
            known.server.version = observation.version;
            for (selector, objects) in observation.snapshot.iter() {
                known.snapshot.insert(selector.clone(), objects.clone());
            }
        }
        Err(Error::Unsettled(self.limits.rounds))
    }

    /// Secrets come from the operating system, always.
    fn source_for(&self, request: &RandomRequest) -> RandomSource<'_> {
        match request.visibility {
            Visibility::Clear => self.clear,
            Visibility::Hidden => &entropy::system,
        }
    }
}
