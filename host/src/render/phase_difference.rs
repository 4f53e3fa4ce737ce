//! The differences between two phases, as text and as a document.

use super::document::Shown;
use super::object::write_object;
use super::terminal::{Printer, words_of_phase};
use kubephase_core::document::{DocumentHead, DocumentKind};
use kubephase_core::grant::PermissionDocument;
use kubephase_core::operation::Operation;
use kubephase_core::permission::{Access, Objects, Permission, marked};
use kubephase_core::phase_difference::{Allowed, OperationDifference, PhaseDifference, Sides};
use kubephase_core::saved::PhaseDocument;
use kubephase_core::secret::plain_handles;
use serde::Serialize;
use serde_json::Value;
use similar::TextDiff;
use std::io;

/// Two phases and the differences between them.
pub struct Compared<'a> {
    /// The phase in use.
    pub old: ComparedPhase,
    /// The phase to replace it with.
    pub new: ComparedPhase,
    /// The differences apart from plans.
    pub difference: &'a PhaseDifference,
    /// The task of the plans.
    pub task: &'a str,
    /// The differences between the plans; `None` if they were not compared.
    pub operations: Option<&'a [OperationDifference<'a>]>,
}

/// One of the two phases.
pub struct ComparedPhase {
    /// Where the phase comes from.
    pub source: String,
    /// The identity of the phase.
    pub phase: PhaseDocument,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct DifferenceDocument<'a> {
    #[serde(flatten)]
    head: DocumentHead,
    /// The phase in use.
    old: SideDocument<'a>,
    /// The phase to replace it with.
    new: SideDocument<'a>,
    /// The versions of the contract.
    contracts: SidesDocument<&'a String>,
    /// The imported interfaces.
    imports: SidesDocument<&'a String>,
    /// The tasks.
    tasks: SidesDocument<&'a String>,
    /// What they may do.
    permissions: SidesDocument<AllowedDocument<'a>>,
    /// What they would do; null if that was not compared.
    plans: Option<PlansDocument<'a>>,
}

/// One of the two phases.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct SideDocument<'a> {
    /// Where the phase comes from.
    source: &'a str,
    /// The identity of the phase.
    phase: &'a PhaseDocument,
}

/// What only one of the two phases has.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct SidesDocument<T> {
    /// Only the new one.
    added: Vec<T>,
    /// Only the old one.
    removed: Vec<T>,
}

/// What a phase may do in a task.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct AllowedDocument<'a> {
    /// The task.
    task: &'a str,
    /// The permission.
    permission: PermissionDocument,
}

/// The different operations of two plans.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct PlansDocument<'a> {
    /// The task.
    task: &'a str,
    /// The operations of one plan that the other does not have, or has in another form.
    operations: Vec<OperationPairDocument<'a>>,
}

/// An operation in both plans; one is missing if only the other plan has it.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct OperationPairDocument<'a> {
    /// In the plan of the old phase.
    #[serde(skip_serializing_if = "Option::is_none")]
    old: Option<OperationDocument<'a>>,
    /// In the plan of the new phase.
    #[serde(skip_serializing_if = "Option::is_none")]
    new: Option<OperationDocument<'a>>,
}

/// A proposed operation.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct OperationDocument<'a> {
    /// What to do: `create`, `replace`, `update`, `apply`, `delete` or `keep`.
    verb: &'static str,
    /// The object to change.
    target: String,
    /// Its namespace; null for a cluster-scoped kind.
    namespace: Option<String>,
    /// The object or patch; null without one.
    body: Option<Value>,
    /// The reason given by the phase.
    reason: &'a str,
}

impl Shown for Compared<'_> {
    fn document(&self) -> impl Serialize {
        let PhaseDifference { contracts, imports, tasks, permissions } = self.difference;
        DifferenceDocument {
            head: DocumentKind::PhaseDifference.head(),
            old: SideDocument { source: &self.old.source, phase: &self.old.phase },
            new: SideDocument { source: &self.new.source, phase: &self.new.phase },
            contracts: sides(contracts),
            imports: sides(imports),
            tasks: sides(tasks),
            permissions: SidesDocument { added: allowed(&permissions.added), removed: allowed(&permissions.removed) },
            plans: self.operations.map(|operations| PlansDocument {
                task: self.task,
                operations: operations.iter().map(operation_document).collect(),
            }),
        }
    }

    fn text(&self, printer: &Printer<'_>) -> io::Result<()> {
        for (name, ComparedPhase { source, phase }) in [("old", &self.old), ("new", &self.new)] {
            printer.line(&format!("{name}  {} {}  {source}", phase.id, phase.version))?;
            printer.line(&format!("     digest {}", phase.digest))?;
        }
        let PhaseDifference { contracts, imports, tasks, permissions } = self.difference;
        for (title, sides) in [("contract", contracts), ("imports", imports), ("tasks", tasks)] {
            section(title, sides, printer, |text, mark| printer.line(&format!("  {mark} {text}")))?;
        }
        section("permissions", permissions, printer, |allowed, mark| allowed_text(allowed, mark, printer))?;
        match self.operations {
            None => {}
            Some([]) => printer.line(&format!("operations of `{}`: the same", self.task))?,
            Some(operations) => {
                printer.line(&format!("operations of `{}`", self.task))?;
                operations.iter().try_for_each(|operation| operation_text(operation, printer))?;
            }
        }
        if self.difference.is_empty() {
            printer.line("their permissions are the same")?;
        }
        Ok(())
    }
}

