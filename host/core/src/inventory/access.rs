//! The one gate for what an inventory says of a cluster: what passes becomes a kubeconfig that has nothing else in it.

use crate::address::Address;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};
use thiserror::Error;
use zeroize::Zeroizing;

/// The extension of a cluster that a credential plugin is given (`client.authentication.k8s.io`).
pub(super) const EXEC_EXTENSION: &str = "client.authentication.k8s.io/exec";
/// A client certificate.
const CERTIFICATE: &str = "client-certificate-data";
/// Its key.
const KEY: &str = "client-key-data";
/// A field, what it must be, and whether a text is that.
type Rule = (&'static str, &'static str, fn(&str) -> bool);

/// How the address of a proxy begins.
const PROXIES: [&str; 3] = ["http://", "https://", "socks5://"];
/// The longest text of an entry, bytes: more than any chain of certificates needs.
const MOST_BYTES: usize = 256 * 1024;

/// How to reach a cluster: a kubeconfig with one context, made of what was allowed.
#[derive(Clone, PartialEq, Eq)]
pub struct MemberAccess {
    cluster: Map<String, Value>,
    user: Map<String, Value>,
}

/// Why an entry of an inventory is not used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// There is no server.
    #[error("it has no server")]
    NoServer,
    /// The address is not one to send credentials to.
    #[error("its server `{0}` is not an address like https://HOST:PORT")]
    Server(String),
    /// Nothing says how the server proves who it is.
    #[error("it has no certificate-authority-data, so nothing tells its server from another")]
    NoAuthority,
    /// A text is not what it should be.
    #[error("its {0} is not {1}")]
    Malformed(&'static str, &'static str),
    /// Verification is turned off.
    #[error("it turns off the verification of its server's certificate ({0})")]
    Unverified(&'static str),
    /// It names a file of this machine.
    #[error("it names a file of this machine ({0})")]
    File(&'static str),
    /// It names a program, or what could stand for one.
    #[error("it names a program, which only you may do ({0})")]
    Program(String),
    /// It sets a variable that the operator did not name.
    #[error("it sets the variable `{}` of the plugin, which `env` in the file of --clusterprofile-provider-file does not name", crate::name::shortened(.0))]
    Variable(String),
    /// It asks to act as another user.
    #[error("it acts as another user ({0})")]
    Impersonation(&'static str),
    /// There are two sorts of credentials of which a client could send either.
    #[error("it has a token and a login ({0}), and clients refuse to choose")]
    TwoCredentials(&'static str),
    /// The key of its certificate is missing.
    #[error("it has a client certificate without its key")]
    NoKey,
    /// There are no credentials in it.
    #[error("it has no credentials: neither a token nor a client certificate with its key")]
    NoCredentials,
    /// No provider of the operator's file is in the profile.
    #[error("none of its access providers is in the file of --clusterprofile-provider-file; it offers {}", listed(.0))]
    NoProvider(Vec<String>),
    /// The profile that a decision names does not exist.
    #[error("there is no such ClusterProfile, or it does not match the selector")]
    NoProfile,
}

fn listed(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

impl std::fmt::Debug for MemberAccess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MemberAccess({})", self.server())
    }
}

impl MemberAccess {
    /// The server, without the rest.
    #[must_use]
    pub fn server(&self) -> &str {
        self.cluster.get("server").and_then(Value::as_str).unwrap_or_default()
    }

    /// A server of an inventory with a user that the operator gave.
    ///
    /// # Errors
    /// [`Refusal`] for a server that is not bound to an authority.
    pub(super) fn of_operator(cluster: &Map<String, Value>, user: Map<String, Value>) -> Result<Self, Refusal> {
        Ok(Self { cluster: server(cluster)?, user })
    }

    /// A server and a user of an inventory.
    ///
    /// # Errors
    /// [`Refusal`] for a server that is not bound to an authority, and for a user that is more than a token or a certificate.
    pub(super) fn of_inventory(cluster: &Map<String, Value>, user: &Map<String, Value>) -> Result<Self, Refusal> {
        Ok(Self { cluster: server(cluster)?, user: credentials(user)? })
    }

    /// The current context of a kubeconfig that is not ours.
    ///
    /// # Errors
    /// The same, and [`Refusal::Malformed`] for one that is none.
    pub(super) fn of_kubeconfig(kubeconfig: &Value) -> Result<Self, Refusal> {
        let entry = |list: &str, name: &str| -> Option<&Map<String, Value>> {
            let items = kubeconfig.get(list)?.as_array()?;
            let mut found = items.iter().filter(|item| item.get("name").and_then(Value::as_str) == Some(name));
            let first = found.next()?;
            // Readers differ in which of two they take.
            if found.next().is_some() {
                return None;
            }
            first.get(list.strip_suffix('s')?)?.as_object()
        };
        let malformed = || Refusal::Malformed("kubeconfig", "one with a current context, its cluster and its user");
        let current = kubeconfig.get("current-context").and_then(Value::as_str).ok_or_else(malformed)?;
        let context = entry("contexts", current).ok_or_else(malformed)?;
        let part = |list: &str, field: &str| entry(list, context.get(field)?.as_str()?);
        let (cluster, user) = (part("clusters", "cluster"), part("users", "user"));
        Self::of_inventory(cluster.ok_or_else(malformed)?, user.ok_or_else(malformed)?)
    }

    /// The kubeconfig, as a text that hides itself.
    #[must_use]
    pub fn kubeconfig(&self) -> Zeroizing<String> {
        let name = "inventory";
        let document = json!({
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": name,
            "clusters": [{ "name": name, "cluster": self.cluster }],
            "users": [{ "name": name, "user": self.user }],
            "contexts": [{ "name": name, "context": { "cluster": name, "user": name } }],
        });
        Zeroizing::new(document.to_string())
    }
}

/// Whether a text is visible ASCII, without a backslash, which some readers of URLs take for a slash.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

/// Whether a proxy is one that client-go takes (`parseProxyURL`).
fn is_proxy(text: &str) -> bool {
    PROXIES.iter().any(|scheme| text.starts_with(scheme)) && is_plain(text)
}

/// What may be said of a server.
fn server(fields: &Map<String, Value>) -> Result<Map<String, Value>, Refusal> {
    if fields.get("insecure-skip-tls-verify").is_some_and(|value| *value != Value::Bool(false) && !value.is_null()) {
        return Err(Refusal::Unverified("insecure-skip-tls-verify"));
    }
    if text(fields, "certificate-authority")?.is_some() {
        return Err(Refusal::File("certificate-authority"));
    }
    let server = text(fields, "server")?.ok_or(Refusal::NoServer)?;
    let address = Address::of(server);
    // Of an address with a login only the part without it is shown.
    let has_host =
        server.strip_prefix("https://").is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['/', ':', '?', '#']));
    if !has_host || address.login().is_some() || !is_plain(server) {
        return Err(Refusal::Server(address.url().to_owned()));
    }
    let authority = text(fields, "certificate-authority-data")?.ok_or(Refusal::NoAuthority)?;
    let mut kept = Map::from_iter([
        ("server".to_owned(), json!(server)),
        ("certificate-authority-data".to_owned(), json!(base64("certificate-authority-data", authority)?)),
    ]);
    let rules: [Rule; 2] =
        [("tls-server-name", "a DNS name", is_plain), ("proxy-url", "a URL of http, https or socks5", is_proxy)];
    for (field, rule, is_right) in rules {
        if let Some(value) = text(fields, field)? {
            if !is_right(value) {
                return Err(Refusal::Malformed(field, rule));
            }
            kept.insert(field.to_owned(), json!(value));
        }
    }
    let extensions = fields.get("extensions").and_then(Value::as_array).into_iter().flatten();
    let own: Vec<&Value> = extensions.filter(|item| item.get("name").and_then(Value::as_str) == Some(EXEC_EXTENSION)).collect();
    if !own.is_empty() {
        kept.insert("extensions".to_owned(), json!(own));
    }
    Ok(kept)
}

