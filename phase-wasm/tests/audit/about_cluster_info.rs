//! Faults of cluster-info.

use super::clusters::{kubeadm, signature, token};
use super::world::{AUTHORITY, AUTHORITY_BASE64, World};
use super::{Case, Cure};
use bootstrap_token_phase::abi::Severity::{self, Critical, High, Info, Low, Medium};
use serde_json::{Value, json};

/// `other` in base64, in place of a certificate.
const OTHER_AUTHORITY: &str = "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCmIzUm9aWEk9Ci0tLS0tRU5EIENFUlRJRklDQVRFLS0tLS0K";
/// The trusted one with other line breaks.
const REFLOWED_AUTHORITY: &str = "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tClkKUT09Ci0tLS0tRU5EIENFUlRJRklDQVRFLS0tLS0=";

fn kubeconfig(cluster: &str, users: &str) -> String {
    format!("apiVersion: v1\nclusters:\n- cluster:\n{cluster}  name: \"\"\nkind: Config\nusers: {users}\n")
}

fn stanza(server: &str, authority: &str) -> String {
    format!("    certificate-authority-data: {authority}\n    server: {server}\n")
}

fn good() -> String {
    stanza("https://cp.example:6443", AUTHORITY_BASE64)
}

/// kubeadm's cluster with this kubeconfig.
fn telling(kubeconfig: &str) -> World {
    kubeadm("v1.37.2").change("ConfigMap", "cluster-info", |found| found["data"]["kubeconfig"] = json!(kubeconfig))
}

fn case(rule: &'static str, severity: Severity, cure: Cure, faulty: World, alike: World) -> Case {
    Case { rule, severity, faulty, alike, cure }
}

/// The same cluster, reached at another URL.
fn reached_at(mut world: World, url: &str) -> World {
    world.server.url = url.to_owned();
    world
}

fn without_authority(mut world: World) -> World {
    world.server.certificate_authority = String::new();
    world
}

/// The cluster with an endpoint in kubeadm-config.
fn configured(world: World, endpoint: &str) -> World {
    let text = format!("apiVersion: kubeadm.k8s.io/v1beta4\ncontrolPlaneEndpoint: {endpoint}\nkind: ClusterConfiguration\n");
    world.with([json!({
        "kind": "ConfigMap", "metadata": { "name": "kubeadm-config", "namespace": "kube-system" }, "data": { "ClusterConfiguration": text },
    })])
}

pub(crate) fn cases() -> Vec<Case> {
    [of_absence(), of_secrets(), of_servers(), of_authorities(), of_signatures()].concat()
}

fn of_absence() -> Vec<Case> {
    let gone = || kubeadm("v1.37.2").without("ConfigMap", "cluster-info");
    let unsigned = |id| json!({ "usage-bootstrap-signing": null, "usage-bootstrap-authentication": id });
    let empty = kubeadm("v1.37.2").change("ConfigMap", "cluster-info", |found| found["data"] = Value::Null);
    let missing = |faulty, cure| case("cluster-info-missing", High, cure, faulty, gone().token("k7m2p9", unsigned("true")));
    let malformed =
        |text: &str| case("cluster-info-malformed", High, Cure::Planned, telling(text), telling(&kubeconfig(&good(), "[]")));
    let nobody = telling("{}").without("Secret", "bootstrap-token-k7m2p9");
    vec![
        missing(gone(), Cure::Planned),
        missing(empty, Cure::Planned),
        missing(without_authority(gone()), Cure::ByHand),
        missing(reached_at(gone(), ""), Cure::ByHand),
        malformed("clusters: ["),
        malformed("apiVersion: v1\nkind: Config\nclusters: []\n"),
        malformed(&kubeconfig("    server: \"\"\n", "null")),
        malformed(&kubeconfig("    server: https://10.0.0.1:99999\n", "null")),
        malformed(&kubeconfig("    server: https://$(touch pwned):6443\n", "null")),
        malformed(&kubeconfig("    server: https://\n", "null")),
        Case { severity: Low, faulty: nobody, ..malformed("") },
    ]
}

fn of_secrets() -> Vec<Case> {
    let user = "\n- name: admin\n  user:\n    client-certificate-data: YQ==\n    client-key-data: Yg==";
    let credentials = |users: &str| {
        case(
            "cluster-info-credentials",
            Critical,
            Cure::Planned,
            telling(&kubeconfig(&good(), users)),
            telling(&kubeconfig(&good(), "\n- name: nobody\n  user: {}")),
        )
    };
    let proxy = format!("{}    proxy-url: http://proxy.example\n", good());
    let insecure = |yes: &str| telling(&kubeconfig(&format!("{}    insecure-skip-tls-verify: {yes}\n", good()), "[]"));
    let blind = telling(&kubeconfig("    insecure-skip-tls-verify: true\n    server: https://elsewhere.example\n", "[]"));
    vec![
        credentials(user),
        credentials("[{ name: a, user: { token: abc } }]"),
        Case { faulty: telling(&kubeconfig(&good().replace("https://", "https://user:pw@"), "[]")), ..credentials(user) },
        // The other field is needed and would be lost.
        Case { faulty: telling(&kubeconfig(&proxy, user)), cure: Cure::ByHand, ..credentials(user) },
        case(
            "cluster-info-settings",
            Low,
            Cure::ByHand,
            telling(&kubeconfig(&proxy, "[]")),
            telling(&kubeconfig(&format!("{}    proxy-url: \"\"\n", good()), "[]")),
        ),
        case("cluster-info-insecure", High, Cure::Planned, insecure("true"), insecure("false")),
        // Nodes would be left without an authority.
        case("cluster-info-insecure", High, Cure::ByHand, blind, insecure("\"\"")),
    ]
}

