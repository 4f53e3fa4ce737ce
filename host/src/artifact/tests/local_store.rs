//! The local store.

use super::{LIMIT, artifact, built, component, manifest};
use crate::artifact::local_store::{Artifact, LocalStore};
use crate::artifact::signatures::{MOST, SignaturePart, SignatureSort, Signed};
use kubephase_core::digest::Digest;
use kubephase_core::reference::Reference;
use kubephase_core::trust::Candidate;
use serde_json::json;
use std::path::Path;

fn files(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

fn find(local_store: &LocalStore, reference: &str) -> Option<Digest> {
    local_store.find(&Reference::parse(reference).unwrap(), LIMIT).unwrap().map(|stored| stored.digest)
}

fn signed() -> Signed {
    signed_with("{}")
}

fn signed_with(bundle: &str) -> Signed {
    let bundle = bundle.as_bytes().to_vec();
    let digest = Digest::of(&bundle);
    let media = "application/vnd.dev.sigstore.bundle.v0.3+json";
    let layer = json!({ "mediaType": media, "digest": digest.to_string(), "size": bundle.len() });
    Signed {
        manifest: json!({ "schemaVersion": 2, "layers": [layer] }).to_string().into_bytes(),
        parts: vec![(SignaturePart { digest, sort: SignatureSort::Bundle }, bundle)],
    }
}

#[test]
fn what_is_kept_is_found_by_tag_and_digest() {
    let folder = tempfile::tempdir().unwrap();
    let local_store = LocalStore::at(folder.path().join("phases"));
    assert_eq!(find(&local_store, "h.io/x:1"), None);
    assert!(local_store.list().unwrap().is_empty());
    let digest = local_store.keep(&artifact("h.io/x:1")).unwrap();
    assert_eq!(digest, built().digest);
    for (reference, is_found) in [
        ("h.io/x:1".to_owned(), true),
        (format!("h.io/x@{digest}"), true),
        (format!("h.io/x:1@{digest}"), true),
        // A tag beside a digest is ignored.
        (format!("h.io/x:2@{digest}"), true),
        ("h.io/x:2".to_owned(), false),
        (format!("h.io/x@{}", Digest::of(b"")), false),
        // Another repository belongs to others.
        (format!("h.io/y@{digest}"), false),
        (format!("o.io/x@{digest}"), false),
    ] {
        assert_eq!(find(&local_store, &reference).is_some(), is_found, "{reference}");
    }
}

#[test]
fn what_is_removed_is_gone_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let local_store = LocalStore::at(folder.path().join("phases"));
    let mut with_signature = artifact("h.io/x:1");
    with_signature.signed.push(signed());
    let digest = local_store.keep(&with_signature).unwrap();
    local_store.keep(&artifact("h.io/y:1")).unwrap();
    assert_eq!(local_store.candidates(&digest).unwrap(), [Candidate::Bundle(b"{}".to_vec())]);
    let blobs = folder.path().join("phases/blobs/sha256");
    assert_eq!(files(&blobs).len(), 5, "manifest, config, component, and a signature of two");

    assert!(local_store.remove(|entry| entry.name == "h.io/z:1").unwrap().is_empty());
    assert_eq!(local_store.remove(|entry| entry.name == "h.io/x:1").unwrap(), ["h.io/x:1"]);
    assert_eq!(find(&local_store, "h.io/x:1"), None);
    assert_eq!(find(&local_store, "h.io/y:1"), Some(digest.clone()));
    assert_eq!(files(&blobs).len(), 5, "the other one has the same digest");
    assert_eq!(local_store.remove(|entry| entry.digest == digest).unwrap(), ["h.io/y:1"]);
    assert_eq!(files(&blobs), [""; 0]);
}

#[test]
fn of_many_signatures_those_count_that_were_found_last() {
    let folder = tempfile::tempdir().unwrap();
    let local_store = LocalStore::at(folder.path().join("phases"));
    let numbered = |number: usize| signed_with(&format!("{{\"number\":{number}}}"));
    let all: Vec<usize> = (0..MOST + 6).chain([3]).collect();
    let artifacts = all.iter().map(|number| Artifact { signed: vec![numbered(*number)], ..artifact("h.io/x:1") });
    artifacts.for_each(|artifact| drop(local_store.keep(&artifact).unwrap()));
    let last: Vec<Signed> = all.iter().skip(all.len() - MOST).map(|number| numbered(*number)).collect();
    assert_eq!(local_store.signed(&built().digest).unwrap(), last);
}

#[test]
fn what_is_damaged_is_told() {
    for what in ["manifest", "config", "component", "signature", "cut", "gone", "index"] {
        let folder = tempfile::tempdir().unwrap();
        let local_store = LocalStore::at(folder.path().to_owned());
        let mut kept = artifact("h.io/x:1");
        kept.signed.push(signed());
        let digest = local_store.keep(&kept).unwrap();
        let blob = match what {
            "manifest" => digest.clone(),
            "config" => manifest().config.1,
            "signature" => Digest::of(b"{}"),
            _ => manifest().layer.1,
        };
        let path =
            if what == "index" { folder.path().join("index.json") } else { folder.path().join("blobs/sha256").join(blob.hex()) };
        #[expect(clippy::disallowed_methods, reason = "a test damages what it made")]
        match what {
            "gone" => std::fs::remove_file(&path).unwrap(),
            "cut" => std::fs::write(&path, &component()[..100]).unwrap(),
            _ => {
                let mut bytes = std::fs::read(&path).unwrap();
                bytes[1] ^= 1;
                std::fs::write(&path, bytes).unwrap();
            }
        }
        let reference = Reference::parse("h.io/x:1").unwrap();
        let read = || {
            let stored = local_store.find(&reference, LIMIT)?.unwrap();
            local_store.artifact(&reference, &stored)
        };
        let said = read().unwrap_err().to_string();
        let expected = if what == "index" { "of the local store is damaged" } else { "is damaged in the local store" };
        assert!(said.ends_with(expected), "{what}: {said}");
        if what != "index" {
            assert!(local_store.list().unwrap()[0].known.is_none(), "{what}");
            local_store.keep(&kept).unwrap();
            assert_eq!(read().unwrap(), kept, "{what}: kept again, it is whole");
        }
    }
}

#[test]
fn many_at_once_leave_one_whole_copy() {
    let folder = tempfile::tempdir().unwrap();
    let local_store = LocalStore::at(folder.path().join("phases"));
    std::thread::scope(|scope| {
        for number in 0..50 {
            let local_store = &local_store;
            scope.spawn(move || {
                local_store.keep(&artifact("h.io/x:1")).unwrap();
                if number % 5 == 0 {
                    local_store.keep(&artifact(&format!("h.io/y:{number}"))).unwrap();
                    local_store.remove(|entry| entry.name == format!("h.io/y:{number}")).unwrap();
                }
            });
        }
    });
    let items = local_store.list().unwrap();
    assert_eq!(items.len(), 1);
    assert!(items[0].known.is_some());
    assert_eq!(files(&folder.path().join("phases/blobs/sha256")).len(), 3, "nothing half-written is left");
}
