//! Tables of text, with columns as wide as their longest cell.

use super::terminal::{Printer, clean};
use kubephase_core::name::shortened_to;
use std::io::{self, Write as _};
use tabwriter::TabWriter;

/// How much of a cluster's name is in a table, characters.
const MOST_NAME: usize = 100;

/// The name of a cluster as far as a table has room for it.
pub(super) fn cluster_name(name: &str) -> String {
    shortened_to(name, MOST_NAME).into_owned()
}

/// Prints a header and rows. The text of a cell does not start a new column or line.
///
/// # Errors
/// An [`io::Error`] if the output cannot be written.
pub(super) fn table<const N: usize>(
    columns: [&str; N],
    rows: impl Iterator<Item = [String; N]>,
    printer: &Printer<'_>,
) -> io::Result<()> {
    let mut writer = TabWriter::new(Vec::new()).padding(3);
    writeln!(writer, "{}", columns.join("\t"))?;
    for cells in rows {
        writeln!(writer, "{}", cells.map(|cell| clean(&cell)).join("\t"))?;
    }
    let text = writer.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
    printer.document(&String::from_utf8(text).map_err(io::Error::other)?)
}
