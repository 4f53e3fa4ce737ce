//! The properties of a phase, as text and as a document.

use super::document::Shown;
use super::line::{Fold, Line};
use super::terminal::{Printer, words_of_phase};
use kubephase_core::description::{Description, RuleDescription, TaskDescription};
use kubephase_core::document::{DocumentHead, DocumentKind};
use kubephase_core::grant::PermissionDocument;
use kubephase_core::limits::Limit;
use kubephase_core::structure::{Availability, Structure};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io;

/// The properties of a phase.
pub struct Inspection<'a> {
    /// Where the phase comes from.
    pub source: &'a str,
    /// The size of the file, bytes.
    pub size: usize,
    /// The digest of the file.
    pub digest: String,
    /// The structure of the component.
    pub structure: &'a Structure,
    /// Whether this build includes WASI.
    pub wasi: Availability,
    /// Whether the phase would be run.
    pub verdict: AdmissionVerdict,
    /// The phase's description of itself; `None` if it was refused.
    pub description: Option<&'a Description>,
    /// The limits of the phase.
    pub limits: &'a [(Limit, String)],
}

/// Whether a phase would be run.
pub enum AdmissionVerdict {
    /// It would be run.
    Admitted,
    /// It would be refused, for the reasons in these lines.
    Refused(Vec<String>),
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct InspectionDocument<'a> {
    #[serde(flatten)]
    head: DocumentHead,
    /// Where the phase comes from.
    source: &'a str,
    /// The size of the component, bytes.
    size: usize,
    /// The digest of the component.
    digest: &'a str,
    /// The versions of the contract that it exports.
    contracts: &'a [String],
    /// The interfaces that it imports.
    imports: &'a [String],
    /// What implements the imports.
    imports_backed_by: &'static str,
    /// What is in the components that it contains; missing without any.
    #[serde(skip_serializing_if = "Option::is_none")]
    nested: Option<&'static str>,
    /// The number of core modules.
    core_modules: u64,
    /// The number of functions.
    functions: u64,
    /// Whether it would be run.
    admitted: bool,
    /// Why it would not be run.
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<String>,
    /// What the phase says about itself; missing if it would not be run.
    #[serde(skip_serializing_if = "Option::is_none")]
    phase: Option<PhaseDocument<'a>>,
    /// The limits of the phase, by name.
    limits: BTreeMap<&'static str, &'a str>,
}

/// What a phase says about itself.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct PhaseDocument<'a> {
    /// The id of the phase.
    id: &'a str,
    /// What the phase calls its version.
    version: &'a str,
    /// What the phase does, in its own words.
    summary: &'a str,
    /// What the phase can be asked to do.
    tasks: Vec<TaskDocument<'a>>,
    /// What its audits look for; missing if it says nothing about that.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rules: Vec<RuleDocument<'a>>,
}

/// A rule of an audit.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct RuleDocument<'a> {
    /// The id of the rule.
    id: &'a str,
    /// How severe a finding is, as a rule.
    #[cfg_attr(test, schemars(with = "kubephase_core::finding::Severity"))]
    severity: &'static str,
    /// The fault in a few words.
    title: &'a str,
    /// Why it matters.
    description: &'a str,
    /// Further reading.
    references: &'a [String],
}

/// What a phase can be asked to do.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct TaskDocument<'a> {
    /// The name of the task.
    name: &'a str,
    /// What the task does, in the words of the phase.
    summary: &'a str,
    /// What the phase declares that it does in this task.
    permissions: Vec<PermissionDocument>,
}

impl Inspection<'_> {
    /// How the imports are implemented, if there are any.
    const fn backing(&self) -> &'static str {
        match (self.structure.imports.is_empty(), self.wasi) {
            (true, _) => "nothing is imported",
            (false, Availability::Included) => "an empty WASI, with --allow-wasi",
            (false, Availability::LeftOut) => "nothing: this build has no WASI",
        }
    }
}

