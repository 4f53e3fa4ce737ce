//! kubectl's connection flags under kubectl's names (`cli-runtime/pkg/genericclioptions/config_flags.go`).

use super::headings::CONNECTION;
use clap::Args;
use clap::builder::{OsStringValueParser, TypedValueParser};
use std::path::PathBuf;

/// How to reach the API server.
#[derive(Debug, Args)]
#[command(next_help_heading = CONNECTION)]
pub struct KubeFlags {
    /// Path to the kubeconfig file
    #[arg(long, global = true, value_name = "FILE", value_parser = path())]
    pub kubeconfig: Option<PathBuf>,
    /// The name of the kubeconfig context to use
    #[arg(long, global = true, value_name = "NAME")]
    pub context: Option<String>,
    /// The name of the kubeconfig cluster to use
    #[arg(long, global = true, value_name = "NAME")]
    pub cluster: Option<String>,
    /// The name of the kubeconfig user to use
    #[arg(long, global = true, value_name = "NAME")]
    pub user: Option<String>,
    /// Accepted for compatibility with kubectl; has no effect, the namespaces are fixed
    #[arg(short, long, global = true, value_name = "NAME")]
    pub namespace: Option<String>,
    /// The address and port of the Kubernetes API server
    #[arg(short, long, global = true, value_name = "URL")]
    pub server: Option<String>,
    /// Bearer token for authentication to the API server
    #[arg(long, global = true, value_name = "TOKEN")]
    pub token: Option<String>,
    /// Username for basic authentication to the API server
    #[arg(long, global = true, value_name = "USER")]
    pub username: Option<String>,
    /// Password for basic authentication to the API server
    #[arg(long, global = true, value_name = "PASSWORD")]
    pub password: Option<String>,
    /// Username to impersonate for the operation
    #[arg(long = "as", global = true, value_name = "USER")]
    pub impersonate: Option<String>,
    /// UID to impersonate for the operation
    #[arg(long = "as-uid", global = true, value_name = "UID")]
    pub impersonate_uid: Option<String>,
    /// Group to impersonate for the operation; can be repeated
    #[arg(long = "as-group", global = true, value_name = "GROUP")]
    pub impersonate_group: Vec<String>,
    /// User extra to impersonate for the operation; can be repeated, also for one key
    #[arg(long = "as-user-extra", global = true, value_name = "KEY=VALUE")]
    pub impersonate_user_extra: Vec<String>,
    /// Path to a client certificate file for TLS
    #[arg(long, global = true, value_name = "FILE", value_parser = path())]
    pub client_certificate: Option<PathBuf>,
    /// Path to a client key file for TLS
    #[arg(long, global = true, value_name = "FILE", value_parser = path())]
    pub client_key: Option<PathBuf>,
    /// Path to a cert file for the certificate authority
    #[arg(long, global = true, value_name = "FILE", value_parser = path())]
    pub certificate_authority: Option<PathBuf>,
    /// Do not verify the server's certificate; this makes your connections insecure
    #[arg(long, global = true)]
    pub insecure_skip_tls_verify: bool,
    /// Server name used to verify the server's certificate
    #[arg(long, global = true, value_name = "NAME")]
    pub tls_server_name: Option<String>,
    /// Proxy URL to use for requests to the API server
    #[arg(long, global = true, value_name = "URL")]
    pub proxy_url: Option<String>,
    /// Path to the kuberc file; its policy for credential plugins applies
    #[arg(long, global = true, value_name = "FILE", value_parser = path())]
    pub kuberc: Option<PathBuf>,
    /// Require the server to run the Kubernetes release that this plugin follows
    #[arg(long, global = true)]
    pub match_server_version: bool,
    /// Treat warnings received from the server as errors and exit with a non-zero exit code
    #[arg(long, global = true)]
    pub warnings_as_errors: bool,
    /// Request uncompressed responses; always the case for a server on this machine
    #[arg(long, global = true)]
    pub disable_compression: bool,
    /// How long to wait for a single response, e.g. 1s or 2m; 0: as long as --timeout, and 30s for a connection
    #[arg(long, global = true, value_name = "DURATION", default_value = "0")]
    pub request_timeout: String,
    /// How long a call may take with all its retries, e.g. 30s or 2m; 0: one attempt
    #[arg(long, global = true, value_name = "DURATION", default_value = "1m")]
    pub timeout: String,
    /// Flags of kubectl without effect here.
    #[command(flatten)]
    pub idle: IdleFlags,
}

/// A path; an empty one counts as not given, as in kubectl.
fn path() -> impl TypedValueParser<Value = PathBuf> {
    OsStringValueParser::new().map(PathBuf::from)
}

/// Flags that every kubectl command takes and that have no effect here: nothing is cached, profiled or logged by klog.
#[derive(Debug, Args)]
pub struct IdleFlags {
    /// Accepted for compatibility with kubectl
    #[arg(long, global = true, value_name = "FOLDER", hide = true)]
    cache_dir: Option<String>,
    /// Accepted for compatibility with kubectl
    #[arg(long, global = true, value_name = "DURATION", hide = true)]
    log_flush_frequency: Option<String>,
    /// Accepted for compatibility with kubectl
    #[arg(long, global = true, value_name = "NAME", hide = true)]
    profile: Option<String>,
    /// Accepted for compatibility with kubectl
    #[arg(long, global = true, value_name = "FILE", hide = true)]
    profile_output: Option<String>,
    /// Accepted for compatibility with kubectl
    #[arg(long, global = true, value_name = "PATTERNS", hide = true)]
    vmodule: Option<String>,
}
