//! The credentials of a kubeconfig entry combined with kubectl's flags (`client-go/tools/clientcmd/validation.go`), and the
//! resulting header (`client-go/transport`).

use super::entry::{Entry, Pem, Sort};
use super::exec::Plugin;
use super::remembered;
use super::tls::{self, Identity};
use super::turns::Turns;
use crate::cluster::ClusterError;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderValue, Uri};
use kube::Config;
use kubephase_core::connection::Connection;
use serde_json::Value;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use zeroize::Zeroizing;

/// How long the contents of a token file are used: client-go reads it each minute, ten seconds early.
const TOKEN_AGE: Duration = Duration::from_secs(50);

/// The credentials of a user.
#[derive(Default)]
pub(super) struct Credentials {
    /// The header of each request.
    pub(super) authorization: Authorization,
    /// A client certificate and its key.
    pub(super) certificate: Option<(Pem, Pem)>,
    /// The plugin that supplies either, if they are not set otherwise.
    pub(super) plugin: Option<Plugin>,
    /// The impersonated user.
    pub(super) impersonation: Impersonation,
}

/// The user that requests impersonate.
#[derive(Default)]
pub(super) struct Impersonation {
    user: Option<String>,
    uid: Option<String>,
    groups: Vec<String>,
    extra: Vec<(String, Vec<String>)>,
}

impl Credentials {
    /// The credentials of a user entry, overridden by the flags and by the login in the server's address. `told` is the cluster
    /// information for a plugin.
    ///
    /// # Errors
    /// [`ClusterError`] for an entry that kubectl would not use.
    pub(super) fn of(
        user: &Entry,
        login: Option<&str>,
        told: impl FnOnce() -> Value,
        connection: &Connection,
    ) -> Result<Self, ClusterError> {
        let impersonation = Impersonation::of(user, connection)?;
        let certificate = certificate(user, connection)?;
        let authorization = authorization(user, login, connection)?;
        let plugin = Plugin::of(user, told, connection)?;
        // Explicit credentials take precedence.
        let plugin = plugin.filter(|_| authorization.is_none() && certificate.is_none());
        Ok(Self { authorization, certificate, plugin, impersonation })
    }

    /// A bearer token.
    ///
    /// # Errors
    /// [`ClusterError`] for a token that is not a valid header.
    pub(super) fn bearer(token: &str) -> Result<Self, ClusterError> {
        let authorization = Authorization::fixed(header(&format!("Bearer {token}"), "the token")?);
        Ok(Self { authorization, ..Self::default() })
    }

    /// A file with a bearer token.
    ///
    /// # Errors
    /// [`ClusterError`] for a file that cannot be read or contains no token.
    pub(super) fn token_file(path: PathBuf) -> Result<Self, ClusterError> {
        let user = Entry::empty(Sort::User);
        Ok(Self { authorization: Authorization::of_file(path, None, &user)?, ..Self::default() })
    }

    /// The header and the certificate, supplied by the plugin if there is one.
    ///
    /// # Errors
    /// [`ClusterError`] if the plugin supplies none, and for an unusable certificate.
    pub(super) fn resolve(&self, plugins: Option<(&Turns, Duration)>) -> Result<(Authorization, Option<Identity>), ClusterError> {
        let own = self.certificate.as_ref().map(|(certificate, key)| tls::identity(certificate, key)).transpose()?;
        let Some(plugin) = &self.plugin else { return Ok((self.authorization.clone(), own)) };
        // Of one cluster a person waits, and may be asked something; of many a plugin that hangs is in the way of the others.
        let credential = remembered::credential(&plugin.given(), now(), || match plugins {
            Some((turns, limit)) => {
                let _turn = turns.take();
                plugin.run_within(Some(limit))
            }
            None => plugin.run(),
        })?;
        let authorization = match &credential.token {
            Some(token) => Authorization::of_plugin(plugin, token, credential.expires)?,
            None => Authorization::default(),
        };
        let identity = credential.certificate.as_ref().map(|(certificate, key)| {
            let pem = |text: &str| Pem::of_plugin(text);
            tls::identity(&pem(certificate), &pem(key))
        });
        Ok((authorization, identity.transpose()?))
    }

