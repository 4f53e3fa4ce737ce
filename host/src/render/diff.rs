//! The line diff of a plan, in the format of `kubectl diff` (`kubectl/pkg/cmd/diff/diff.go`).

use super::object::write_object;
use super::terminal::Printer;
use kubephase_core::change::Change;
use kubephase_core::object::{Object, ObjectRef};
use kubephase_core::secret::mask;
use serde_json::{Map, Value};
use similar::TextDiff;
use std::io;

/// Prints a unified diff of each object that changes: its current state (`LIVE`) and its future one (`MERGED`). `hidden` are
/// fields of `metadata` that are not shown. Values of Secrets are masked. Unchanged objects are omitted.
///
/// # Errors
/// An [`io::Error`] if the output cannot be written.
pub fn diff(changes: &[Change<'_>], hidden: &[&str], printer: &Printer<'_>) -> io::Result<()> {
    for change in changes {
        let [mut before, mut after] = [&change.before, &change.after].map(|object| object.as_ref().map(|o| shown(o, hidden)));
        if change.target.of.is_secret() {
            mask(before.as_mut(), after.as_mut());
        }
        let [before, after] = [before, after].map(|fields| fields.as_ref().map(write_object).unwrap_or_default());
        if before == after {
            continue;
        }
        let name = name(change.target);
        let [live, merged] = ["LIVE", "MERGED"].map(|side| format!("{side}/{name}"));
        printer.line(&format!("diff -u -N {live} {merged}"))?;
        let lines = TextDiff::from_lines(&before, &after).unified_diff().header(&live, &merged).to_string();
        lines.split_terminator('\n').try_for_each(|line| printer.line(line))?;
    }
    Ok(())
}

fn shown(object: &Object, hidden: &[&str]) -> Map<String, Value> {
    let mut fields = object.fields().clone();
    if let Some(metadata) = fields.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.retain(|name, _| !hidden.contains(&name.as_str()));
    }
    fields
}

/// The name of kubectl's file: `group.version.kind.namespace.name`, without the group for the core group.
fn name(target: &ObjectRef) -> String {
    let group = if target.of.group().is_empty() { String::new() } else { format!("{}.", target.of.group()) };
    let namespace = target.namespace.as_ref().map(|namespace| namespace.as_str()).unwrap_or_default();
    format!("{group}{}.{}.{namespace}.{}", target.of.version(), target.of.kind(), target.name)
}