fn of_servers() -> Vec<Case> {
    let at = |server: &str| telling(&kubeconfig(&stanza(server, AUTHORITY_BASE64), "[]"));
    let plain = |faulty, cure| case("cluster-info-http", High, cure, faulty, at("HTTPS://cp.example:6443"));
    let looped = |severity, faulty, cure| case("cluster-info-loopback", severity, cure, faulty, at("https://127.example:6443"));
    let local = "https://127.0.0.1:6443";
    vec![
        plain(at("http://cp.example:8080"), Cure::Planned),
        plain(at("cp.example:8080"), Cure::Planned),
        plain(reached_at(at("http://cp.example:8080"), ""), Cure::ByHand),
        looped(High, at(local), Cure::Planned),
        looped(High, at("https://[::1]:6443"), Cure::Planned),
        looped(High, configured(reached_at(at("https://localhost:6443"), ""), "lb.example"), Cure::Planned),
        looped(High, reached_at(at(local), ""), Cure::ByHand),
        looped(Info, reached_at(at(local), "https://127.0.0.1:16443"), Cure::ByHand),
    ]
}

fn of_authorities() -> Vec<Case> {
    let naming = |authority: &str| telling(&kubeconfig(&stanza("https://cp.example:6443", authority), "[]"));
    let other = |faulty, alike, cure| case("cluster-info-authority", High, cure, faulty, alike);
    let none = telling(&kubeconfig("    server: https://cp.example:6443\n", "[]"));
    let mut both = naming(AUTHORITY_BASE64);
    both.server.certificate_authority = format!("{AUTHORITY}-----BEGIN CERTIFICATE-----\nYg==\n-----END CERTIFICATE-----\n");
    let further = [AUTHORITY_BASE64.trim_end_matches('='), ""].concat();
    assert!(further.len() < AUTHORITY_BASE64.len());
    vec![
        other(naming(OTHER_AUTHORITY), naming(REFLOWED_AUTHORITY), Cure::Planned),
        other(none, without_authority(naming(OTHER_AUTHORITY)), Cure::Planned),
        // A proxy can have an authority of its own.
        other(reached_at(naming(OTHER_AUTHORITY), "https://proxy.example"), both, Cure::ByHand),
        Case { severity: Medium, ..other(naming(&two_authorities()), naming(AUTHORITY_BASE64), Cure::ByHand) },
    ]
}

/// The trusted certificate and another one.
fn two_authorities() -> String {
    "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCllRPT0KLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQotLS0tLUJFR0lOIENFUlRJRklDQVRFLS0tLS0KWWc9PQotLS0tLUVORCBDRVJUSUZJQ0FURS0tLS0tCg==".to_owned()
}

fn of_signatures() -> Vec<Case> {
    let second = |created: &str| {
        let mut world = kubeadm("v1.37.2").with([token("b4c9d2", "w8n4bz7yk2u6h1dc")]);
        world =
            world.change("Secret", "bootstrap-token-b4c9d2", |secret| secret["metadata"]["creationTimestamp"] = json!(created));
        world
    };
    let sign = |world: World, id: &str| {
        world.change("ConfigMap", "cluster-info", |found| found["data"][format!("jws-kubeconfig-{id}")] = json!(signature()))
    };
    let stale =
        |faulty: World| case("cluster-info-stale", Low, Cure::Planned, faulty, sign(second("2029-12-31T00:00:00Z"), "b4c9d2"));
    let ended = json!({ "expiration": "2029-12-31T00:00:00Z" });
    vec![
        case("cluster-info-unsigned", Medium, Cure::ByHand, second("2029-12-31T00:00:00Z"), second("2029-12-31T23:59:30Z")),
        // The signer has a minute.
        case("cluster-info-unsigned", Medium, Cure::ByHand, second("2029-12-31T23:59:00Z"), second("2029-12-31T23:59:01Z")),
        stale(sign(kubeadm("v1.37.2"), "gone00")),
        stale(sign(second("2029-12-31T00:00:00Z").token("b4c9d2", ended), "b4c9d2")),
        stale(sign(second("2029-12-31T00:00:00Z").token("b4c9d2", json!({ "usage-bootstrap-signing": "false" })), "b4c9d2")),
        case("cluster-info-nearly-full", High, Cure::ByHand, super::scale::signing(9_900), super::scale::signing(9_800)),
    ]
}

#[test]
fn all_cures_of_cluster_info_are_one_operation() {
    let world = telling(&kubeconfig(&stanza("http://cp.example", OTHER_AUTHORITY), "[{ name: a, user: { token: abc } }]"));
    let world = world.change("ConfigMap", "cluster-info", |found| found["data"]["jws-kubeconfig-gone00"] = json!(signature()));
    let plan = world.plan("fix");
    assert_eq!(plan.operations.len(), 1, "{plan:#?}");
    assert_eq!(plan.findings.iter().filter(|finding| finding.remedy == ["configmaps/cluster-info"]).count(), 4, "{plan:#?}");
    assert!(!format!("{plan:?}").contains("abc\""), "a credential is nobody's business");
    let after = world.apply(&plan);
    assert_eq!(after.alarming(), [""; 0]);
}
