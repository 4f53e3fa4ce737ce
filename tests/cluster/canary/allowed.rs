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

/// Fields that are read by nobody and shown to nobody.
pub(super) const NOWHERE: [&str; 1] = ["description.tasks.parameters"];

/// The commands that print the phase's lines with the user's secrets in them.
const PRINTS: &[&str] = &[
    "apply",
    "apply --against dir",
    "apply --dry-run=client",
    "apply --dry-run=server",
    "apply --plan",
    "apply --plan of audit",
    "apply --wait",
    "apply --wait by a proxy",
    "apply -f",
    "apply -v 9",
    "apply by a proxy",
    "create",
    "create --print-join-command",
    "delete",
];
const SAVES: &[&str] = &["audit --fix-out", "plan --out", "plan -f --out"];
const RECORDS: &[&str] = &["audit --record", "plan --record"];
const POLICY: &str = "the policy: declared by the phase and granted by the operator";
const TERMINAL: &str = "`render/terminal`: control and format characters made visible";

/// The list.
pub(super) const ALL: &[Row] = &[
    row(Names(&[""]), "stdout", &[], TERMINAL),
    row(Names(&[""]), "stderr", &[], TERMINAL),
    row(Names(&["needs.reads.", "plan.operations.target."]), "the path of a request", &[], POLICY),
    row(Names(&["needs.reads.many."]), "the query of a request", &[], POLICY),
    row(
        Names(&["plan.operations.action.", "plan.operations.target."]),
        "the body of a request",
        &[],
        "the policy, then the server's dry run",
    ),
    row(
        Names(&["plan.operations.action.", "plan.operations.target."]),
        "an object in a folder",
        &["apply --against dir"],
        POLICY,
    ),
    row(
        Names(&["description.id", "description.version", "needs.", "plan.operations.", "plan.findings.", "plan.notes"]),
        "a plan file",
        SAVES,
        "`core/saved`: no value of a Secret; 0600",
    ),
    row(
        Names(&["description.id", "description.version", "plan.operations.action.", "plan.operations.target."]),
        "an undo file",
        &[],
        "`core/saved`: no value of a Secret; 0600",
    ),
    row(
        Names(&["needs.", "plan.operations.action.", "plan.operations.target."]),
        "a recording",
        RECORDS,
        "`core/saved`: what was asked, and what the cluster answered; no value of a Secret; 0600",
    ),
    // Any name may be in the error of a cluster that could not be audited.
    row(Names(&[""]), "a report file", &["audit --output-file"], "the escapes of the format"),
    row(Names(&["plan.", "failure."]), "an expected answer", &["phase test --bless"], "the author asks for it"),
    row(
        Secrets(&["given", "drawn"]),
        "a value of a Secret in a request",
        &[],
        "`Secrets::placed`: the namespace and type that it came from",
    ),
    row(Secrets(&["given", "drawn"]), "a Secret in a folder", &["apply --against dir"], "`Secrets::placed`"),
    row(Secrets(&["given", "drawn"]), "overwritten values", &[], "`core/saved/undo`: 0600, until they are put back"),
    row(Secrets(&["given", "drawn", "certificate"]), "stdout", PRINTS, "`render::resolved`, unless `--skip-token-print`"),
    row(Secrets(&["given", "drawn"]), "stdout", &["plan", "plan --against empty"], "`Secrets::disclosure`: `-o manifests` alone"),
];
