//! Completes a token or an id to the join command that a node would receive.

use super::client::{ApiClient, Setting, cluster_info, entry, token_secret};
use super::steps::one_line;
use super::{seen, target};
use crate::cluster::live::Target;
use crate::config::CheckError;
use crate::config::ConfigError;
use crate::config::check::CheckSubject;
use crate::errors::Error;
use crate::yaml;
use kubephase_core::bootstrap_token::datum;
use kubephase_core::join::{Endpoint, JoinCommand, Role, Token, Trust};
use serde_json::Value;

/// In place of the secret half of a token that does not exist.
const NO_HALF: &str = "0000000000000000";

/// The join command to check.
///
/// # Errors
/// [`Error`] if the kubeconfig cannot be read, the address of the API server is unknown, or the secret half of an id cannot be
/// read.
pub(crate) fn join(asked: CheckSubject, setting: Setting<'_>) -> Result<JoinCommand, Error> {
    let (token, id, endpoint) = match asked {
        CheckSubject::Line(join) => return Ok(*join),
        CheckSubject::Token(token, endpoint) => (Some(token), None, endpoint),
        CheckSubject::Id(id, endpoint) => (None, Some(id), endpoint),
    };
    let unreadable = |id: &str, why: String| refused(CheckError::NoSecretHalf(id.to_owned(), why));
    let Some(target) = target(setting.connection).map_err(|error| Error::Cluster(vec![error]))? else {
        let endpoint = endpoint.ok_or_else(|| refused(CheckError::NoEndpoint))?;
        let no_kubeconfig = || unreadable(id.as_deref().unwrap_or_default(), "there is no kubeconfig".to_owned());
        return Ok(command(token.ok_or_else(no_kubeconfig)?, (endpoint, None), Trust::Unknown));
    };
    let (url, pins) = (target.server().url, target.server().certificate_authority_pins);
    let client = opened(target, setting)?;
    let given = endpoint.map(|endpoint| (endpoint, None));
    // Who does not answer once is not asked for each object.
    let (known, token) = match (client.reach(), token, id) {
        (Err(_), Some(token), _) => (Endpoint::of_url(&url).map(|endpoint| (endpoint, None)), token),
        (Err(error), None, id) => return Err(unreadable(&id.unwrap_or_default(), one_line(&error))),
        (Ok(()), Some(token), _) => (endpoint_of(&client, &url), token),
        (Ok(()), None, id) => {
            let token = of_id(&client, &id.unwrap_or_default()).map_err(|(id, why)| unreadable(&id, why))?;
            (endpoint_of(&client, &url), token)
        }
    };
    let endpoint = given.or(known).ok_or_else(|| refused(CheckError::NoEndpoint))?;
    Ok(command(token, endpoint, if pins.is_empty() { Trust::Unknown } else { Trust::Kubeconfig(pins) }))
}

const fn refused(error: CheckError) -> Error {
    Error::Config(ConfigError::Check(error))
}

fn command(token: Token, (endpoint, reached): (Endpoint, Option<Endpoint>), trust: Trust) -> JoinCommand {
    JoinCommand { endpoint, discovery: token.clone(), login: token, trust, role: Role::Worker, reached }
}

fn opened<'a>(target: Target, setting: Setting<'a>) -> Result<ApiClient<'a>, Error> {
    ApiClient::administrator(target, setting).map_err(|error| Error::Cluster(vec![error]))
}

/// The endpoint for nodes: kubeadm's configuration first, then cluster-info, then the server of the kubeconfig; and this server, if
/// cluster-info names another one.
fn endpoint_of(client: &ApiClient<'_>, url: &str) -> Option<(Endpoint, Option<Endpoint>)> {
    let configured = || {
        let map = seen::kubeadm_config(client)?;
        let config = yaml::parse_document(entry(&map, "ClusterConfiguration")?).ok()?;
        Endpoint::parse_with_default(config.get("controlPlaneEndpoint")?.as_str()?).ok()
    };
    let present = || {
        let info = client.get(&cluster_info().ok()?).ok()??;
        let config = yaml::parse_document(entry(&info, "kubeconfig")?).ok()?;
        let server = config.get("clusters")?.as_array()?.first()?.get("cluster")?.get("server").and_then(Value::as_str)?;
        Endpoint::of_url(server)
    };
    if let Some(configured) = configured() {
        return Some((configured, None));
    }
    let reached = Endpoint::of_url(url);
    match present() {
        Some(endpoint) => Some((endpoint.clone(), reached.filter(|reached| *reached != endpoint))),
        None => Some((reached?, None)),
    }
}

/// The token of an id, with its secret half from the cluster; otherwise the id and the reason.
fn of_id(client: &ApiClient<'_>, id: &str) -> Result<Token, (String, String)> {
    let failed = |why: String| (id.to_owned(), why);
    let secret = token_secret(id).and_then(|object| client.get(&object)).map_err(|error| failed(one_line(&error)))?;
    // A node cannot join with it, whatever its secret half was: any will do to show that.
    let Some(secret) = secret else { return Token::of(id, NO_HALF).ok_or_else(|| failed("it is not an id".to_owned())) };
    let half = datum(&secret, "token-secret").unwrap_or_default();
    Token::of(id, &half).ok_or_else(|| failed("its Secret has no usable token-secret".to_owned()))
}
