//! Exec credential plugins (`client.authentication.k8s.io`), run once. kube's client runs them once for the token and again for
//! the certificate, so that a user has to log in twice.

use super::entry::Entry;
use super::kuberc::Policy;
use super::program::{cleaned, look_up};
use crate::cluster::ClusterError;
use crate::cluster::error::ClusterErrorKind;
use kubephase_core::connection::{Connection, Kuberc};
use serde_json::{Value, json};
use std::io::{IsTerminal as _, Read as _};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;
use zeroize::Zeroizing;

/// The maximum size of a credential, bytes.
const MOST_BYTES: u64 = 1 << 20;
/// The extension of a cluster that is passed to plugins.
pub(super) const EXTENSION: &str = "client.authentication.k8s.io/exec";
/// The version without a default `interactiveMode`.
const V1: &str = "client.authentication.k8s.io/v1";
/// The previous version.
const V1_BETA: &str = "client.authentication.k8s.io/v1beta1";

/// The plugin of a user.
#[derive(Clone)]
pub(super) struct Plugin {
    version: String,
    command: String,
    args: Vec<String>,
    env: Vec<(String, String)>,
    hint: Option<String>,
    mode: Mode,
    cluster: Option<Value>,
    policy: Policy,
    path: Option<String>,
}

/// Whether a plugin may prompt the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Never,
    IfAvailable,
    Always,
}

/// The credential from a plugin.
pub(super) struct Credential {
    /// A bearer token.
    pub(super) token: Option<Zeroizing<String>>,
    /// A certificate and its key, PEM.
    pub(super) certificate: Option<(String, Zeroizing<String>)>,
    /// When the credential expires.
    pub(super) expires: Option<jiff::Timestamp>,
}

impl Plugin {
    /// The plugin of a user entry; `None` if it has none. `told` is the cluster information, for a plugin that requests it.
    ///
    /// # Errors
    /// [`ClusterError`] for a plugin that client-go would not run.
    pub(super) fn of(user: &Entry, told: impl FnOnce() -> Value, connection: &Connection) -> Result<Option<Self>, ClusterError> {
        let exec = user.part("exec")?;
        if exec.is_none() && matches!(connection.kuberc, Kuberc::Home(_)) {
            // The preferences file only matters to plugins.
            return Ok(None);
        }
        let policy = Policy::read(&connection.kuberc)?;
        let Some(exec) = exec else { return Ok(None) };
        let missing = |field: &str, flags: &[&str]| {
            let what = format!("`exec` has no `{field}`, which is required");
            user.odd(what, format!("set it with `{}`", user.command(flags)))
        };
        if user.part("auth-provider")?.is_some() {
            let cure = format!("remove one with `{}`", user.unset("auth-provider"));
            return Err(user.odd("authProvider cannot be provided in combination with an exec plugin", cure));
        }
        let command = exec.text("command")?.ok_or_else(|| missing("command", &["--exec-command", "PROGRAM"]))?;
        let api = ["--exec-api-version", V1];
        let version = exec.text("apiVersion")?.ok_or_else(|| missing("apiVersion", &api))?;
        let mode = match exec.text("interactiveMode")?.as_deref() {
            Some("Never") => Mode::Never,
            Some("IfAvailable") => Mode::IfAvailable,
            Some("Always") => Mode::Always,
            Some(other) => {
                let cure = format!("set it with `{}`", user.command(&["--exec-interactive-mode", "IfAvailable"]));
                return Err(user.odd(format!("invalid interactiveMode \"{other}\" of `exec`"), cure));
            }
            // The previous version had no such field.
            None if version == V1_BETA || version == "client.authentication.k8s.io/v1alpha1" => Mode::IfAvailable,
            None => return Err(missing("interactiveMode", &["--exec-interactive-mode", "IfAvailable"])),
        };
        let env = variables(user, &exec)?;
        if version != V1 && version != V1_BETA {
            let cure = format!("set one that the plugin supports with `{}`", user.command(&api));
            return Err(user.odd(format!("invalid apiVersion \"{version}\" of `exec`"), cure));
        }
        let cluster = if exec.flag("provideClusterInfo")? { Some(told()) } else { None };
        // A command without a separator is looked up in PATH.
        let resolved = || exec.resolved(command.as_ref()).to_string_lossy().into_owned();
        let command = if command.contains(std::path::MAIN_SEPARATOR) { cleaned(&resolved()) } else { command };
        let (args, hint, path) = (exec.texts("args")?, exec.text("installHint")?, connection.environment.path.clone());
        Ok(Some(Self { version, command, args, env, hint, mode, cluster, policy, path }))
    }

    /// Everything that decides what it returns, as a text.
    pub(super) fn given(&self) -> String {
        json!([self.version, self.command, self.args, self.env, self.cluster, self.path]).to_string()
    }

    /// Runs the plugin.
    ///
    /// # Errors
    /// [`ClusterError`] in kubectl's words if it is not allowed, cannot be run, fails, or returns no credentials.
    pub(super) fn run(&self) -> Result<Credential, ClusterError> {
        self.run_within(None)
    }

