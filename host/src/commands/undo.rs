//! `undo` and `plan show`: undo plans and saved plans, applied or shown.

use super::run;
use crate::cluster::live::Target;
use crate::config::file::STDIN;
use crate::config::question::clock;
use crate::config::undo::{LatestUndo, SavedFile, UndoOrder, history};
use crate::config::{Against, apply_command};
use crate::consent::Person;
use crate::errors::Error;
use crate::render::document;
use crate::render::outline::{Outline, print};
use crate::render::terminal::Printer;
use crate::render::undo_list::UndoRows;
use crate::session::undo::place;
use crate::store::check_private;
use kubephase_core::connection::Connection;
use kubephase_core::format::{Format, ShowFormat};
use kubephase_core::outcome::Outcome;
use kubephase_core::saved::{GivenDocument, Saved, UndoPlaceId};
use std::path::Path;

/// Runs an `undo`.
///
/// # Errors
/// [`Error`] as by `apply`, and if there is nothing to undo.
pub(super) fn undo(order: UndoOrder, person: Person<'_>, printer: &Printer<'_>) -> Result<Outcome, Error> {
    match order {
        UndoOrder::Apply(run) => run::run(*run, person, printer),
        UndoOrder::ApplyLatest(run) => {
            let here = here(&run.connection, &run.against)?;
            let run = run.undoing_latest(&here)?;
            if let Some((path, _)) = &run.saved {
                printer.message(&format!("applying the undo plan `{}`", path.display()))?;
            }
            run::run(run, person, printer)
        }
        UndoOrder::List(folder, format) => list(folder.as_deref(), format, printer),
        UndoOrder::Show(file, format) => show(&file, format, printer),
        UndoOrder::ShowLatest(latest, format) => {
            let LatestUndo { connection, against, .. } = &*latest;
            let here = here(connection, against)?;
            show(&latest.find(&here)?, format, printer)
        }
    }
}

fn here(connection: &Connection, against: &Against) -> Result<UndoPlaceId, Error> {
    let target = Target::resolve(connection).map_err(|error| Error::Cluster(vec![error]))?;
    Ok(place(against, &target.server()))
}

fn list(folder: Option<&Path>, format: Format, printer: &Printer<'_>) -> Result<Outcome, Error> {
    // Where it is refused, `apply` keeps nothing in it.
    if let Some(Err(refusal)) = folder.map(check_private) {
        printer.message(&format!("warning: no undo plan is kept: {refusal}"))?;
    }
    let (history, unusable) = history(folder)?;
    for error in unusable {
        let lines = Error::from(error).lines();
        lines.iter().try_for_each(|line| printer.message(line))?;
    }
    document::show(&UndoRows { history: &history, now: clock() }, format, printer)?;
    Ok(Outcome::Done)
}

/// Shows a saved plan as it says itself.
fn show(file: &SavedFile, format: Format<ShowFormat>, printer: &Printer<'_>) -> Result<Outcome, Error> {
    let refused = |source| crate::config::ConfigError::Saved { path: file.path.clone(), source };
    let outline = Outline::of(&file.saved).map_err(refused)?;
    print(&outline, format, printer)?;
    if format == Format::Text
        && let Some(line) = next(file)
    {
        printer.message(&line)?;
    }
    Ok(Outcome::Done)
}

/// The command that applies a file; `None` for standard input, and if the folder that it is for is not known.
fn next(SavedFile { path, saved, words }: &SavedFile) -> Option<String> {
    let (cluster, again) = match saved {
        Saved::Plan(plan) => (&plan.cluster, again(&plan.given)),
        Saved::Undo(undo) => (&undo.cluster, String::new()),
    };
    let against = Against::Live;
    let is_file = path != Path::new(STDIN);
    (is_file && cluster.against == against.sort())
        .then(|| format!("apply it with: {}{again}", apply_command(path, &against, words)))
}

/// What has to be given again, since no secret is in the file.
fn again(given: &[GivenDocument]) -> String {
    let tokens: Option<Vec<&str>> = given.iter().map(|given| given.token_id.as_deref()).collect();
    match tokens.as_deref() {
        Some([]) => String::new(),
        Some([id]) => format!(", and the token {id} again"),
        Some(_) | None => ", and its configuration file again".to_owned(),
    }
}
