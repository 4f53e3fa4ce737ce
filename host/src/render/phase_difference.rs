//! The differences between two phases, as text and as a document.

use super::document::Shown;
use super::object::write_object;
use super::terminal::{Printer, words_of_phase};
use kubephase_core::grant::{API_VERSION, PermissionDocument};
use kubephase_core::operation::Operation;
use kubephase_core::permission::{Objects, Permission, marked};
use kubephase_core::phase_difference::{Allowed, OperationDifference, PhaseDifference, Sides};
use kubephase_core::saved::PhaseDocument;
use kubephase_core::secret::plain_handles;
use serde::Serialize;
use serde_json::{Value, json};
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

impl Shown for Compared<'_> {
    fn document(&self) -> impl Serialize {
        let side = |side: &ComparedPhase| json!({ "source": side.source, "phase": side.phase });
        let sides = |sides: &Sides<String>| json!({ "added": sides.added, "removed": sides.removed });
        let PhaseDifference { contracts, imports, tasks, permissions } = self.difference;
        json!({
            "apiVersion": API_VERSION,
            "kind": "PhaseDifference",
            "old": side(&self.old),
            "new": side(&self.new),
            "contracts": sides(contracts),
            "imports": sides(imports),
            "tasks": sides(tasks),
            "permissions": { "added": allowed(&permissions.added), "removed": allowed(&permissions.removed) },
            "plans": self.operations.map(|operations| json!({
                "task": self.task,
                "operations": operations.iter().map(operation_document).collect::<Vec<_>>(),
            })),
        })
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
            printer.line("what they may do is the same")?;
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

fn allowed(all: &[Allowed]) -> Vec<Value> {
    let one = |allowed: &Allowed| {
        let permission = |(task, access): &(String, _)| {
            let permission = Permission { access: Vec::clone(access), ..allowed.objects.clone() };
            json!({ "task": task, "permission": PermissionDocument::from(&permission) })
        };
        allowed.tasks.iter().map(permission).collect::<Vec<_>>()
    };
    all.iter().flat_map(one).collect()
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

fn operation_document(difference: &OperationDifference<'_>) -> Value {
    let operation = |operation: &Operation| {
        json!({
            "verb": operation.action.verb(),
            "target": operation.target.to_string(),
            "namespace": operation.target.namespace.as_ref().map(ToString::to_string),
            "body": operation.action.body().map(|body| plain_handles(&Value::Object(body.clone()))),
            "reason": operation.reason,
        })
    };
    match difference {
        OperationDifference::Added(new) => json!({ "new": operation(new) }),
        OperationDifference::Removed(old) => json!({ "old": operation(old) }),
        OperationDifference::Changed { old, new } => json!({ "old": operation(old), "new": operation(new) }),
    }
}
