//! `phase list`: the contents of the local store. All of it is read and verified.

use crate::artifact::local_store::Item;
use crate::config::StoreConfig;
use crate::errors::Error;
use crate::phase::supply::local_store;
use crate::render::document::show;
use crate::render::phase_list::{Row, Rows, names};
use crate::render::terminal::Printer;
use kubephase_core::format::{Format, Names};
use kubephase_core::outcome::Outcome;

/// Lists the phases.
///
/// # Errors
/// [`Error`] if the store cannot be read.
pub(super) fn list(config: &StoreConfig, format: Format<Names>, printer: &Printer<'_>) -> Result<Outcome, Error> {
    let items = local_store(config)?.list()?;
    let rows: Vec<Row> = items.into_iter().map(row).collect();
    match format.shared() {
        Ok(format) => show(&Rows(&rows), format, printer)?,
        Err(Names) => names(&rows, printer)?,
    }
    Ok(Outcome::Done)
}

fn row(item: Item) -> Row {
    let known = item.known.as_ref();
    let claim = known.and_then(|known| known.claim.as_ref()).map(|claim| &claim.description);
    Row {
        phase: claim.map(|description| (description.id.to_string(), description.version.clone())),
        whole: known.map(|known| (known.size, known.signatures)),
        reference: item.name,
        digest: item.digest.to_string(),
    }
}
