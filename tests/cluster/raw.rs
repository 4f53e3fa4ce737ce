//! Objects as the API server has them, once its controllers have done what they will.

use crate::api::{KINDS, collection};
use crate::harness::Cluster;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// All objects of the kinds that the phase writes, by `kind/namespace/name`, without what every write changes.
pub(crate) type Raw = BTreeMap<String, Value>;

/// How often we look whether the signer has done its work.
const LOOKS: usize = 60;
const SIGNATURE: &str = "jws-kubeconfig-";

pub(crate) fn raw(cluster: &Cluster) -> Raw {
    let paths = KINDS.map(|(kind, _)| collection(kind, ""));
    let items = cluster.api().objects(&paths).into_iter().map(|mut object| {
        let metadata = object["metadata"].as_object_mut().unwrap();
        metadata.retain(|name, _| !["resourceVersion", "managedFields", "generation"].contains(&name.as_str()));
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let key = [&object["kind"], &object["metadata"]["namespace"], &object["metadata"]["name"]].map(text).join("/");
        (key, object)
    });
    items.collect()
}

/// The same, once `cluster-info` is signed with all tokens that are there and with no other.
pub(crate) fn settled(cluster: &Cluster) -> Raw {
    let found = awaited(cluster, is_signed);
    assert!(is_signed(&found), "cluster-info is not signed: {:#}", found["ConfigMap/kube-public/cluster-info"]);
    found
}

/// The same, once it is as is expected. What the controllers change is in `kube-public`.
pub(crate) fn awaited(cluster: &Cluster, is_expected: impl Fn(&Raw) -> bool) -> Raw {
    let public = collection("ConfigMap", "kube-public");
    let mut found = Raw::new();
    for _ in 0..LOOKS {
        let version = cluster.api().lists(&[&public])[0]["metadata"]["resourceVersion"].as_str().unwrap().to_owned();
        found = raw(cluster);
        if is_expected(&found) {
            break;
        }
        cluster.api().changed(&public, &version);
    }
    found
}

/// `pkg/controller/bootstrap/bootstrapsigner.go`: without a kubeconfig it does nothing.
fn is_signed(raw: &Raw) -> bool {
    let Some(data) = raw.get("ConfigMap/kube-public/cluster-info").and_then(|info| info["data"].as_object()) else { return true };
    let Some(kubeconfig) = data.get("kubeconfig").and_then(Value::as_str).filter(|text| !text.is_empty()) else { return true };
    let expected: BTreeMap<String, String> = raw.values().filter_map(|object| signature(object, kubeconfig)).collect();
    let found =
        data.iter().filter_map(|(key, value)| Some((key.strip_prefix(SIGNATURE)?.to_owned(), value.as_str()?.to_owned())));
    found.collect::<BTreeMap<_, _>>() == expected
}

/// The signature of a token for signing, by its id (`cluster-bootstrap/token/jws/jws.go`).
fn signature(object: &Value, kubeconfig: &str) -> Option<(String, String)> {
    let data = object["data"].as_object().filter(|_| object["type"] == "bootstrap.kubernetes.io/token")?;
    let text = |name: &str| String::from_utf8(STANDARD.decode(data.get(name)?.as_str()?).unwrap()).ok();
    let (id, secret) = (text("token-id")?, text("token-secret")?);
    text("usage-bootstrap-signing").filter(|usage| usage == "true")?;
    let header = URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"HS256","kid":"{id}"}}"#));
    let payload = URL_SAFE_NO_PAD.encode(kubeconfig);
    let signed = URL_SAFE_NO_PAD.encode(hmac(secret.as_bytes(), format!("{header}.{payload}").as_bytes()));
    Some((id, format!("{header}..{signed}")))
}

/// HMAC-SHA256 (RFC 2104) with a key that is shorter than a block.
fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let padded = |pad: u8| {
        let mut block = [pad; 64];
        block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
        block
    };
    let inner = Sha256::digest([&padded(0x36)[..], message].concat());
    Sha256::digest([&padded(0x5c)[..], &inner[..]].concat()).to_vec()
}

/// The objects of both that are not the same one: those that were created again.
pub(crate) fn created_again(before: &Raw, after: &Raw) -> BTreeSet<String> {
    let uid = |raw: &Raw, key: &String| raw.get(key).map(|object| object["metadata"]["uid"].clone());
    before.keys().filter(|key| after.contains_key(*key) && uid(before, key) != uid(after, key)).cloned().collect()
}

/// Without what makes an object this one and no other of the same content.
pub(crate) fn content(raw: &Raw) -> Raw {
    let mut content = raw.clone();
    for object in content.values_mut() {
        object["metadata"].as_object_mut().unwrap().retain(|name, _| name != "uid" && name != "creationTimestamp");
    }
    content
}

/// The objects that are not the same in both, as a text for a failed assertion; empty if there are none.
pub(crate) fn differences(expected: &Raw, found: &Raw) -> String {
    let keys: BTreeSet<&String> = expected.keys().chain(found.keys()).collect();
    let differ = keys.into_iter().filter(|key| expected.get(*key) != found.get(*key));
    let text = |raw: &Raw, key| raw.get(key).map_or("nothing".to_owned(), |object: &Value| format!("{object:#}"));
    differ.map(|key| format!("{key}: expected {}\nfound {}\n", text(expected, key), text(found, key))).collect()
}
