//! What kubectl's flags and the environment say about the connection.

use super::env::{self, Env};
use super::{ConfigError, duration};
use crate::cli::kube_flags::KubeFlags;
use kubephase_core::address::Address;
use kubephase_core::bootstrap_token::Token;
use kubephase_core::connection::{Connection, Environment, KubeconfigSource, Patience, TlsVerification};
use zeroize::Zeroizing;

/// Which API server, as whom, and how long to wait for it.
pub(super) fn connection(kube: KubeFlags, env: &dyn Env) -> Result<Connection, ConfigError> {
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
    let kubeconfig = match kube.kubeconfig {
        Some(path) => KubeconfigSource::File(path),
        None => KubeconfigSource::Files(env::kubeconfig_files(env)),
    };
    let (https_proxy, no_proxy) = env::proxies(env);
    Ok(Connection {
        kubeconfig,
        context: kube.context,
        cluster: kube.cluster,
        user: kube.user,
        server: kube.server.as_deref().map(|server| Address::of(server).or_https()),
        tls_server_name: kube.tls_server_name,
        certificate_authority: kube.certificate_authority,
        tls_verification: if kube.insecure_skip_tls_verify { TlsVerification::Skip } else { TlsVerification::AsConfigured },
        client_certificate: kube.client_certificate,
        client_key: kube.client_key,
        token: kube.token.map(Zeroizing::new),
        impersonate: kube.impersonate,
        impersonate_groups: kube.impersonate_group,
        patience: Patience { answer: request_timeout, total },
        environment: Environment {
            https_proxy: https_proxy.as_deref().map(Address::of),
            no_proxy,
            service_host: env.first(&["KUBERNETES_SERVICE_HOST"]),
        },
    })
}
