//! Renders a report as text, JSON, YAML or names, and a plan as a diff or manifests.

pub mod audit;
pub mod cases;
pub mod check;
pub mod check_list;
pub mod claim;
pub mod code_list;
pub mod diff;
pub mod document;
pub mod explanation;
pub mod inspection;
pub mod join_form;
pub mod line;
pub mod manifests;
pub mod object;
pub mod outline;
pub mod phase_difference;
pub mod phase_list;
pub mod progress;
pub mod rollout;
mod short_duration;
mod table;
pub mod terminal;
pub mod text;
pub mod token_list;
pub mod undo_list;
pub mod verification;
pub mod version;
mod visible;

use kubephase_core::finding::Finding;
use kubephase_core::output::{Moment, Output, OutputPart};
use kubephase_core::secret::Secrets;
use zeroize::Zeroizing;

/// An output with its secrets filled in, only for the terminal; `None` if it refers to a secret that does not exist, which the
/// phase must have invented.
#[must_use]
pub fn resolved(output: &Output, secrets: &Secrets) -> Option<Zeroizing<String>> {
    let mut line = Zeroizing::new(String::new());
    for part in &output.value {
        match part {
            OutputPart::Text(text) => line.push_str(text),
            OutputPart::Secret(id) => line.push_str(std::str::from_utf8(secrets.resolve(id)?).ok()?),
        }
    }
    Some(line)
}

/// The lines of a phase besides the report.
#[derive(Debug, Clone, Copy)]
pub struct PhaseLines<'a> {
    /// The findings of the phase.
    pub findings: &'a [Finding],
    /// The phase's lines before the first operation.
    pub notes: &'a [String],
    /// Lines that may contain secrets; those with secrets are left out if they must not be printed.
    pub outputs: &'a [Output],
}

impl PhaseLines<'_> {
    /// The outputs for a moment of the run.
    pub fn outputs_at(&self, moment: Moment) -> impl Iterator<Item = &Output> {
        self.outputs.iter().filter(move |output| output.when == moment)
    }
}
