//! Handwritten manifests: unchanged parts stay byte for byte, and a change is one hunk in git.
#![expect(clippy::disallowed_methods, reason = "a test reads its files")]

use super::Files;
use super::place::{Place, metadata};
use super::store::{Folder, objects};
use super::unusable::{Unusable, unusable};
use crate::cluster::Cluster as _;
use kubephase_core::log::Listener;
use kubephase_core::name::{Namespace, ObjectName};
use kubephase_core::object::{ApiResource, KNOWN, ObjectRef};
use kubephase_core::question::Server;
use kubephase_core::write::{Expected, Verb, Write, WriteMode};
use serde_json::{Map, Value, json};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Precedes and follows a text that is not an object.
const BEFORE: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: b}\ndata:\n  before: x # kept\n...\n";
const BEHIND: &str =
    "...\n---\n# the last\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: z\n  namespace: b\ndata: {after: 'y'}\n";

#[derive(Default)]
struct Heard(RefCell<Vec<String>>);

impl Listener for Heard {
    fn hear(&self, line: &str) {
        self.0.borrow_mut().push(line.to_owned());
    }
}

/// The manifests: names and texts.
fn corpus() -> BTreeMap<String, String> {
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("../tests/corpus");
    let mut found = BTreeMap::new();
    for folder in fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        for path in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
            let text = fs::read_to_string(&path).unwrap();
            let source = folder.file_name().unwrap().to_string_lossy().into_owned();
            let end = if text.ends_with('\n') { "" } else { "\n" };
            let text = if source == "yaml-test-suite" { format!("{BEFORE}{text}{end}{BEHIND}") } else { text };
            found.insert(format!("{source}/{}", path.file_name().unwrap().to_string_lossy()), text);
        }
    }
    found
}

/// An object of a file: its place, its identity and its fields.
type Found = (Place, ObjectRef, Map<String, Value>);

/// A folder with one file, and its named objects.
fn opened(name: &str, text: &str) -> (tempfile::TempDir, PathBuf, Vec<Found>) {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join(name.rsplit('/').next().unwrap());
    fs::write(&file, text).unwrap();
    let folder = Folder::open(root.path(), 1 << 20).unwrap_or_else(|error| panic!("{name}: {error}"));
    let found = objects(folder.files());
    let found = found.filter(|(place, document, fields)| !unusable(document, fields, place).iter().any(Unusable::is_in_place));
    let found = found.filter_map(|(place, _, fields)| Some((place, target(fields)?, fields.clone()))).collect();
    (root, file, found)
}

fn target(fields: &Map<String, Value>) -> Option<ObjectRef> {
    let version = fields.get("apiVersion")?.as_str()?;
    let (group, version) = version.split_once('/').unwrap_or(("", version));
    let kind = fields.get("kind")?.as_str()?;
    let known = KNOWN.iter().find(|known| known.group == group && known.kind == kind);
    let of = ApiResource::parse(group, version, known.map_or("things", |known| known.plural), kind).ok()?;
    let namespace = metadata(fields, "namespace").map(Namespace::parse).transpose().ok()?;
    Some(ObjectRef { of, namespace, name: ObjectName::parse(metadata(fields, "name")?).ok()? })
}

/// Changes the last string in a value; false if it contains none.
fn changed(value: &mut Value) -> bool {
    match value {
        Value::String(text) if text.contains("https://192.0.2.1:6443") => *text = text.replace("192.0.2.1", "192.0.2.2"),
        Value::String(text) => *text = format!("changed{}", text.len()),
        Value::Array(items) => return items.iter_mut().rev().any(changed),
        Value::Object(fields) => return fields.values_mut().rev().any(changed),
        _ => return false,
    }
    true
}

/// A patch that changes one field of an object: the last string that is not a name.
fn patch(fields: &Map<String, Value>) -> Option<Map<String, Value>> {
    let top =
        fields.iter().rev().filter(|(name, _)| !["apiVersion", "kind", "metadata", "type", "sops"].contains(&name.as_str()));
    let mut found = top.filter_map(|(name, value)| {
        let mut value = value.clone();
        changed(&mut value).then(|| (name.clone(), value))
    });
    let label = || fields.get("metadata")?.get("labels")?.as_object()?.keys().next();
    match (found.next(), label()) {
        (Some((name, value)), _) => Some([(name, value)].into_iter().collect()),
        (None, Some(label)) => Some([("metadata".to_owned(), json!({ "labels": { label: "changed" } }))].into_iter().collect()),
        (None, None) => None,
    }
}