    /// The credentials that may be sent to a server: like in kubectl, none without TLS, unless it is on this machine.
    pub(super) fn over(self, server: &Uri) -> Self {
        let is_near = server.host().is_some_and(kubephase_core::address::is_loopback);
        if server.scheme_str() == Some("https") || is_near {
            return self;
        }
        Self { impersonation: self.impersonation, ..Self::default() }
    }
}

impl Impersonation {
    fn of(user: &Entry, connection: &Connection) -> Result<Self, ClusterError> {
        let or = |flag: &Option<String>, field| flag.clone().map_or_else(|| user.text(field), |flag| Ok(Some(flag)));
        let groups = match connection.impersonate_groups.as_slice() {
            [] => user.texts("as-groups")?,
            groups => groups.to_vec(),
        };
        let mut extra = user.lists("as-user-extra")?;
        let mut given: Vec<(String, Vec<String>)> = Vec::new();
        for (key, value) in &connection.impersonate_extra {
            match given.iter_mut().find(|(other, _)| other == key) {
                Some((_, values)) => values.push(value.clone()),
                None => given.push((key.clone(), vec![value.clone()])),
            }
        }
        extra.retain(|(key, _)| given.iter().all(|(other, _)| other != key));
        extra.extend(given);
        let found =
            Self { user: or(&connection.impersonate, "as")?, uid: or(&connection.impersonate_uid, "as-uid")?, groups, extra };
        if found.user.is_none() && (found.uid.is_some() || !found.groups.is_empty() || !found.extra.is_empty()) {
            let what = "requesting uid, groups or user-extra without impersonating a user";
            return Err(user.odd(what, "name the user with --as"));
        }
        Ok(found)
    }

    /// Adds the impersonation headers.
    pub(super) fn add_to(&self, config: &mut Config) {
        let info = &mut config.auth_info;
        info.impersonate.clone_from(&self.user);
        info.impersonate_uid.clone_from(&self.uid);
        info.impersonate_groups = Some(self.groups.clone()).filter(|groups| !groups.is_empty());
        let extra: HashMap<String, Vec<String>> = self.extra.iter().cloned().collect();
        info.impersonate_user_extra = Some(extra).filter(|extra| !extra.is_empty());
    }
}

/// A client certificate and its key, each from a flag or from the entry.
fn certificate(user: &Entry, connection: &Connection) -> Result<Option<(Pem, Pem)>, ClusterError> {
    let cure = ["--client-certificate", "FILE", "--client-key", "FILE", "--embed-certs"];
    let certificate = match &connection.client_certificate {
        Some(file) => Some(Pem::of_flag("client-certificate", file)?),
        None => user.pem("client-certificate", &cure)?,
    };
    let key = match &connection.client_key {
        Some(file) => Some(Pem::of_flag("client-key", file)?),
        // A key on its own is useless but harmless.
        None if certificate.is_none() => None,
        None => user.pem("client-key", &cure)?,
    };
    match (certificate, key) {
        (Some(certificate), Some(key)) => Ok(Some((certificate, key))),
        (None, _) => Ok(None),
        (Some(certificate), None) => Err(certificate.odd("the matching client-key-data or client-key is missing")),
    }
}

