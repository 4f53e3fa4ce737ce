//! Faults of tokens.

use super::clusters::{kubeadm, token};
use super::world::{GROUP, World};
use super::{Case, Cure};
use bootstrap_token_phase::abi::Severity::{self, High, Info, Low, Medium};
use serde_json::{Value, json};

/// A good secret half, other than `HALF`.
const OTHER_HALF: &str = "w8n4bz7yk2u6h1dc";
const ID: &str = "b4c9d2";

/// kubeadm's cluster with another token, changed.
fn with(id: &str, half: &str, data: &Value) -> World {
    kubeadm("v1.37.2").with([token(id, half)]).token(id, data.clone())
}

fn signed(world: World, id: &str) -> World {
    world.change("ConfigMap", "cluster-info", |found| {
        found["data"][format!("jws-kubeconfig-{id}")] = json!(super::clusters::signature())
    })
}

fn case(rule: &'static str, severity: Severity, cure: Cure, faulty: Value, alike: Value) -> Case {
    let world = |data| signed(with(ID, OTHER_HALF, &data), ID);
    Case { rule, severity, faulty: world(faulty), alike: world(alike), cure }
}

/// A token Secret with another type or name.
fn retyped(of_type: &str, data: Value) -> World {
    with(ID, OTHER_HALF, &data).change("Secret", &format!("bootstrap-token-{ID}"), |secret| secret["type"] = json!(of_type))
}

fn renamed(id: &str, name: &str) -> World {
    with(id, OTHER_HALF, &json!({}))
        .change("Secret", &format!("bootstrap-token-{id}"), |secret| secret["metadata"]["name"] = json!(name))
}

pub(crate) fn cases() -> Vec<Case> {
    [of_time(), of_form(), of_halves(), of_use()].concat()
}

fn of_time() -> Vec<Case> {
    let end = |time: &str| json!({ "expiration": time });
    let mut other_limit = case("token-lifetime", Low, Cure::Planned, end("2030-01-02T00:00:01Z"), end("2030-01-02T00:00:00Z"));
    other_limit.faulty.parameters = json!({ "maxLifetime": "24h" });
    other_limit.alike.parameters = json!({ "maxLifetime": "24h" });
    vec![
        case("token-no-expiry", Medium, Cure::Planned, end(""), end("2030-01-08T00:00:00Z")),
        case("token-no-expiry", Medium, Cure::Planned, json!({ "expiration": null }), end("2029-12-31T23:59:59Z")),
        case("token-lifetime", Low, Cure::Planned, end("2030-01-08T00:00:01Z"), end("2030-01-08T01:00:00+01:00")),
        other_limit,
        case("token-expired", Low, Cure::Planned, end("2029-12-31T23:00:00Z"), end("2029-12-31T23:59:30Z")),
    ]
}

fn of_form() -> Vec<Case> {
    let good = json!({});
    let form = |faulty, alike| case("token-malformed", Medium, Cure::Planned, faulty, alike);
    let groups = |groups: &str| json!({ "auth-extra-groups": groups });
    let for_login = |groups: &str| json!({ "auth-extra-groups": groups, "usage-bootstrap-signing": null });
    let misnamed = |faulty| Case { faulty, ..case("token-misnamed", Medium, Cure::Planned, json!({}), json!({})) };
    let notes = json!({ "token-id": null, "token-secret": null });
    vec![
        form(json!({ "expiration": "tomorrow" }), json!({ "expiration": "2030-01-01T23:00:00.5+10:00" })),
        form(json!({ "token-id": null }), good.clone()),
        form(json!({ "token-secret": null }), good.clone()),
        form(json!({ "token-secret": "" }), good.clone()),
        form(json!({ "token-secret": "W8N4bz7yk2u6h1dc" }), good.clone()),
        form(json!({ "token-secret": "w8n4bz7yk2u6h1d", "usage-bootstrap-signing": null }), good.clone()),
        // It does not log in, but it signs cluster-info.
        form(groups("system:masters"), groups("")),
        form(groups("system:masters"), json!({ "auth-extra-groups": "system:masters", "usage-bootstrap-authentication": null })),
        form(for_login("a,b"), for_login(GROUP)),
        misnamed(renamed("b4c9d2", "bootstrap-token-b4c9d3")),
        misnamed(renamed("b4c9d2", "bootstrap-token-B4C9D2")),
        misnamed(renamed("b4c9d2", "bootstrap-token-")),
        Case {
            faulty: retyped("Opaque", json!({})),
            alike: retyped("Opaque", notes),
            ..case("token-wrong-type", Medium, Cure::Planned, json!({}), json!({}))
        },
        Case {
            faulty: retyped("Opaque", json!({})),
            alike: with(ID, OTHER_HALF, &json!({})).with([json!({
                "kind": "Secret", "type": "Opaque", "metadata": { "name": "bootstrap-token-of-ours", "namespace": "kube-system" },
                "stringData": { "token-secret": "x" },
            })]),
            ..case("token-wrong-type", Medium, Cure::Planned, json!({}), json!({}))
        },
    ]
}

