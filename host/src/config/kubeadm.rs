//! Reads kubeadm configuration files and hides the tokens in them.

use super::error::ConfigError;
use super::file;
use super::handed::handed;
use super::unknown::{ignored, unknown};
use crate::yaml;
use kubephase_core::bootstrap_token::{SECRET_PREFIX, SECRET_TYPE, Token};
use kubephase_core::name::Namespace;
use kubephase_core::secret::{Home, SecretOrigin, Secrets};
use serde_json::{Value, json};
use std::io::Read;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The size limit for a configuration, bytes.
const MOST_BYTES: u64 = 1024 * 1024;

/// The documents of configuration files, with their tokens hidden, and what there is to warn of.
pub(super) struct Configuration {
    pub(super) documents: Vec<Value>,
    pub(super) warnings: Vec<String>,
}

/// Reads the documents of files, of the files of folders, and of standard input for `-`.
pub(super) fn read_documents(
    paths: &[PathBuf],
    secrets: &mut Secrets,
    stdin: &mut dyn Read,
) -> Result<Configuration, ConfigError> {
    let mut documents = Vec::new();
    let mut warnings = Vec::new();
    for path in paths {
        if let Some(url) = path.to_str().filter(|text| text.contains("://")) {
            return Err(ConfigError::Url(url.to_owned()));
        }
        for file in if path.is_dir() { files_of(path)? } else { vec![path.clone()] } {
            let read = read_file(&file, stdin)?;
            let unknown = read.iter().flat_map(|document| ignored(document).into_iter().chain(unknown(document)));
            warnings.extend(unknown.map(|what| format!("{}: {what}", file.display())));
            documents.extend(read);
        }
    }
    if documents.is_empty() && !paths.is_empty() {
        // An empty file was given: the phase reports what is missing.
        documents.push(Value::Null);
    }
    for document in &mut documents {
        *document = handed(std::mem::take(document));
        hide_tokens(document, secrets);
    }
    Ok(Configuration { documents, warnings })
}

/// The files that `kubectl -f` would read of a folder, in their order.
fn files_of(folder: &Path) -> Result<Vec<PathBuf>, ConfigError> {
    let failed = |source| ConfigError::Read { path: folder.to_owned(), source };
    let entries = std::fs::read_dir(folder).map_err(failed)?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>().map_err(failed)?;
    let is_config = |path: &PathBuf| path.extension().is_some_and(|end| end == "yaml" || end == "yml" || end == "json");
    let mut files: Vec<PathBuf> = paths.into_iter().filter(|path| is_config(path) && !path.is_dir()).collect();
    files.sort();
    if files.is_empty() { Err(ConfigError::NoFiles(folder.to_owned())) } else { Ok(files) }
}

fn read_file(path: &Path, stdin: &mut dyn Read) -> Result<Vec<Value>, ConfigError> {
    let failed = |source| ConfigError::Read { path: path.to_owned(), source };
    let mut bytes = Zeroizing::new(Vec::new());
    let read = if path == Path::new(file::STDIN) {
        stdin.take(MOST_BYTES + 1).read_to_end(&mut bytes)
    } else {
        #[expect(clippy::disallowed_types, reason = "the configuration file of -f")]
        let file = std::fs::File::open(path).map_err(failed)?;
        file.take(MOST_BYTES + 1).read_to_end(&mut bytes)
    };
    if read.map_err(failed)? as u64 > MOST_BYTES {
        return Err(ConfigError::TooLarge { path: path.to_owned(), limit: MOST_BYTES });
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| ConfigError::NoText(path.to_owned()))?;
    let failed = |source| ConfigError::Yaml { path: path.to_owned(), source };
    yaml::parse_pieces(text).map_err(failed)
}

/// Fields that hold secrets in any kind and at any depth, in lower case: those of kubeadm's `BootstrapToken`, `Discovery` and
/// `InitConfiguration` (`app/apis/kubeadm`), even in the wrong place.
const SECRET_FIELDS: [&str; 3] = ["token", "tlsbootstraptoken", "certificatekey"];

/// A field with a host name that may look like a token (`k8sapi.internalcluster1`) and must stay readable.
const HOST_FIELD: &str = "controlplaneendpoint";

/// Hides the tokens of a document: every value of a secret field, whatever its type, because an unquoted token of digits is a
/// number; and every string that contains a well-formed token.
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
                // A token in place of a field name, as if by an extra colon.
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
    // A dot that ends a sentence is not part of a host name.
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

/// User input is meant for bootstrap tokens (`cluster-bootstrap/token/api`).
pub(super) fn given() -> SecretOrigin {
    SecretOrigin::Given(Home { namespace: Namespace::parse("kube-system").ok(), of_type: SECRET_TYPE.to_owned() })
}

/// A token as the phase sees it: its id and a handle for its secret half, or a handle for the whole value if it is malformed.
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

/// A certificate key that a phase may pass on to the terminal but not read.
pub(super) fn hide_key(key: String, secrets: &mut Secrets) -> Value {
    let id = secrets.hide(Zeroizing::new(key).as_bytes(), given());
    secrets.handle(&id)
}

/// A token or its id without what kubectl puts before the id: `secret/bootstrap-token-`.
pub(super) fn named(text: &str) -> &str {
    let name = text.strip_prefix("secret/").or_else(|| text.strip_prefix("secrets/")).unwrap_or(text);
    name.strip_prefix(SECRET_PREFIX).unwrap_or(text)
}

/// The id of a token, of its Secret or of an id, for a phase that needs no more; a handle if the text is neither.
pub(super) fn id_of(text: &str, secrets: &mut Secrets) -> Value {
    let text = named(text);
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
