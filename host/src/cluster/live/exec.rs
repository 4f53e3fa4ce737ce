//! Exec credential plugins (`client.authentication.k8s.io`), run once. kube's client runs them once for the token and again for
//! the certificate, which for a person means to log in twice.

use crate::cluster::ClusterError;
use kube::config::{AuthInfo, ExecConfig, ExecInteractiveMode};
use secrecy::SecretString;
use serde_json::{Value, json};
use std::io::Read as _;
use std::process::{Command, Stdio};

/// No credential is larger.
const MOST_BYTES: u64 = 1 << 20;

/// Replaces the plugin of a user by the credentials that it gives.
///
/// # Errors
/// [`ClusterError`] with kubectl's words if the plugin cannot be run, fails, or gives no credentials.
pub(super) fn resolve(user: &mut AuthInfo) -> Result<(), ClusterError> {
    let Some(plugin) = user.exec.take() else { return Ok(()) };
    if user.token.is_some() || user.token_file.is_some() || user.username.is_some() {
        return Ok(());
    }
    let credential = run(&plugin)?;
    let status = |name: &str| credential.get("status").and_then(|status| status.get(name)).and_then(Value::as_str);
    user.token = status("token").map(SecretString::from);
    if let (Some(certificate), Some(key)) = (status("clientCertificateData"), status("clientKeyData")) {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        user.client_certificate_data = Some(STANDARD.encode(certificate));
        user.client_key_data = Some(SecretString::from(STANDARD.encode(key)));
    } else if user.token.is_none() {
        return Err(failed("exec plugin didn't return a token or cert/key pair"));
    }
    Ok(())
}

fn failed(text: impl std::fmt::Display) -> ClusterError {
    ClusterError::new(
        crate::cluster::error::ClusterErrorKind::Unavailable,
        format!("Unable to connect to the server: getting credentials: {text}"),
    )
}

fn run(plugin: &ExecConfig) -> Result<Value, ClusterError> {
    let name = plugin.command.as_deref().unwrap_or_default();
    let is_interactive = plugin.interactive_mode != Some(ExecInteractiveMode::Never);
    let mut spec = json!({ "interactive": is_interactive });
    if plugin.provide_cluster_info
        && let (Some(fields), Some(cluster)) = (spec.as_object_mut(), &plugin.cluster)
    {
        fields.insert("cluster".to_owned(), serde_json::to_value(cluster).map_err(failed)?);
    }
    let info = json!({ "apiVersion": plugin.api_version, "kind": "ExecCredential", "spec": spec });
    let environment = plugin.env.iter().flatten().filter_map(|entry| Some((entry.get("name")?, entry.get("value")?)));
    let mut child = Command::new(name)
        .args(plugin.args.iter().flatten())
        .envs(environment)
        .env("KUBERNETES_EXEC_INFO", info.to_string())
        .stdin(if is_interactive { Stdio::inherit() } else { Stdio::null() })
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .map_err(|error| {
            let hint = plugin.install_hint.as_ref().map(|hint| format!("\n\n{hint}")).unwrap_or_default();
            failed(format!("exec: executable {name} failed: {error}{hint}"))
        })?;
    let broken = |error: std::io::Error| failed(format!("exec: executable {name} failed: {error}"));
    let mut stdout = Vec::new();
    if let Some(stream) = child.stdout.take()
        && stream.take(MOST_BYTES + 1).read_to_end(&mut stdout).map_err(broken)? as u64 > MOST_BYTES
    {
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
    let credential: Value = serde_json::from_slice(&stdout).map_err(|error| failed(format!("decoding stdout: {error}")))?;
    let said = credential.get("apiVersion").and_then(Value::as_str);
    if said != plugin.api_version.as_deref() {
        let wanted = plugin.api_version.as_deref().unwrap_or_default();
        return Err(failed(format!(
            "exec plugin is configured to use API version {wanted}, plugin returned version {}",
            said.unwrap_or_default()
        )));
    }
    Ok(credential)
}
