//! A phase, its grant and a cluster, for the duration of one command: objects are `observe`d, the plan is `verify`ed and
//! `execute`d, and what it overwrites is kept to `undo` it.

mod document;
pub mod execute;
pub(crate) mod handout;
pub(crate) mod inventory;
pub mod observe;
pub(crate) mod own;
#[cfg(test)]
mod tests;
pub(crate) mod undo;
pub mod verify;

use crate::cluster::error::{ClusterErrorKind, distinct};
use crate::cluster::files::{Files, Folder};
use crate::cluster::live::{CallSettings, Live, Target};
use crate::cluster::recorded::{Recorded, Recorder, Replayed};
use crate::cluster::{Cluster, ClusterError};
use crate::component::{CallError, Phase, PhaseRequest};
use crate::config::{Against, ConfigError, Precheck, RecordingUse, Run, Stage};
use crate::consent::{self, Person};
use crate::entropy;
use crate::errors::Error;
use crate::interrupt::Interrupt;
use crate::phase::load::{Loaded, load, said};
use crate::render::progress::{LiveLines, PlainLines};
use crate::render::terminal::Printer;
use crate::session::observe::{Inquiry, PlanInputs};
use crate::session::verify::{Unverified, verify};
use crate::store::write_private;
use kubephase_core::connection::Connection;
use kubephase_core::limits::addressable;
use kubephase_core::log::Log;
use kubephase_core::object::ObjectRef;
use kubephase_core::plan::{Permitted, Plan, Verified};
use kubephase_core::policy::Policy;
use kubephase_core::progress::Progress;
use kubephase_core::question::{RandomValue, Server};
use kubephase_core::saved::{
    ClusterDocument, PhaseDocument, PlanDocument, QuestionDocument, Recording, Redaction, Saved, SavedError, UndoDocument,
    UndoObstacle,
};
use kubephase_core::secret::Secrets;
use kubephase_core::selector::Selector;
use std::cell::OnceCell;
use std::path::Path;

/// How often a plan is rebuilt because other clients changed its objects. Of several concurrent runs, at least one succeeds each
/// time.
pub(crate) const ATTEMPTS: usize = 10;

/// What every attempt at a plan needs.
pub(crate) struct Session<'a> {
    pub(crate) phase: &'a Phase<'a>,
    pub(crate) policy: Policy<'a>,
    pub(crate) cluster: &'a dyn Cluster,
    pub(crate) run: &'a Run,
    /// The hidden values: those of the run, and those found while reading and generating.
    pub(crate) secrets: &'a mut Secrets,
    pub(crate) interrupt: &'a Interrupt,
    /// The phase as plans describe it.
    pub(crate) phase_document: PhaseDocument,
    /// The recording that is written or replayed.
    recorder: Option<&'a Recorder<'a>>,
    /// The UID of the cluster, once it has been read.
    uid: OnceCell<Option<String>>,
}

/// A plan and the inputs it was made from.
pub(crate) struct Attempt<S> {
    pub(crate) plan: Plan<S>,
    pub(crate) known: PlanInputs,
}