/// What may be said of a user.
fn credentials(fields: &Map<String, Value>) -> Result<Map<String, Value>, Refusal> {
    let is_said = |field: &str| fields.get(field).is_some_and(|value| !value.is_null() && value.as_str() != Some(""));
    for field in ["exec", "auth-provider"] {
        if is_said(field) {
            return Err(Refusal::Program(field.to_owned()));
        }
    }
    for field in ["client-certificate", "client-key", "tokenFile"] {
        if is_said(field) {
            return Err(Refusal::File(field));
        }
    }
    for field in ["as", "as-uid", "as-groups", "as-user-extra"] {
        if is_said(field) {
            return Err(Refusal::Impersonation(field));
        }
    }
    let mut kept = Map::new();
    match (text(fields, CERTIFICATE)?, text(fields, KEY)?) {
        (Some(certificate), Some(key)) => {
            kept.insert(CERTIFICATE.to_owned(), json!(base64(CERTIFICATE, certificate)?));
            kept.insert(KEY.to_owned(), json!(base64(KEY, key)?));
        }
        (Some(_), None) => return Err(Refusal::NoKey),
        // No client does anything with a key alone.
        (None, _) => {}
    }
    if let Some(token) = text(fields, "token")? {
        // A login alone, or beside a certificate, is not sent: no API server has known what to do with one since Kubernetes 1.19.
        if let Some(login) = ["username", "password"].into_iter().find(|field| is_said(field)) {
            return Err(Refusal::TwoCredentials(login));
        }
        if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Refusal::Malformed("token", "one line without blanks"));
        }
        kept.insert("token".to_owned(), json!(token));
    }
    if kept.is_empty() { Err(Refusal::NoCredentials) } else { Ok(kept) }
}

/// A text that is not empty; `None` if it is missing.
pub(super) fn text<'a>(fields: &'a Map<String, Value>, field: &'static str) -> Result<Option<&'a str>, Refusal> {
    match fields.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(Value::String(text)) if text.len() > MOST_BYTES => Err(Refusal::Malformed(field, "shorter than 256 KiB")),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Refusal::Malformed(field, "a text")),
    }
}

/// The same base64 without line breaks.
fn base64(field: &'static str, text: &str) -> Result<String, Refusal> {
    let joined = Zeroizing::new(text.replace(['\r', '\n'], ""));
    match STANDARD.decode(joined.as_bytes()) {
        Ok(decoded) if decoded.starts_with(b"-----BEGIN ") => Ok(joined.to_string()),
        _ => Err(Refusal::Malformed(field, "PEM in base64")),
    }
}
