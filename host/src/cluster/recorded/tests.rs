//! Data of a folder that a phase must not see is in no answer and in no recording.
#![expect(clippy::disallowed_methods, reason = "a test writes its folder")]

use super::{Recorded, Recorder, Replayed};
use crate::cluster::Cluster;
use crate::cluster::files::{Files, Folder};
use kubephase_core::name::{Namespace, ObjectName};
use kubephase_core::object::{ApiResource, Object, ObjectRef, secrets};
use kubephase_core::permission::{Access, Pattern, Permission, PermissionScope, Permissions};
use kubephase_core::policy::Policy;
use kubephase_core::question::Server;
use kubephase_core::saved::{Recording, Redaction};
use kubephase_core::secret::Secrets;
use kubephase_core::selector::{ListRef, Selector};
use kubephase_core::write::{Expected, Verb, Write, WriteMode};
use serde_json::{Map, Value, json};

fn namespace() -> Namespace {
    Namespace::parse("a").unwrap()
}

fn maps() -> ApiResource {
    ApiResource::parse("", "v1", "configmaps", "ConfigMap").unwrap()
}

fn accounts() -> ApiResource {
    ApiResource::parse("", "v1", "serviceaccounts", "ServiceAccount").unwrap()
}

/// Allows reading objects named `mine-…`, and writing any ConfigMap.
fn permissions() -> Permissions {
    let permission = |access, of, name| Permission {
        access: vec![access],
        of,
        place: PermissionScope::Namespace(namespace()),
        names: vec![Pattern::parse(name).unwrap()],
        reveal: Vec::new(),
        reason: String::new(),
    };
    let reads = [secrets(), maps(), accounts()].map(|of| permission(Access::Read, of, "mine-*"));
    Permissions([reads.to_vec(), vec![permission(Access::Update, maps(), "theirs-*")]].concat())
}

fn object(kind: &str, name: &str, data: &Value) -> Value {
    let metadata = json!({ "name": name, "namespace": "a", "labels": { "label": name } });
    json!({ "apiVersion": "v1", "kind": kind, "metadata": metadata, "data": data })
}

/// A folder with an object of each kind that may be read, and one that may not.
fn folder(root: &std::path::Path) -> Folder {
    let items = ["Secret", "ConfigMap", "ServiceAccount"].map(|kind| {
        let data = |value: &str| json!({ "key-of-it": value });
        [object(kind, "mine-1", &data("b25l")), object(kind, "theirs-1", &data("aHVudGVyMg=="))]
    });
    let list = json!({ "apiVersion": "v1", "kind": "List", "items": items.concat() });
    std::fs::write(root.join("all.json"), list.to_string()).unwrap();
    Folder::open(root, 1 << 20).unwrap()
}

fn list(of: ApiResource, labels: &str, fields: &str) -> Selector {
    let (labels, fields) = (labels.to_owned(), fields.to_owned());
    Selector::Many(ListRef { of, namespace: Some(namespace()), labels, fields })
}

fn names(objects: &[Object]) -> Vec<&str> {
    objects.iter().filter_map(|object| object.metadata("name")).collect()
}

#[test]
fn what_a_phase_may_not_see_is_neither_answered_nor_recorded() {
    let root = tempfile::tempdir().unwrap();
    let permissions = permissions();
    let policy = Policy { declared: &permissions, granted: &permissions, of_phase: &permissions };
    let redaction = || Redaction::new(&Secrets::default());
    let recorder = Recorder::new(Recording::new("2040-01-01T00:00:00Z"), redaction(), policy);
    let files = Files::new(folder(root.path()), Server::default());
    let recorded = Recorded::new(Box::new(files), &recorder);
    let asked = [
        (list(secrets(), "", ""), 1),
        (list(secrets(), "label=mine-1", "metadata.name!=x"), 1),
        (list(maps(), "", ""), 1),
        (list(accounts(), "", ""), 1),
        // Selectors by which a phase could guess hidden values.
        (list(maps(), "", "data.key-of-it=aHVudGVyMg=="), 0),
        (list(maps(), "label=theirs-1", ""), 0),
        (list(accounts(), "", "data.key-of-it!=b25l"), 0),
        (list(secrets(), "", "metadata.name=theirs-1"), 0),
    ];
    let reads = policy.permit_reads(asked.iter().map(|(selector, _)| selector.clone()).collect()).unwrap();
    let answer = recorded.observe(&reads).unwrap();
    for (selector, count) in &asked {
        assert_eq!(names(answer.snapshot.found(selector)), vec!["mine-1"; *count], "{selector:?}");
    }
    // It may be written but not read: the answer to a write contains only its identity.
    let target = ObjectRef { of: maps(), namespace: Some(namespace()), name: ObjectName::parse("theirs-1").unwrap() };
    let patch = Map::from_iter([("immutable".to_owned(), json!(true))]);
    let write = Write { target, verb: Verb::MergePatch(patch), expected: Expected::Any };
    assert!(recorded.write(&[&write], WriteMode::DryRun).iter().all(Result::is_ok));

    let text = recorder.recording().borrow().text();
    let told = |part: &str| text.matches(part).count();
    assert_eq!(
        [told("hunter2"), told("aHVudGVyMg"), told("aHVudGVyMg%3D%3D\""), told("\"label\": \"theirs-1\"")],
        [0, 1, 1, 0],
        "the selector alone: {text}"
    );
    assert_eq!(told("\"name\": \"theirs-1\""), 1, "the write alone: {text}");
    assert_eq!(told("key-of-it"), 4 + 2, "those that may be read, and two selectors: {text}");

    let replay = Recorder::new(Recording::parse(&text).unwrap(), redaction(), policy);
    let replayed = Replayed::new(&replay);
    let again = replayed.observe(&reads).unwrap();
    for (selector, count) in &asked {
        assert_eq!(names(again.snapshot.found(selector)), vec!["mine-1"; *count], "{selector:?}");
    }
    assert!(replayed.write(&[&write], WriteMode::DryRun).iter().all(Result::is_ok));
    assert!(replay.recording().borrow().left_over().is_empty());
}

#[test]
fn a_folder_stores_one_object_of_its_kind() {
    let root = tempfile::tempdir().unwrap();
    let files = Files::new(folder(root.path()), Server::default());
    let target = |name: &str| ObjectRef { of: maps(), namespace: Some(namespace()), name: ObjectName::parse(name).unwrap() };
    let body = |value: Value| value.as_object().unwrap().clone();
    let whole = |kind: &str, more: Value| {
        let mut object = object(kind, "new", &json!({}));
        object.as_object_mut().unwrap().extend(body(more));
        Verb::Create(body(object))
    };
    for (name, verb, is_right) in [
        ("new", whole("ConfigMap", json!({})), true),
        ("new", whole("List", json!({ "items": [] })), false),
        ("new", whole("ClusterRoleBinding", json!({})), false),
        ("new", whole("ConfigMap", json!({ "items": [] })), false),
        ("new", whole("ConfigMap", json!({ "apiVersion": "v2" })), false),
        ("mine-1", Verb::MergePatch(body(json!({ "immutable": true }))), true),
        ("mine-1", Verb::MergePatch(body(json!({ "kind": "Secret" }))), false),
        ("mine-1", Verb::MergePatch(body(json!({ "kind": null }))), false),
        ("mine-1", Verb::MergePatch(body(json!({ "items": [] }))), false),
    ] {
        let write = Write { target: target(name), verb, expected: Expected::Any };
        let said = files.write(&[&write], WriteMode::DryRun);
        assert_eq!(said[0].is_ok(), is_right, "{write:?}: {said:?}");
    }
}
