//! A plan as manifests for `kubectl apply`: plain YAML, with messages about everything that YAML cannot express.

use super::object::write_object;
use super::terminal::Printer;
use kubephase_core::change::{Change, Fate};
use kubephase_core::manifest::{manifest, removal};
use kubephase_core::object::ObjectRef;
use kubephase_core::secret::{Disclosure, Secrets};
use serde_json::{Map, Value};
use std::io;

/// Which values may be written to manifests.
#[derive(Clone, Copy)]
pub struct Discretion<'a> {
    /// The hidden values and their origins.
    pub secrets: &'a Secrets,
    /// Whether a key of a Secret is not secret.
    pub reveals: &'a dyn Fn(&ObjectRef, &str) -> bool,
    /// Whether values from the user and from this run are written.
    pub own: OwnSecrets,
}

/// What happens to objects with values that were given or generated in this run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnSecrets {
    /// They are written, with the values in clear text: applying the file requires them.
    Write,
    /// They are omitted.
    LeaveOut,
}

/// Prints the objects of a plan in its order; messages report what the manifests do not express. An object with values that exist
/// only in the cluster is omitted.
///
/// # Errors
/// An [`io::Error`] if the output cannot be written.
pub fn manifests(changes: &[Change<'_>], discretion: Discretion<'_>, printer: &Printer<'_>) -> io::Result<()> {
    let mut separator = None;
    let mut clear = 0;
    for change in changes {
        let fields = manifest(change);
        if let Some(fields) = &fields {
            match discretion.look(change.target, fields) {
                Ok(count) => clear += count,
                Err(why) => {
                    printer.message(&format!("note: {} is left out: {why}", place(change.target)))?;
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
        1 => printer.message("warning: 1 secret value is in these manifests in clear text (base64): protect them like tokens"),
        _ => printer.message(&format!(
            "warning: {clear} secret values are in these manifests in clear text (base64): protect them like tokens"
        )),
    }
}

impl Discretion<'_> {
    /// How many hidden values an object reveals, or why it must not be written.
    fn look(self, target: &ObjectRef, fields: &Map<String, Value>) -> Result<usize, String> {
        if !target.of.is_secret() {
            return Ok(0);
        }
        match (self.secrets.disclosure(fields, |key| (self.reveals)(target, key)), self.own) {
            (Disclosure::Nothing, _) => Ok(0),
            (Disclosure::Ours(count), OwnSecrets::Write) => Ok(count),
            (Disclosure::Ours(_), OwnSecrets::LeaveOut) => Err("it contains a token, and --skip-token-print is given".to_owned()),
            (Disclosure::Theirs(keys), _) => {
                let keys: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
                Err(format!("{} is a value from the cluster, which is never shown", keys.join(", ")))
            }
        }
    }
}

/// Prints the commands that must be run before the manifests are applied.
fn say_what_yaml_cannot(change: &Change<'_>, printer: &Printer<'_>) -> io::Result<()> {
    if matches!(change.fate, Fate::Deleted | Fate::Recreated) {
        printer.message(&format!("note: a manifest cannot delete; first run: kubectl delete {}", arguments(change.target)))?;
    }
    if let Some(patch) = removal(change) {
        let patch = quoted(&Value::Object(patch).to_string());
        let arguments = arguments(change.target);
        printer.message(&format!(
            "note: a manifest cannot remove fields; first run: kubectl patch {arguments} --type=merge -p {patch}"
        ))?;
    }
    Ok(())
}

/// An object as arguments of kubectl.
fn arguments(target: &ObjectRef) -> String {
    let namespace = target.namespace.as_ref().map(|namespace| format!("-n {} ", quoted(namespace.as_str()))).unwrap_or_default();
    format!("{namespace}{} {}", target.of, quoted(target.name.as_str()))
}

/// An object in a message.
fn place(target: &ObjectRef) -> String {
    let namespace = target.namespace.as_ref().map(|namespace| format!(" in {namespace}")).unwrap_or_default();
    format!("{target}{namespace}")
}

/// A word quoted for a shell.
fn quoted(word: &str) -> String {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.:/".contains(&b);
    if word.bytes().all(is_plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::{Discretion, OwnSecrets, manifests};
    use crate::render::terminal::Printer;
    use kubephase_core::change::{Change, Fate, WasRead};
    use kubephase_core::name::{Namespace, ObjectName};
    use kubephase_core::object::{ApiResource, Object, ObjectRef};
    use kubephase_core::secret::{Home, SecretOrigin, Secrets};
    use serde_json::{Value, json};

    fn target(name: &str) -> ObjectRef {
        let of = ApiResource::parse("", "v1", "secrets", "Secret").unwrap();
        ObjectRef { of, namespace: Some(Namespace::parse("a").unwrap()), name: ObjectName::parse(name).unwrap() }
    }

    /// The manifests and messages for Secrets; `id` is revealed, `given` is user input, `held` is only in the cluster.
    fn said(changes: &[(ObjectRef, Value, Value, Fate)], own: OwnSecrets) -> (String, String) {
        let mut secrets = Secrets::default();
        let home = || Home { namespace: None, of_type: "t".to_owned() };
        secrets.hide(b"given", SecretOrigin::Given(home()));
        secrets.hide(b"held", SecretOrigin::Observed(home(), "k".to_owned()));
        let object = |data: &Value| data.is_object().then(|| Object::new(json!({ "data": data }).as_object().unwrap().clone()));
        let changes: Vec<Change<'_>> = changes
            .iter()
            .map(|(target, before, after, fate)| {
                let (before, after) = (object(before), object(after));
                Change { target, before, observed: WasRead::Yes, after, fate: *fate }
            })
            .collect();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let discretion = Discretion { secrets: &secrets, reveals: &|_, key| key == "id", own };
        manifests(&changes, discretion, &Printer::new(&mut out, &mut err, 0)).unwrap();
        (String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
    }

    #[test]
    fn a_value_that_is_only_in_the_cluster_is_left_out_with_its_object() {
        let (id, given, held) =
            (json!({ "id": "YQ==" }), json!({ "a": "Z2l2ZW4=" }), json!({ "a": "Z2l2ZW4=", "b": "aGVsZA==" }));
        let none = Value::Null;
        let changes = [
            (target("id"), none.clone(), id, Fate::Written),
            (target("given"), none.clone(), given.clone(), Fate::Written),
            (target("held"), held.clone(), held.clone(), Fate::Kept),
            // It must not be deleted if nothing creates it again.
            (target("again"), held.clone(), held.clone(), Fate::Recreated),
            (target("gone"), held.clone(), none, Fate::Deleted),
            (target("less"), held, given, Fate::Written),
        ];
        let (out, err) = said(&changes, OwnSecrets::Write);
        assert_eq!(out, "data:\n  id: YQ==\n---\ndata:\n  a: Z2l2ZW4=\n---\ndata:\n  a: Z2l2ZW4=\n");
        let expected = "note: secret/held in a is left out: `b` is a value from the cluster, which is never shown
note: secret/again in a is left out: `b` is a value from the cluster, which is never shown
note: a manifest cannot delete; first run: kubectl delete -n a secrets gone
note: a manifest cannot remove fields; first run: kubectl patch -n a secrets less --type=merge -p '{\"data\":{\"b\":null}}'
warning: 2 secret values are in these manifests in clear text (base64): protect them like tokens
";
        assert_eq!(err, expected);
        let (out, err) = said(&changes, OwnSecrets::LeaveOut);
        assert_eq!(out, "data:\n  id: YQ==\n");
        assert!(
            err.contains("note: secret/given in a is left out: it contains a token, and --skip-token-print is given\n"),
            "{err}"
        );
        assert!(!err.contains("in clear"), "{err}");
    }

    #[test]
    fn a_shell_reads_one_word() {
        for (word, expected) in [("a:b", "a:b"), ("a b", "'a b'"), ("it's", r"'it'\''s'"), ("$(x)", "'$(x)'")] {
            assert_eq!(super::quoted(word), expected);
        }
    }
}
