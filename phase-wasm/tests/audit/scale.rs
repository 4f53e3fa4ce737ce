//! Large clusters.

use super::clusters::{kubeadm, signature, token};
use super::world::World;
use serde_json::{Map, json};

/// kubeadm's cluster with `count` more tokens, signed.
pub(crate) fn signing(count: usize) -> World {
    let ids = || (0..count).map(|index| format!("t{index:05}"));
    let mut world = kubeadm("v1.37.2").change("ConfigMap", "cluster-info", |found| {
        let signatures: Map<_, _> = ids().map(|id| (format!("jws-kubeconfig-{id}"), json!(signature()))).collect();
        found["data"].as_object_mut().unwrap().extend(signatures);
    });
    // `with` would look at all objects for each.
    world.objects.extend(ids().map(|id| token(&id, &format!("q3xk09vzt1m{}", &id[1..]))));
    world
}

#[test]
fn ten_thousand_faulty_tokens_are_too_many_for_one_plan() {
    let mut world = signing(10_000);
    for secret in world.objects.iter_mut().filter(|object| object["kind"] == "Secret") {
        secret["stringData"]["expiration"] = json!("");
    }
    let plan = world.plan("fix");
    assert_eq!(plan.operations.len(), 9_000);
    assert_eq!(plan.findings.iter().filter(|finding| finding.rule == "token-no-expiry").count(), 10_002);
    assert_eq!(plan.findings.iter().filter(|finding| !finding.remedy.is_empty()).count(), 9_000);
    assert_eq!(plan.notes.len(), 1, "{:?}", plan.notes);
    // The answer must fit into 16 MiB.
    let size: usize = plan.findings.iter().map(|finding| finding.title.len() + finding.detail.len() + 400).sum();
    assert!(size < 8 << 20, "{size}");
}
