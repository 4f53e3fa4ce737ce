//! Malicious folders.
#![expect(clippy::disallowed_methods, reason = "a test makes its folders")]

use super::{Files, Folder};
use crate::cluster::Cluster as _;
use kubephase_core::name::{Namespace, ObjectName};
use kubephase_core::object::{ApiResource, ObjectRef};
use kubephase_core::permission::{Access, Pattern, Permission, PermissionScope, Permissions};
use kubephase_core::policy::Policy;
use kubephase_core::question::Server;
use kubephase_core::selector::{ListRef, Selector};
use kubephase_core::write::{Expected, Verb, Write, WriteMode};
use serde_json::{Map, Value, json};
use std::fs;
use std::path::Path;

const MANIFEST: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: b}\n";

fn target(name: &str) -> ObjectRef {
    ObjectRef {
        of: ApiResource::parse("", "v1", "configmaps", "ConfigMap").unwrap(),
        namespace: Some(Namespace::parse("b").unwrap()),
        name: ObjectName::parse(name).unwrap(),
    }
}

fn body(name: &str) -> Map<String, Value> {
    let fields =
        json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": name, "namespace": "b" }, "data": { "x": "y" } });
    fields.as_object().unwrap().clone()
}

fn opened(folder: &Path) -> String {
    Folder::open(folder, 1000).map(drop).map_or_else(|error| error.to_string(), |()| "read".to_owned())
}

#[cfg(unix)]
#[test]
fn only_files_are_read() {
    use std::os::unix::fs::symlink;
    let pipe = |path: &Path| assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
    type Make<'a> = (&'a str, &'a dyn Fn(&Path));
    let makes: [Make<'_>; 8] = [
        ("it is a pipe, a socket or a device, not a file", &|folder| pipe(&folder.join("x.yaml"))),
        ("it is a pipe, a socket or a device, not a file", &|folder| {
            fs::create_dir(folder.join("deep")).unwrap();
            pipe(&folder.join("deep/x.json"));
        }),
        ("it is a pipe, a socket or a device, not a file", &|folder| {
            pipe(&folder.join("pipe"));
            symlink("pipe", folder.join("x.yml")).unwrap();
        }),
        ("it is a pipe, a socket or a device, not a file", &|folder| symlink("/dev/zero", folder.join("x.yaml")).unwrap()),
        ("it is a pipe, a socket or a device, not a file", &|folder| {
            drop(std::os::unix::net::UnixListener::bind(folder.join("x.yaml")).unwrap());
        }),
        ("cannot read", &|folder| symlink("x.yaml", folder.join("x.yaml")).unwrap()),
        // Links to files are read, links to folders are not followed, and files with other names are ignored.
        ("read", &|folder| {
            fs::write(folder.join("manifest"), MANIFEST).unwrap();
            symlink("manifest", folder.join("x.yaml")).unwrap();
        }),
        ("read", &|folder| {
            symlink(".", folder.join("x.yaml")).unwrap();
            symlink(".", folder.join("loop")).unwrap();
            pipe(&folder.join("pipe"));
        }),
    ];
    for (expected, make) in makes {
        let folder = tempfile::tempdir().unwrap();
        make(folder.path());
        let said = opened(folder.path());
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn a_folder_is_read_up_to_the_limit() {
    for (count, depth, expected) in [
        (1, 0, "read"),
        (20, 0, "are larger than 0 KiB in total"),
        (20, 3, "are larger than 0 KiB in total"),
        (1, 65, "64 levels deep"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let inner = (0..depth).fold(folder.path().to_owned(), |path, _| path.join("d"));
        fs::create_dir_all(&inner).unwrap();
        (0..count).for_each(|number| fs::write(inner.join(format!("{number}.yaml")), MANIFEST).unwrap());
        let said = opened(folder.path());
        assert!(said.contains(expected), "{count} {depth}: {said}");
    }
}

/// Each list counts, also the second list of the same objects, up to the last byte.
#[test]
fn a_list_is_read_up_to_the_limit() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("x.yaml"), MANIFEST).unwrap();
    let of = target("a").of;
    let lists = ["", "a!=b"].map(|labels| {
        let namespace = Namespace::parse("b").ok();
        Selector::Many(ListRef { of: of.clone(), namespace, labels: labels.to_owned(), fields: String::new() })
    });
    let bytes = Folder::open(root.path(), 1000).unwrap().all(&of, None).next().unwrap().bytes;
    for (limit, expected) in [(2 * bytes, true), (2 * bytes - 1, false)] {
        // The file itself is shorter than what is asked for.
        let cluster = Files::new(Folder::open(root.path(), limit).unwrap(), Server::default());
        let permissions = Permissions(vec![Permission {
            access: vec![Access::Read],
            of: of.clone(),
            place: PermissionScope::Namespace(Namespace::parse("b").unwrap()),
            names: vec![Pattern::parse("a").unwrap()],
            reveal: Vec::new(),
            reason: String::new(),
        }]);
        let policy = Policy { declared: &permissions, granted: &permissions, of_phase: &permissions };
        let observed = cluster.observe(&policy.permit_reads(lists.to_vec()).unwrap());
        assert_eq!(observed.is_ok(), expected, "{limit} bytes");
    }
}

/// As an API server refuses it: what was stored in a Secret was stored for its type.
#[test]
fn a_secret_keeps_its_type() {
    let secret = |of_type: &str| {
        let fields =
            json!({ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "a", "namespace": "b" }, "type": of_type });
        fields.as_object().unwrap().clone()
    };
    let target = ObjectRef { of: kubephase_core::object::secrets(), ..target("a") };
    type Make = fn(Map<String, Value>) -> Verb;
    for (verb, of_type, expected) in [
        (Verb::Replace as Make, "Opaque", true),
        (Verb::Replace, "other", false),
        (Verb::MergePatch, "other", false),
        (Verb::Apply, "other", false),
        (Verb::Create, "other", false),
    ] {
        for mode in [WriteMode::DryRun, WriteMode::Real] {
            let root = tempfile::tempdir().unwrap();
            let text = json!(secret("Opaque")).to_string();
            fs::write(root.path().join("x.yaml"), &text).unwrap();
            let cluster = Files::new(Folder::open(root.path(), 1000).unwrap(), Server::default());
            let write = Write { target: target.clone(), verb: verb(secret(of_type)), expected: Expected::Any };
            let results = cluster.write(&[&write], mode);
            assert_eq!(results.iter().all(Result::is_ok), expected, "{write:?}: {results:?}");
            let is_same = fs::read_to_string(root.path().join("x.yaml")).unwrap().contains("Opaque");
            assert!(is_same, "{write:?}");
        }
    }
}

