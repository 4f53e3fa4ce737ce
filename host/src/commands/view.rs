//! `plan -o diff` and `plan -o manifests`: the objects of a plan instead of its report.

use crate::config::{Against, TokenPrint};
use crate::errors::Error;
use crate::render::manifests::{Discretion, OwnSecrets};
use crate::render::terminal::Printer;
use crate::render::{diff, manifests};
use crate::session::{Attempt, Session};
use kubephase_core::change::{Change, Fate, WasRead};
use kubephase_core::plan::Permitted;

/// Shows which lines would change.
///
/// # Errors
/// What the streams say.
pub(super) fn diff(attempt: &Attempt<Permitted>, session: &Session<'_>, printer: &Printer<'_>) -> Result<(), Error> {
    let changes = attempt.plan.changes(&attempt.known.snapshot);
    say_what_was_not_read(&changes, printer)?;
    // The version of an object in a folder is ours and stands in no file.
    let hidden: &[&str] = match session.run.against {
        Against::Live => &["managedFields"],
        Against::Folder(_) | Against::Empty => &["managedFields", "resourceVersion"],
    };
    Ok(diff::diff(&changes, hidden, printer)?)
}

/// Shows what the objects would be, as manifests.
///
/// # Errors
/// What the streams say.
pub(super) fn manifests(attempt: &Attempt<Permitted>, session: &Session<'_>, printer: &Printer<'_>) -> Result<(), Error> {
    let changes = attempt.plan.changes(&attempt.known.snapshot);
    say_what_was_not_read(&changes, printer)?;
    let own = match session.run.token_print {
        TokenPrint::Show => OwnSecrets::Write,
        TokenPrint::Skip => OwnSecrets::LeaveOut,
    };
    let policy = session.policy;
    let discretion = Discretion { secrets: &*session.secrets, reveals: &|target, key| policy.reveals(target, key), own };
    Ok(manifests::manifests(&changes, discretion, printer)?)
}

/// A phase may write an object that it did not look at; then nobody can tell what changes.
fn say_what_was_not_read(changes: &[Change<'_>], printer: &Printer<'_>) -> Result<(), Error> {
    let unread = changes.iter().filter(|change| change.observed == WasRead::No && change.fate != Fate::Kept);
    unread.into_iter().try_for_each(|change| {
        Ok(printer.message(&format!("note: {} was not read: it is shown as if it did not exist", change.target))?)
    })
}
