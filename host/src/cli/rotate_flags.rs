//! Flags of `rotate`.

use super::handout::{HandoutPlace, place};
use super::question_flags::SettingFlags;
use super::write_flags::WriteFlags;
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use kubephase_core::format::JoinForm;

/// Examples for the help text.
pub(super) const ROTATE_EXAMPLES: &str = "Examples:
  # From a cron job: user data with a token that is good for at least 12 hours
  kubectl bootstrap-token rotate rack7 --to file:/srv/user-data.yaml --form cloud-init

  # In a Secret of the cluster, from a CronJob (deploy/rotate-cronjob.yaml)
  kubectl bootstrap-token rotate rack7 --to secret/machines/join --ttl 48h --overlap 2h";

/// Flags of `rotate`.
#[derive(Debug, Args)]
pub struct RotateArgs {
    /// 5 lower case letters and digits; the ids of the two tokens are NAME0 and NAME1
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Where the token is handed out: file:PATH or secret/NAMESPACE/NAME
    #[arg(long, value_name = "PLACE", value_parser = place)]
    pub to: HandoutPlace,
    /// What machines are given: join-config, bootstrap-kubeconfig, cloud-init or ignition
    #[arg(long, value_name = "FORM", value_parser = form(), hide_possible_values = true, default_value = "join-config")]
    pub form: JoinForm,
    /// Lifetime of a token; the next one is made when half of it is over
    #[arg(long, value_name = "DURATION", default_value = "24h", allow_hyphen_values = true)]
    pub ttl: String,
    /// How long the older token lives on once the newer one is handed out, at most half the lifetime
    #[arg(long, value_name = "DURATION", default_value = "1h", allow_hyphen_values = true)]
    pub overlap: String,
    /// Groups of a new token (default: system:bootstrappers:kubeadm:default-node-token)
    #[arg(long, value_name = "GROUP", value_delimiter = ',')]
    pub groups: Vec<String>,
    /// Description of a new token
    #[arg(long, value_name = "TEXT")]
    pub description: Option<String>,
    /// API server endpoint as machines use it
    #[arg(long, value_name = "HOST:PORT")]
    pub control_plane_endpoint: Option<String>,
    /// How long to wait until nodes can join with a new token
    #[arg(long, value_name = "DURATION", default_value = "30s")]
    pub wait: String,
    /// How the changes are made.
    #[command(flatten)]
    pub write: WriteFlags,
    /// Which phase and which cluster.
    #[command(flatten)]
    pub setting: SettingFlags,
}

/// The forms with a token in them.
fn form() -> impl TypedValueParser<Value = JoinForm> {
    let forms = [JoinForm::JoinConfig, JoinForm::BootstrapKubeconfig, JoinForm::CloudInit, JoinForm::Ignition];
    PossibleValuesParser::new(forms.map(JoinForm::name)).try_map(|name| JoinForm::named(&name).ok_or("no such form"))
}