fn wrote(name: &str, text: &str, target: &ObjectRef, verb: Verb) -> (String, Vec<String>) {
    let (root, file, _) = opened(name, text);
    let heard = Heard::default();
    let cluster = Files::telling(Folder::open(root.path(), 1 << 20).unwrap(), Server::default(), &heard);
    let write = Write { target: target.clone(), verb, expected: Expected::Any };
    for mode in [WriteMode::DryRun, WriteMode::Real] {
        for result in cluster.write(&[&write], mode) {
            result.unwrap_or_else(|error| panic!("{name} {target}: {error}"));
        }
    }
    let others = fs::read_dir(root.path()).unwrap().filter(|entry| entry.as_ref().unwrap().path() != file).count();
    assert_eq!(others, 0, "{name}: no other file");
    (fs::read_to_string(&file).unwrap_or_default(), heard.0.into_inner())
}

/// The number of hunks of a change and of lines in them, as git reports them without context.
fn hunks(before: &str, after: &str) -> (usize, usize) {
    let folder = tempfile::tempdir().unwrap();
    let (old, new) = (folder.path().join("old"), folder.path().join("new"));
    fs::write(&old, before).unwrap();
    fs::write(&new, after).unwrap();
    let mut git = Command::new("git");
    git.args(["diff", "--no-index", "--no-color", "--unified=0", "--text"])
        .args([old, new])
        .current_dir(folder.path())
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
    let told = git.output().unwrap();
    let told = String::from_utf8_lossy(&told.stdout);
    let body: Vec<_> = told.lines().skip_while(|line| !line.starts_with("@@")).collect();
    let hunks = body.iter().filter(|line| line.starts_with("@@")).count();
    (hunks, body.len() - hunks)
}

#[test]
fn a_changed_field_is_one_hunk_and_all_else_stays() {
    let (mut documents, mut wrong) = (0, Vec::new());
    for (name, text) in corpus() {
        let (_root, _, found) = opened(&name, &text);
        for (_, target, fields) in &found {
            let Some(patch) = patch(fields) else { continue };
            if found.iter().filter(|(_, other, _)| other == target).count() > 1 {
                continue;
            }
            documents += 1;
            let (after, heard) = wrote(&name, &text, target, Verb::MergePatch(patch.clone()));
            let (hunks, lines) = hunks(&text, &after);
            let told = heard.iter().any(|line| line.contains("written anew"));
            if (hunks, told) != (1, false) {
                wrong.push(format!("{name} {target}: {hunks} hunks, {lines} lines, {heard:?}\n{patch:?}"));
            }
            let (_root, _, now) = opened(&name, &after);
            let mut expected = Value::Object(fields.clone());
            json_patch::merge(&mut expected, &Value::Object(patch));
            for (place, other, was) in &found {
                let (_, _, is) =
                    now.iter().find(|(found, _, _)| found.document == place.document && found.item == place.item).unwrap();
                let expected = if other == target { expected.as_object().unwrap() } else { was };
                assert_eq!(is, expected, "{name} {other}");
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {documents}\n{}", wrong.len(), wrong.join("\n"));
    assert!(documents >= 200, "{documents}");
}

/// The removed part is one piece of the text, with its separator; the rest is read as before.
#[test]
fn a_removed_object_is_one_piece_and_all_else_stays() {
    let (mut objects, mut wrong) = (0, Vec::new());
    for (name, text) in corpus() {
        let (_root, _, found) = opened(&name, &text);
        for (_, target, _) in &found {
            if found.iter().filter(|(_, other, _)| other == target).count() > 1 {
                continue;
            }
            objects += 1;
            let (after, heard) = wrote(&name, &text, target, Verb::Delete);
            let head = text.bytes().zip(after.bytes()).take_while(|(one, other)| one == other).count();
            let tail = text.bytes().rev().zip(after.bytes().rev()).take_while(|(one, other)| one == other).count();
            let is_piece = after.is_empty() || (after.len() < text.len() && head + tail >= after.len());
            if !is_piece || !heard.is_empty() {
                wrong.push(format!("{name} {target}: {heard:?}\n{after}"));
            }
            let left: Vec<_> =
                found.iter().filter(|(_, other, _)| other != target).map(|(_, _, fields)| fields.clone()).collect();
            if after.is_empty() {
                assert_eq!(left, Vec::<Map<String, Value>>::new(), "{name} {target}");
                continue;
            }
            let (_root, _, now) = opened(&name, &after);
            assert_eq!(now.into_iter().map(|(_, _, fields)| fields).collect::<Vec<_>>(), left, "{name} {target}");
        }
    }
    assert!(wrong.is_empty(), "{} of {objects}\n{}", wrong.len(), wrong.join("\n"));
    assert!(objects >= 200, "{objects}");
}

/// A run without changes writes nothing, and reading a folder never reformats it.
#[test]
fn what_is_read_is_not_written() {
    for (name, text) in corpus() {
        let (_root, file, _) = opened(&name, &text);
        assert_eq!(fs::read(Path::new(&file)).unwrap(), text.as_bytes(), "{name}");
    }
}
