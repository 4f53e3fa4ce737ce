//! kubeadm configuration files, with the tokens in them hidden.

use super::ConfigError;
use crate::yaml;
use kubephase_core::secret::Secrets;
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
        hide_tokens(document, secrets);
    }
    Ok(documents)
}

/// Hides the tokens of a document: every `bootstrapTokens[].token`, and in a JoinConfiguration the tokens of discovery. Whatever
/// stands there is hidden, of whatever type: a token of digits alone is a number if it was not quoted.
fn hide_tokens(document: &mut Value, secrets: &mut Secrets) {
    const ALONE: [&str; 3] = ["/discovery/bootstrapToken/token", "/discovery/tlsBootstrapToken", "/certificateKey"];
    let entries = document.get_mut("bootstrapTokens").and_then(Value::as_array_mut).into_iter().flatten();
    for token in entries.filter_map(|entry| entry.get_mut("token")) {
        hide(token, secrets);
    }
    for pointer in ALONE {
        if let Some(token) = document.pointer_mut(pointer) {
            hide(token, secrets);
        }
    }
}

fn hide(token: &mut Value, secrets: &mut Secrets) {
    match token {
        Value::Null => {}
        Value::String(text) => {
            let text = Zeroizing::new(std::mem::take(text));
            *token = hide_token(&text, secrets);
        }
        other => {
            let id = secrets.hide(other.to_string().as_bytes());
            *other = secrets.handle(&id);
        }
    }
}

/// A token as a phase sees it: its id and a handle of its secret half, or a handle of the whole if it is malformed.
pub(super) fn hide_token(token: &str, secrets: &mut Secrets) -> Value {
    match split_token(token) {
        Some((id, secret)) => {
            let hidden = secrets.hide(secret.as_bytes());
            json!({ "id": id, "secret": secrets.handle(&hidden) })
        }
        None => {
            let hidden = secrets.hide(token.as_bytes());
            secrets.handle(&hidden)
        }
    }
}

/// The halves of a bootstrap token, `\A([a-z0-9]{6})\.([a-z0-9]{16})\z` (`cluster-bootstrap/token/api`); none if it is malformed.
pub(super) fn split_token(token: &str) -> Option<(&str, &str)> {
    let is_of = |text: &str, length| text.len() == length && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    token.split_once('.').filter(|(id, secret)| is_of(id, 6) && is_of(secret, 16))
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
                { "description": "none" },
            ],
            "discovery": { "bootstrapToken": { "token": "ghijkl.0123456789abcdef" } },
        });
        hide_tokens(&mut document, &mut Secrets::default());
        let text = document.to_string();
        assert_eq!(document["bootstrapTokens"][0]["token"]["id"], "abcdef");
        assert_eq!(document["bootstrapTokens"][0]["token"]["secret"]["length"], 16);
        assert_eq!(document["bootstrapTokens"][3]["token"], json!(null));
        assert!(!text.contains("0123456789") && !text.contains("ABCDEF") && !text.contains("123456."), "{text}");
    }
}
