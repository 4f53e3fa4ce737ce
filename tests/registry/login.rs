//! Who may enter a registry, and where programs find the password.

use crate::bench::Bench;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;
use std::os::unix::fs::PermissionsExt as _;

/// Who may enter.
pub(crate) const USER: &str = "robot";
/// With this.
pub(crate) const PASSWORD: &str = "correct-horse";
/// Both as htpasswd writes them: by bcrypt, the only kind that distribution takes, at its lowest cost.
pub(crate) const HTPASSWD: &str = "robot:$2a$04$3X7RBbaGmMnrALPDft9xiumV2AWNKrLkqaX1iKW6qZzni7R4O8OsC\n";

/// Where a password is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    /// In Docker's `config.json` itself, under `auths`.
    Auths,
    /// By the program that `credHelpers` names for this registry.
    Helper,
    /// By the program that `credsStore` names for all registries.
    Store,
}

impl Kept {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Auths, Self::Helper, Self::Store];
}

impl Bench {
    /// Writes Docker's configuration with the true password for a host.
    pub(crate) fn log_in(&self, host: &str, kept: Kept) {
        self.log_in_as(host, kept, PASSWORD);
    }

    /// As [`Bench::log_in`], with another password.
    pub(crate) fn log_in_as(&self, host: &str, kept: Kept, password: &str) {
        let config = match kept {
            Kept::Auths => json!({ "auths": { host: { "auth": STANDARD.encode(format!("{USER}:{password}")) } } }),
            Kept::Helper => json!({ "auths": { host: {} }, "credHelpers": { host: "test" } }),
            Kept::Store => json!({ "auths": { host: {} }, "credsStore": "test" }),
        };
        if kept != Kept::Auths {
            self.install_helper(host, password);
        }
        let folder = self.home().join(".docker");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("config.json"), config.to_string()).unwrap();
    }

    /// The hosts that `docker-credential-test` was asked for.
    pub(crate) fn helper_was_asked(&self) -> Vec<String> {
        let log = std::fs::read_to_string(self.home().join("helper.log")).unwrap_or_default();
        log.lines().map(str::to_owned).collect()
    }

    /// A program as Docker's protocol for credential helpers wants it.
    fn install_helper(&self, host: &str, password: &str) {
        let answer = json!({ "ServerURL": host, "Username": USER, "Secret": password });
        let script = format!(
            r#"#!/bin/sh
[ "$1" = get ] || exit 1
read -r asked
echo "$asked" >>"$HOME/helper.log"
if [ "$asked" = "{host}" ]; then echo '{answer}'; else echo "credentials not found in native keychain"; exit 1; fi
"#
        );
        let path = self.bin().join("docker-credential-test");
        std::fs::write(&path, script).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
}