/// The header for a token, a token file, or a user and password.
fn authorization(user: &Entry, login: Option<&str>, connection: &Connection) -> Result<Authorization, ClusterError> {
    let or = |flag: Option<String>, field| flag.map_or_else(|| user.text(field), |flag| Ok(Some(flag)));
    let token = or(connection.token.as_ref().map(|token| token.to_string()), "token")?.map(Zeroizing::new);
    let name = or(connection.username.clone(), "username")?;
    let password = or(connection.password.as_ref().map(|password| password.to_string()), "password")?.map(Zeroizing::new);
    let file = user.path("tokenFile")?;
    let is_basic = name.is_some() || password.is_some();
    if is_basic && (token.is_some() || file.is_some()) {
        let what = "more than one authentication method found: a token, and a user and password; only one is allowed";
        let is_given = connection.token.is_some() || connection.username.is_some() || connection.password.is_some();
        let field = if user.text("password")?.is_some() { "password" } else { "username" };
        let unset = || format!("remove one, for example with `{}`", user.unset(field));
        return Err(user.odd(what, if is_given { "omit the flags of one of them".to_owned() } else { unset() }));
    }
    // Go's `net/http` sets the header before client-go checks whether there is one.
    if let Some(login) = login {
        let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
        let (name, password) = login.split_once(':').unwrap_or((login, ""));
        return basic(&decoded(name), &Zeroizing::new(decoded(password))).map(Authorization::fixed);
    }
    if let Some(file) = file {
        return Authorization::of_file(file, token.as_ref().map(|token| token.as_str()), user);
    }
    if let Some(token) = token {
        return Ok(Authorization::fixed(header(
            &format!("Bearer {}", token.as_str()),
            &format!("the token of {}", user.place()),
        )?));
    }
    if name.is_some() {
        let password = password.unwrap_or_default();
        return basic(&name.unwrap_or_default(), &password).map(Authorization::fixed);
    }
    provider(user)
}

/// The remains of the plugins that were once compiled into kubectl: an OpenID Connect token that was fetched earlier.
fn provider(user: &Entry) -> Result<Authorization, ClusterError> {
    let Some(provider) = user.part("auth-provider")? else { return Ok(Authorization::default()) };
    if user.part("exec")?.is_some() {
        // The combination is refused together with the plugin.
        return Ok(Authorization::default());
    }
    let name = provider.text("name")?.unwrap_or_default();
    let plugin = "use a credential plugin instead; your provider's command-line tool can add it to the kubeconfig";
    if name != "oidc" {
        return Err(user.odd(format!("no Auth Provider found for name \"{name}\""), plugin));
    }
    let token = provider.part("config")?.map(|config| config.text("id-token")).transpose()?.flatten().map(Zeroizing::new);
    match token {
        Some(token) => Ok(Authorization::fixed(header(&format!("Bearer {}", token.as_str()), "the `id-token`")?)),
        None => Err(user.odd("the `auth-provider` has no `id-token`", "log in again with `kubectl get --raw /version`")),
    }
}

fn basic(name: &str, password: &str) -> Result<HeaderValue, ClusterError> {
    let login = Zeroizing::new(format!("{name}:{password}"));
    header(&format!("Basic {}", STANDARD.encode(login.as_bytes())), "the password")
}

fn header(text: &str, what: &str) -> Result<HeaderValue, ClusterError> {
    let invalid =
        |_| ClusterError::unavailable(format!("{what} has a line break or a control character, which HTTP headers cannot have"));
    let mut header = HeaderValue::from_str(text).map_err(invalid)?;
    header.set_sensitive(true);
    Ok(header)
}

/// The `Authorization` of each request.
#[derive(Clone, Default)]
pub(super) struct Authorization(Option<Arc<Mutex<Source>>>);

enum Source {
    Fixed(HeaderValue),
    File { path: PathBuf, header: HeaderValue, read: Instant },
    Plugin { plugin: Box<Plugin>, header: HeaderValue, expires: jiff::Timestamp },
}

impl Authorization {
    /// A constant header.
    fn fixed(header: HeaderValue) -> Self {
        Self(Some(Arc::new(Mutex::new(Source::Fixed(header)))))
    }

    /// The token in a file, which is read again regularly; the other token while the file cannot be read.
    fn of_file(path: PathBuf, other: Option<&str>, user: &Entry) -> Result<Self, ClusterError> {
        let found = token_in(&path).and_then(|token| {
            header(&format!("Bearer {}", token.as_str()), "the token in it").map_err(|error| error.to_string())
        });
        let header = match (found, other) {
            (Ok(header), _) => header,
            (Err(_), Some(token)) => header(&format!("Bearer {token}"), &format!("the token of {}", user.place()))?,
            (Err(why), None) => {
                let what = format!("unable to read tokenFile {}: {why}", path.display());
                return Err(user.odd(what, format!("set a token with `{}`", user.command(&["--token", "TOKEN"]))));
            }
        };
        Ok(Self(Some(Arc::new(Mutex::new(Source::File { path, header, read: Instant::now() })))))
    }

