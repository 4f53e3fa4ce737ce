//! Undo files: what is applied without a phase.

use super::dice::Dice;
use kubephase_core::digest::Digest;
use kubephase_core::saved::Saved;
use kubephase_core::secret::LAST_APPLIED;
use serde_json::{Value, json};

/// What a kept value stands for in the file.
const PLACE: &str = "$value";

/// Forges an undo file: one of ours with values of any kind in any places, and a digest that fits, or raw bytes. Whatever it is:
///
/// * nothing panics;
/// * what is read has no place for a kept value but under `data` of the Secret that it is of, under its own key.
pub fn undo(data: &[u8]) {
    let mut dice = Dice::new(data);
    if dice.is_one_in(4) {
        let _ = Saved::parse(&String::from_utf8_lossy(&dice.rest()));
        return;
    }
    let forged = forged(&mut dice);
    if let Ok(Saved::Undo(_)) = Saved::parse(&forged.to_string()) {
        for undone in forged["objects"].as_array().unwrap() {
            check(&undone["object"], &undone["restore"], &mut Vec::new());
        }
    }
}

fn check(target: &Value, value: &Value, path: &mut Vec<String>) {
    let Some(fields) = value.as_object() else {
        value.as_array().into_iter().flatten().for_each(|item| check(target, item, path));
        return;
    };
    if let Some(place) = fields.get(PLACE) {
        let [namespace, name] = ["namespace", "name"].map(|part| target[part].as_str().unwrap_or_default());
        let home = format!("/api/v1/namespaces/{namespace}/secrets/{name}/");
        let key = place.as_str().and_then(|place| place.strip_prefix(&home));
        let stands = match path.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["data", name] | ["metadata", "annotations", name @ LAST_APPLIED] => Some(name.to_owned()),
            _ => None,
        };
        let is_home = target["kind"] == "Secret" && stands.is_some() && key == stands.as_deref();
        assert!(is_home, "{place} at {path:?} of {target}");
    }
    for (name, below) in fields {
        path.push(name.clone());
        check(target, below, path);
        path.pop();
    }
}

fn forged(dice: &mut Dice<'_>) -> Value {
    let mut undo: Value = serde_json::from_str(include_str!("undo/usual.json")).unwrap();
    let pieces = ["data", "stringData", "metadata", "annotations", "labels", "a", "token-secret", "items"];
    let places = [
        "/api/v1/namespaces/kube-system/secrets/bootstrap-token-abcdef/token-secret",
        "/api/v1/namespaces/kube-system/secrets/bootstrap-token-abcdef/a",
        "/api/v1/namespaces/kube-system/secrets/other/token-secret",
        "/api/v1/namespaces/kube-system/secrets/bootstrap-token-abcdef/../x",
        "token-secret",
        "",
    ];
    let number = undo["objects"].as_array().unwrap().len();
    for _ in 0..=dice.number(2) {
        let mut value = json!({ PLACE: dice.pick(&places) });
        let path = dice.some(3, |dice| dice.pick(&pieces));
        for name in path.iter().rev() {
            value = if dice.is_one_in(8) { json!([value]) } else { json!({ *name: value }) };
        }
        let undone = &mut undo["objects"][dice.number(number - 1)];
        if dice.is_one_in(3) {
            undone["object"] = json!({ "apiVersion": "v1", "kind": "ConfigMap", "resource": "configmaps", "namespace": "kube-public", "name": "a" });
        }
        let restore = undone["restore"].as_object_mut();
        if let (Some(restore), Some(fields)) = (restore, value.as_object()) {
            restore.extend(fields.clone());
        }
    }
    undo.as_object_mut().unwrap().remove("digest");
    undo["digest"] = json!(Digest::of(undo.to_string().as_bytes()).to_string());
    undo
}
