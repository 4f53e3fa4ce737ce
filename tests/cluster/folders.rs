//! Manifests in folders: what kubectl refuses, we refuse, and what it takes, we take.

use crate::harness::{Cluster, trial};
use libtest_mimic::Trial;
use std::sync::Arc;

pub(crate) fn trials(cluster: &Arc<Cluster>) -> Vec<Trial> {
    vec![trial("folders::a_value_of_a_secret_is_text_or_refused", cluster, texts)]
}

/// Fields of a Secret for a token, and whether an API server takes it.
const FIELDS: [(&str, bool); 16] = [
    ("stringData: {usage-bootstrap-signing: 'true'}", true),
    ("stringData: {usage-bootstrap-signing: true}", false),
    ("stringData: {usage-bootstrap-signing: yes}", false),
    ("stringData: {token-id: 123456}", false),
    ("stringData: {token-id: 1e3}", false),
    ("stringData: {token-id: 0x1F}", false),
    ("stringData: {description: ~}", true),
    ("stringData: {description: }", true),
    ("stringData: {expiration: 2030-01-01T12:00:00Z}", true),
    ("stringData: {auth-extra-groups: [a]}", false),
    ("stringData: {auth-extra-groups: {a: b}}", false),
    ("stringData: {token-id: aaaaaa, token-id: abcdef}", true),
    ("data: {token-id: ~}", true),
    ("data: {token-id: true}", false),
    ("data: [a]", false),
    ("data:", true),
];

fn texts(cluster: &Cluster) {
    for (fields, is_taken) in FIELDS {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token.yaml");
        let head = "apiVersion: v1\nkind: Secret\nmetadata: {name: bootstrap-token-abcdef, namespace: kube-system}\n";
        std::fs::write(&file, format!("{head}type: bootstrap.kubernetes.io/token\n{fields}\n")).unwrap();
        let kubectl = cluster.run("kubectl", &["apply", "--dry-run=server", "-f", file.to_str().unwrap()]);
        let ours = cluster.ours(&["list", "--against", &format!("dir:{}", folder.path().display())]);
        // kubectl says of a token without an id and a secret that they are needed; the field was read then.
        assert_eq!(!kubectl.stderr.contains("cannot unmarshal"), is_taken, "{fields}: {}", kubectl.stderr);
        assert_eq!(!ours.stderr.contains("must be a string"), is_taken, "{fields}: {}", ours.stderr);
        assert!(is_taken || ours.stderr.contains("token.yaml"), "{fields}: {}", ours.stderr);
    }
}