    /// The same, ended after a time.
    ///
    /// # Errors
    /// Like [`Self::run`], and if it takes longer.
    pub(super) fn run_within(&self, limit: Option<Duration>) -> Result<Credential, ClusterError> {
        let is_interactive = self.is_interactive()?;
        let mut spec = json!({ "interactive": is_interactive });
        if let (Some(fields), Some(cluster)) = (spec.as_object_mut(), &self.cluster) {
            fields.insert("cluster".to_owned(), cluster.clone());
        }
        let info = json!({ "apiVersion": self.version, "kind": "ExecCredential", "spec": spec });
        let found = look_up(&self.command, self.path.as_deref());
        self.policy.check(&self.command, found.as_deref(), self.path.as_deref()).map_err(failed)?;
        let name = &self.command;
        let program = found.ok_or_else(|| failed(format!("exec: executable {name} not found{}", self.hint())))?;
        let mut command = Command::new(program);
        let variables = self.env.iter().map(|(name, value)| (name, value));
        command.args(&self.args).envs(variables).env("KUBERNETES_EXEC_INFO", info.to_string());
        command.stdin(if is_interactive { Stdio::inherit() } else { Stdio::null() });
        let stdout = output(command, name, &self.hint(), limit)?;
        let answer: Value = serde_json::from_slice(&stdout).map_err(|error| failed(format!("decoding stdout: {error}")))?;
        self.credential(&answer)
    }

    fn is_interactive(&self) -> Result<bool, ClusterError> {
        let is_terminal = std::io::stdin().is_terminal();
        match self.mode {
            Mode::Never => Ok(false),
            Mode::IfAvailable => Ok(is_terminal),
            Mode::Always if is_terminal => Ok(true),
            Mode::Always => Err(failed("exec plugin cannot support interactive mode: standard input is not a terminal")),
        }
    }

    fn hint(&self) -> String {
        self.hint.as_ref().map(|hint| format!("\n\n{hint}")).unwrap_or_default()
    }

    fn credential(&self, answer: &Value) -> Result<Credential, ClusterError> {
        let said = answer.get("apiVersion").and_then(Value::as_str).unwrap_or_default();
        if said != self.version {
            let wanted = &self.version;
            return Err(failed(format!("exec plugin is configured to use API version {wanted}, plugin returned version {said}")));
        }
        let status = answer.get("status").filter(|status| status.is_object());
        let status = status.ok_or_else(|| failed("exec plugin didn't return a status field"))?;
        let text = |name: &str| status.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let certificate = match (text("clientCertificateData"), text("clientKeyData")) {
            (Some(certificate), Some(key)) => Some((certificate.to_owned(), Zeroizing::new(key.to_owned()))),
            (None, None) => None,
            _ => return Err(failed("exec plugin returned only certificate or key, not both")),
        };
        let token = text("token").map(|token| Zeroizing::new(token.to_owned()));
        if token.is_none() && certificate.is_none() {
            return Err(failed("exec plugin didn't return a token or cert/key pair"));
        }
        let expires = text("expirationTimestamp").map(str::parse).transpose();
        let expires = expires.map_err(|error| failed(format!("decoding stdout: invalid expirationTimestamp: {error}")))?;
        Ok(Credential { token, certificate, expires })
    }
}

/// The environment variables for the plugin, in addition to the host's.
fn variables(user: &Entry, exec: &Entry) -> Result<Vec<(String, String)>, ClusterError> {
    let variable = |item: &Value| {
        let text = |field: &str| item.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
        let name = text("name");
        let what = "a variable of `exec` has no name";
        if name.is_empty() { Err(user.odd(what, "write it as `name:` and `value:`")) } else { Ok((name, text("value"))) }
    };
    exec.items("env")?.iter().map(variable).collect()
}

/// The output of a command, which must succeed.
fn output(mut command: Command, name: &str, hint: &str, limit: Option<Duration>) -> Result<Zeroizing<Vec<u8>>, ClusterError> {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .map_err(|error| failed(format!("exec: executable {name} failed: {error}{hint}")))?;
    let broken = |error: std::io::Error| failed(format!("exec: executable {name} failed: {error}"));
    let stream = child.stdout.take();
    let read = move || {
        let mut stdout = Zeroizing::new(Vec::new());
        let read = stream.map_or(Ok(0), |stream| stream.take(MOST_BYTES + 1).read_to_end(&mut stdout));
        read.map(|_| stdout)
    };
    let read = match limit {
        None => Some(read()),
        Some(limit) => {
            let (done, waiting) = mpsc::channel();
            // Nobody waits any more if it took too long.
            std::thread::spawn(move || drop(done.send(read())));
            waiting.recv_timeout(limit).ok()
        }
    };
    let Some(read) = read else {
        // It may have ended by itself.
        let _ = child.kill();
        let _ = child.wait();
        let limit = limit.unwrap_or_default();
        return Err(failed(format!("exec: executable {name} did not end within {limit:?}; --timeout sets how long to wait")));
    };
    let stdout = read.map_err(broken)?;
    if stdout.len() as u64 > MOST_BYTES {
        // It may have ended by itself.
        let _ = child.kill();
        let _ = child.wait();
        return Err(failed(format!("exec: executable {name} printed more than {} MiB", MOST_BYTES >> 20)));
    }
    let status = child.wait().map_err(broken)?;
    if !status.success() {
        let code = status.code().map_or_else(|| status.to_string(), |code| format!("exit code {code}"));
        return Err(failed(format!("exec: executable {name} failed with {code}")));
    }
    Ok(stdout)
}

fn failed(text: impl std::fmt::Display) -> ClusterError {
    ClusterError::new(ClusterErrorKind::Unavailable, format!("Unable to connect to the server: getting credentials: {text}"))
}