fn section<T>(title: &str, sides: &Sides<T>, printer: &Printer<'_>, line: impl Fn(&T, char) -> io::Result<()>) -> io::Result<()> {
    if sides.added.is_empty() && sides.removed.is_empty() {
        return Ok(());
    }
    printer.line(title)?;
    sides.added.iter().try_for_each(|item| line(item, '+'))?;
    sides.removed.iter().try_for_each(|item| line(item, '-'))
}

fn allowed_text(allowed: &Allowed, mark: char, printer: &Printer<'_>) -> io::Result<()> {
    let shown = Objects(&allowed.objects).lines().into_iter().enumerate();
    shown
        .map(|(at, line)| (if at == 0 { mark } else { ' ' }, line))
        .try_for_each(|(mark, line)| printer.line(&format!("  {mark} {line}")))?;
    allowed.tasks.iter().try_for_each(|(task, access)| printer.line(&format!("      {task}: {}", marked(access))))
}

fn sides(sides: &Sides<String>) -> SidesDocument<&String> {
    SidesDocument { added: sides.added.iter().collect(), removed: sides.removed.iter().collect() }
}

fn allowed(all: &[Allowed]) -> Vec<AllowedDocument<'_>> {
    all.iter().flat_map(|allowed| allowed.tasks.iter().map(|task| allowed_document(&allowed.objects, task))).collect()
}

fn allowed_document<'a>(objects: &Permission, (task, access): &'a (String, Vec<Access>)) -> AllowedDocument<'a> {
    let permission = Permission { access: access.clone(), ..objects.clone() };
    AllowedDocument { task, permission: PermissionDocument::from(&permission) }
}

fn operation_text(difference: &OperationDifference<'_>, printer: &Printer<'_>) -> io::Result<()> {
    let line = |mark: char, operation: &Operation| {
        let namespace = operation.target.namespace.as_ref().map(|name| format!(" in {name}")).unwrap_or_default();
        printer.line(&format!("  {mark} {} {}{namespace}", operation.action.verb(), operation.target))?;
        words_of_phase("says: ", &operation.reason).iter().try_for_each(|line| printer.line(line))
    };
    match difference {
        OperationDifference::Added(operation) => line('+', operation),
        OperationDifference::Removed(operation) => line('-', operation),
        OperationDifference::Changed { old, new } => {
            line('~', new)?;
            let [before, after] = [old, new].map(|operation| body(operation));
            let lines = TextDiff::from_lines(&before, &after).unified_diff().header("old", "new").to_string();
            lines.split_terminator('\n').try_for_each(|line| printer.line(&format!("    {line}")))
        }
    }
}

fn body(operation: &Operation) -> String {
    let plain = operation.action.body().map(|body| plain_handles(&Value::Object(body.clone())));
    let text = plain.as_ref().and_then(Value::as_object).map(write_object).unwrap_or_default();
    format!("# {}\n{text}", operation.action.verb())
}

fn operation_document<'a>(difference: &OperationDifference<'a>) -> OperationPairDocument<'a> {
    let operation = |operation: &'a Operation| OperationDocument {
        verb: operation.action.verb(),
        target: operation.target.to_string(),
        namespace: operation.target.namespace.as_ref().map(ToString::to_string),
        body: operation.action.body().map(|body| plain_handles(&Value::Object(body.clone()))),
        reason: &operation.reason,
    };
    let (old, new) = match *difference {
        OperationDifference::Added(new) => (None, Some(new)),
        OperationDifference::Removed(old) => (Some(old), None),
        OperationDifference::Changed { old, new } => (Some(old), Some(new)),
    };
    OperationPairDocument { old: old.map(operation), new: new.map(operation) }
}
