//! Flags of `check`, and those of `kubeadm join` in the line that it is given (`kubeadm/app/cmd/join.go`).

use super::fleet_flags::FleetFlags;
use super::output::format;
use super::switch::go_bool;
use clap::{Args, Parser};
use kubephase_core::format::Format;
use kubephase_core::name::NamespacedName;
use std::convert::Infallible;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// Examples for the help text.
pub(super) const CHECK_EXAMPLES: &str = "Examples:
  # Can a node join with this line? Run it on the node; no kubeconfig is needed
  kubectl bootstrap-token check -- kubeadm join 10.0.0.1:6443 --token abcdef.0123456789abcdef \\
    --discovery-token-ca-cert-hash sha256:…

  # With a kubeconfig: the cause in one sentence, for a token or only its id
  kubectl bootstrap-token check abcdef.0123456789abcdef
  kubectl bootstrap-token check abcdef

  # What a machine is started with: a file, or a Machine of Cluster API
  kubectl bootstrap-token check --user-data user-data.yaml
  kubectl bootstrap-token check --machine default/worker-0

  # Every token of every cluster in the kubeconfig
  kubectl bootstrap-token check --clusters contexts

  # Wait for the signature of a new token, and request a real certificate as a node does
  kubectl bootstrap-token check abcdef.0123456789abcdef --wait=1m --csr";

/// Flags of `check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// A token, a token id, or a whole `kubeadm join` line, quoted or after --
    #[arg(value_name = "TOKEN | -- kubeadm join …")]
    pub words: Vec<String>,
    /// Bootstrap token, as a flag (`--token` is kubectl's bearer token)
    #[arg(long, value_name = "TOKEN", conflicts_with = "words")]
    pub bootstrap_token: Option<String>,
    /// API server endpoint as a node would use it, for a token without a join line
    #[arg(long, value_name = "HOST:PORT")]
    pub control_plane_endpoint: Option<String>,
    /// What a machine is started with, instead of a token.
    #[command(flatten)]
    pub machine: MachineFlags,
    /// Request a certificate as a node does, then delete the request; needs a kubeconfig that may delete it
    #[arg(long)]
    pub csr: bool,
    /// How long to wait for the signature of the token, and with --csr for the certificate; 30s if no duration is given
    #[arg(long, value_name = "DURATION", num_args = 0..=1, default_missing_value = "30s")]
    pub wait: Option<String>,
    /// Output format
    #[arg(short, long, value_parser = format::<Infallible>(), value_name = "FORMAT", default_value = "text")]
    pub output: Format,
    /// Which clusters, if there are several: all tokens of each are checked.
    #[command(flatten)]
    pub fleet: FleetFlags,
}

/// What a machine is started with.
#[derive(Debug, Args)]
#[group(multiple = false, conflicts_with_all = ["words", "bootstrap_token", "control_plane_endpoint"])]
pub struct MachineFlags {
    /// A JoinConfiguration, as for `kubeadm join --config`; - is standard input
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// User data for cloud-init or Ignition, also in gzip, base64 or MIME; - is standard input
    #[arg(long, value_name = "FILE")]
    pub user_data: Option<PathBuf>,
    /// A Machine of Cluster API in the cluster of the kubeconfig: its bootstrap data, and its own cluster
    #[arg(long, value_name = "NS/NAME", value_parser = machine)]
    pub machine: Option<NamespacedName>,
}

fn machine(text: &str) -> Result<NamespacedName, String> {
    NamespacedName::parse(text).ok_or_else(|| "must be NAMESPACE/NAME".to_owned())
}

/// `kubeadm join` with all its flags; most have no effect here, but are valid.
#[derive(Debug, Parser)]
#[command(name = "kubeadm join", no_binary_name = true, disable_help_flag = true, args_override_self = true)]
pub struct JoinArgs {
    /// The endpoint; kubeadm takes one.
    pub endpoints: Vec<String>,
    /// `--token`.
    #[arg(long)]
    pub token: Option<String>,
    /// `--tls-bootstrap-token`.
    #[arg(long)]
    pub tls_bootstrap_token: Option<String>,
    /// `--discovery-token`.
    #[arg(long)]
    pub discovery_token: Option<String>,
    /// `--discovery-token-ca-cert-hash`, each as it is: the commas in it are kubeadm's.
    #[arg(long)]
    pub discovery_token_ca_cert_hash: Vec<String>,
    /// `--discovery-token-unsafe-skip-ca-verification`.
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = go_bool)]
    pub discovery_token_unsafe_skip_ca_verification: Option<bool>,
    /// `--control-plane`.
    #[arg(long, alias = "experimental-control-plane", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = go_bool)]
    pub control_plane: Option<bool>,
    /// `--config`.
    #[arg(long)]
    pub config: Option<String>,
    /// `--discovery-file`.
    #[arg(long)]
    pub discovery_file: Option<String>,
    /// Flags that are accepted and not used.
    #[command(flatten)]
    pub others: OtherJoinArgs,
}