    /// The token of a plugin, which runs again once it has expired.
    ///
    /// # Errors
    /// [`ClusterError`] for a token that is not a valid header.
    pub(super) fn of_plugin(plugin: &Plugin, token: &str, expires: Option<jiff::Timestamp>) -> Result<Self, ClusterError> {
        let header = header(&format!("Bearer {token}"), "the plugin's token")?;
        Ok(match expires {
            None => Self::fixed(header),
            Some(expires) => {
                Self(Some(Arc::new(Mutex::new(Source::Plugin { plugin: Box::new(plugin.clone()), header, expires }))))
            }
        })
    }

    const fn is_none(&self) -> bool {
        self.0.is_none()
    }

    /// The current header. If it cannot be renewed, the previous one is kept.
    pub(super) fn header(&self) -> Option<HeaderValue> {
        let mut source = self.0.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner);
        Some(match &mut *source {
            Source::Fixed(header) => header.clone(),
            Source::File { path, header: last, read } => {
                if read.elapsed() >= TOKEN_AGE {
                    *read = Instant::now();
                    let found = token_in(path).ok().and_then(|token| header(&format!("Bearer {}", token.as_str()), "").ok());
                    *last = found.unwrap_or_else(|| last.clone());
                }
                last.clone()
            }
            Source::Plugin { plugin, header: last, expires } => {
                if now() >= *expires
                    && let Ok(credential) = plugin.run()
                    && let Some(token) = &credential.token
                {
                    *last = header(&format!("Bearer {}", token.as_str()), "").unwrap_or_else(|_| last.clone());
                    *expires = credential.expires.unwrap_or(jiff::Timestamp::MAX);
                }
                last.clone()
            }
        })
    }
}

/// The token in a file, without surrounding whitespace.
fn token_in(path: &std::path::Path) -> Result<Zeroizing<String>, String> {
    let bytes = Zeroizing::new(super::bounded::read(path).map_err(|error| error.to_string())?);
    let token = Zeroizing::new(String::from_utf8_lossy(&bytes).trim().to_owned());
    if token.is_empty() { Err("it is empty".to_owned()) } else { Ok(token) }
}

/// The clock by which TLS checks certificates: tokens expire like them, and no plan depends on it.
fn now() -> jiff::Timestamp {
    let seconds = i64::try_from(rustls::pki_types::UnixTime::now().as_secs()).unwrap_or(i64::MAX);
    jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::{Authorization, Source, TOKEN_AGE};
    use crate::cluster::live::entry::{Entry, Sort};
    use tokio::time::Instant;

    fn token(authorization: &Authorization) -> String {
        authorization.header().unwrap().to_str().unwrap().to_owned()
    }

    fn aged(authorization: &Authorization) {
        if let Source::File { read, .. } = &mut *authorization.0.as_ref().unwrap().lock().unwrap() {
            *read = Instant::now().checked_sub(TOKEN_AGE).unwrap();
        }
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a token file")]
    fn a_token_file_is_read_again_as_client_go_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let (user, write) = (Entry::empty(Sort::User), |text: &str| std::fs::write(&path, text).unwrap());
        write(" one\n");
        let authorization = Authorization::of_file(path.clone(), Some("inline"), &user).unwrap();
        assert_eq!(token(&authorization), "Bearer one");
        write("two\n");
        assert_eq!(token(&authorization), "Bearer one");
        aged(&authorization);
        assert_eq!(token(&authorization), "Bearer two");
        // A file that is unreadable, empty or not a valid header leaves the previous token.
        for text in ["", " \n", "a\u{7}b"] {
            write(text);
            aged(&authorization);
            assert_eq!(token(&authorization), "Bearer two", "{text:?}");
        }
        std::fs::remove_file(&path).unwrap();
        aged(&authorization);
        assert_eq!(token(&authorization), "Bearer two");
        write("three");
        aged(&authorization);
        assert_eq!(token(&authorization), "Bearer three");
        let missing = folder.path().join("none");
        assert_eq!(token(&Authorization::of_file(missing.clone(), Some("inline"), &user).unwrap()), "Bearer inline");
        assert!(Authorization::of_file(missing, None, &user).is_err());
    }
}
