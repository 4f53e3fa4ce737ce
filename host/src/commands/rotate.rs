//! `rotate`: two tokens of one name take turns, and machines are given the newer one.
//!
//! What is due is decided by the phase, by the cluster and by what is handed out alone, again after each change. So it goes on where an
//! earlier run ended, however that ended.

use super::{run, several};
use crate::check::{Reach, Setting, examine_all, join};
use crate::config::check::{CertificateRequest, CheckSubject, Options};
use crate::config::rotate::RotateOrder;
use crate::config::{Precheck, Run, Stage};
use crate::consent::Person;
use crate::errors::Error;
use crate::interrupt::Interrupt;
use crate::phase::load::{Loaded, load};
use crate::render::check::aside;
use crate::render::join_form::join_form;
use crate::render::progress::PlainLines;
use crate::render::resolved;
use crate::render::terminal::Printer;
use crate::session::handout::{Handout, id_in};
use crate::session::{Session, execute, in_session};
use kubephase_core::format::Format;
use kubephase_core::join::{JoinCommand, JoinVerdict};
use kubephase_core::outcome::Outcome;
use kubephase_core::question::Server;
use kubephase_core::report::Mode;

/// The output of the phase with the id of the token that machines should be given.
const CURRENT: &str = "current";
/// How many steps there are at most: the next token, the older one's end, and as much again if somebody interferes.
const MOST_STEPS: usize = 4;

/// Does what is due.
///
/// # Errors
/// [`Error`] if nothing was changed. The outcome is `No` if nodes cannot join with the new token: it is not handed out then.
pub(super) fn rotate(mut order: RotateOrder, person: Person<'_>, printer: &Printer<'_>) -> Result<Outcome, Error> {
    let loaded = load(&order.run.phase, printer)?;
    let Stage::Execute(precheck) = order.run.stage else {
        let handed_out = handout(&order).read(printer)?.as_deref().and_then(|text| id_in(text));
        return run::run(order.step(handed_out.as_deref()), person, printer);
    };
    several::agree(&loaded, &mut order.run.phase, "rotate", person, printer)?;
    let mut made = 0;
    match turn(&order, (&loaded, precheck), &mut made, printer) {
        // Exit code 2 promises that nothing was changed.
        Err(error) if made > 0 => {
            error.lines().iter().try_for_each(|line| printer.message(line))?;
            printer.message("run the same command again to go on")?;
            Ok(Outcome::Partial)
        }
        other => other,
    }
}

/// One step after the other until nothing is due. `made` counts the changes.
fn turn(
    order: &RotateOrder,
    (loaded, precheck): (&Loaded, Precheck),
    made: &mut usize,
    printer: &Printer<'_>,
) -> Result<Outcome, Error> {
    let handout = handout(order);
    for _ in 0..MOST_STEPS {
        let given = handout.read(printer)?;
        let handed_out = given.as_deref().and_then(|text| id_in(text));
        let run = order.step(handed_out.as_deref());
        let Step { outcome, changes, current, server } = step(loaded, run, (precheck, &handout), printer)?;
        *made += changes;
        if outcome != Outcome::Done {
            return Ok(outcome);
        }
        let (plain, interrupt) = (PlainLines::new(printer), Interrupt::default());
        let Run { connection, cure_flags, .. } = &order.run;
        let (progress, log, reach) = (&plain, printer, Reach::Anywhere);
        let setting = Setting { connection, interrupt: &interrupt, progress, log, reach, cure_flags };
        let join = join(CheckSubject::Id(current.clone(), order.endpoint.clone()), setting)?;
        let text = join_form(order.form, &join, &server)?;
        if given.as_ref() == Some(&text) {
            if *made == 0 {
                printer.message(&format!("nothing is due: token {current} is handed out in {handout}"))?;
            }
            return Ok(Outcome::Done);
        }
        if !is_proved(join, order, setting, printer)? {
            printer.message(&format!("token {current} is not handed out: {handout} is as before"))?;
            return Ok(Outcome::No);
        }
        handout.write(&text, printer)?;
        *made += 1;
        printer.message(&format!("token {current} is handed out in {handout}"))?;
    }
    printer.message("somebody else changes these tokens, or what is handed out, at the same time; run it again")?;
    Ok(Outcome::Partial)
}

/// What a step did, and what is known after it.
struct Step {
    outcome: Outcome,
    /// How many objects were to be changed.
    changes: usize,
    /// The token that machines should be given.
    current: String,
    server: Server,
}

fn handout(order: &RotateOrder) -> Handout<'_> {
    let Run { connection, phase, .. } = &order.run;
    Handout { place: &order.place, form: order.form, connection, most_bytes: phase.limits.read_bytes }
}

/// Makes the changes that are due by the cluster.
fn step(loaded: &Loaded, run: Run, (precheck, handout): (Precheck, &Handout<'_>), printer: &Printer<'_>) -> Result<Step, Error> {
    in_session(loaded, run, Person::Absent, printer, |session: &mut Session<'_>| {
        let attempt = session.plan(&[])?;
        let content = attempt.plan.content();
        let current = content.outputs.iter().find(|output| output.name == CURRENT);
        let current = current.and_then(|output| resolved(output, session.secrets)).map(|id| id.to_string()).unwrap_or_default();
        let changes = execute::foresee(&content.operations, Mode::Client).changes();
        let server = attempt.known.server.clone();
        let outcome = if changes == 0 {
            Outcome::Done
        } else {
            handout.try_write(printer)?;
            run::apply(session, precheck, printer)?
        };
        Ok(Step { outcome, changes, current, server })
    })
}

/// Whether nodes can join, once the token is signed.
fn is_proved(join: JoinCommand, order: &RotateOrder, setting: Setting<'_>, printer: &Printer<'_>) -> Result<bool, Error> {
    let options = Options { wait: Some(order.wait), request: CertificateRequest::None, format: Format::Text };
    let verdict = examine_all(&[join], options, setting, |examined| aside(examined, printer))?;
    Ok(verdict == JoinVerdict::Joins)
}