impl JoinArgs {
    /// A flag that kubeadm does not take beside `--config`; `None` if none was given.
    #[must_use]
    pub fn beside_a_file(&self) -> Option<&'static str> {
        let given = [
            ("--token", self.token.is_some()),
            ("--tls-bootstrap-token", self.tls_bootstrap_token.is_some()),
            ("--discovery-token", self.discovery_token.is_some()),
            ("--discovery-token-ca-cert-hash", !self.discovery_token_ca_cert_hash.is_empty()),
            ("--discovery-token-unsafe-skip-ca-verification", self.discovery_token_unsafe_skip_ca_verification.is_some()),
            ("--discovery-file", self.discovery_file.is_some()),
            ("--control-plane", self.control_plane.is_some()),
        ];
        given.into_iter().find(|(_, is_given)| *is_given).map(|(name, _)| name)
    }
}

/// Flags of `kubeadm join` that do not decide whether a node can join.
#[derive(Debug, Args)]
pub struct OtherJoinArgs {
    /// `--certificate-key`.
    #[arg(long)]
    certificate_key: Option<String>,
    /// `--node-name`.
    #[arg(long)]
    node_name: Option<String>,
    /// `--cri-socket`.
    #[arg(long)]
    cri_socket: Option<String>,
    /// `--ignore-preflight-errors`.
    #[arg(long)]
    ignore_preflight_errors: Vec<String>,
    /// `--apiserver-advertise-address`.
    #[arg(long)]
    apiserver_advertise_address: Option<String>,
    /// `--apiserver-bind-port`.
    #[arg(long)]
    apiserver_bind_port: Option<String>,
    /// `--patches`, and its name before 1.22.
    #[arg(long, alias = "experimental-patches")]
    patches: Option<String>,
    /// `--skip-phases`.
    #[arg(long)]
    skip_phases: Vec<String>,
    /// `--rootfs`.
    #[arg(long)]
    rootfs: Option<String>,
    /// `--feature-gates`, of older releases.
    #[arg(long)]
    feature_gates: Option<String>,
    /// `--dry-run`.
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = go_bool)]
    dry_run: Option<bool>,
    /// `-v`.
    #[arg(short, long = "v")]
    verbosity: Option<String>,
}

impl OtherJoinArgs {
    /// The flags that were given and that kubeadm judges on the node, by its network, its files or its name.
    #[must_use]
    pub fn of_the_node(&self) -> Vec<&'static str> {
        let given = [
            ("--certificate-key", self.certificate_key.is_some()),
            ("--node-name", self.node_name.is_some()),
            ("--cri-socket", self.cri_socket.is_some()),
            ("--apiserver-advertise-address", self.apiserver_advertise_address.is_some()),
            ("--apiserver-bind-port", self.apiserver_bind_port.is_some()),
            ("--patches", self.patches.is_some()),
            ("--rootfs", self.rootfs.is_some()),
            ("--feature-gates", self.feature_gates.is_some()),
        ];
        given.into_iter().filter(|(_, is_given)| *is_given).map(|(name, _)| name).collect()
    }
}

/// Inserts the `--` before a pasted `kubeadm join`; otherwise its flags would be parsed as ours.
#[must_use]
pub fn with_separator(mut args: Vec<OsString>) -> Vec<OsString> {
    let is = |index: usize, word: &str| args.get(index).is_some_and(|arg| arg == OsStr::new(word));
    let pair = (1..args.len()).find(|index| is(*index, "kubeadm") && is(index + 1, "join"));
    let Some(pair) = pair else { return args };
    let before = args.get(1..pair).unwrap_or_default();
    let has = |word: &str| before.iter().any(|arg| arg == OsStr::new(word));
    if has("check") && !has("--") {
        let start = if is(pair - 1, "sudo") { pair - 1 } else { pair };
        args.insert(start, OsString::from("--"));
    }
    args
}

#[cfg(test)]
mod tests {
    use super::with_separator;
    use std::ffi::OsString;

    #[test]
    fn a_pasted_line_is_set_apart() {
        let unchanged = [
            "k check abcdef",
            "k check -- kubeadm join a",
            "k apply kubeadm join",
            "k check kubeadm",
            "k -v 6 check -- sudo kubeadm join",
        ];
        let changed = [
            ("k check kubeadm join a --token b", "k check -- kubeadm join a --token b"),
            ("k --context c check --csr kubeadm join a", "k --context c check --csr -- kubeadm join a"),
            ("k check sudo kubeadm join a", "k check -- sudo kubeadm join a"),
        ];
        for (given, expected) in unchanged.into_iter().map(|line| (line, line)).chain(changed) {
            let words = with_separator(given.split(' ').map(OsString::from).collect());
            assert_eq!(words, expected.split(' ').map(OsString::from).collect::<Vec<_>>());
        }
    }
}
