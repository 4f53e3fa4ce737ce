//! `phase cache`: the compiled phases on this machine.

use crate::component::code_cache::{Entry, entries};
use crate::config::ConfigError;
use crate::errors::Error;
use crate::render::code_list::{CodeRow, CodeRows};
use crate::render::document::show;
use crate::render::terminal::Printer;
use jiff::Timestamp;
use kubephase_core::format::Format;
use kubephase_core::outcome::Outcome;
use std::io;
use std::path::Path;

/// Lists the compiled phases.
///
/// # Errors
/// [`Error`] if their folder cannot be read.
pub(super) fn list(folder: Option<&Path>, now: Timestamp, format: Format, printer: &Printer<'_>) -> Result<Outcome, Error> {
    let items: Vec<CodeRow> = kept(folder)?.into_iter().map(row).collect();
    show(&CodeRows { items: &items, now }, format, printer)?;
    Ok(Outcome::Done)
}

/// Removes the compiled phases, and reports each.
///
/// # Errors
/// [`Error`] for the first that cannot be removed; those before it are removed.
pub(super) fn clean(folder: Option<&Path>, printer: &Printer<'_>) -> Result<Outcome, Error> {
    let items = kept(folder)?;
    if items.is_empty() {
        printer.message("no compiled phases")?;
    }
    for item in items {
        match std::fs::remove_file(&item.file) {
            // Another run was faster.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(Error::Save { path: item.file, source }),
            Ok(()) => printer.line(&format!("{} removed", item.digest))?,
        }
    }
    Ok(Outcome::Done)
}

fn kept(folder: Option<&Path>) -> Result<Vec<Entry>, Error> {
    let Some(folder) = folder else { return Ok(Vec::new()) };
    entries(folder).map_err(|source| ConfigError::Unreadable { path: folder.to_owned(), source }.into())
}

fn row(entry: Entry) -> CodeRow {
    let made = Timestamp::try_from(entry.written).ok().and_then(|made| Timestamp::from_second(made.as_second()).ok());
    CodeRow {
        digest: entry.digest.to_string(),
        engine: entry.engine,
        size: entry.bytes,
        made: made.unwrap_or(Timestamp::UNIX_EPOCH),
    }
}
