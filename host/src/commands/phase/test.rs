//! `phase test`: runs the cases of a phase in the sandbox, like `plan` does, and compares the answers.

use crate::cluster::certificates::Certificates;
use crate::cluster::files::{Files, Folder};
use crate::component::CallError;
use crate::config::cases::{Case, Cases, Expectation};
use crate::errors::Error;
use crate::phase::load::{Loaded, load};
use crate::render::cases::{self, CaseAnswer, CaseVerdict, Tested};
use crate::render::document::show;
use crate::render::terminal::Printer;
use crate::session::in_case;
use crate::store::write_shared;
use kubephase_core::format::JunitFormat;
use kubephase_core::log::Log;
use kubephase_core::outcome::Outcome;
use kubephase_core::question::Server;
use kubephase_core::secret::names;

/// Runs all cases of a phase, and reports the answers that differ. The outcome is `Done` if none differs, `No` otherwise.
///
/// # Errors
/// [`Error`] if the phase does not run at all, a case cannot be run, or an expected answer cannot be written.
pub(super) fn test(given: &Cases, printer: &Printer<'_>) -> Result<Outcome, Error> {
    let loaded = load(&given.phase, printer)?;
    let verdicts = given.cases.iter().map(|case| Ok((case.name.clone(), judged(&loaded, given, case, printer)?)));
    let tested = Tested {
        source: given.phase.source.to_string(),
        phase: loaded.document(),
        folder: given.folder.display().to_string(),
        cases: verdicts.collect::<Result<Vec<_>, Error>>()?,
    };
    match given.format.shared() {
        Ok(format) => show(&tested, format, printer)?,
        Err(JunitFormat) => printer.document(&cases::junit(&tested)?)?,
    }
    Ok(if tested.failed() == 0 { Outcome::Done } else { Outcome::No })
}

/// The verdict on a case.
fn judged(loaded: &Loaded, given: &Cases, case: &Case, log: &dyn Log) -> Result<CaseVerdict, Error> {
    let (first, second) = match (answer(loaded, given, case, log), answer(loaded, given, case, log)) {
        (Ok(first), Ok(second)) => (first, second),
        (Err(error), _) | (_, Err(error)) if is_of_the_phase(&error) => return Ok(CaseVerdict::Failed(error.lines())),
        (Err(error), _) | (_, Err(error)) => return Err(error),
    };
    if first != second {
        return Ok(CaseVerdict::Changing(cases::difference(("first answer", &first), ("second answer", &second))));
    }
    let expected = case.expected.as_ref().map(cases::settled).unwrap_or_default();
    if expected == first {
        return Ok(CaseVerdict::Passed);
    }
    let path = case.expected_file();
    match given.expectation {
        Expectation::Stays => Ok(CaseVerdict::Differs(cases::difference(("expected.yaml", &expected), ("found", &first)))),
        Expectation::Follows => {
            write_shared(&path, &first).map_err(|source| Error::Save { path, source })?;
            Ok(CaseVerdict::Blessed)
        }
    }
}

/// The document of the phase's answer.
fn answer(loaded: &Loaded, given: &Cases, case: &Case, log: &dyn Log) -> Result<String, Error> {
    let folder = case.observed().map_or_else(|| Ok(Folder::empty()), |path| Folder::open(&path, given.phase.limits.read_bytes));
    let server = case.server();
    let authority = Certificates::read(server.certificate_authority.as_bytes());
    let server = Server { certificate_authority_pins: authority.pins(), ..server };
    let cluster = Files::new(folder.map_err(|error| Error::Cluster(vec![error]))?, server);
    let answered = in_case(loaded, given.run(case), &cluster, log, |session| {
        let attempt = session.plan(&[])?;
        let known = &attempt.known;
        let names = names(&session.run.question, &known.random, &known.snapshot, session.policy, session.secrets);
        Ok(cases::answer(CaseAnswer::Plan(attempt.plan.content(), &names))?)
    });
    match answered {
        Err(Error::Call(CallError::InvalidInput(problems))) => {
            let problems = problems.iter().map(|problem| (problem.path.as_str(), problem.message.as_str())).collect();
            Ok(cases::answer(CaseAnswer::InvalidInput(problems))?)
        }
        Err(Error::Call(CallError::Unsupported(text))) => Ok(cases::answer(CaseAnswer::Unsupported(&text))?),
        Err(Error::Call(CallError::Failed(text))) => Ok(cases::answer(CaseAnswer::Other(&text))?),
        other => other,
    }
}

/// Whether the error is the phase's fault and not the case's.
const fn is_of_the_phase(error: &Error) -> bool {
    matches!(error, Error::Call(_) | Error::Denied { .. } | Error::Plan(_) | Error::Unsettled(_) | Error::Task(_))
}