/// Loads the phase, obtains its grant, prepares the connection, and passes the session to `work`.
pub(crate) fn with_session<T>(
    run: Run,
    person: Person<'_>,
    printer: &Printer<'_>,
    work: impl FnOnce(&mut Session<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    run.warnings.iter().try_for_each(|warning| printer.message(&format!("warning: {warning}")))?;
    let loaded = load(&run.phase, printer)?;
    in_session(&loaded, run, person, printer, work)
}

/// Like [`with_session`], for a phase that is already loaded.
pub(crate) fn in_session<T>(
    loaded: &Loaded,
    mut run: Run,
    person: Person<'_>,
    printer: &Printer<'_>,
    work: impl FnOnce(&mut Session<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    let mut secrets = std::mem::take(&mut run.secrets);
    in_session_with(loaded, &run, &mut secrets, person, printer, work)
}

/// Like [`in_session`], with hidden values that outlive the session, for use in the next one.
pub(crate) fn in_session_with<T>(
    loaded: &Loaded,
    run: &Run,
    secrets: &mut Secrets,
    person: Person<'_>,
    printer: &Printer<'_>,
    work: impl FnOnce(&mut Session<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    let is_watched = matches!(person, Person::There(_));
    let task = loaded.description.task(&run.question.task)?;
    let granted = consent::granted(loaded.applicant(&run.phase), task, said(&run.phase), person, printer)?;
    let of_phase = loaded.description.permissions();
    let policy = Policy { declared: &task.permissions, granted: &granted, of_phase: &of_phase };
    let interrupt = loaded.turns.as_ref().map(|turns| turns.interrupt.clone()).unwrap_or_default();
    let plain = PlainLines::new(printer);
    let live = is_watched.then(|| LiveLines::new(printer));
    let progress: &dyn Progress = live.as_ref().map_or(&plain, |live| live);
    let manners = CallSettings {
        patience: run.connection.patience,
        interrupt: &interrupt,
        progress,
        log: printer,
        caller: "",
        most_bytes: run.phase.limits.read_bytes,
        turns: loaded.turns.as_ref(),
    };
    let recorder = recorder(run, secrets, policy);
    let cluster = open(run, manners, recorder.as_ref(), printer)?;
    let phase_document = loaded.document();
    let (phase, uid, recorder) = (&loaded.phase.logged(printer), OnceCell::new(), recorder.as_ref());
    let (interrupt, cluster) = (&interrupt, &*cluster);
    let result = work(&mut Session { phase, policy, cluster, run, secrets, interrupt, phase_document, uid, recorder })
        .map_err(|error| explained(error, run));
    match recorder {
        Some(recorder) => wound_up(&run.recording, recorder, result),
        None => result,
    }
}

/// Says of a request that was refused which rights the run needs, and of a configuration that was refused which files it is.
fn explained(error: Error, run: &Run) -> Error {
    let is_forbidden = |error: &ClusterError| error.kind == ClusterErrorKind::Forbidden;
    match error {
        Error::Cluster(errors) if errors.iter().any(is_forbidden) => Error::Forbidden { errors, rights: run.rights() },
        Error::Call(CallError::InvalidInput(problems)) if !run.filenames.is_empty() => {
            Error::Input { files: run.filenames.clone(), problems }
        }
        other => other,
    }
}

/// Like [`in_session`], on a given cluster and with everything granted that the phase declares: a case of `phase test`.
/// Clear-text random strings depend on the question and not on the digest of the phase, so that another build gives the same
/// answer.
pub(crate) fn in_case<T>(
    loaded: &Loaded,
    mut run: Run,
    cluster: &dyn Cluster,
    log: &dyn Log,
    work: impl FnOnce(&mut Session<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    let task = loaded.description.task(&run.question.task)?;
    let of_phase = loaded.description.permissions();
    let policy = Policy { declared: &task.permissions, granted: &task.permissions, of_phase: &of_phase };
    let interrupt = Interrupt::default();
    let phase_document = PhaseDocument { version: String::new(), digest: String::new(), ..loaded.document() };
    let (phase, interrupt, uid) = (&loaded.phase.logged(log), &interrupt, OnceCell::new());
    let (mut secrets, run) = (std::mem::take(&mut run.secrets), &run);
    work(&mut Session { phase, policy, cluster, run, secrets: &mut secrets, interrupt, phase_document, uid, recorder: None })
}

/// Writes the recording, even of a failed run; of a replayed one, reports the recorded requests that were not repeated.
fn wound_up<T>(recording_use: &RecordingUse, recorder: &Recorder<'_>, result: Result<T, Error>) -> Result<T, Error> {
    let recording = recorder.recording().borrow();
    match recording_use {
        RecordingUse::Record(path) => {
            write_private(path, &recording.text()).map_err(|source| Error::Save { path: path.clone(), source })?;
        }
        RecordingUse::Replay(path, _) if result.is_ok() => {
            let requests: Vec<String> = recording.left_over().into_iter().map(str::to_owned).collect();
            if !requests.is_empty() {
                return Err(Error::LeftOver { path: path.clone(), requests });
            }
        }
        RecordingUse::Replay(..) | RecordingUse::None => {}
    }
    result
}

/// The recorder that writes or replays; `None` if the run does neither.
fn recorder<'a>(run: &Run, secrets: &Secrets, policy: Policy<'a>) -> Option<Recorder<'a>> {
    let recording = match &run.recording {
        RecordingUse::None => return None,
        RecordingUse::Record(_) => Recording::new(&run.question.now),
        RecordingUse::Replay(_, recording) => (**recording).clone(),
    };
    Some(Recorder::new(recording, Redaction::new(secrets), policy))
}

/// Opens the place where objects are read and written.
fn open<'a>(
    run: &Run,
    manners: CallSettings<'a>,
    recorder: Option<&'a Recorder<'a>>,
    printer: &'a Printer<'_>,
) -> Result<Box<dyn Cluster + 'a>, Error> {
    if let (RecordingUse::Replay(..), Some(recorder)) = (&run.recording, recorder) {
        return Ok(Box::new(Replayed::new(recorder)));
    }
    let cluster = cluster(&run.connection, &run.against, manners, printer)?;
    Ok(match recorder {
        Some(recorder) => Box::new(Recorded::new(cluster, recorder)),
        None => cluster,
    })
}