fn of_halves() -> Vec<Case> {
    let half = |half: &str| json!({ "token-secret": half });
    let weak = |faulty, alike, cure| case("token-weak-secret", High, cure, half(faulty), half(alike));
    let known = |id: &str, half: &str| signed(with(id, half, &json!({})), id);
    let well_known = |id, half, other| Case {
        faulty: known(id, half),
        alike: known(id, other),
        ..case("token-well-known", High, Cure::Soon, json!({}), json!({}))
    };
    let shared = with(ID, OTHER_HALF, &json!({})).with([token("e5f6g7", OTHER_HALF)]);
    vec![
        // One in 180 random secrets has only letters.
        weak("4815162342481516", "qzxkvbtmwpejrhyd", Cure::Soon),
        weak("aaaa0000aaaa0000", "aabbccdd00eeffaa", Cure::Soon),
        weak("abcdef0abcdef0", OTHER_HALF, Cure::Planned),
        well_known("abcdef", "0123456789abcdef", "01234567899bcdef"),
        well_known("07401b", "f395accd246ae52d", OTHER_HALF),
        well_known("9a08jv", "c0izixklcxtmnze7", "c0izixklcxtmnzex"),
        well_known("783bde", "3f89s0fje9f38fhf", "3f89s0fje9f38fh1"),
        Case {
            faulty: signed(signed(shared.clone(), ID), "e5f6g7"),
            // The other token has expired.
            alike: shared.token("e5f6g7", json!({ "expiration": "2029-12-31T00:00:00Z" })),
            ..case("token-shared-secret", Medium, Cure::Soon, json!({}), json!({}))
        },
    ]
}

fn of_use() -> Vec<Case> {
    let groups = |groups: &str| json!({ "auth-extra-groups": groups });
    let both = format!("system:bootstrappers:admins,{GROUP}");
    let twice = format!("{GROUP},{GROUP}");
    vec![
        case("token-groups", Info, Cure::Asked, groups(&both), groups(&twice)),
        // Nodes may join by that group.
        case("token-groups", Info, Cure::ByHand, groups("system:bootstrappers:workers"), groups(GROUP)),
        case(
            // As in tokens of k0s.
            "token-usage-unknown",
            Info,
            Cure::Asked,
            json!({ "usage-bootstrap-api-auth": "true" }),
            json!({ "usage-bootstrap-signing": "false" }),
        ),
        case("token-usage-unknown", Low, Cure::Planned, json!({ "usage-bootstrap-signing": "yes" }), json!({ "usage": "x" })),
        case(
            "token-signing-alone",
            Info,
            Cure::ByHand,
            json!({ "usage-bootstrap-authentication": null }),
            json!({ "usage-bootstrap-signing": null }),
        ),
    ]
}

#[test]
fn a_secret_that_is_being_deleted_is_left_alone() {
    let world = with(ID, OTHER_HALF, &json!({ "expiration": null }));
    let world =
        world.change("Secret", &format!("bootstrap-token-{ID}"), |secret| secret["metadata"]["deletionTimestamp"] = json!("x"));
    assert_eq!(world.alarming(), [""; 0]);
}

#[test]
fn several_cures_of_a_token_are_one_operation() {
    let groups = format!("{GROUP},system:bootstrappers:x");
    let data = json!({ "expiration": null, "usage-bootstrap-x": "true", "auth-extra-groups": groups });
    let mut world = signed(with(ID, OTHER_HALF, &data), ID);
    let patch = json!({ "stringData": { "expiration": "2030-01-08T00:00:00Z" } });
    assert_eq!(world.plan("fix").operations[0].action, bootstrap_token_phase::abi::Action::MergePatch(patch.to_string()));
    world.parameters = json!({ "fix": ["all"] });
    let plan = world.plan("fix");
    assert_eq!(plan.operations.len(), 1, "{plan:#?}");
    let patch = json!({
        "stringData": { "expiration": "2030-01-08T00:00:00Z", "auth-extra-groups": GROUP },
        "data": { "usage-bootstrap-x": null },
    });
    assert_eq!(plan.operations[0].action, bootstrap_token_phase::abi::Action::MergePatch(patch.to_string()));
    let remedies: Vec<_> = plan.findings.iter().map(|finding| finding.remedy.as_slice()).collect();
    assert_eq!(remedies, [["secrets/bootstrap-token-b4c9d2"]; 3]);
}
