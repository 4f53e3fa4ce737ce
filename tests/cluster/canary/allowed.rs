//! What a phase may influence, and what stands before it: the list of the threat model, row by row. What is not in here leaks.

use super::search::Canary;

/// A row: what may be where.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    /// The fields whose names may be there, by how they start; or the secrets.
    pub(super) what: What,
    /// Where.
    pub(super) place: &'static str,
    /// With which commands, by how they start; none: with all.
    pub(super) verbs: &'static [&'static str],
    /// What it passes on its way.
    pub(super) gate: &'static str,
}

/// What a row is about.
#[derive(Debug, Clone, Copy)]
pub(super) enum What {
    /// Names that a phase makes up, by the fields that it says them in.
    Names(&'static [&'static str]),
    /// Values of secrets.
    Secrets(&'static [&'static str]),
}

/// Something that was found somewhere.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Found {
    pub(super) canary: Canary,
    pub(super) place: String,
    pub(super) verb: &'static str,
    pub(super) format: &'static str,
    pub(super) song: String,
}

impl Row {
    /// Whether this row allows it.
    pub(super) fn allows(&self, found: &Found) -> bool {
        let is_what = match (&self.what, &found.canary) {
            (What::Names(fields), Canary::Name(said)) => fields.iter().any(|field| said.starts_with(field)),
            (What::Secrets(kinds), Canary::Secret(kind)) => kinds.contains(kind),
            _ => false,
        };
        is_what && self.place == found.place && (self.verbs.is_empty() || self.verbs.contains(&found.verb))
    }
}

use What::{Names, Secrets};

const fn row(what: What, place: &'static str, verbs: &'static [&'static str], gate: &'static str) -> Row {
    Row { what, place, verbs, gate }
}

/// The list.
pub(super) const ALL: &[Row] = &[
    row(Names(&[""]), "stdout", &[], "`render/terminal`"),
    row(Names(&[""]), "stderr", &[], "`render/terminal`"),
];