/// kubectl tries its default server without a word.
const UNCONFIGURED: &str = "warning: no kubeconfig names a server: tried --kubeconfig, KUBECONFIG, ~/.kube/config and, for control plane \
     nodes, /etc/kubernetes/admin.conf";

/// The cluster of the run.
pub(crate) fn cluster<'a>(
    connection: &Connection,
    against: &Against,
    manners: CallSettings<'a>,
    printer: &'a Printer<'_>,
) -> Result<Box<dyn Cluster + 'a>, Error> {
    let unusable = |error: ClusterError| Error::Cluster(vec![error]);
    let target = Target::resolve(connection).map_err(unusable)?;
    Ok(match against {
        Against::Live => {
            if !target.is_configured() {
                printer.message(UNCONFIGURED).map_err(Error::Output)?;
            }
            Box::new(Live::prepare(target, manners).map_err(unusable)?)
        }
        Against::Folder(path) => {
            let folder = Folder::open(path, manners.most_bytes).map_err(unusable)?;
            Box::new(Files::telling(folder, target.server(), printer))
        }
        Against::Empty => Box::new(Files::new(Folder::empty(), target.server())),
    })
}

impl<'a> Session<'a> {
    /// A plan that may be applied. `drawn` are the random strings of an earlier attempt.
    pub(crate) fn plan(&mut self, drawn: &[RandomValue]) -> Result<Attempt<Permitted>, Error> {
        let run = self.run;
        match &run.saved {
            None => {
                let (known, request) = self.find_out(drawn)?;
                let plan = self.propose(&known, request)?;
                Ok(Attempt { plan, known })
            }
            Some((path, Saved::Plan(saved))) => self.plan_again(path, saved),
            Some((path, Saved::Undo(saved))) => self.plan_back(path, saved),
        }
    }

    /// A saved plan, if the phase still proposes it for the current objects.
    fn plan_again(&mut self, path: &Path, saved: &PlanDocument) -> Result<Attempt<Permitted>, Error> {
        let refused = |source| ConfigError::Saved { path: path.to_owned(), source };
        saved.check_origin(&self.phase_document, &self.cluster_document()?).map_err(refused)?;
        let (known, request) = self.find_out(&saved.random())?;
        saved.check_observed(&self.document(&known, None)?).map_err(refused)?;
        let plan = self.propose(&known, request)?.without(&saved.left_out());
        saved.check_proposal(&self.document(&known, Some(&plan))?).map_err(refused)?;
        Ok(Attempt { plan, known })
    }

