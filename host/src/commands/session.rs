//! A phase, what it may do, and a cluster, together as long as one command needs them.

use super::load::{load, said};
use crate::cluster::files::{Files, Folder};
use crate::cluster::live::{Live, Manners, Target};
use crate::cluster::logged::Logged;
use crate::cluster::{Cluster, ClusterError, error::distinct};
use crate::component::Phase;
use crate::config::{Against, Precheck, Run};
use crate::consent::{self, Person};
use crate::entropy;
use crate::errors::Error;
use crate::interrupt::Interrupt;
use crate::observe::{Inquiry, Known};
use crate::render::progress::{LiveLines, PlainLines};
use crate::render::terminal::Printer;
use crate::verify::{Unverified, verify};
use kubephase_core::limits::addressable;
use kubephase_core::plan::{Permitted, Plan, Verified};
use kubephase_core::policy::Policy;
use kubephase_core::progress::Progress;
use kubephase_core::question::RandomValue;

/// How often a plan is made anew because somebody changed its objects. Of several of us at least one gets through each time.
pub(super) const ATTEMPTS: usize = 10;

/// What every attempt at a plan needs.
pub(super) struct Session<'a> {
    pub(super) phase: &'a Phase<'a>,
    pub(super) policy: Policy<'a>,
    pub(super) cluster: &'a dyn Cluster,
    pub(super) run: &'a mut Run,
    pub(super) interrupt: &'a Interrupt,
}

/// A plan, and what it was made from.
pub(super) struct Attempt<S> {
    pub(super) plan: Plan<S>,
    pub(super) known: Known,
}

/// Loads the phase, asks what it may do, prepares the connection, and hands all of it to `work`.
pub(super) fn with_session<T>(
    run: &mut Run,
    person: Person<'_>,
    printer: &Printer<'_>,
    work: impl FnOnce(&mut Session<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    let is_watched = matches!(person, Person::There(_));
    let loaded = load(&run.phase, printer)?;
    let task = loaded.description.task(&run.question.task)?;
    let granted = consent::granted(loaded.applicant(&run.phase), task, said(&run.phase), person, printer)?;
    let policy = Policy { declared: &task.permissions, granted: &granted };
    let (plain, interrupt) = (PlainLines::new(printer), Interrupt::default());
    let live = is_watched.then(LiveLines::new);
    let progress: &dyn Progress = live.as_ref().map_or(&plain, |live| live);
    let manners = Manners { patience: run.connection.patience, interrupt: &interrupt, progress };
    let cluster = Logged::new(open(run, manners)?, printer);
    work(&mut Session { phase: &loaded.phase, policy, cluster: &cluster, run, interrupt: &interrupt })
}

/// Where objects are read and written.
fn open<'a>(run: &Run, manners: Manners<'a>) -> Result<Box<dyn Cluster + 'a>, Error> {
    let unusable = |error: ClusterError| Error::Cluster(vec![error]);
    let target = Target::resolve(&run.connection).map_err(unusable)?;
    Ok(match &run.against {
        Against::Live => Box::new(Live::prepare(target, manners).map_err(unusable)?),
        Against::Folder(path) => Box::new(Files::new(Folder::open(path).map_err(unusable)?, target.server())),
        Against::Empty => Box::new(Files::new(Folder::empty(), target.server())),
    })
}

impl Session<'_> {
    /// A plan that may be carried out. `drawn` are the random strings of an earlier attempt.
    pub(super) fn plan(&mut self, drawn: &[RandomValue]) -> Result<Attempt<Permitted>, Error> {
        let Self { phase, policy, cluster, run, .. } = self;
        let question = &run.question;
        let (policy, rounds) = (*policy, run.phase.limits.rounds);
        let inquiry = Inquiry { phase, question, policy, cluster: *cluster, drawn, entropy: entropy::system, rounds };
        let known = inquiry.find_out(&mut run.secrets)?;
        let content = phase.plan(&known.facts(question), policy, &mut run.secrets)?;
        let plan = Plan::propose(content, addressable(run.phase.limits.operations))?;
        let plan = policy
            .permit_plan(plan, &known.snapshot, &run.secrets)
            .map_err(|denials| Error::denied(denials, policy, &question.task))?;
        Ok(Attempt { plan, known })
    }

    /// A plan that was tried as a whole; made anew if somebody changed an object after it was read.
    pub(super) fn verified(&mut self, drawn: &[RandomValue], precheck: Precheck) -> Result<Attempt<Verified>, Error> {
        let mut last = Vec::new();
        for _ in 0..ATTEMPTS {
            let Attempt { plan, known } = self.plan(drawn)?;
            if precheck == Precheck::None {
                return Ok(Attempt { plan: plan.unchecked(), known });
            }
            match verify(plan, self.cluster) {
                Ok(plan) => return Ok(Attempt { plan, known }),
                Err(Unverified::Refused(errors)) => return Err(Error::Cluster(distinct(errors))),
                Err(Unverified::Stale(errors)) => last = errors,
            }
        }
        Err(Error::Contended { attempts: ATTEMPTS, last })
    }
}
