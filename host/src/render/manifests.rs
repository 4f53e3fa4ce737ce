//! A plan as files for whoever applies files: plain YAML, and in words what YAML cannot say.

use super::object::write_object;
use super::terminal::Printer;
use kubephase_core::change::{Change, Fate};
use kubephase_core::manifest::{manifest, removal};
use kubephase_core::object::ObjectRef;
use kubephase_core::secret::{Disclosure, Secrets};
use serde_json::{Map, Value};
use std::io;

/// What may be written down.
#[derive(Clone, Copy)]
pub struct Discretion<'a> {
    /// The hidden values, with where they come from.
    pub secrets: &'a Secrets,
    /// Whether a key of a Secret is no secret.
    pub reveals: &'a dyn Fn(&ObjectRef, &str) -> bool,
    /// Whether the user's and the run's own values are written.
    pub own: OwnSecrets,
}

/// What becomes of objects with values that were given or made in this run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnSecrets {
    /// They are written, the values in clear: whoever applies the file needs them.
    Write,
    /// They are left out.
    LeaveOut,
}

/// An object for each that the plan is about, in the plan's order; what is not in them is said as talk. An object with values that are
/// only in the cluster is left out.
///
/// # Errors
/// What the streams say.
pub fn manifests(changes: &[Change<'_>], discretion: Discretion<'_>, printer: &Printer<'_>) -> io::Result<()> {
    let mut separator = None;
    let mut clear = 0;
    for change in changes {
        let fields = manifest(change);
        if let Some(fields) = &fields {
            match discretion.look(change.target, fields) {
                Ok(count) => clear += count,
                Err(why) => {
                    printer.talk(&format!("note: {} is left out: {why}", place(change.target)))?;
                    continue;
                }
            }
        }
        say_what_yaml_cannot(change, printer)?;
        if let Some(fields) = fields {
            separator.map_or(Ok(()), |line| printer.line(line))?;
            printer.document(&write_object(&fields))?;
            separator = Some("---");
        }
    }
    match clear {
        0 => Ok(()),
        1 => printer.talk("warning: 1 secret value is in these manifests in clear (base64): keep them as you keep tokens"),
        _ => printer.talk(&format!(
            "warning: {clear} secret values are in these manifests in clear (base64): keep them as you keep tokens"
        )),
    }
}

impl Discretion<'_> {
    /// How many hidden values an object shows, or why it may not be written.
    fn look(self, target: &ObjectRef, fields: &Map<String, Value>) -> Result<usize, String> {
        if !target.of.is_secret() {
            return Ok(0);
        }
        match (self.secrets.disclosure(fields, |key| (self.reveals)(target, key)), self.own) {
            (Disclosure::Nothing, _) => Ok(0),
            (Disclosure::Ours(count), OwnSecrets::Write) => Ok(count),
            (Disclosure::Ours(_), OwnSecrets::LeaveOut) => Err("it holds a token, and --skip-token-print is given".to_owned()),
            (Disclosure::Theirs(keys), _) => {
                let keys: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
                Err(format!("{} is only in the cluster, and that is never shown", keys.join(", ")))
            }
        }
    }
}

/// The commands that must be run before the manifests are applied.
fn say_what_yaml_cannot(change: &Change<'_>, printer: &Printer<'_>) -> io::Result<()> {
    if matches!(change.fate, Fate::Deleted | Fate::Recreated) {
        printer.talk(&format!("note: a manifest cannot delete; first run: kubectl delete {}", arguments(change.target)))?;
    }
    if let Some(patch) = removal(change) {
        let patch = quoted(&Value::Object(patch).to_string());
        let arguments = arguments(change.target);
        printer.talk(&format!(
            "note: a manifest cannot take fields away; first run: kubectl patch {arguments} --type=merge -p {patch}"
        ))?;
    }
    Ok(())
}

/// An object as kubectl's arguments.
fn arguments(target: &ObjectRef) -> String {
    let namespace = target.namespace.as_ref().map(|namespace| format!("-n {} ", quoted(namespace.as_str()))).unwrap_or_default();
    format!("{namespace}{} {}", target.of, quoted(target.name.as_str()))
}

/// An object for people.
fn place(target: &ObjectRef) -> String {
    let namespace = target.namespace.as_ref().map(|namespace| format!(" in {namespace}")).unwrap_or_default();
    format!("{target}{namespace}")
}

/// A word for a shell.
fn quoted(word: &str) -> String {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.:/".contains(&b);
    if word.bytes().all(is_plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}
