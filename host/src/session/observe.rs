//! Collects what a phase needs to answer a question.

use crate::cluster::Cluster;
use crate::component::{Facts, Phase, PhaseRequest};
use crate::entropy::{self, RandomSource};
use crate::errors::Error;
use kubephase_core::limits::Limits;
use kubephase_core::policy::Policy;
use kubephase_core::question::{Question, RandomRequest, RandomValue, Server, Visibility};
use kubephase_core::secret::Secrets;
use kubephase_core::snapshot::Snapshot;

/// What was collected for the phase.
#[derive(Debug, Default)]
pub struct PlanInputs {
    /// The API server.
    pub server: Server,
    /// The objects and lists that were read.
    pub snapshot: Snapshot,
    /// The random strings that were generated.
    pub random: Vec<RandomValue>,
}

impl PlanInputs {
    /// The input of the phase for this question.
    #[must_use]
    pub fn facts<'a>(&'a self, question: &'a Question) -> Facts<'a> {
        Facts { question, server: &self.server, snapshot: &self.snapshot, random: &self.random }
    }
}

/// A phase, a question, and the sources it may be answered from.
pub struct Inquiry<'a, 'p> {
    /// The phase that is asked.
    pub phase: &'p Phase<'p>,
    /// The task and its parameters.
    pub question: &'a Question,
    /// What the phase may read.
    pub policy: Policy<'a>,
    /// Where objects are read.
    pub cluster: &'a dyn Cluster,
    /// Random strings of an earlier attempt, which may already be stored in the cluster.
    pub drawn: &'a [RandomValue],
    /// The source of random strings that the phase may see in clear text.
    pub clear: RandomSource<'a>,
    /// How many rounds of requests the phase has, and how many objects and lists it may read.
    pub limits: Limits,
}

impl<'p> Inquiry<'_, 'p> {
    /// Asks the phase what it needs and collects it, until it needs nothing new. Returns that, and the request with which the phase
    /// can be asked for its plan.
    ///
    /// # Errors
    /// [`Error`] if the phase asks for something it was not granted, if reading fails, or if it still asks for more after the
    /// last round.
    pub fn find_out(&self, secrets: &mut Secrets) -> Result<(PlanInputs, PhaseRequest<'p>), Error> {
        let (server, random) = (self.cluster.server().clone(), self.drawn.to_vec());
        let mut known = PlanInputs { server, random, ..PlanInputs::default() };
        for _ in 0..self.limits.rounds {
            let request = self.phase.tell(&known.facts(self.question), self.policy, secrets)?;
            let needs = request.need()?;
            let mut reads = needs.reads;
            reads.retain(|read| !known.snapshot.has(read));
            reads.sort();
            reads.dedup();
            let drawn = |name: &str| known.random.iter().any(|value| value.name == name);
            let draws: Vec<_> = needs.random.into_iter().filter(|request| !drawn(&request.name)).collect();
            if reads.is_empty() && draws.is_empty() {
                return Ok((known, request));
            }
            if !draws.is_empty() {
                for request in &draws {
                    known.random.push(entropy::draw(request, self.source_for(request), secrets)?);
                }
                // The next reads may depend on it; asking the phase is cheap, a round of reads is not.
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
            known.snapshot.extend(observation.snapshot);
        }
        Err(Error::Unsettled(self.limits.rounds))
    }

    /// Secret values always come from the operating system.
    fn source_for(&self, request: &RandomRequest) -> RandomSource<'_> {
        match request.visibility {
            Visibility::Clear => self.clear,
            Visibility::Hidden => &entropy::system,
        }
    }
}
