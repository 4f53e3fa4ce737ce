//! What a Secret would disclose if it were written to a file.

use super::Secrets;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// The secret values that a written Secret would disclose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Disclosure {
    /// No hidden values.
    Nothing,
    /// This number of values that the user gave or that this run generated.
    Ours(usize),
    /// Values that exist only in the cluster, under these keys: they must not be shown.
    Theirs(Vec<String>),
}

impl Secrets {
    /// What a Secret would disclose. A key that `reveals` accepts was written or seen by a phase, and is not secret; any other
    /// value counts as ours only if it is known to be, so that values never examined are not shown either.
    #[must_use]
    pub fn disclosure(&self, fields: &Map<String, Value>, reveals: impl Fn(&str) -> bool) -> Disclosure {
        let mut ours = 0;
        let mut theirs = Vec::new();
        for field in ["data", "stringData"] {
            match fields.get(field) {
                None | Some(Value::Null) => {}
                Some(Value::Object(entries)) => {
                    for (key, value) in entries {
                        match value.as_str().and_then(|text| decoded(field, text)) {
                            Some(bytes) if reveals(key) && std::str::from_utf8(&bytes).is_ok() => {}
                            Some(bytes) if self.is_ours(&bytes) => ours += 1,
                            _ => theirs.push(key.clone()),
                        }
                    }
                }
                Some(_) => theirs.push(field.to_owned()),
            }
        }
        match (theirs.is_empty(), ours) {
            (false, _) => Disclosure::Theirs(theirs),
            (true, 0) => Disclosure::Nothing,
            (true, ours) => Disclosure::Ours(ours),
        }
    }

    /// Whether a value was given or generated in this run, even if it has other origins too.
    fn is_ours(&self, value: &[u8]) -> bool {
        let place = self.places.get(&<[u8; 32]>::from(Sha256::digest(value)));
        place.is_some_and(|place| self.check_shown(&super::SecretId(format!("s{}", place + 1))).is_ok())
    }
}

fn decoded(field: &str, text: &str) -> Option<Zeroizing<Vec<u8>>> {
    if field == "data" { STANDARD.decode(text).ok().map(Zeroizing::new) } else { Some(Zeroizing::new(text.as_bytes().to_vec())) }
}

#[cfg(test)]
mod tests {
    use super::super::{Home, SecretOrigin, Secrets};
    use super::Disclosure;
    use serde_json::{Value, json};

    #[test]
    fn what_is_only_in_the_cluster_is_never_written_down() {
        let mut secrets = Secrets::default();
        let home = || Home { namespace: None, of_type: "t".to_owned() };
        secrets.hide(b"given", SecretOrigin::Given(home()));
        secrets.hide(b"drawn", SecretOrigin::Drawn);
        secrets.hide(b"seen", SecretOrigin::Observed(home(), "k".to_owned()));
        secrets.hide(b"both", SecretOrigin::Observed(home(), "k".to_owned()));
        secrets.hide(b"both", SecretOrigin::Given(home()));
        let theirs = |keys: &[&str]| Disclosure::Theirs(keys.iter().map(|key| (*key).to_owned()).collect());
        for (fields, expected) in [
            (json!({}), Disclosure::Nothing),
            (json!({ "data": null }), Disclosure::Nothing),
            // `id` is revealed.
            (json!({ "data": { "id": "YQ==" } }), Disclosure::Nothing),
            (json!({ "data": { "id": "YQ==", "a": "Z2l2ZW4=", "b": "ZHJhd24=", "c": "Ym90aA==" } }), Disclosure::Ours(3)),
            (json!({ "stringData": { "a": "given" } }), Disclosure::Ours(1)),
            (json!({ "data": { "a": "Z2l2ZW4=", "b": "c2Vlbg==" } }), theirs(&["b"])),
            // Never examined, not base64, not text, revealed but not text.
            (json!({ "data": { "a": "dW5rbm93bg==", "b": "%", "c": 1, "id": "/w==" } }), theirs(&["a", "b", "c", "id"])),
            (json!({ "data": "c2Vlbg==" }), theirs(&["data"])),
        ] {
            let found = secrets.disclosure(Value::as_object(&fields).unwrap(), |key| key == "id");
            assert_eq!(found, expected, "{fields}");
        }
    }
}