    /// The undo plan of an applied plan, if no other client has changed its objects since. It comes from the file and not from
    /// the phase, but it is limited to what the phase may write.
    fn plan_back(&mut self, path: &Path, saved: &UndoDocument) -> Result<Attempt<Permitted>, Error> {
        let refused = |source| Error::from(ConfigError::Saved { path: path.to_owned(), source });
        let policy = self.policy;
        let here = ClusterDocument { uid: None, ..self.cluster_here() };
        saved.cluster.check(&here).map_err(refused)?;
        let reads = saved.reads().map_err(|error| refused(SavedError::Unreadable(error.to_string())))?;
        for read in &reads {
            if let Selector::One(target) = read
                && !policy.may_write(target)
            {
                return Err(refused(SavedError::Beyond(target.to_string())));
            }
        }
        let reads = policy.permit_reads(reads).map_err(|denials| Error::denied(denials, policy, &saved.task))?;
        let observation = self.cluster.observe(&reads).map_err(Error::Cluster)?;
        let reveals = |target: &ObjectRef, key: &str| policy.reveals(target, key);
        let values = match (&self.run.recording, self.recorder) {
            (RecordingUse::Replay(_, recording), _) if recording.has_values() => saved.masked_values(),
            (RecordingUse::Record(_), Some(recorder)) if !self.run.values.is_empty() => {
                recorder.recording().borrow_mut().note_values();
                self.run.values.clone()
            }
            _ => self.run.values.clone(),
        };
        let plan = saved.plan(&observation.snapshot, &values, &reveals).map_err(|obstacle| match obstacle {
            UndoObstacle::Saved(source) => refused(source),
            UndoObstacle::Name(error) => refused(SavedError::Unreadable(error.to_string())),
            UndoObstacle::Plan(error) => Error::Plan(error),
        })?;
        let server = Server { version: observation.version, ..self.cluster.server().clone() };
        let known = PlanInputs { server, snapshot: observation.snapshot, random: Vec::new() };
        Ok(Attempt { plan, known })
    }

    /// Everything that the phase asks to know, and the request with it.
    fn find_out(&mut self, drawn: &[RandomValue]) -> Result<(PlanInputs, PhaseRequest<'a>), Error> {
        let Self { phase, policy, cluster, run, secrets, recorder, .. } = self;
        let question = &run.question;
        let (policy, limits) = (*policy, run.phase.limits);
        // A saved plan must be the same for the same question; the id of a token may be predictable.
        let server = cluster.server();
        let seed = serde_json::json!([
            &self.phase_document,
            QuestionDocument::from(question),
            &server.url,
            &server.certificate_authority_pins,
        ]);
        let seed = seed.to_string();
        let seeded = entropy::seeded(seed.as_bytes());
        let clear: entropy::RandomSource<'_> = if matches!(run.stage, Stage::Plan(..)) { &seeded } else { &entropy::system };
        let recorder = *recorder;
        let again = match (&run.recording, recorder) {
            (RecordingUse::Replay(..), Some(recorder)) if drawn.is_empty() => recorder.recording().borrow().random(secrets),
            _ => drawn.to_vec(),
        };
        let inquiry = Inquiry { phase, question, policy, cluster: *cluster, drawn: &again, clear, limits };
        let (known, request) = inquiry.find_out(secrets)?;
        if let Some(recorder) = recorder {
            recorder.recording().borrow_mut().note_random(&known.random, secrets);
        }
        Ok((known, request))
    }

    /// The plan that the phase proposes, if its grant permits it.
    fn propose(&mut self, known: &PlanInputs, request: PhaseRequest<'_>) -> Result<Plan<Permitted>, Error> {
        let Self { policy, run, secrets, .. } = self;
        let content = request.plan()?;
        // It may have megabytes.
        drop(request);
        let plan = Plan::propose(content, addressable(run.phase.limits.operations))?;
        let permitted = policy.permit_plan(plan, &known.snapshot, secrets);
        permitted.map_err(|denials| Error::denied(denials, *policy, &run.question.task))
    }

    /// A plan whose writes all passed the dry run; rebuilt if an object changed after it was read, except for a saved plan.
    pub(crate) fn verified(&mut self, drawn: &[RandomValue], precheck: Precheck) -> Result<Attempt<Verified>, Error> {
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
