//! `--fix-out`: a plan with all available fixes, saved for `apply --plan`.

use super::notes;
use crate::config::audit::{AuditOrder, AuditTask};
use crate::config::{apply_command, show_command};
use crate::consent::Person;
use crate::errors::Error;
use crate::phase::load::Loaded;
use crate::render::terminal::Printer;
use crate::session::{Attempt, in_session};
use crate::store::write_private;
use kubephase_core::audit::Ignore;
use kubephase_core::finding::Finding;
use kubephase_core::object::ObjectRef;
use kubephase_core::operation::OperationId;
use kubephase_core::plan::Content;
use kubephase_core::saved::{ChangedDocument, ObjectDocument, PlanDocument};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A plan that was saved.
pub(super) struct Saved {
    /// What each operation changes of its object; operations that change nothing are missing.
    pub(super) changes: BTreeMap<OperationId, ChangedDocument>,
    /// The lines that report it.
    pub(super) told: Vec<String>,
}

/// Asks the phase for the fixes, saves the plan, and notes with each finding what fixes it.
pub(super) fn saved(
    path: &Path,
    findings: &mut [Finding],
    loaded: &Loaded,
    audit: &AuditOrder,
    person: Person<'_>,
    printer: &Printer<'_>,
) -> Result<Saved, Error> {
    let run = audit.run(AuditTask::Fix, audit.connection.clone());
    in_session(loaded, run, person, printer, |session| {
        let Attempt { plan, known } = session.plan(&[])?;
        let needless = audit.terms.needless(&plan.content().findings);
        let plan = plan.without(&needless);
        let content = plan.content();
        let document = session.document(&known, Some(&plan))?.leaving_out(&needless);
        write_private(path, &document.text()).map_err(|source| Error::Save { path: path.to_owned(), source })?;
        note(findings, content);
        let cured = findings.iter().filter(|finding| !finding.remedy.is_empty()).count();
        let operations = plan.writes().filter(|(_, write)| write.is_some()).count();
        let idle = audit.wider().filter(|asked| is_idle(asked, findings));
        let idle = idle.map(|asked| format!("warning: `--fix={asked}` fixes nothing: no matching finding can be fixed"));
        let told = notes(content).chain(idle).chain(told(path, (cured, findings.len()), operations, audit)).collect();
        Ok(Saved { changes: changes(content, &document), told })
    })
}

/// Whether nothing that a value of `--fix` is for is fixed.
fn is_idle(asked: &str, findings: &[Finding]) -> bool {
    let fixed = || findings.iter().filter(|finding| !finding.remedy.is_empty());
    match Ignore::parse(asked) {
        Ok(of) if asked != "all" => !fixed().any(|finding| of.fits(finding)),
        _ => false,
    }
}

/// What each operation changes, as the file says it.
fn changes(content: &Content, document: &PlanDocument) -> BTreeMap<OperationId, ChangedDocument> {
    let by_object: BTreeMap<_, _> = document.changes.iter().map(|change| (&change.object, change)).collect();
    let change = |target| by_object.get(&ObjectDocument::from(target)).copied().cloned();
    let operations = content.operations.iter();
    operations.filter_map(|operation| Some((operation.id.clone(), change(&operation.target)?))).collect()
}

/// Notes with each finding the operations that the fix plan lists for the same finding.
fn note(findings: &mut [Finding], content: &Content) {
    type Key<'a> = (&'a str, Option<&'a ObjectRef>, &'a str);
    fn key(finding: &Finding) -> Key<'_> {
        (&finding.rule, finding.target.as_ref(), &finding.title)
    }
    let operations: BTreeSet<&OperationId> = content.operations.iter().map(|operation| &operation.id).collect();
    let cures: BTreeMap<Key<'_>, &Finding> = content.findings.iter().map(|finding| (key(finding), finding)).collect();
    for finding in findings {
        if let Some(cure) = cures.get(&key(finding)).map(|cure| cure.remedy.clone()) {
            finding.remedy = cure.into_iter().filter(|id| operations.contains(id)).collect();
        }
    }
}

/// The message about the saved plan: its contents, and the command that applies it.
fn told(path: &Path, (cured, all): (usize, usize), operations: usize, audit: &AuditOrder) -> Vec<String> {
    let name = path.display().to_string();
    if operations == 0 {
        return vec![format!("the plan in `{name}` has no operations: there is nothing to fix")];
    }
    let plural = if operations == 1 { "operation" } else { "operations" };
    let command = apply_command(path, &audit.against, &audit.words);
    vec![
        format!(
            "the plan in `{name}` fixes {cured} of {all} findings with {operations} {plural}; nothing was written to the cluster"
        ),
        format!("  review it with: {}", show_command(path)),
        format!("  apply it with: {command}"),
    ]
}
