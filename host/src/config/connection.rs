//! Resolves the connection from kubectl's flags and the environment.

use super::duration;
use super::env::{self, Env};
use super::error::ConfigError;
use crate::cli::kube_flags::KubeFlags;
use kubephase_core::address::Address;
use kubephase_core::bootstrap_token::Token;
use kubephase_core::connection::{Compression, Connection, KubeconfigSource, Patience, TlsVerification, VersionUse};
use std::path::PathBuf;
use zeroize::Zeroizing;

/// The API server, the credentials, and the request timeout.
///
/// # Errors
/// [`ConfigError`] for flags that cannot be used.
pub fn connection(kube: &KubeFlags, env: &dyn Env) -> Result<Connection, ConfigError> {
    if kube.token.as_ref().is_some_and(|token| Token::parse(token).is_some()) {
        return Err(ConfigError::BootstrapTokenAsBearer);
    }
    let request_timeout = duration::parse_timeout(&kube.request_timeout).ok_or_else(|| ConfigError::Flag {
        flag: "--request-timeout",
        value: kube.request_timeout.clone(),
        rule: "must be a number of seconds or a duration like `1s`, `2m` or `3h`",
    })?;
    let total = duration::parse_timeout(&kube.timeout).ok_or_else(|| ConfigError::Flag {
        flag: "--timeout",
        value: kube.timeout.clone(),
        rule: "must be a number of seconds or a duration like `30s` or `2m`; 0 tries once",
    })?;
    let total = total.unwrap_or_default();
    // An empty flag counts as unset, like in kubectl.
    let text = |flag: &Option<String>| flag.clone().filter(|text| !text.is_empty());
    let file = |flag: &Option<PathBuf>| flag.clone().filter(|path| !path.as_os_str().is_empty());
    let kubeconfig = match file(&kube.kubeconfig) {
        Some(path) => KubeconfigSource::File(path),
        None => KubeconfigSource::Files(env::kubeconfig_files(env)),
    };
    let extra = kube.impersonate_user_extra.iter().filter_map(|extra| extra.split_once('='));
    Ok(Connection {
        kubeconfig,
        context: text(&kube.context),
        cluster: text(&kube.cluster),
        user: text(&kube.user),
        server: text(&kube.server).as_deref().map(Address::of),
        tls_server_name: text(&kube.tls_server_name),
        certificate_authority: file(&kube.certificate_authority),
        tls_verification: if kube.insecure_skip_tls_verify { TlsVerification::Skip } else { TlsVerification::AsConfigured },
        client_certificate: file(&kube.client_certificate),
        client_key: file(&kube.client_key),
        proxy: text(&kube.proxy_url).as_deref().map(Address::of),
        compression: if kube.disable_compression { Compression::Disabled } else { Compression::AsConfigured },
        token: text(&kube.token).map(Zeroizing::new),
        username: text(&kube.username),
        password: text(&kube.password).map(Zeroizing::new),
        impersonate: text(&kube.impersonate),
        impersonate_uid: text(&kube.impersonate_uid),
        impersonate_groups: kube.impersonate_group.clone(),
        impersonate_extra: extra.map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
        kuberc: env::kuberc(kube.kuberc.clone(), env)?,
        version: if kube.match_server_version { VersionUse::Matched } else { VersionUse::Told },
        patience: Patience { answer: request_timeout, total },
        environment: env::of_connections(env),
    })
}