/// Of two objects with the same name kubectl would apply one after the other, so an audit of one of them would be worthless.
#[test]
fn what_stands_in_a_folder_twice_is_not_told() {
    for (files, expected) in [(&["a.yaml", "b.yaml"][..], "b.yaml` have the ConfigMap `a` twice"), (&["a.yaml"], "read")] {
        let folder = tempfile::tempdir().unwrap();
        files.iter().for_each(|name| fs::write(folder.path().join(name), MANIFEST).unwrap());
        let folder = Folder::open(folder.path(), 1000).unwrap();
        let said = folder.check_once(&Selector::One(target("a"))).map_or_else(|error| error.to_string(), |()| "read".to_owned());
        assert!(said.contains(expected), "{said}");
    }
}

/// An entry under another name, or one that is not a string, is nevertheless a value of a Secret.
#[test]
fn all_values_of_a_secret_are_under_data() {
    let secret = |more: serde_json::Value| {
        let mut fields = json!({ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "a" }, "type": "t" });
        fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        super::shown(fields.as_object().unwrap()).fields().get("data").cloned()
    };
    for (more, data) in [
        (json!({}), None),
        (json!({ "data": { "a": "YQ==" } }), Some(json!({ "a": "YQ==" }))),
        (json!({ "data": { "a": "YQ==" }, "stringData": { "b": "b" } }), Some(json!({ "a": "YQ==", "b": "Yg==" }))),
        (json!({ "data": { "a": 7 }, "stringData": { "b": 7 } }), Some(json!({ "a": "Nw==", "b": "Nw==" }))),
        (json!({ "data": { "a": ["b"] } }), Some(json!({ "a": "WyJiIl0=" }))),
        (json!({ "data": "b", "stringData": ["b"] }), Some(json!({}))),
        (json!({ "Data": { "a": "b" }, "stringdata": { "a": "b" }, "sops": { "mac": "b" } }), None),
    ] {
        assert_eq!(secret(more.clone()), data, "{more}");
    }
}

#[test]
fn what_cannot_be_written_is_found_in_the_dry_run() {
    let root = tempfile::tempdir().unwrap();
    let cluster = Files::new(Folder::open(root.path(), 1000).unwrap(), Server::default());
    let names = ["x".repeat(253), format!("{}y", "x".repeat(252)), format!("{}a", "x".repeat(199)), "short".to_owned()];
    for name in names {
        let write = Write { target: target(&name), verb: Verb::Create(body(&name)), expected: Expected::Absent };
        for mode in [WriteMode::DryRun, WriteMode::Real] {
            let results = cluster.write(&[&write], mode);
            assert!(results.iter().all(Result::is_ok), "{results:?}");
        }
    }
    assert_eq!(fs::read_dir(root.path()).unwrap().count(), 4, "each has a file of its own");
}

#[cfg(unix)]
#[test]
fn a_copy_of_a_manifest_is_no_program() {
    use std::os::unix::fs::PermissionsExt as _;
    for (mode, expected) in [(0o4755, 0o644), (0o2777, 0o666), (0o1640, 0o640), (0o6711, 0o600), (0o600, 0o600)] {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("x.yaml");
        fs::write(&path, MANIFEST).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let cluster = Files::new(Folder::open(root.path(), 1000).unwrap(), Server::default());
        let write = Write { target: target("a"), verb: Verb::MergePatch(body("a")), expected: Expected::Any };
        let results = cluster.write(&[&write], WriteMode::Real);
        assert!(results.iter().all(Result::is_ok), "{results:?}");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, expected, "{mode:o}");
    }
}
