//! kubeadm configuration files, with the tokens in them hidden.

use super::error::ConfigError;
use super::handed::handed;
use crate::yaml;
use kubephase_core::bootstrap_token::{SECRET_TYPE, Token};
use kubephase_core::name::Namespace;
use kubephase_core::secret::{Home, SecretOrigin, Secrets};
use serde_json::{Value, json};
use std::io::Read;
use std::path::Path;
use zeroize::Zeroizing;

/// No configuration is larger.
const MOST_BYTES: u64 = 1024 * 1024;

/// Reads the documents of a file, or of standard input for `-`.
pub(super) fn read_documents(path: &Path, secrets: &mut Secrets, stdin: &mut dyn Read) -> Result<Vec<Value>, ConfigError> {
    let failed = |source| ConfigError::Read { path: path.to_owned(), source };
    let mut text = Zeroizing::new(String::new());
    let read = if path == Path::new("-") {
        stdin.take(MOST_BYTES + 1).read_to_string(&mut text)
    } else {
        #[expect(clippy::disallowed_types, reason = "the configuration file of -f")]
        let file = std::fs::File::open(path).map_err(failed)?;
        file.take(MOST_BYTES + 1).read_to_string(&mut text)
    };
    if read.map_err(failed)? as u64 > MOST_BYTES {
        return Err(ConfigError::TooLarge { path: path.to_owned(), limit: MOST_BYTES });
    }
    let failed = |source| ConfigError::Yaml { path: path.to_owned(), source };
    let pieces = yaml::split_documents(&text).map_err(failed)?;
    let documents = pieces.into_iter().map(yaml::parse_document);
    let mut documents = documents.collect::<Result<Vec<_>, _>>().map_err(failed)?;
    if documents.is_empty() {
        // A file was given: the phase shall say what is missing in it.
        documents.push(Value::Null);
    }
    for document in &mut documents {
        *document = handed(std::mem::take(document));
        hide_tokens(document, secrets);
    }
    Ok(documents)
}

/// Fields that hold secrets, of whatever kind and wherever they stand, in lower case: kubeadm's `BootstrapToken`, `Discovery` and
/// `InitConfiguration` (`app/apis/kubeadm`), and a field that was put into the wrong place.
const SECRET_FIELDS: [&str; 3] = ["token", "tlsbootstraptoken", "certificatekey"];

/// A field with a host name, which may look like a token (`k8sapi.internalcluster1`), and must be read.
const HOST_FIELD: &str = "controlplaneendpoint";

/// Hides the tokens of a document: whatever stands in a field for secrets, of whatever type, since a token of digits alone is a
/// number if it was not quoted; and every text with a well-formed token in it.
pub(super) fn hide_tokens(value: &mut Value, secrets: &mut Secrets) {
    match value {
        Value::Object(fields) => {
            for (name, value) in std::mem::take(fields) {
                let mut value = value;
                match name.to_ascii_lowercase().as_str() {
                    field if SECRET_FIELDS.contains(&field) => hide(&mut value, secrets),
                    HOST_FIELD => {}
                    _ => hide_tokens(&mut value, secrets),
                }
                // A token where the name of a field is expected, as if a colon were too much.
                let name = if has_token(&name) { secrets.hide(name.as_bytes(), given()).as_str().to_owned() } else { name };
                fields.insert(name, value);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| hide_tokens(item, secrets)),
        Value::String(text) if has_token(text) => {
            let id = secrets.hide(Zeroizing::new(std::mem::take(text)).as_bytes(), given());
            *value = secrets.handle(&id);
        }
        _ => {}
    }
}

/// Whether one of the words of a text is a token.
fn has_token(text: &str) -> bool {
    let is_of_word = |c: char| c.is_ascii_alphanumeric() || c == '.';
    // A dot that ends a sentence is none of a host name.
    text.split(|c| !is_of_word(c)).any(|word| Token::parse(word.trim_matches('.')).is_some())
}

fn hide(token: &mut Value, secrets: &mut Secrets) {
    match token {
        Value::Null => {}
        Value::String(text) => {
            let text = Zeroizing::new(std::mem::take(text));
            *token = hide_token(&text, secrets);
        }
        other => {
            let id = secrets.hide(other.to_string().as_bytes(), given());
            *other = secrets.handle(&id);
        }
    }
}

/// What the user gives is meant for bootstrap tokens (`cluster-bootstrap/token/api`).
pub(super) fn given() -> SecretOrigin {
    SecretOrigin::Given(Home { namespace: Namespace::parse("kube-system").ok(), of_type: SECRET_TYPE.to_owned() })
}

/// A token as a phase sees it: its id and a handle of its secret half, or a handle of the whole if it is malformed.
pub(super) fn hide_token(token: &str, secrets: &mut Secrets) -> Value {
    match Token::parse(token) {
        Some(token) => {
            let hidden = secrets.hide(token.secret().as_bytes(), given());
            json!({ "id": token.id(), "secret": secrets.handle(&hidden) })
        }
        None => {
            let hidden = secrets.hide(token.as_bytes(), given());
            secrets.handle(&hidden)
        }
    }
}

/// A key that a phase may pass on to the person at the terminal but not see.
pub(super) fn hide_key(key: String, secrets: &mut Secrets) -> Value {
    let id = secrets.hide(Zeroizing::new(key).as_bytes(), given());
    secrets.handle(&id)
}

/// A token or its id as a phase sees it that needs the id alone; a handle if it is neither.
pub(super) fn id_of(text: &str, secrets: &mut Secrets) -> Value {
    match Token::parse(text) {
        Some(token) => json!({ "id": token.id() }),
        None if Token::is_id(text) => json!({ "id": text }),
        None => hide_token(text, secrets),
    }
}

#[cfg(test)]
mod tests {
    use super::hide_tokens;
    use kubephase_core::secret::Secrets;
    use serde_json::json;

    #[test]
    fn no_token_stays_in_a_document() {
        let mut document = json!({
            "bootstrapTokens": [
                { "token": "abcdef.0123456789abcdef" },
                { "token": "abcdef.0123456789ABCDEF" },
                { "token": 123456.25 },
                { "token": null },
                { "description": "the old one was abcdef.0123456789abcdef, or" },
                { "description": "It was abcdef.0123456789abcdef." },
                { "description": "...abcdef.0123456789abcdef..." },
                { "description": "abcdef.0123456789abcdef-old" },
                "abcdef.0123456789abcdef",
                { "abcdef.0123456789abcdef": null },
            ],
            "discovery": { "bootstrapToken": { "Token": "0123456789" }, "tlsBootstrapToken": ["0123456789"] },
            "controlPlaneEndpoint": "k8sapi.companyinternal1",
            "description": "k8sapi.companyinternal1.example.com",
        });
        hide_tokens(&mut document, &mut Secrets::default());
        let text = document.to_string();
        assert_eq!(document["bootstrapTokens"][0]["token"]["id"], "abcdef");
        assert_eq!(document["bootstrapTokens"][0]["token"]["secret"]["length"], 16);
        assert_eq!(document["bootstrapTokens"][3]["token"], json!(null));
        assert_eq!(document["controlPlaneEndpoint"], "k8sapi.companyinternal1");
        assert_eq!(document["description"], "k8sapi.companyinternal1.example.com");
        assert!(!text.contains("0123456789") && !text.contains("ABCDEF") && !text.contains("123456."), "{text}");
    }
}