impl Shown for Inspection<'_> {
    fn document(&self) -> impl Serialize {
        let phase = self.description.map(phase_document);
        InspectionDocument {
            head: DocumentKind::PhaseInspection.head(),
            source: self.source,
            size: self.size,
            digest: &self.digest,
            contracts: &self.structure.contracts,
            imports: &self.structure.imports,
            imports_backed_by: self.backing(),
            nested: self.structure.nested,
            core_modules: self.structure.modules,
            functions: self.structure.functions,
            admitted: matches!(self.verdict, AdmissionVerdict::Admitted),
            refusal: match &self.verdict {
                AdmissionVerdict::Admitted => None,
                AdmissionVerdict::Refused(lines) => Some(lines.join("\n")),
            },
            phase,
            limits: self.limits.iter().map(|(limit, value)| (limit.name, value.as_str())).collect(),
        }
    }

    fn text(&self, printer: &Printer<'_>) -> io::Result<()> {
        let line = |name: &str, value: &str| printer.print(&Line::plain(format!("{name:<10} {value}"), Fold::Below(11)));
        line("phase", self.source)?;
        line(
            "size",
            &format!("{} bytes, {} functions in {} core modules", self.size, self.structure.functions, self.structure.modules),
        )?;
        // One word, which may be copied.
        printer.print(&Line::plain(format!("{:<10} {}", "digest", self.digest), Fold::Never))?;
        line(
            "contract",
            &if self.structure.contracts.is_empty() { "none".to_owned() } else { self.structure.contracts.join(", ") },
        )?;
        match self.structure.imports.as_slice() {
            [] => line("imports", "none")?,
            imports => {
                line("imports", &format!("{}, backed by {}", imports.len(), self.backing()))?;
                imports.iter().try_for_each(|import| printer.line(&format!("  {import}")))?;
            }
        }
        match &self.verdict {
            AdmissionVerdict::Admitted => line("admission", "admitted")?,
            AdmissionVerdict::Refused(lines) => {
                line("admission", "refused")?;
                lines.iter().try_for_each(|text| printer.line(&format!("  {text}")))?;
            }
        }
        if let Some(description) = self.description {
            phase_text(description, printer)?;
        }
        printer.line("limits")?;
        self.limits
            .iter()
            .map(|(limit, value)| format!("  {:<15} {value:<8} {}", limit.name, limit.summary))
            .try_for_each(|text| printer.print(&Line::plain(text, Fold::Below(27))))
    }
}

/// The description of a phase, as a document.
pub(super) fn phase_document(description: &Description) -> PhaseDocument<'_> {
    PhaseDocument {
        id: description.id.as_str(),
        version: &description.version,
        summary: &description.summary,
        tasks: description.tasks.iter().map(task_document).collect(),
        rules: description.rules.iter().map(rule_document).collect(),
    }
}

fn rule_document(rule: &RuleDescription) -> RuleDocument<'_> {
    let RuleDescription { id, severity, title, description, references } = rule;
    RuleDocument { id, severity: severity.as_str(), title, description, references }
}

/// The description of a phase, as text.
pub(super) fn phase_text(description: &Description, printer: &Printer<'_>) -> io::Result<()> {
    printer.line(&format!("{:<10} {}", "id", description.id))?;
    let said = [("calls itself version ", &description.version), ("does: ", &description.summary)];
    said.iter().flat_map(|(what, text)| words_of_phase(what, text)).try_for_each(|line| printer.line(&line))?;
    description.tasks.iter().try_for_each(|task| task_text(task, printer))
}

fn task_document(task: &TaskDescription) -> TaskDocument<'_> {
    let permissions = task.permissions.0.iter().map(PermissionDocument::from).collect();
    TaskDocument { name: task.name.as_str(), summary: &task.summary, permissions }
}

fn task_text(task: &TaskDescription, printer: &Printer<'_>) -> io::Result<()> {
    printer.line(&format!("task {}", task.name))?;
    words_of_phase("does: ", &task.summary).iter().try_for_each(|line| printer.line(line))?;
    if task.permissions.is_empty() {
        printer.line("  may do nothing")?;
    }
    task.permissions.by_weight().into_iter().try_for_each(|permission| {
        let shown = permission.lines().into_iter().enumerate();
        shown
            .map(|(at, line)| (if at == 0 { "may" } else { "   " }, line))
            .try_for_each(|(start, line)| printer.print(&Line::plain(format!("  {start} {line}"), Fold::Below(8))))?;
        words_of_phase("says: ", &permission.reason).iter().try_for_each(|line| printer.line(line))
    })
}
