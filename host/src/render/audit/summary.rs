//! Many clusters in a table, each a row: their reports are in files.

use crate::render::table::cluster_name;
use crate::render::terminal::Printer;
use kubephase_core::audit::{AuditVerdict, Summary};
use kubephase_core::finding::Severity;
use std::io;

/// How many clusters are shown: the worst.
const MOST_ROWS: usize = 40;

/// Prints the worst clusters and how many there are of each verdict.
///
/// # Errors
/// An [`io::Error`] if the output cannot be written.
pub fn table(mut all: Vec<Summary>, printer: &Printer<'_>) -> io::Result<()> {
    all.sort_by_cached_key(|summary| summary.clone().place());
    let [critical, high, medium, low, info] = Severity::ALL.map(|severity| severity.as_str().to_uppercase());
    let columns = ["CLUSTER", "VERDICT", &critical, &high, &medium, &low, &info];
    let row = |summary: &Summary| {
        let counts = summary
            .counts
            .of
            .map(|count| if summary.verdict == AuditVerdict::Unknown { "-".to_owned() } else { count.to_string() });
        let [critical, high, medium, low, info] = counts;
        [cluster_name(&summary.cluster), summary.verdict.as_str().to_owned(), critical, high, medium, low, info]
    };
    super::super::table::table(columns, all.iter().take(MOST_ROWS).map(row), printer)?;
    let more = all.len().saturating_sub(MOST_ROWS);
    if more > 0 {
        printer.line(&format!("and {more} more; `audit merge` has all"))?;
    }
    let verdicts = all.iter().map(|summary| summary.verdict);
    let clusters = if all.len() == 1 { "cluster" } else { "clusters" };
    printer.line(&format!("{} {clusters}: {}", all.len(), Summary::totals(verdicts)))
}
