//! `completion`: the script by which a shell asks this plugin for candidates.

use crate::completion::registration;
use crate::errors::Error;
use crate::render::terminal::Printer;
use kubephase_core::outcome::Outcome;
use kubephase_core::shell::Shell;

/// Prints the script.
///
/// # Errors
/// [`Error`] if it cannot be written.
pub(super) fn completion(shell: Shell, printer: &Printer<'_>) -> Result<Outcome, Error> {
    printer.filled_in(&registration(shell)?)?;
    Ok(Outcome::Done)
}
