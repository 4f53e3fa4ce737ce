//! `renew`: a token gets another end and is the same otherwise.

use crate::harness::{Cluster, trial};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::sync::Arc;

pub(crate) fn trials(cluster: &Arc<Cluster>) -> Vec<Trial> {
    vec![
        trial("renew::another_end_and_back", cluster, another_end),
        trial("renew::all_of_them_or_nothing", cluster, all_or_nothing),
        trial("renew::least_rights", cluster, least_rights),
    ]
}

const TOKEN: &str = "abcdef.0123456789abcdef";

/// The Secret without what every write changes.
fn secret(cluster: &Cluster) -> Value {
    let mut secret = cluster.get("kube-system", "secret/bootstrap-token-abcdef");
    for field in ["resourceVersion", "managedFields"] {
        secret["metadata"].as_object_mut().unwrap().remove(field);
    }
    secret
}

fn another_end(cluster: &Cluster) {
    cluster.reset();
    cluster.ours_ok(&["create", TOKEN, "--ttl", "1h", "--description", "for rack 7"]);
    let before = secret(cluster);
    let dry = cluster.ours_ok(&["renew", "abcdef", "--ttl", "48h", "--dry-run=server"]);
    assert!(dry.stdout.contains("bootstrap-token-abcdef"), "{}", dry.stdout);
    assert_eq!(secret(cluster), before, "a dry run");
    let undo = cluster.file("undo-renew.json", "");
    let renewed = cluster.ours_ok(&["renew", TOKEN, "--ttl", "48h", "--undo-out", undo.to_str().unwrap()]);
    assert!(renewed.stdout.starts_with("bootstrap token \"abcdef\" expires at "), "{}", renewed.stdout);
    let (mut after, mut same) = (secret(cluster), before.clone());
    assert_ne!(after["data"]["expiration"], before["data"]["expiration"]);
    for secret in [&mut after, &mut same] {
        secret["data"]["expiration"] = Value::Null;
    }
    assert_eq!(after, same);
    cluster.ours_ok(&["undo", undo.to_str().unwrap()]);
    assert_eq!(secret(cluster), before, "undone");
    let shorter = cluster.ours_ok(&["renew", "secret/bootstrap-token-abcdef", "--ttl", "10m"]);
    assert!(shorter.stderr.contains("token `abcdef` ends earlier than before"), "{}", shorter.stderr);
    let texts = [renewed.stdout, renewed.stderr, shorter.stderr];
    assert!(texts.iter().all(|text| !text.contains("0123456789")));
}

fn all_or_nothing(cluster: &Cluster) {
    cluster.reset();
    cluster.ours_ok(&["create", TOKEN, "--ttl", "1h"]);
    let before = cluster.state();
    for (args, part) in [
        (&["renew", "abcdef", "nobody"][..], "secrets \"bootstrap-token-nobody\" not found"),
        (&["renew", "abcdef", "--ttl", "0"], "a renewed token has an end"),
        (&["renew", "abcdef", "--ttl", "1d"], "invalid duration `1d`"),
        (&["renew", "ABC"], "given token didn't match pattern"),
    ] {
        let said = cluster.ours(args);
        assert!(said.code == 2 && said.stderr.contains(part), "{args:?}: {}", said.stderr);
        assert_eq!(cluster.state(), before, "{args:?}");
    }
}

/// The rights that `rbac` prints are enough, and less is not.
fn least_rights(cluster: &Cluster) {
    cluster.reset();
    cluster.ours_ok(&["create", TOKEN, "--ttl", "1h"]);
    let rights = cluster.ours_ok(&["rbac", "--task", "renew", "abcdef", "--subject", "user:jane"]).stdout;
    let file = cluster.file("renew-rights.yaml", &rights);
    let renew = || cluster.ours(&["renew", "abcdef", "--ttl", "2h", "--as", "jane"]);
    assert_eq!(renew().code, 2);
    cluster.kubectl(&["apply", "-f", file.to_str().unwrap()]);
    let said = renew();
    assert_eq!(said.code, 0, "{}", said.stderr);
    let roles: Value = serde_json::from_str(&cluster.kubectl(&["get", "-f", file.to_str().unwrap(), "-o", "json"])).unwrap();
    let rules: Vec<&Value> = roles["items"].as_array().unwrap().iter().filter_map(|item| item.get("rules")).collect();
    let expected = json!([{ "apiGroups": [""], "resources": ["secrets"], "resourceNames": ["bootstrap-token-abcdef"], "verbs": ["get", "patch"] }]);
    assert_eq!(rules, [&expected]);
    cluster.kubectl(&["delete", "-f", file.to_str().unwrap()]);
}
