//! `phase list`: what is in the local store. All of it is read and looked at.

use crate::artifact::shelf::Item;
use crate::cli::args::FormatArg;
use crate::config::StoreConfig;
use crate::errors::Error;
use crate::phase::supply::shelf;
use crate::render::phase_list::{self, Row};
use crate::render::terminal::Printer;
use kubephase_core::outcome::Outcome;

/// Lists the phases.
///
/// # Errors
/// [`Error`] if the store cannot be read.
pub(super) fn list(config: &StoreConfig, format: FormatArg, printer: &Printer<'_>) -> Result<Outcome, Error> {
    let items = shelf(config)?.list()?;
    let rows: Vec<Row> = items.into_iter().map(row).collect();
    phase_list::print(&rows, format_of(format), printer)?;
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

const fn format_of(format: FormatArg) -> phase_list::Format {
    match format {
        FormatArg::Text => phase_list::Format::Text,
        FormatArg::Json => phase_list::Format::Json,
        FormatArg::Yaml => phase_list::Format::Yaml,
        FormatArg::Name => phase_list::Format::Name,
    }
}
