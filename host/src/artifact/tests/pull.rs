//! From a registry to the local store and into a run.

use super::{LIMIT, QUIET, Server, access, artifact, built, claim, component, good, manifest, serve};
use crate::artifact::local_store::LocalStore;
use crate::artifact::pull::{ArtifactPlace, Supply};
use crate::artifact::registry::RegistrySettings;
use crate::artifact::{ArtifactError, Found, Judge};
use kubephase_core::log::Silent;
use kubephase_core::source::PullPolicy;
use kubephase_core::trust::{Reason, TrustRefusal, Trusted};
use std::cell::RefCell;

/// Trusts only artifacts with this tag.
struct Only(&'static str);

impl Judge for Only {
    fn judge(&self, found: &Found<'_>) -> Result<Trusted, TrustRefusal> {
        if found.reference.tag() == Some(self.0) {
            Ok(Trusted::embedded())
        } else {
            Err(TrustRefusal { reasons: vec![Reason::NoPolicy], hint: Vec::new() })
        }
    }
}

fn with<T>(
    local_store: &LocalStore,
    policy: PullPolicy,
    manners: RegistrySettings<'_>,
    work: impl FnOnce(&Supply<'_>) -> T,
) -> T {
    let access = access(Vec::new());
    work(&Supply { local_store, access: &access, policy, judge: &Only("1"), file_bytes: LIMIT, manners })
}

fn local_store() -> (tempfile::TempDir, LocalStore) {
    let folder = tempfile::tempdir().unwrap();
    let local_store = LocalStore::at(folder.path().join("phases"));
    (folder, local_store)
}

fn is_component(line: &str) -> bool {
    line.contains(manifest().layer.1.hex())
}

fn registry() -> Server {
    serve(|head, _| good(head))
}

#[test]
fn what_is_missing_is_pulled_once() {
    let (server, (_folder, local_store)) = (registry(), local_store());
    let reference = server.reference("1");
    for (policy, requests) in
        [(PullPolicy::IfNotPresent, 6), (PullPolicy::IfNotPresent, 0), (PullPolicy::Never, 0), (PullPolicy::Always, 5)]
    {
        let before = server.seen().len();
        let brought = with(&local_store, policy, QUIET, |supply| supply.bring(&reference)).unwrap();
        assert_eq!((brought.digest, brought.component, brought.claim), (built().digest, component(), Some(claim())));
        assert_eq!(server.seen().len() - before, requests, "{policy:?}");
    }
    let other = server.reference("2");
    let error = with(&local_store, PullPolicy::Never, QUIET, |supply| supply.bring(&other)).unwrap_err();
    assert!(matches!(error, ArtifactError::NotKept(_)), "{error}");
}

#[test]
fn what_is_refused_is_neither_fetched_nor_kept() {
    let (server, (_folder, local_store)) = (registry(), local_store());
    let reference = server.reference("2");
    let error = with(&local_store, PullPolicy::Always, QUIET, |supply| supply.pull(&reference)).unwrap_err();
    assert!(matches!(error, ArtifactError::Refused { .. }), "{error}");
    assert!(local_store.list().unwrap().is_empty());
    assert!(server.lines().iter().all(|line| !line.contains("/blobs/")), "{:?}", server.lines());
    // An artifact that was stored in another way is verified when it is read.
    local_store.keep(&artifact(&reference.to_string())).unwrap();
    let error = with(&local_store, PullPolicy::Never, QUIET, |supply| supply.bring(&reference)).unwrap_err();
    assert!(matches!(error, ArtifactError::Refused { .. }), "{error}");
}

#[test]
fn what_is_damaged_is_told_and_fetched_again() {
    let (server, (folder, local_store)) = (registry(), local_store());
    let reference = server.reference("1");
    local_store.keep(&artifact(&reference.to_string())).unwrap();
    let path = folder.path().join("phases/blobs/sha256").join(manifest().layer.1.hex());
    let damage = || {
        #[expect(clippy::disallowed_methods, reason = "a test damages what it made")]
        std::fs::write(&path, &component()[..1_000]).unwrap();
    };
    damage();
    let error = with(&local_store, PullPolicy::Never, QUIET, |supply| supply.bring(&reference)).unwrap_err();
    assert!(matches!(error, ArtifactError::Damaged { .. }), "{error}");
    let said = RefCell::new(Vec::new());
    let say = |text: &str| said.borrow_mut().push(text.to_owned());
    let manners = RegistrySettings { log: &Silent, say: &say };
    let brought = with(&local_store, PullPolicy::IfNotPresent, manners, |supply| supply.bring(&reference)).unwrap();
    assert_eq!(brought.component, component());
    assert_eq!(*said.borrow(), ["note: `component` is damaged in the local store; fetching it again"]);
    assert!(with(&local_store, PullPolicy::Never, QUIET, |supply| supply.bring(&reference)).is_ok());
}

#[test]
fn a_glance_reads_no_component() {
    let (server, (folder, local_store)) = (registry(), local_store());
    let reference = server.reference("1");
    let glance = with(&local_store, PullPolicy::IfNotPresent, QUIET, |supply| supply.glance(&reference)).unwrap();
    assert_eq!((glance.place, glance.claim), (ArtifactPlace::Registry, Some(claim())));
    assert_eq!(server.seen().len(), 2, "the manifest and the config");
    assert!(!folder.path().join("phases").exists(), "nothing is kept");
    local_store.keep(&artifact(&reference.to_string())).unwrap();
    let glance = with(&local_store, PullPolicy::IfNotPresent, QUIET, |supply| supply.glance(&reference)).unwrap();
    assert_eq!((glance.place, server.seen().len()), (ArtifactPlace::LocalStore, 2));
}

#[test]
fn many_at_once_fetch_the_component_once() {
    let (server, (_folder, local_store)) = (registry(), local_store());
    let reference = server.reference("1");
    std::thread::scope(|scope| {
        for _ in 0..50 {
            let (local_store, reference) = (&local_store, &reference);
            scope.spawn(move || with(local_store, PullPolicy::Always, QUIET, |supply| supply.pull(reference)).unwrap());
        }
    });
    assert!(local_store.list().unwrap()[0].known.is_some());
    assert_eq!(server.lines().iter().filter(|line| is_component(line)).count(), 1);
}
