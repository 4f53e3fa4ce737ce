//! The operator's registry logins, as docker and podman store them.

use crate::artifact::error::{ArtifactError, RegistryError};
use docker_credential::{CredentialRetrievalError, DockerCredential};
use kubephase_core::reference::Reference;
use secrecy::SecretString;
use serde_json::Value;
use std::io::{self, Read as _};
use std::path::Path;

/// Docker's own registry has its login under another name.
const DOCKER_HUB: (&str, &str) = ("docker.io", "https://index.docker.io/v1/");
/// The maximum size of a login file, bytes.
const FILE_BYTES: u64 = 16 << 20;
/// The output of a helper that has no login, which is not a failure (`docker-credential-helpers/credentials`).
const NONE: &str = "credentials not found in native keychain";

/// A login.
pub(super) enum Login {
    /// A user name and a password.
    Password(String, SecretString),
    /// A token that the registry exchanges for others.
    Identity(SecretString),
}

/// The login for a repository in the first file that has one; `None` if there is none.
///
/// A credential helper is the program `docker-credential-…` that the file names; it inherits the environment.
pub(super) fn login(files: &[impl AsRef<Path>], reference: &Reference) -> Result<Option<Login>, ArtifactError> {
    for path in files {
        let path = path.as_ref();
        #[expect(clippy::disallowed_types, reason = "the files in which docker and podman keep logins")]
        let opened = std::fs::File::open(path);
        let failed = |problem: String| ArtifactError::File { path: path.to_owned(), problem };
        let mut text = String::new();
        match opened.and_then(|file| file.take(FILE_BYTES + 1).read_to_string(&mut text)) {
            Ok(read) if read as u64 > FILE_BYTES => return Err(failed(format!("it is larger than {} MiB", FILE_BYTES >> 20))),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(failed(error.to_string())),
        }
        if let Some(login) = in_file(path, &text, reference)? {
            return Ok(Some(login));
        }
    }
    Ok(None)
}

fn in_file(path: &Path, text: &str, reference: &Reference) -> Result<Option<Login>, ArtifactError> {
    let unreadable = |problem: &str| ArtifactError::File { path: path.to_owned(), problem: problem.to_owned() };
    // The parser's message is not repeated, because it may quote a password.
    let file: Value = serde_json::from_str(text).map_err(|_| unreadable("it is not valid JSON"))?;
    let name = key(&file, reference);
    let failed = |problem: String| RegistryError::Login { registry: reference.registry().to_owned(), problem };
    match docker_credential::get_credential_from_reader(text.as_bytes(), &name) {
        Ok(DockerCredential::UsernamePassword(user, _)) if user.is_empty() => Ok(None),
        Ok(DockerCredential::UsernamePassword(user, password)) => Ok(Some(Login::Password(user, password.into()))),
        Ok(DockerCredential::IdentityToken(token)) => Ok(Some(Login::Identity(token.into()))),
        Err(CredentialRetrievalError::NoCredentialConfigured) => Ok(None),
        Err(CredentialRetrievalError::HelperFailure { stdout, stderr, .. }) if stdout.contains(NONE) || stderr.contains(NONE) => {
            Ok(None)
        }
        // Its output may contain anything.
        Err(CredentialRetrievalError::HelperFailure { helper, .. }) => Err(failed(format!("`{helper}` failed")).into()),
        Err(CredentialRetrievalError::ConfigReadError) => Err(unreadable("it is not a valid login file")),
        Err(error) => Err(failed(format!("{error}, says `{}`", path.display())).into()),
    }
}

/// The key of the login. In podman's file a part of a registry can have its own (`containers-auth.json`): the longest match
/// counts.
fn key(file: &Value, reference: &Reference) -> String {
    if reference.registry() == DOCKER_HUB.0 {
        return DOCKER_HUB.1.to_owned();
    }
    let full = reference.place();
    let logins = file.get("auths").and_then(Value::as_object).into_iter().flat_map(|logins| logins.keys());
    let around = logins.filter(|key| full == **key || full.strip_prefix(key.as_str()).is_some_and(|rest| rest.starts_with('/')));
    around.max_by_key(|key| key.len()).map_or_else(|| reference.registry().to_owned(), Clone::clone)
}

#[cfg(test)]
mod tests {
    use super::{Login, in_file};
    use kubephase_core::reference::Reference;
    use secrecy::ExposeSecret as _;
    use std::path::Path;

    fn found(text: &str, reference: &str) -> Result<Option<String>, String> {
        let reference = Reference::parse(reference).unwrap();
        let login = in_file(Path::new("config.json"), text, &reference).map_err(|error| error.to_string())?;
        Ok(login.map(|login| match login {
            Login::Password(user, password) => format!("{user}:{}", password.expose_secret()),
            Login::Identity(token) => token.expose_secret().to_owned(),
        }))
    }

    #[test]
    fn logins_are_found() {
        // `dTpw` is `u:p`, `djpx` is `v:q`.
        let text = r#"{"auths": {"h.io": {"auth": "dTpw"}, "h.io/team": {"auth": "djpx"}, "https://index.docker.io/v1/": {"auth": "dTpw"},
            "t.io": {"identitytoken": "i"}, "e.io": {}}, "credHelpers": {"x.io": "there-is-no-such-helper"}}"#;
        for (reference, expected) in [
            ("h.io/a:1", Some("u:p")),
            ("h.io/team/a:1", Some("v:q")),
            ("h.io/teams:1", Some("u:p")),
            ("docker.io/a/b:1", Some("u:p")),
            ("t.io/a:1", Some("i")),
            ("e.io/a:1", None),
            ("o.io/a:1", None),
        ] {
            assert_eq!(found(text, reference).unwrap().as_deref(), expected, "{reference}");
        }
        let said = found(text, "x.io/a:1").unwrap_err();
        assert!(said.starts_with("cannot get the login for `x.io`"), "{said}");
    }

    #[test]
    fn no_password_is_in_an_error() {
        for text in [
            r#"{"auths": {"h.io": {"auth": "hunter2"}}}"#,
            r#"{"auths": {"h.io": {"auth": "hunter2"}"#,
            r#"{"auths": "hunter2"}"#,
        ] {
            let said = found(text, "h.io/a:1").unwrap_err();
            assert!(!said.contains("hunter2"), "{said}");
        }
    }
}
