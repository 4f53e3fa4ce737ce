//! Files that have the name of a manifest but are not one: encrypted files and templates. Each is refused by name, because
//! without it the folder would be incomplete in an unknown way.

use super::unusable::{is_encrypted, is_sops};
use crate::yaml::YamlError;
use serde_json::Value;
use std::path::Path;

/// The first bytes of encrypted files, the tool that encrypts them, and the command that decrypts them.
const ENCRYPTED: [(&[u8], &str, &str); 8] = [
    // https://github.com/AGWA/git-crypt/blob/master/commands.cpp
    (b"\0GITCRYPT\0", "git-crypt", "git-crypt unlock"),
    // https://docs.ansible.com/ansible/latest/vault_guide/vault_using_encrypted_content.html
    (b"$ANSIBLE_VAULT;", "Ansible Vault", "ansible-vault decrypt"),
    // https://age-encryption.org/v1
    (b"age-encryption.org/v1", "age", "age --decrypt"),
    (b"-----BEGIN AGE ENCRYPTED FILE-----", "age", "age --decrypt"),
    (b"-----BEGIN PGP MESSAGE-----", "GnuPG", "gpg --decrypt"),
    // Written by `openssl enc` and transcrypt, by the latter in base64.
    (b"Salted__", "OpenSSL", "openssl enc -d"),
    (b"U2FsdGVkX1", "transcrypt", "transcrypt"),
    // https://github.com/uw-labs/strongbox
    (b"# STRONGBOX ENCRYPTED RESOURCE", "strongbox", "strongbox -decrypt"),
];

/// The text of a file.
///
/// # Errors
/// Why it is not a manifest.
pub(super) fn text(path: &Path, bytes: Vec<u8>) -> Result<String, String> {
    if let Some((_, by, command)) = ENCRYPTED.iter().find(|(start, ..)| bytes.starts_with(start)) {
        return Err(format!("it is encrypted by {by}: run `{command}` first"));
    }
    let text = String::from_utf8(bytes).map_err(|_| "it is not text in UTF-8".to_owned())?;
    match is_in_chart(path) && is_template(&text) {
        true => Err(template("a Helm template", "`helm template`")),
        false => Ok(text),
    }
}

/// The message for a text that is not YAML.
pub(super) fn explained(text: &str, error: &YamlError) -> String {
    match is_template(text) {
        true => template("a template", "the tool that renders it, such as `helm template`,"),
        false => error.to_string(),
    }
}

/// Why a document that looks like a manifest is not one: SOPS has even encrypted its kind.
pub(super) fn sealed(documents: &[Value]) -> Option<String> {
    let is_sealed = |document: &Value| match (document.get("kind"), document.get("data")) {
        (Some(kind), _) => is_encrypted(kind),
        // A file that is not YAML is one string for SOPS.
        (None, Some(Value::String(_))) => is_sops(document),
        (None, _) => false,
    };
    documents.iter().any(is_sealed).then(|| "it is encrypted by SOPS: run `sops decrypt --in-place` first".to_owned())
}

fn template(what: &str, tool: &str) -> String {
    format!("it is {what}, not a manifest: run {tool} and use its output")
}

fn is_template(text: &str) -> bool {
    text.contains("{{") || text.contains("{%")
}

/// Whether a file is a Helm template (`helm.sh/helm/v4/pkg/chart/loader`).
fn is_in_chart(path: &Path) -> bool {
    let mut folders = path.ancestors().skip(1);
    folders.any(|folder| {
        folder.file_name().is_some_and(|name| name == "templates")
            && folder.parent().is_some_and(|chart| chart.join("Chart.yaml").is_file())
    })
}
